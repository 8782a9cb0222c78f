"""Scripts that measure on simulated instruments, and are killed without warning in the middle of it."""

from __future__ import annotations

import itertools
import random
import struct
import time
from typing import TYPE_CHECKING

import pytest
from luthier_measure import load, runs

from .children import Child

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import itertools, mmap, struct, sys, time
import luthier
from luthier_measure import measure, sweep

with (
    open(sys.argv[1], "r+b") as file,
    mmap.mmap(file.fileno(), 0) as notes,
    luthier.open("keysight.e36312a", "sim://", name="psu") as psu,
    luthier.open("keysight.34461a", "sim://", name="dmm") as dmm,
):
    places = itertools.count()
    psu.outputs.output.set(True)

    def number():
        # When this point is taken, those before it have been handed over for certain.
        place = next(places)
        struct.pack_into("<dq", notes, place * 16, time.monotonic(), place)
        if place == 0:
            print("measuring", flush=True)
        return place

    measure(
        sweep(psu.ch1.voltage, 0, 6, num=61), sweep(psu.ch2.voltage, 0, 25, num=1001),
        dmm.voltage, psu.ch2.measured_current, number, name="long", sample="S1", tags="killed",
    )
"""

APPEND_INTERVAL = 0.1
SCHEDULING = 0.25
"""Seconds that a busy machine may keep the writing thread waiting."""
NOTE = struct.Struct("<dq")
MOST = 61 * 1001


def kill_and_look(folder: Path, seconds: float) -> int:
    """Kill a run after some time, compare what is stored with what has to be, and return how many points had to be."""
    notes = folder / "notes"
    notes.write_bytes(bytes(NOTE.size * MOST))
    data = folder / "data"
    with Child(SCRIPT, data, notes) as child:
        assert child.line() == "measuring"
        assert [run.outcome for run in runs(folder=data)] == ["running"]
        time.sleep(seconds)
        killed_at = time.monotonic()
        child.kill()
    times = [noted for noted, _ in NOTE.iter_unpack(notes.read_bytes()) if 0 < noted <= killed_at]
    # While the whole process waits for a processor or the disk, time does not count.
    stalled = max(second - first for first, second in itertools.pairwise([*times[-1000:], killed_at]))
    safe = [noted for noted in times if noted <= killed_at - APPEND_INTERVAL - max(SCHEDULING, stalled)]
    (found,) = runs(folder=data)
    run = load(found.id, folder=data)
    assert (found.outcome, run.outcome, run.ended, run.error, run.problems) == (
        "interrupted",
        "interrupted",
        None,
        "",
        (),
    )
    assert (run.name, run.sample, run.tags) == ("long", "S1", ("killed",))
    # The last of the safe ones was being taken, those before it were taken.
    assert run.points >= len(safe) - 1
    check_points(folder, run.id)
    return len(safe) - 1


def check_points(folder: Path, run_id: str) -> None:
    run = load(run_id, folder=folder / "data")
    table = run.table()
    assert table.columns["number"].tolist() == list(range(run.points))
    assert table.columns["psu_ch2_measured_current"] == pytest.approx(table.columns["psu_ch2_voltage"] / 1000, abs=1e-6)
    dataset = run.dataset
    assert dict(dataset.sizes) == {"psu_ch1_voltage": 61, "psu_ch2_voltage": 1001}
    assert int(dataset["number"].notnull().sum()) == run.points
    assert "psu" in run.snapshot["instruments"]


def test_a_killed_run_is_marked_interrupted_and_keeps_every_point_but_the_last_tenth_of_a_second(
    tmp_path: Path,
) -> None:
    assert kill_and_look(tmp_path, 0.9) > 10


def test_a_run_that_is_killed_at_its_very_beginning_is_listed(tmp_path: Path) -> None:
    kill_and_look(tmp_path, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_the_moment_of_the_kill_does_not_matter(tmp_path: Path, seed: int) -> None:
    kill_and_look(tmp_path, random.Random(seed).uniform(0.0, 2.0))  # noqa: S311 - moments, not secrets


def test_the_next_run_after_a_kill_is_as_any_other(tmp_path: Path) -> None:
    kill_and_look(tmp_path, 0.2)
    again = """
    from luthier import ManualParameter
    from luthier_measure import measure, runs, sweep
    x = ManualParameter("x", float)
    run = measure(sweep(x, 0, 1, num=11), x)
    print(run.outcome, run.points, [each.outcome for each in runs()])
    """
    with Child(again, tmp_path / "data", strict=True) as child:
        done = child.end()
    assert (done.code, done.err, done.lines) == (0, "", ["completed 11 ['interrupted', 'completed']"])
