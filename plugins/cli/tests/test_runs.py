"""Listing runs, and which run is meant by what is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from luthier_cli.run_references import find_run, open_data_folder
from luthier_measure.errors import AmbiguousRunError, RunNotFoundError
from luthier_measure.storage.folder import run_path

if TYPE_CHECKING:
    from pathlib import Path


def _names(lab: Any, *options: str) -> list[str]:
    return [run["name"] for run in json.loads(lab.call("runs", "--json", *options))]


def test_the_latest_run_comes_first(lab: Any) -> None:
    first, second = lab.line(name="first"), lab.line(name="second", num=7)
    lines = [line.split() for line in lab.call("runs").splitlines()]
    assert lines[0][:2] == ["run", "name"]
    assert [line[:2] for line in lines[1:]] == [[second.id, "second"], [first.id, "first"]]
    assert lines[1][-2:] == ["7", "completed"]


def test_scripts_get_everything_that_the_catalogue_knows(lab: Any) -> None:
    run = lab.line(name="pinch-off", sample="A7", tags=["cold", "good"])
    (record,) = json.loads(lab.call("runs", "--json"))
    assert record.pop("started").startswith(f"{run.started.year}-")
    assert record.pop("ended") is not None
    assert 0 < record.pop("duration") < 60
    assert record == {
        "id": run.id,
        "name": "pinch-off",
        "sample": "A7",
        "outcome": "completed",
        "state": None,
        "problem": "",
        "points": 5,
        "tags": ["cold", "good"],
        "parameters": ["x", "current"],
    }


def test_runs_are_found_by_what_is_known_of_them(lab: Any) -> None:
    lab.line(name="pinch-off 1", sample="A7", tags="cold")
    lab.line(name="pinch-off 2", sample="B1")
    lab.measure(lab.z, name="other")
    assert _names(lab, "--name", "pinch*") == ["pinch-off 2", "pinch-off 1"]
    assert _names(lab, "--sample", "b?") == ["pinch-off 2"]
    assert _names(lab, "--tag", "cold") == ["pinch-off 1"]
    assert _names(lab, "--parameter", "z") == ["other"]
    assert _names(lab, "--outcome", "failed") == []
    assert len(_names(lab, "--since", "2001-01-01")) == 3
    assert _names(lab, "--until", "2001-01-01 14:30") == []
    assert "is like that" in lab.call("runs", "--name", "nothing")


@pytest.mark.parametrize("wrong", [("--since", "yesterday"), ("--outcome", "good"), ("--limit", "0")])
def test_a_question_that_makes_no_sense_is_a_wrong_call(lab: Any, wrong: tuple[str, str]) -> None:
    assert "Usage:" in lab.call("runs", *wrong, code=2)


def test_a_long_list_is_cut_and_says_so_but_not_for_scripts(lab: Any) -> None:
    for number in range(22):
        lab.measure(lab.z, name=f"run {number}")
    listed = lab.call("runs")
    assert "run 21" in listed
    assert " run 1 " not in listed
    assert "The latest 20; there are more" in listed
    assert len(_names(lab)) == len(lab.call("runs", "--all").splitlines()) - 1 == 22
    assert _names(lab, "--limit", "2") == ["run 21", "run 20"]


def test_where_there_are_no_runs_it_says_how_to_make_one(lab: Any, tmp_path: Path) -> None:
    assert "does not exist. 'luthier demo'" in lab.call("runs")
    assert _names(lab) == []
    lab.folder.mkdir()
    assert "yet. 'luthier demo'" in lab.call("runs")
    (tmp_path / "file").touch()
    lab.folder = tmp_path / "file"
    assert "Error: " in lab.call("runs", code=1)


def test_a_lost_catalogue_is_made_again_from_the_runs(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    lab.line(name="kept")
    (shell.data / "catalogue.db").write_bytes(b"nothing that SQLite knows" * 100)
    ended = shell.run("runs", "--rebuild")
    assert "kept" in ended.out
    assert "Warning: " in ended.err
    assert "The catalogue holds 1 run." in ended.err


def test_a_run_that_cannot_be_read_costs_only_itself(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    run, damaged = lab.line(name="good"), lab.line(name="damaged")
    run_path(shell.data, damaged.id).write_bytes(b"\xff\xff\xff\xff nothing of Arrow's")
    ended = shell.run("runs", "--rebuild")
    assert ended.code == 0
    assert run.id in ended.out
    assert "Warning: " in ended.err
    assert ".py" not in ended.err
    ended = shell.run("show", damaged.id)
    assert ended.code == 1
    assert ended.err.startswith("Error: ")
    assert "Traceback" not in ended.err


# References


def _found(lab: Any, reference: str) -> str:
    return find_run(open_data_folder(str(lab.folder)), reference)


def test_a_run_is_meant_by_its_id_the_beginning_of_it_its_name_or_its_place(lab: Any) -> None:
    first, second = lab.line(name="first"), lab.grid(name="Second one")
    assert _found(lab, first.id) == first.id
    unique = next(second.id[:n] for n in range(1, 30) if not first.id.startswith(second.id[:n]))
    assert _found(lab, unique) == second.id
    assert _found(lab, "first") == first.id
    assert _found(lab, "second*") == second.id
    assert _found(lab, "last") == _found(lab, "-1") == second.id
    assert _found(lab, "-2") == first.id


@pytest.mark.parametrize("command", ["show", "plot --terminal"])
def test_the_place_is_not_taken_for_an_option(lab: Any, command: str) -> None:
    lab.line(name="first")
    lab.line(name="second")
    name, *options = command.split()
    assert lab.call(name, "-1", *options) == lab.call(name, "last", *options)
    assert lab.call(name, *options, "-2") == lab.call(name, "first", *options)
    assert "No such option" in lab.call(name, "--jsno", code=2)


def test_a_name_of_one_run_is_meant_even_where_ids_begin_so(lab: Any) -> None:
    lab.line(name="a")
    named = lab.line(name="20")
    assert _found(lab, "20") == named.id


def test_what_several_runs_are_called_is_answered_with_their_ids(lab: Any) -> None:
    runs = [lab.line(name="same") for _ in range(7)]
    for reference in ("same", runs[0].id[:4]):
        with pytest.raises(AmbiguousRunError, match="7 runs are called so") as caught:
            _found(lab, reference)
        assert runs[6].id in str(caught.value)
        assert runs[0].id not in str(caught.value)
        assert caught.value.run_ids == tuple(run.id for run in runs)


def test_an_unknown_run_is_answered_with_the_near_ones(lab: Any) -> None:
    with pytest.raises(RunNotFoundError, match="no run at all yet"):
        _found(lab, "pinchoff")
    with pytest.raises(RunNotFoundError, match="no run yet"):
        _found(lab, "last")
    run = lab.line(name="pinch-off")
    with pytest.raises(RunNotFoundError, match="Did you mean 'pinch-off'"):
        _found(lab, "pinchoff")
    with pytest.raises(RunNotFoundError, match=f"Did you mean '{run.id}'"):
        _found(lab, f"{run.id[:-1]}!")
    with pytest.raises(RunNotFoundError, match="luthier runs"):
        _found(lab, "entirely else")


@pytest.mark.parametrize("place", ["-0", "-2", "-999999999"])
def test_a_place_beyond_the_first_run_is_refused(lab: Any, place: str) -> None:
    lab.line()
    with pytest.raises(RunNotFoundError, match=f"no run {place}"):
        _found(lab, place)


def test_a_run_that_is_gone_is_missing_not_broken(lab: Any) -> None:
    run = lab.line()
    run_path(lab.folder, run.id).unlink()
    assert "Error: " in lab.call("show", run.id, code=1)
