"""Runs whose process was killed, and whose plan decides on the way: they go on from what is stored."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier_measure import continue_run, measure, runs

if TYPE_CHECKING:
    from luthier_measure import Run

PROGRAM = Path(__file__).with_name("killed_plans.py")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills processes"),
]


def _plans() -> Any:
    spec = importlib.util.spec_from_file_location("killed_plans", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


plans = _plans()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have a process for each plan, killed at its fifty-fifth reading."""
    home = tmp_path_factory.mktemp("killed")
    folders = {name: home / name for name in plans.PLANS}
    for folder in folders.values():
        folder.mkdir()
    killed = [
        subprocess.Popen([sys.executable, str(PROGRAM), str(folder), name, "55"]) for name, folder in folders.items()
    ]
    assert [process.wait(timeout=60) for process in killed] == [-signal.SIGKILL] * len(killed)
    return home


def _killed(home: Path, name: str) -> tuple[Run, Path]:
    folder = home / name
    (run,) = runs(folder=folder)
    assert run.outcome == "interrupted"
    assert 0 < run.points <= 55
    return run, folder


@pytest.mark.parametrize("name", ["search", "learner", "stop"])
def test_it_ends_as_if_it_had_not_been_killed(home: Path, name: str) -> None:
    run, folder = _killed(home, name)
    before = run.points
    run = continue_run(run, *plans.PLANS[name](plans.World(folder)), progress=False)
    whole = measure(*plans.PLANS[name](plans.World(folder)), folder=folder, progress=False)
    assert run.outcome == "completed"
    assert run.dataset.drop_attrs().equals(whole.dataset.drop_attrs())
    # With a condition, the last point was taken again.
    assert run.points == whole.points + (name == "stop")
    assert run.continuations[0].points == before


def test_a_repetition_ends_when_its_condition_holds(home: Path) -> None:
    run, folder = _killed(home, "until")
    run = continue_run(run, *plans.PLANS["until"](plans.World(folder)), progress=False)
    ticks = run.dataset["ticks"].values
    assert [np.nanmax(each) % plans.PASS for each in ticks] == [0] * 4
    taken = ticks[np.isfinite(ticks)]
    assert (np.diff(taken) > 0).all()
    # What was read and not stored when the kill came is missing in the third pass, and nothing else.
    assert np.isfinite(ticks).sum(axis=1)[[0, 1, 3]].tolist() == [20, 20, 20]


@pytest.mark.filterwarnings("ignore::luthier_measure.LatePointWarning")
def test_a_series_goes_on_with_the_clock_that_it_had(home: Path) -> None:
    run, folder = _killed(home, "series")
    stored = run.points
    (world := plans.World(folder)).most = 20
    run = continue_run(run, *plans.PLANS["series"](world), progress=False)
    data = run.dataset
    places = np.flatnonzero(data["curve"].notnull())
    gap = places[stored] - places[stored - 1]
    assert len(places) == run.points == stored + 20
    assert gap > 3
    late = data["time"].values[places] - 0.01 * places
    assert (late > -0.005).all()
    # What is read is as late as it is after its clock, in both processes.
    assert abs(np.median(late[:stored]) - np.median(late[stored:])) < 0.01
