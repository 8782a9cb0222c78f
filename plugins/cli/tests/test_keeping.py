"""Tags, notes, comparing, verifying and copying, as they are typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from luthier import Instrument, parameter
from luthier_measure import load, sweep
from luthier_measure.storage.folder import run_path


class Source(Instrument):
    """Holds its values itself."""

    level = parameter(float, unit="V", initial=0.0)
    other = parameter(float, unit="A", initial=1.0)


def test_tags_are_added_listed_found_and_taken_away(lab: Any) -> None:
    run = lab.line(tags="cold")
    assert lab.call("tag", "last", "good", "two words").splitlines() == ["cold", "good", "two words"]
    assert run.id in lab.call("runs", "--tag", "two words")
    assert lab.call("tag", "--remove", "-1", "cold").splitlines() == ["good", "two words"]
    assert lab.call("tag", run.id, "--remove", "good", "two words").startswith(f"Run {run.id} has no tags.")
    assert "cannot be a tag" in lab.call("tag", "last", " ", code=1)


def test_notes_grow_line_by_line_and_are_replaced_when_asked(lab: Any) -> None:
    run = lab.line(note="first")
    assert lab.call("note", "last", "Überschlag bei 3 V") == "first\nÜberschlag bei 3 V\n"
    assert lab.call("note", "last") == "first\nÜberschlag bei 3 V\n"
    lab.call("note", "last", "--replace", "all wrong")
    assert load(run.id, folder=lab.folder).note == "all wrong"
    assert "needs a TEXT" in lab.call("note", "last", "--replace", code=2)
    assert lab.call("note", "last", "--replace", "").startswith(f"Run {run.id} has no note.")


def test_compare_shows_what_differs_and_nothing_else(lab: Any) -> None:
    with Source("src") as src:
        src.other(1.0)
        first = lab.measure(sweep(src.level, 0.0, 1.0, num=3), src.other, name="one", sample="A")
        src.other(2.0)
        second = lab.measure(sweep(src.level, 0.0, 1.0, num=5), src.other, name="one", sample="B")
    text = lab.call("compare", first.id, second.id)
    rows = [line.split() for line in text.splitlines()]
    assert ["sample", "A", "B"] in rows
    assert ["src.other", "1.0", "2.0", "A"] in rows
    assert ["src_other", first.id, "3", "1", "1", "1", "A"] in rows
    assert ["src_other", second.id, "5", "2", "2", "2", "A"] in rows
    assert any(row[:1] == ["levels.1.sweep.steps"] for row in rows)
    assert "python" not in text
    record = json.loads(lab.call("compare", "-2", "-1", "--json"))
    assert record["runs"] == [first.id, second.id]
    assert record["data"]["src_other"][1] == {"count": 5, "least": 2.0, "most": 2.0, "mean": 2.0, "unit": "A"}
    assert {"name": "sample", "before": "A", "after": "B", "unit": ""} in record["facts"]
    assert "do not differ" in lab.call("compare", first.id, first.id)


def test_verify_finds_damage_and_says_so_by_its_exit_code(lab: Any) -> None:
    whole, damaged, foreign = lab.line(num=3), lab.line(num=300), lab.line(num=3)
    assert lab.call("verify") == "3 runs looked at, 3 whole, 0 damaged.\n"
    path = run_path(lab.folder, damaged.id)
    contents = bytearray(path.read_bytes())
    contents[-3000] ^= 1
    path.write_bytes(contents)
    run_path(lab.folder, foreign.id).write_bytes(b"PNG")
    text = lab.call("verify", code=1)
    assert f"{damaged.id}: The batch in the bytes" in text
    assert f"{foreign.id}: " in text
    assert "3 runs looked at, 1 whole, 2 damaged." in text
    assert "1 run looked at, 1 whole" in lab.call("verify", whole.id)
    records = {
        record["id"]: record for record in json.loads(lab.call("verify", "--json", whole.id, damaged.id, code=1))
    }
    assert records[whole.id] == {"id": whole.id, "outcome": "completed", "points": {"main": 3}, "problems": []}
    assert records[damaged.id]["problems"]


def test_copies_are_found_in_the_other_folder(lab: Any) -> None:
    first, second = lab.line(name="one"), lab.line(name="two")
    target = lab.folder.with_name("archive")
    text = lab.call("copy", "one", second.id, target)
    assert text.splitlines() == [f"{first.id} copied", f"{second.id} copied"]
    assert lab.call("copy", "one", target) == f"{first.id} was there already\n"
    assert load(second.id, folder=target).points == 5
    assert "there is no run" in lab.call("copy", "three", target, code=1)
    assert "Usage:" in lab.call("copy", code=2)


def test_show_tells_what_the_instruments_did_meanwhile_and_which_code_it_was(lab: Any) -> None:
    with Source("src") as src:
        src.level(0.5)
        run = lab.measure(sweep(src.level, 0.0, 1.0, num=3), src.other)
    lines = [line.split() for line in lab.call("show", run.id).splitlines()]
    assert ["src.level", "0.5", "1.0", "V"] in lines
    record = json.loads(lab.call("show", run.id, "--json"))
    assert {"name": "src.level", "before": 0.5, "after": 1.0, "unit": "V"} in record["changes"]
    assert record["environment"]["script"]["caller"]["function"] == "measure"
    assert record["continuations"] == []


@pytest.mark.parametrize("command", ["tag", "note", "verify"])
def test_a_run_that_is_not_there_is_an_error(lab: Any, command: str) -> None:
    lab.line()
    assert "there is no" in lab.call(command, "20200101-000000-000-000000", code=1)
