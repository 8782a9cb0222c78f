"""What it costs a measurement that somebody looks at it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from math import comb
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from luthier import Instrument, parameter
from luthier_measure import measure, sweep
from luthier_plot.packing import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

POINTS = 600_000
"""A second or two, so that several looks come in each run."""
SLOW_POINTS = 700
PAIRS = int(os.environ.get("WATCHING_PAIRS", "24"))


class Rig(Instrument):
    """Instant readings: the worst case, in which the measurement needs a processor for itself."""

    gate = parameter(float, initial=0.0)
    current = parameter(float, get_cmd=lambda _: 1.0)
    voltage = parameter(float, get_cmd=lambda _: 2.0)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig("rig") as opened:
        yield opened


class Watchers:
    """A plot, and a page that asks it as often as a real one does; they can be held, and look on."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "luthier_cli", "watch", "--no-browser", "--data", str(folder)]
        plot = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert plot.stdout is not None
        url = plot.stdout.readline().strip()
        self._processes = (plot, subprocess.Popen([sys.executable, __file__, url]))

    def hold(self) -> None:
        """Have them do nothing."""
        self._tell(signal.SIGSTOP)

    def look(self) -> None:
        """Have them go on."""
        self._tell(signal.SIGCONT)

    def end(self) -> None:
        """End them."""
        for process in self._processes:
            process.kill()
            process.communicate()

    def _tell(self, what: signal.Signals) -> None:
        for process in self._processes:
            process.send_signal(what)


@pytest.fixture
def watchers(tmp_path: Path) -> Iterator[Watchers]:
    made = Watchers(tmp_path)
    yield made
    made.end()


def read_as_a_page_does(url: str) -> None:
    """Ask for news four times a second, as the page does, for ever."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0)
    question: dict[str, Any] = {"run": "", "version": -1, "panels": {}}
    while True:
        connection.request("POST", f"{parts.path}news", body=json.dumps(question))
        news, _ = unpack(connection.getresponse().read())
        known = question["panels"] if (news["run"] or {}).get("id") == question["run"] else {}
        panels = {
            each["name"]: [each["revision"], each["rows"]] if "revision" in each else known.get(each["name"], ["", 0])
            for each in news["panels"]
        }
        question = {"run": (news["run"] or {}).get("id", ""), "version": news["version"], "panels": panels}
        threading.Event().wait(0 if news["more"] else 0.25)


def _quick(rig: Rig, folder: Path) -> None:
    measure(sweep(rig.gate, 0, 1, num=POINTS), rig.current, rig.voltage, folder=folder, progress=False)


def _usual(rig: Rig, folder: Path) -> None:
    levels = sweep(rig.gate, 0, 1, num=SLOW_POINTS, delay=0.002)
    measure(levels, rig.current, rig.voltage, folder=folder, progress=False)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="holds processes")
@pytest.mark.timeout(120 + 10 * PAIRS)
@pytest.mark.parametrize(
    ("what", "run", "pairs"), [("instant points", _quick, PAIRS), ("points of 2 ms", _usual, PAIRS // 3)]
)
def test_what_it_costs_that_somebody_looks(  # noqa: PLR0917 - as pytest gives them
    figure: Any, watchers: Watchers, rig: Rig, tmp_path: Path, what: str, run: Callable[[Rig, Path], None], pairs: int
) -> None:
    """Measure the same with and without, one after the other: what else the computer does is the same for both."""

    def took(*, watched: bool) -> tuple[float, float]:
        (watchers.look if watched else watchers.hold)()
        began, used = time.perf_counter(), time.process_time()
        run(rig, tmp_path)
        return time.perf_counter() - began, time.process_time() - used

    took(watched=True)
    ratios = []
    for pair in range(pairs):
        # Either comes first as often as the other.
        seconds = {watched: took(watched=watched) for watched in ((True, False), (False, True))[pair % 2]}
        ratios.append([with_ / without for with_, without in zip(seconds[True], seconds[False], strict=True)])
    for name, values in zip(("time", "processor"), zip(*ratios, strict=True), strict=True):
        low, high = (100 * (each - 1) for each in _confidence(values))
        cost = f"{100 * (median(values) - 1):+.1f} % ({low:+.1f} to {high:+.1f} with 95 %; {pairs} pairs)"
        figure(f"watched, {what}: {name}, median", f"{cost}; budget +5 %")


def _confidence(values: Sequence[float]) -> tuple[float, float]:
    """Return between which of the values their median lies, with 95 % confidence, whatever they are spread like."""
    count = len(values)
    tail, rank = 0.5**count, 0
    while tail + comb(count, rank + 1) * 0.5**count <= 0.025:
        rank += 1
        tail += comb(count, rank) * 0.5**count
    ordered = sorted(values)
    return ordered[rank], ordered[-1 - rank]


if __name__ == "__main__":
    read_as_a_page_does(sys.argv[1])
