"""What it costs a measurement that somebody looks at it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from luthier import Instrument, parameter
from luthier_measure import measure, sweep
from luthier_plot.packing import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

POINTS = 100_000
SLOW_POINTS = 500


class Rig(Instrument):
    """Instant readings: the worst case, in which the measurement needs a processor for itself."""

    gate = parameter(float, initial=0.0)
    current = parameter(float, get_cmd=lambda _: 1.0)
    voltage = parameter(float, get_cmd=lambda _: 2.0)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with Rig("rig") as opened:
        yield opened


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[None]:
    """Watch the folder, with a page that asks as often as a real one does."""
    command = [sys.executable, "-m", "luthier_cli", "watch", "--no-browser", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        page = subprocess.Popen([sys.executable, __file__, url], stdin=subprocess.PIPE)
        yield
        page.kill()
        page.communicate()
        process.kill()


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


def _quick(rig: Rig, folder: Path) -> Callable[[], None]:
    def run() -> None:
        measure(sweep(rig.gate, 0, 1, num=POINTS), rig.current, rig.voltage, folder=folder, progress=False)

    return run


def _usual(rig: Rig, folder: Path) -> Callable[[], None]:
    def run() -> None:
        levels = sweep(rig.gate, 0, 1, num=SLOW_POINTS, delay=0.002)
        measure(levels, rig.current, rig.voltage, folder=folder, progress=False)

    return run


def test_nobody_looks_at_instant_points(limit: Any, rig: Rig, tmp_path: Path) -> None:
    limit("a point, instant", per=POINTS).pedantic(_quick(rig, tmp_path), rounds=25, warmup_rounds=2)


@pytest.mark.usefixtures("watched")
def test_watched_instant_points(subject: Any, rig: Rig, tmp_path: Path) -> None:
    measured = subject("a point, instant", budget=1.05, per=POINTS)
    measured.pedantic(_quick(rig, tmp_path), rounds=25, warmup_rounds=2)


def test_nobody_looks_at_points_of_two_milliseconds(limit: Any, rig: Rig, tmp_path: Path) -> None:
    limit("a point of 2 ms", per=SLOW_POINTS).pedantic(_usual(rig, tmp_path), rounds=6, warmup_rounds=1)


@pytest.mark.usefixtures("watched")
def test_watched_points_of_two_milliseconds(subject: Any, rig: Rig, tmp_path: Path) -> None:
    measured = subject("a point of 2 ms", budget=1.05, per=SLOW_POINTS)
    measured.pedantic(_usual(rig, tmp_path), rounds=6, warmup_rounds=1)


if __name__ == "__main__":
    read_as_a_page_does(sys.argv[1])
