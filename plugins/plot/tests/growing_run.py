"""A process that measures slowly: ``python growing_run.py <folder> <points> <pause>``; prints the id, then its end."""

from __future__ import annotations

import sys
import time

from luthier_measure.loading import open_storage
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id


def main(folder: str, points: int, pause: float) -> None:
    """Write the run."""
    layout = Layout(
        (Column("x", "setpoint", "float64", unit="V"), Column("y", "reading", "float64", unit="A")),
        (Table("main", (Dimension("x", points, ("x",)),), ("x", "y")),),
    )
    writer = open_storage(folder=folder).create(RunHeader(new_run_id(), "growing", time.time(), layout))
    print(writer.id, flush=True)  # noqa: T201 - the answer
    add = writer.appender("main")
    for point in range(points):
        add((time.time(), point, point * 1.0, point * 2.0))
        time.sleep(pause)
        if point == points // 2:
            # Somebody has to see the run while it goes on, before it may end.
            writer.flush()
            sys.stdin.readline()
    writer.finish(RunEnd("completed", time.time()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
