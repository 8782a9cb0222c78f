"""A process that measures a gate map, or a time series, on simulated instruments until it is killed.

``python killable_map.py <lab> <folder>`` reads one line for each life, ``map <number of points>`` or
``series <number of points>``, lets a child measure until it has so many readings, and answers ``ended``. The child
writes into ``notes`` in the folder when it took each reading, and kills itself; with 0 points, it completes the run.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import luthier
import luthier_measure.continuing  # noqa: F401 - once for all children
import xarray  # noqa: F401 - the same
from luthier_measure import every, measure, sweep

OUTER, INNER = 8, 30
INTERVAL, TIMES = 0.1, 24


def live(lab: str, folder: str, plan: str, points: int) -> None:
    """Measure, and die a moment after so many readings; after 0, live."""
    smu = luthier.Station(lab).get("smu")
    with (Path(folder) / "notes").open("w", encoding="utf-8", buffering=1) as notes:

        def note(_change: object) -> None:
            nonlocal points
            notes.write(f"{time.monotonic()}\n")
            points -= 1
            if points == 0:
                notes.write(f"killed {time.monotonic()}\n")
                os.kill(os.getpid(), signal.SIGKILL)

        smu.measured_current.subscribe(note)
        gate_map = (
            sweep(smu.current_limit, 0.001, 0.01, num=OUTER),
            sweep(smu.voltage, -1.0, 1.0, num=INNER, snake=True, delay=0.001),
        )
        around = (every(INTERVAL, num=TIMES),) if plan == "series" else gate_map
        measure(*around, smu.measured_current, folder=folder, name=plan, progress=False)


def main() -> None:
    """Start a life for each line of the standard input."""
    lab, folder = sys.argv[1:]
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            plan, points = line.split()
            live(lab, folder, plan, int(points))
            os._exit(0)
        os.waitpid(child, 0)
        print("ended", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
