"""Ratios that were reached are kept: these fail, where the other benchmarks print.

What is compared is processor time of all threads, measured in turns, until the ratio is as good as it has to be or too
many turns were in vain: what else runs on the machine then hardly counts. Each limit lies a sixth to a third above what
is reached on a quiet machine, so that only what really became dearer fails.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Instrument, ManualParameter, parameter
from luthier.validators import Numbers
from luthier_measure import measure, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    RequireRatio = Callable[[Callable[[], object], Callable[[], object], float], None]
    """Requires that the second takes at most so many times as long as the first."""

POINTS = 10_000
TRACES = 500
SAMPLES = 10_001
CALLS = 20_000
TURNS = 60
LEAST_TURNS = 8


class Bare:
    gate = 0.0

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
    level = parameter(float, get_cmd=lambda _: 1.0, set_cmd=lambda _, __: None, unit="V", validator=Numbers(-10, 10))


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig("rig") as opened:
        yield opened


@pytest.fixture
def require_ratio(request: pytest.FixtureRequest, figure: Callable[[str, str], None], tmp_path: Path) -> RequireRatio:
    def require(limit: Callable[[], object], subject: Callable[[], object], most: float) -> None:
        reached = _ratio(limit, subject, most, tmp_path / "runs")
        what = request.node.name.removeprefix("test_").replace("_", " ")
        figure(f"processor time of {what} (at most {most:g} x)", f"{reached:.2f} x")
        if reached > most:
            pytest.fail(f"{reached:.1f} times as long as the limit; allowed are {most:g} times")

    return require


def _ratio(limit: Callable[[], object], subject: Callable[[], object], most: float, runs: Path) -> float:
    """Return how many times as long ``subject`` takes; soon where that is at most ``most``. Removes its runs."""
    best = [float("inf"), float("inf")]
    for turn in range(TURNS):
        for place, work in enumerate((limit, subject)):
            began = time.process_time()
            work()
            if turn:
                best[place] = min(best[place], time.process_time() - began)
        shutil.rmtree(runs, ignore_errors=True)
        # The least of a few is no measure of the limit: it would be too high, and the ratio too good.
        if turn >= LEAST_TURNS and best[1] <= most * best[0]:
            break
    return best[1] / best[0]


def bare_points(folder: Path) -> Callable[[], None]:
    bench = Bare()

    def loop() -> None:
        data = np.empty((POINTS, 3))
        for index, value in enumerate(np.linspace(0, 1, POINTS).tolist()):
            bench.set_gate(value)
            data[index, 0] = value
            data[index, 1] = bench.current()
            data[index, 2] = bench.voltage()
        np.save(folder / "data.npy", data)

    return loop


def test_a_point_of_a_sweep(rig: Rig, tmp_path: Path, require_ratio: RequireRatio) -> None:
    def run() -> None:
        measure(sweep(rig.gate, 0, 1, num=POINTS), rig.current, rig.voltage, folder=tmp_path, progress=False)

    require_ratio(bare_points(tmp_path), run, MOST_OF_A_POINT)


def test_a_point_of_two_levels(rig: Rig, tmp_path: Path, require_ratio: RequireRatio) -> None:
    outer = ManualParameter("outer", float)

    def run() -> None:
        levels = (sweep(outer, 0, 1, num=100), sweep(rig.gate, 0, 1, num=POINTS // 100))
        measure(*levels, rig.current, rig.voltage, folder=tmp_path, progress=False)

    require_ratio(bare_points(tmp_path), run, MOST_OF_A_POINT)


MOST_OF_A_POINT = 7


def test_a_trace(rig: Rig, tmp_path: Path, require_ratio: RequireRatio) -> None:
    samples = np.linspace(0, 1, SAMPLES)
    trace = rig.add_parameter("trace", np.ndarray, get_cmd=lambda: samples, shape=(SAMPLES,))

    def bare() -> None:
        data = np.empty((TRACES, SAMPLES))
        for index in range(TRACES):
            data[index] = samples
        np.save(tmp_path / "data.npy", data)

    def run() -> None:
        measure(sweep(rig.gate, 0, 1, num=TRACES), trace, folder=tmp_path, progress=False)

    require_ratio(bare, run, 4)


@pytest.mark.parametrize("way", ["get", "set"])
def test_a_parameter(rig: Rig, way: str, require_ratio: RequireRatio) -> None:
    bench, level = Bare(), rig.level

    def bare() -> None:
        for _ in range(CALLS):
            bench.current()

    def get() -> None:
        for _ in range(CALLS):
            level.get()

    def set_() -> None:
        for _ in range(CALLS):
            level.set(0.5)

    works: dict[str, Any] = {"get": get, "set": set_}
    require_ratio(bare, works[way], {"get": 17, "set": 18.5}[way])
