"""A process that writes runs until it is killed, and writes down what was acknowledged when.

``python killable.py <folder>`` reads one line for each life, ``<mode> <notes file> <seed>``, and answers each with the
process id of a child that lives it. The imports are done once, in the parent.
"""

from __future__ import annotations

import itertools
import mmap
import os
import random
import struct
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import Column, Dimension, Layout, RunEnd, RunHeader, Table, new_run_id

ENTRY = struct.Struct("<d26sQ?")
"""Monotonic time, id of the run, points added to it, whether it was finished."""

ENTRIES = 8192
BEAT = struct.Struct("<d")
BEATS = 1024
BEAT_INTERVAL = 0.025
NOTES_SIZE = ENTRY.size * ENTRIES + BEAT.size * BEATS
_EVERY = 0.0005

SCALARS = Layout(
    (Column("x", "setpoint", "float64"), Column("y", "reading", "float64")),
    (Table("main", (Dimension("x", None, ("x",)),), ("x", "y")),),
)
TRACES = Layout(
    (Column("x", "setpoint", "float64"), Column("y", "reading", None, (10_001,))),
    (Table("main", (Dimension("x", None, ("x",)),), ("x", "y")),),
)


def live(storage: ArrowStorage, mode: str, notes: mmap.mmap, dice: random.Random) -> None:
    """Write one run after the other, until killed."""
    entry = 0

    def note(run_id: str, points: int, *, finished: bool) -> None:
        nonlocal entry
        ENTRY.pack_into(notes, entry % ENTRIES * ENTRY.size, time.monotonic(), run_id.encode(), points, finished)
        entry += 1

    while True:
        layout = TRACES if mode == "traces" else SCALARS
        writer = storage.create(RunHeader(new_run_id(), mode, time.time(), layout))
        add = writer.appender("main")
        noted = 0.0
        for number in range(int(10 ** dice.uniform(0, 2 if mode == "traces" else 5))):
            value = np.full(10_001, number, dtype=float) if mode == "traces" else number * 2.0
            add((time.time(), number, float(number), value))
            if mode == "slow":
                time.sleep(0.001)
            if time.monotonic() > noted + _EVERY:
                noted = time.monotonic()
                note(writer.id, number + 1, finished=False)
        points = writer.points
        writer.finish(RunEnd("completed", time.time()))
        note(writer.id, points, finished=True)


def beat(notes: mmap.mmap) -> None:
    """Note how often a thread comes to its turn that sleeps and writes, as the one does that writes the run."""
    with tempfile.TemporaryFile(buffering=0) as file:
        for number in itertools.count():
            time.sleep(BEAT_INTERVAL)
            file.write(b"x")
            place = ENTRY.size * ENTRIES + number % BEATS * BEAT.size
            BEAT.pack_into(notes, place, time.monotonic())


def main() -> None:
    """Start a life for each line of the standard input."""
    storage = ArrowStorage(sys.argv[1])
    for line in sys.stdin:
        mode, path, seed = line.split()
        child = os.fork()
        if child == 0:
            with Path(path).open("r+b") as file, mmap.mmap(file.fileno(), 0) as notes:
                threading.Thread(target=beat, args=(notes,), daemon=True).start()
                live(storage, mode, notes, random.Random(int(seed)))  # noqa: S311 - not for secrets
        print(child, flush=True)  # noqa: T201 - the answer
        os.waitpid(child, 0)
        print("ended", flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
