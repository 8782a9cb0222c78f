"""``luthier continue``: runs that were cut off by SIGKILL at any point, and end as if they had not been."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier_measure import every, measure, runs, sweep
from luthier_measure.arrow.writer import APPEND_INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLABLE = Path(__file__).with_name("killable_map.py")
POINTS = 8 * 30
SCHEDULING = 0.25
"""Seconds that a busy machine may keep the writing thread waiting."""
KILLS = int(os.environ.get("KILLS_OF_MAPS", "8"))
"""How often; 50 is what is claimed, and takes some minutes."""
INTERVAL, TIMES = 0.1, 24
"""Of the time series."""


LAB = """\
[instruments.smu]
driver = "keithley.2400"
address = "sim://"
limits = { voltage = [-1.0, 1.0] }

[instruments.smu.initial]
source_function = "voltage"
measure_current = true
current_limit = 0.01
voltage = 0.0
output = true
"""


@pytest.fixture
def lab_file(lab: Any) -> Path:
    """Write the laboratory of the demonstration to a file of its own."""
    lab.folder.mkdir()
    file = lab.folder / "lab.toml"
    file.write_text(LAB, encoding="utf-8")
    return Path(file)


@pytest.fixture
def parent(lab: Any, lab_file: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(KILLABLE), str(lab_file), str(lab.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.communicate(timeout=30)


def _live(parent: subprocess.Popen[str], points: int, plan: str = "map") -> None:
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write(f"{plan} {points}\n")
    parent.stdin.flush()
    assert parent.stdout.readline() == "ended\n"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs many processes quickly")
def test_a_map_killed_at_any_point_is_whole_and_goes_on_to_what_it_would_have_been(
    lab: Any, parent: subprocess.Popen[str]
) -> None:
    _live(parent, 0)
    (whole,) = runs(folder=lab.folder)
    assert (whole.outcome, whole.points) == ("completed", POINTS)
    dice = random.Random(2026)  # noqa: S311 - the moments of kills, not secrets
    lost = []
    for _ in range(KILLS):
        _live(parent, dice.randrange(2, POINTS))
        run = runs(folder=lab.folder)[-1]
        assert run.outcome == "interrupted"
        *taken, killed = (lab.folder / "notes").read_text(encoding="utf-8").splitlines()
        ends = float(killed.removeprefix("killed ")) - APPEND_INTERVAL - SCHEDULING
        # The last reading never came to be a point.
        assert run.points >= sum(float(moment) <= ends for moment in taken)
        lost.append(len(taken) - run.points)
        assert "1 whole" in lab.call("verify", run.id)
        before = run.points
        told = lab.call("continue", "last", "--initial")
        assert told == f"{run.id} went on after {before} points, has {POINTS}, and is completed.\n"
        assert "1 whole" in lab.call("verify", run.id)
        run = runs(folder=lab.folder)[-1]
        assert run.dataset.drop_attrs().equals(whole.dataset.drop_attrs())
    print(f"{KILLS} kills; points lost: at most {max(lost)}")  # noqa: T201 - the figure


def _stopped(lab: Any, lab_file: Path, *, by_clock: bool = False, **options: Any) -> Any:
    """Leave a stopped run of five points behind, of which two are taken."""
    with luthier.Station(lab_file) as station:
        smu = station.get("smu")
        taken = []

        def stop(_change: object) -> None:
            taken.append(1)
            if len(taken) == 2:
                runs(folder=lab.folder)[-1].stop(timeout=0)

        smu.measured_current.subscribe(stop)
        varied = every(1.0, num=5) if by_clock else sweep(smu.voltage, 0.0, 1.0, num=5)
        return measure(varied, smu.measured_current, folder=lab.folder, progress=False, **options)


def test_settings_that_differ_are_shown_and_have_to_be_accepted(lab: Any, lab_file: Path) -> None:
    run = _stopped(lab, lab_file)
    assert (run.outcome, run.points) == ("stopped", 2)
    shown = lab.call("continue", "last", code=1)
    assert "smu.output" in shown
    assert "Nothing was set" in shown
    assert "--accept" in shown
    assert "--initial" in shown
    assert runs(folder=lab.folder)[-1].points == 2
    assert "has 5, and is completed" in lab.call("continue", "last", "--initial")
    assert "nothing to go on with" in lab.call("continue", "last", "--initial", code=1)


@pytest.mark.slow
def test_a_time_series_goes_on_without_its_script(lab: Any, lab_file: Path) -> None:
    run = _stopped(lab, lab_file, by_clock=True)
    assert (run.outcome, run.points) == ("stopped", 2)
    assert "and is completed" in lab.call("continue", "last", "--initial")
    (run,) = runs(folder=lab.folder)
    places = run.dataset["smu_measured_current"].notnull().values
    assert places[:2].all()
    assert places[-1]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs many processes quickly")
@pytest.mark.parametrize("taken", [6, 15])
def test_a_killed_time_series_keeps_its_clock(lab: Any, parent: subprocess.Popen[str], taken: int) -> None:
    _live(parent, taken, "series")
    run = runs(folder=lab.folder)[-1]
    assert run.outcome == "interrupted"
    # The last reading never came to be a point, and those of the append interval, and of a busy machine, may be lost.
    before = run.points
    assert taken - 1 - (APPEND_INTERVAL + SCHEDULING) / INTERVAL <= before < taken
    told = lab.call("continue", "last", "--initial")
    run = runs(folder=lab.folder)[-1]
    assert told == f"{run.id} went on after {before} points, has {run.points}, and is completed.\n"
    assert "1 whole" in lab.call("verify", run.id)
    assert "0.0 to 2.3, 24 values" in lab.call("show", run.id)
    data = run.dataset
    places = np.flatnonzero(data["smu_measured_current"].notnull().values)
    assert len(places) == run.points
    assert (places[0], places[-1]) == (0, TIMES - 1)
    late = data["time"].values[places] - INTERVAL * places
    # No point comes before its time, and none of which it could be said that the next one was due.
    assert (late > -0.01).all()
    assert (late[before:] < 2 * INTERVAL).all()
    rows = run.table()
    began = rows.times - rows.columns["time"]
    assert abs(began[:before].min() - began[before:].min()) < INTERVAL / 4, "both processes have the same clock"


def test_a_run_without_a_lab_asks_for_one_and_one_with_functions_for_its_script(lab: Any, lab_file: Path) -> None:
    lab.line()
    assert "--lab" in lab.call("continue", "last", code=2)
    _stopped(lab, lab_file, finally_=lambda: None)
    assert "continue_run(" in lab.call("continue", "last", code=1)
