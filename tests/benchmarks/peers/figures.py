"""Measure one framework with what is in this environment, and print the figures as JSON on the last line.

``python figures.py qcodes_figures FOLDER`` measures all; a number behind it, only the points a second of one run of so
many points. The module beside this file holds a class ``Framework``, which says how
that framework does what is measured here. What is written goes into FOLDER.
"""

from __future__ import annotations

import importlib
import json
import math
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IMPORTS, LOOPS, ROUNDS = 5, 1000, 40
POINTS = 1000
LEAST_RUNS, MOST_RUNS, RUNS_SECONDS = 4, 100, 4.0
QUERIES = 1000
PATIENCE = 10.0
"""Seconds after which a thread asks no more: where answers are lost, each costs a timeout."""


class Framework(Protocol):
    """How a framework does what is measured."""

    version: str
    for_instruments: str
    """The statements with which a script begins that only opens instruments."""
    for_measuring: str
    """The same for one that also measures and stores."""
    loops: dict[str, Callable[[int], None]]
    """Name of the figure: carry out that operation so many times. What the framework does not offer is left out."""

    @property
    def connect(self) -> Callable[[int], Callable[[str], str]] | None:
        """What opens a TCP instrument of this machine, and returns what asks it a question, which waits at most 0.2 s.

        ``None`` where the framework opens no instruments.
        """
        ...

    def measure(self, points: int) -> None:
        """Set one parameter and read two at each point, into the default storage, from the start to a closed file."""
        ...


class BareBench:
    """What all of them are measured against."""

    def set_gate(self, value: float) -> None:
        self.gate = value

    def current(self) -> float:
        return 1.0

    def voltage(self) -> float:
        return 2.0


def seconds(action: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    action(*arguments)
    return time.perf_counter() - started


def import_ratio(statements: str) -> float:
    """Return how many times as long as an interpreter that does nothing one takes that imports."""

    def run(code: str) -> float:
        return seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL))

    run(statements)  # what is compiled once, is
    # In turn, so that a busy moment of the machine meets both.
    pairs = [(run("pass"), run(statements)) for _ in range(IMPORTS)]
    return min(with_it for _, with_it in pairs) / min(alone for alone, _ in pairs)


def call_ratios(loops: dict[str, Callable[[int], None]]) -> dict[str, float]:
    """Return each operation in multiples of a call of a bound method."""
    bench = BareBench()

    def bare(times: int) -> None:
        for _ in range(times):
            bench.current()

    fastest = {name: seconds(loop, LOOPS) for name, loop in loops.items()}
    fastest_bare = seconds(bare, LOOPS)
    for _ in range(ROUNDS):
        fastest_bare = min(fastest_bare, seconds(bare, LOOPS))
        fastest = {name: min(fastest[name], seconds(loop, LOOPS)) for name, loop in loops.items()}
    return {name: best / fastest_bare for name, best in fastest.items()}


class _Echo(socketserver.StreamRequestHandler):
    """Answer ``ECHO? text`` with the text."""

    def handle(self) -> None:
        for line in self.rfile:
            if line.startswith(b"ECHO? "):
                self.wfile.write(line.removeprefix(b"ECHO? "))


class _Instrument(socketserver.ThreadingTCPServer):
    daemon_threads = True


def two_threads(connect: Callable[[int], Callable[[str], str]]) -> dict[str, int]:
    """Ask one instrument from two threads at once; return how many questions were answered wrongly, or not at all."""
    counts = {"asked": 0, "wrong": 0, "failed": 0}
    together = threading.Barrier(2)
    counting = threading.Lock()

    def ask_all(ask: Callable[[str], str], questions: Iterable[int]) -> None:
        together.wait()
        end = time.monotonic() + PATIENCE
        for question in questions:
            if time.monotonic() > end:
                return
            try:
                outcome = None if ask(f"ECHO? {question}").strip() == str(question) else "wrong"
            except Exception:  # noqa: BLE001 - each framework has its own errors, and all of them count
                outcome = "failed"
            with counting:
                counts["asked"] += 1
                if outcome:
                    counts[outcome] += 1

    with _Instrument(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ask = connect(server.server_address[1])
        threads = [
            threading.Thread(target=ask_all, args=(ask, range(first, first + QUERIES)), daemon=True)
            for first in (100_000, 200_000)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE + 20)
        server.shutdown()
    return dict(counts)


def run_ratios(measure: Callable[[int], None], folder: Path) -> dict[str, float]:
    """Return what a run costs, beside a bare loop into numpy that saves its array at the end."""
    bench = BareBench()

    def bare(points: int) -> None:
        data = np.empty((points, 3))
        for index, value in enumerate(np.linspace(0, 1, points).tolist()):
            bench.set_gate(value)
            data[index, 0] = value
            data[index, 1] = bench.current()
            data[index, 2] = bench.voltage()
        np.save(folder / "bare.npy", data)

    measure(2)  # what is done once, is
    short, long = fastest_runs(measure)
    bare_short, bare_long = fastest_runs(bare)
    point, bare_point = (long - short) / POINTS, (bare_long - bare_short) / POINTS
    return {"run_seconds": short, "point_seconds": point, "point_ratio": point / bare_point}


def fastest_runs(run: Callable[[int], None]) -> tuple[float, float]:
    """Return the seconds of a run of two points and of one of 1,000 more, in turn as often as there is time."""
    short = long = math.inf
    end = time.monotonic() + RUNS_SECONDS
    for done in range(MOST_RUNS):
        if done >= LEAST_RUNS and time.monotonic() > end:
            break
        short = min(short, seconds(run, 2))
        long = min(long, seconds(run, POINTS + 2))
    return short, long


def speed(module: str, folder: Path, points: int) -> dict[str, Any]:
    """Return the points a second of one run, all that belongs to it included, beside a bare loop into numpy."""
    framework: Framework = importlib.import_module(module).Framework(folder)
    bench = BareBench()

    def bare() -> None:
        data = np.empty((points, 3))
        for index, value in enumerate(np.linspace(0, 1, points).tolist()):
            bench.set_gate(value)
            data[index] = value, bench.current(), bench.voltage()
        np.save(folder / "bare.npy", data)

    framework.measure(2)  # what is done once, is
    # On both sides, so that a busy moment of the machine meets both.
    before = seconds(bare)
    took = seconds(framework.measure, points)
    fastest_bare = min(before, seconds(bare))
    return {"version": framework.version, "per_second": points / took, "ratio": took / fastest_bare}


def main(module: str, folder: Path) -> dict[str, Any]:
    framework: Framework = importlib.import_module(module).Framework(folder)
    return {
        "version": framework.version,
        "import_instruments": import_ratio(framework.for_instruments),
        "import_measuring": import_ratio(framework.for_measuring),
        "calls": call_ratios(framework.loops),
        "threads": None if framework.connect is None else two_threads(framework.connect),
        "run": run_ratios(framework.measure, folder),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2], ignore_cleanup_errors=True) as place:
        figures = (
            main(sys.argv[1], Path(place)) if len(sys.argv) == 3 else speed(sys.argv[1], Path(place), int(sys.argv[3]))
        )
        print("\n" + json.dumps(figures), flush=True)
