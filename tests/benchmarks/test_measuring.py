"""What a measurement costs beyond the bare loop that it replaces, and what it costs to find it again."""

from __future__ import annotations

import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier_measure import load, measure, new_run, runs, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINTS = 10_000
SLOW = 0.01
FEW_POINTS = 100
REMOTE_POINTS = 2000
TRACES, SAMPLES = 500, 10_001
FEW, MANY = 10, 10_000


class BareBench:
    """The same without Luthier."""

    def set_gate(self, value: float) -> None:
        self.gate = value

    def current(self) -> float:
        return 1.0

    def voltage(self) -> float:
        return 2.0


class Rig(Instrument):
    """Instant readings, so that only what surrounds them is measured."""

    gate = parameter(float, initial=0.0)
    current = parameter(float, get_cmd=lambda _: 1.0)
    voltage = parameter(float, get_cmd=lambda _: 2.0)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig("rig") as opened:
        yield opened


def test_bare_loop_into_numpy(limit: Any, tmp_path: Path) -> None:
    bench = BareBench()

    def loop() -> None:
        data = np.empty((POINTS, 3))
        for index, value in enumerate(np.linspace(0, 1, POINTS).tolist()):
            bench.set_gate(value)
            data[index, 0] = value
            data[index, 1] = bench.current()
            data[index, 2] = bench.voltage()
        np.save(tmp_path / "data.npy", data)

    limit("a point of two readings", per=POINTS).pedantic(loop, rounds=30, warmup_rounds=2)


def test_bare_loop_over_parameters(subject: Any, rig: Rig, tmp_path: Path) -> None:
    """What the parameters cost; the rest of ``measure`` is what measuring adds."""

    def loop() -> None:
        data = np.empty((POINTS, 3))
        for index, value in enumerate(np.linspace(0, 1, POINTS).tolist()):
            rig.gate.set(value)
            data[index, 0] = value
            data[index, 1] = rig.current.get()
            data[index, 2] = rig.voltage.get()
        np.save(tmp_path / "data.npy", data)

    subject("a point of two readings", per=POINTS).pedantic(loop, rounds=30, warmup_rounds=2)


def test_measure(subject: Any, rig: Rig, tmp_path: Path) -> None:
    def run() -> None:
        measure(sweep(rig.gate, 0, 1, num=POINTS), rig.current, rig.voltage, folder=tmp_path, progress=False)

    measured = subject("a point of two readings", budget=5, per=POINTS)
    measured.pedantic(run, rounds=30, warmup_rounds=2)


def test_free_code(subject: Any, rig: Rig, tmp_path: Path) -> None:
    """A loop of one's own, which names each quantity at each point."""

    def run() -> None:
        with new_run("free code", folder=tmp_path) as free:
            for value in np.linspace(0, 1, POINTS).tolist():
                rig.gate.set(value)
                free.add(gate=value, current=rig.current.get(), voltage=rig.voltage.get())

    subject("a point of two readings", per=POINTS).pedantic(run, rounds=10, warmup_rounds=1)


