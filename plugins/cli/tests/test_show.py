from __future__ import annotations

import json
from typing import Any

import pytest
from luthier import Instrument, parameter
from luthier_measure import new_run, plan, repeat, sweep
from luthier_measure.storage.folder import run_path


class Source(Instrument):
    """Holds its values itself."""

    level = parameter(float, unit="V", initial=0.0)
    other = parameter(float, unit="A", initial=1.0)


def _fields(text: str) -> dict[str, str]:
    return {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in text.splitlines() if "  " in line}


def test_it_shows_what_was_measured_and_how_it_ended(lab: Any) -> None:
    run = lab.grid(name="pinch-off", sample="A7", note="after cooling", tags=["cold", "good"])
    text = lab.call("show", run.id)
    assert text.startswith("pinch-off\n")
    fields = _fields(text)
    assert fields["run"] == run.id
    assert fields["outcome"] == "completed"
    assert fields["points"] == "12"
    assert fields["sample"] == "A7"
    assert fields["tags"] == "cold, good"
    assert fields["note"] == "after cooling"
    assert fields["file"] == str(run_path(lab.folder, run.id))
    assert "luthier-measure" in fields["with"]
    assert "error" not in fields
    assert "  sweep y: 3 steps\n    sweep x: 4 steps\n      read current\n" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["y", "set", "T", "y", "0.0", "to", "2.0,", "3", "values"] in rows
    assert ["current", "read", "A", "current", "float64"] in rows


def test_delays_ways_and_tables_are_told(lab: Any) -> None:
    inner = sweep(lab.x, [1.0, 5.0], delay=0.001, snake=True)
    run = lab.measure(sweep(lab.y, 0.0, 1.0, num=2), lab.z, inner, lab.current)
    text = lab.call("show", run.id)
    assert "sweep x: 2 steps, 0.001 s after each, there and back in turn" in text
    points = _fields(text)["points"]
    assert points.startswith("6 (")
    assert "level_0: 2" in points
    assert "main: 4" in points


def test_instruments_are_told_with_how_much_was_known_of_them(lab: Any) -> None:
    with Source("smu") as smu:
        smu.level(0.5)
        run = lab.measure(sweep(smu.level, 0.0, 1.0, num=2), smu.other)
    lines = [line.split() for line in lab.call("show", run.id).splitlines()]
    line = next(line for line in lines if line[:1] == ["smu"])
    assert line[1].endswith(".Source")
    assert line[-3:] == ["1", "of", "2"]


def test_a_failed_run_shows_its_error_without_the_traceback(lab: Any) -> None:
    def fail() -> float:
        raise RuntimeError("the magnet\nquenched")

    with pytest.raises(RuntimeError):
        lab.line(fail, name="bad")
    text = lab.call("show", "bad")
    assert _fields(text)["outcome"] == "failed"
    assert _fields(text)["error"].startswith("RuntimeError: the magnet quenched")
    assert _fields(text)["points"] == "0 of 5"
    assert "Traceback" not in text
    assert "Traceback" in json.loads(lab.call("show", "bad", "--json"))["error"]


def test_scripts_get_everything_but_the_data(lab: Any) -> None:
    with Source("smu") as smu:
        run = lab.measure(sweep(smu.level, 0.0, 1.0, num=2), smu.other, name="one", metadata={"fridge": float("nan")})
    record = json.loads(lab.call("show", "one", "--json"))
    assert record["id"] == run.id
    assert record["outcome"] == "completed"
    assert record["points"] == {"main": 2}
    assert record["plan"] == run.plan
    assert record["snapshot"]["instruments"]["smu"]["parameters"]["level"]["unit"] == "V"
    assert record["columns"][0]["name"] == "smu_level"
    assert record["metadata"] == {"fridge": {"$float": "nan"}}
    assert record["file"] == str(run_path(lab.folder, run.id))
    assert record["started"] == run.started.isoformat()


def test_damage_is_told_beside_what_could_be_read(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    run = lab.line(num=500)
    path = run_path(shell.data, run.id)
    path.write_bytes(path.read_bytes()[:-400])
    ended = shell.run("show", run.id)
    assert ended.code == 0
    assert "Damaged: " in ended.err


def test_plans_of_every_form_are_shown_as_they_nest(lab: Any) -> None:
    taken = iter(range(1, 100))
    lab.measure(
        lab.z,
        sweep(lab.y, [1.0, 2.0]),
        plan(sweep(lab.x, [0.0, 1.0], snake=True), lab.current),
        plan(repeat(until=lambda: next(taken) % 2 == 0), lab.current),
        name="blocks",
    )
    shown = lab.call("show", "blocks")
    assert (
        "plan\n"
        "  read z\n"
        "  sweep y: 2 steps\n"
        "    sweep x: 2 steps, there and back in turn\n"
        "      read current\n"
        "    repeat: as many steps as it takes, until a condition\n"
        "      read current\n"
    ) in shown


def test_free_code_and_what_it_was_measured_inside_of_are_told(lab: Any) -> None:
    with new_run("by hand", folder=lab.folder) as outer:
        outer.add(lab.current, step=1)
        inner = lab.grid(name="inside")
    text = lab.call("show", outer.id)
    assert "plan\n  free code" in text
    assert _fields(lab.call("show", inner.id))["measured inside"] == outer.id


def test_what_instruments_took_is_told(lab: Any) -> None:
    with Source("smu") as smu:
        run = lab.measure(sweep(smu.level, 0.0, 1.0, num=5), smu.other)
    rows = [line.split() for line in lab.call("show", run.id).splitlines()]
    (heading,) = [number for number, row in enumerate(rows) if row[:3] == ["instrument", "time", "for"]]
    assert [row[:2] for row in rows[heading + 1 : heading + 3]] == [["smu", "set"], ["smu", "get"]]
    assert json.loads(lab.call("show", run.id, "--json"))["timings"]["smu"]["get"]["calls"] >= 3
