"""A program that is killed while it measures: ``python killed_plans.py <folder> <plan> <readings before the kill>``."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier import ManualParameter
from luthier_measure import adaptive, both_ways, every, measure, plan, repeat, stop_if, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_measure import Points

SECONDS = 0.004
"""How long a reading takes."""
PASS = 20


class World:
    """Knobs, what depends on them, and something that goes on whether or not somebody measures it."""

    def __init__(self, folder: Path, kill_at: int | None = None) -> None:
        self.a, self.b = (ManualParameter(name, float, initial=0.0) for name in "ab")
        self._clock = folder / "clock"
        self._left = kill_at
        self.readings = 0
        self.most = math.inf

    def curve(self) -> float:
        """Read something with a step at b = 3.3."""
        self._take_time()
        return self.a() + (10 if self.b() > 3.3 else 0)

    def ticks(self) -> float:
        """Count how often it was read, by whatever process."""
        self._take_time()
        with self._clock.open("ab") as file:
            file.write(b".")
        return float(self._clock.stat().st_size)

    def is_noon(self) -> bool:
        """Whether the ticks have come round."""
        return self._clock.stat().st_size % PASS == 0

    def _take_time(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(SECONDS)
        self.readings += 1

    def halving(self, points: Points) -> Iterator[float]:
        """Close in on the step, and look around it."""
        low, high = 0.0, 8.0
        while len(points) < 40:
            yield (low + high) / 2
            is_above = points[-1][self.curve] >= 10
            low, high = (low, points[-1][self.b]) if is_above else (points[-1][self.b], high)
            if high - low < 1e-3:
                low, high = 3.0, 3.5


class Spread:
    """A learner that takes the middle of what is widest, in both directions together."""

    def __init__(self) -> None:
        self._told: dict[float, float] = {}

    def ask(self, n: int, tell_pending: bool = True) -> tuple[list[float], list[float]]:  # noqa: ARG002 - as learners have it
        """Propose a point."""
        assert n == 1
        left = [end for end in (0.0, 8.0) if end not in self._told]
        if left:
            return left[:1], [1.0]
        width, low, high = max(self._widths())
        return [(low + high) / 2], [width]

    def tell(self, x: float, y: float) -> None:
        """Take what was measured."""
        self._told[x] = y

    def loss(self) -> float:
        """Say how wide the widest is."""
        return max(self._widths())[0]

    def _widths(self) -> list[tuple[float, float, float]]:
        known = sorted(self._told.items())
        return [(high - low + abs(up - down), low, high) for (low, down), (high, up) in pairwise(known)]


PLANS: dict[str, Callable[[World], tuple[Any, ...]]] = {
    "series": lambda world: (every(0.01, until=lambda: world.readings >= world.most), world.curve),
    "until": lambda world: (sweep(world.a, [1, 2, 3, 4]), repeat(until=world.is_noon), world.ticks),
    "search": lambda world: (sweep(world.a, [1, 2]), adaptive(world.b, world.halving), world.curve),
    "learner": lambda world: (sweep(world.a, [1, 2]), adaptive(world.b, lambda _: Spread(), num=40), world.curve),
    "stop": lambda world: (
        sweep(world.a, [1, 2, 3]),
        plan(both_ways(sweep(world.b, 0, 4, num=41)), world.curve, stop_if(lambda b: b >= 2, world.b)),
    ),
}


if __name__ == "__main__":
    home = Path(sys.argv[1])
    measure(*PLANS[sys.argv[2]](World(home, int(sys.argv[3]))), folder=home, name=sys.argv[2], progress=False)