def test_measure_two_levels(subject: Any, rig: Rig, tmp_path: Path) -> None:
    outer = ManualParameter("outer", float)

    def run() -> None:
        levels = (sweep(outer, 0, 1, num=100), sweep(rig.gate, 0, 1, num=POINTS // 100))
        measure(*levels, rig.current, rig.voltage, folder=tmp_path, progress=False)

    measured = subject("a point of two readings", budget=5, per=POINTS)
    measured.pedantic(run, rounds=30, warmup_rounds=2)


class SlowMeter(Instrument):
    """Takes as long as many instruments do."""

    value = parameter(float, get_cmd=lambda _: _after_a_while())


def _after_a_while() -> float:
    time.sleep(SLOW)
    return 1.0


@pytest.fixture
def slow_meters() -> Iterator[list[Any]]:
    with SlowMeter("slow1") as first, SlowMeter("slow2") as second:
        yield [first.value, second.value]


@pytest.mark.parametrize("count", [1, 2])
def test_measure_slow_readings(limit: Any, subject: Any, slow_meters: list[Any], tmp_path: Path, count: int) -> None:
    """Two instruments of 10 ms take little more than one."""
    gate = ManualParameter("gate", float)

    def run() -> None:
        measure(sweep(gate, 0, 1, num=FEW_POINTS), *slow_meters[:count], folder=tmp_path, progress=False)

    group = "a point of slow readings"
    measured = limit(group, per=FEW_POINTS) if count == 1 else subject(group, budget=1.25, per=FEW_POINTS)
    measured.pedantic(run, rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("instruments", [1, 2])
def test_measure_instant_readings_of(limit: Any, subject: Any, rig: Rig, tmp_path: Path, instruments: int) -> None:
    """Two instant readings of two instruments cost one more entry into a monitor, and no thread."""
    with Rig("another") as another:
        readings = rig.current, (rig if instruments == 1 else another).voltage

        def run() -> None:
            measure(sweep(rig.gate, 0, 1, num=POINTS), *readings, folder=tmp_path, progress=False)

        group = "a point of instant readings, of one instrument and of two"
        measured = limit(group, per=POINTS) if instruments == 1 else subject(group, budget=1.5, per=POINTS)
        measured.pedantic(run, rounds=30, warmup_rounds=2)


@pytest.fixture
def remote_rigs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    with tempfile.TemporaryDirectory(prefix="lu") as place:
        monkeypatch.setenv("LUTHIER_RUNTIME_DIR", place)
        rigs: list[Any] = [Rig(f"rig{number}", server_name="site") for number in range(2)]
        yield [reading for each in rigs for reading in (each.current, each.voltage)]
        rigs[0].server.stop()


@pytest.mark.parametrize("count", [1, 4])
def test_measure_remote_readings(limit: Any, subject: Any, remote_rigs: list[Any], tmp_path: Path, count: int) -> None:
    """Four readings of one server come in one round trip."""
    gate = ManualParameter("gate", float)

    def run() -> None:
        measure(sweep(gate, 0, 1, num=REMOTE_POINTS), *remote_rigs[:count], folder=tmp_path, progress=False)

    group = "a point of readings of one server"
    measured = limit(group, per=REMOTE_POINTS) if count == 1 else subject(group, budget=2.5, per=REMOTE_POINTS)
    measured.pedantic(run, rounds=5, warmup_rounds=1)


def test_np_save_of_all_traces_at_the_end(limit: Any, tmp_path: Path) -> None:
    trace = np.linspace(0, 1, SAMPLES)

    def loop() -> None:
        data = np.empty((TRACES, SAMPLES))
        for index in range(TRACES):
            data[index] = trace
        np.save(tmp_path / "data.npy", data)

    limit("a trace of 10,001 samples", per=TRACES).pedantic(loop, rounds=15, warmup_rounds=2)


def test_measure_traces(subject: Any, rig: Rig, tmp_path: Path) -> None:
    samples = np.linspace(0, 1, SAMPLES)
    trace = rig.add_parameter("trace", np.ndarray, get_cmd=lambda: samples, shape=(SAMPLES,))

    def run() -> None:
        measure(sweep(rig.gate, 0, 1, num=TRACES), trace, folder=tmp_path, progress=False)

    measured = subject("a trace of 10,001 samples", budget=4, per=TRACES)
    measured.pedantic(run, setup=_wait_for_disk, rounds=10, warmup_rounds=1)


def _wait_for_disk() -> None:
    """Wait until the runs before are on the disk itself, to where a thread brings them, and ``np.save`` does not."""
    for thread in threading.enumerate():
        if thread.name.startswith("close "):
            thread.join()


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Folders of few and of many runs."""
    x = ManualParameter("x", float)
    made = {count: tmp_path_factory.mktemp(f"runs-{count}") for count in (FEW, MANY)}
    for count, folder in made.items():
        for number in range(count):
            measure(sweep(x, [0.0, 1.0]), x, name=f"run {number}", folder=folder, progress=False)
    return made


def _open_one(folder: Path, run_id: str) -> None:
    load(run_id, folder=folder).dataset.load()


@pytest.mark.timeout(1200)
def test_opening_one_run_among_10(limit: Any, folders: dict[int, Path]) -> None:
    run_id = next(iter(runs(folder=folders[FEW]))).id
    limit("one run").pedantic(_open_one, args=(folders[FEW], run_id), rounds=60, warmup_rounds=5)


def test_opening_one_run_among_10000(subject: Any, folders: dict[int, Path]) -> None:
    run_id = runs(folder=folders[MANY], name="run 5000")[0].id
    subject("one run", budget=1.5).pedantic(_open_one, args=(folders[MANY], run_id), rounds=60, warmup_rounds=5)


def test_listing_10000_runs(benchmark: Any, folders: dict[int, Path]) -> None:
    benchmark.group = "listing"
    listed = benchmark.pedantic(lambda: list(runs(folder=folders[MANY])), rounds=10, warmup_rounds=1)
    assert len(listed) == MANY


def test_finding_by_name_among_10000(benchmark: Any, folders: dict[int, Path]) -> None:
    benchmark.group = "listing"
    found = benchmark.pedantic(lambda: runs(folder=folders[MANY], name="run 77"), rounds=20, warmup_rounds=1)
    assert [run.name for run in found] == ["run 77"]
