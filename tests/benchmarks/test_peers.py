"""The same figures of Luthier and of its peers, each measured by one script in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .peer_environments import SCRIPTS, environment_of, variables

if TYPE_CHECKING:
    from collections.abc import Callable

# With pyvisa-py, so that they reach an instrument on TCP without a vendor's library.
PEERS = {"qcodes": ["qcodes", "pyvisa-py"], "pymeasure": ["pymeasure", "pyvisa-py"], "bluesky": ["bluesky"]}

POINTS = 10_000


def _measure(python: Path, module: str, *arguments: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [str(python), str(SCRIPTS / "figures.py"), module, folder, *arguments]
        done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _times(key: str) -> Callable[[dict[str, Any]], str]:
    return lambda figures: f"{figures[key]:.1f} x"


def _call(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda figures: f"{figures['calls'][name]:.1f} x" if name in figures["calls"] else "not offered"


def _threads(figures: dict[str, Any]) -> str:
    counts = figures["threads"]
    if counts is None:
        return "opens none"
    return f"{counts['wrong']} + {counts['failed']} of {counts['asked']}"


ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "import for instruments, in interpreter starts": _times("import_instruments"),
    "import for measuring too, in interpreter starts": _times("import_measuring"),
    "get of a callable, in bare calls": _call("get"),
    "set of a callable with a range, in bare calls": _call("set"),
    "get by text from an instant instrument, in bare calls": _call("get_text"),
    "set by text with a range, in bare calls": _call("set_text"),
    "two threads ask one TCP instrument: wrong + failed": _threads,
    "a run of 2 points": lambda figures: f"{figures['run']['run_seconds'] * 1e3:.3g} ms",
    "each further point of 1,000": lambda figures: f"{figures['run']['point_seconds'] * 1e6:.3g} µs",
    "the same, in points of a bare numpy loop": lambda figures: f"{figures['run']['point_ratio']:.1f} x",
}


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return _measure(Path(sys.executable), "luthier_figures")


@pytest.mark.timeout(1200)  # for the first time, which downloads
@pytest.mark.parametrize("peer", PEERS)
def test_beside(peer: str, ours: dict[str, Any], figure: Callable[[str, str], None]) -> None:
    theirs = _measure(environment_of(peer, PEERS[peer]), f"{peer}_figures")
    figure(f"beside {peer}", f"{'luthier ' + ours['version']:>20} {peer + ' ' + theirs['version']:>20}")
    for what, text in ROWS.items():
        figure(f"  {what}", f"{text(ours):>20} {text(theirs):>20}")


@pytest.fixture(scope="module")
def our_speed() -> dict[str, Any]:
    return _measure(Path(sys.executable), "luthier_figures", str(POINTS))


@pytest.mark.timeout(1200)  # as above; and a minute or two for the slowest
@pytest.mark.parametrize("peer", PEERS)
def test_points_per_second_beside(peer: str, our_speed: dict[str, Any], figure: Callable[[str, str], None]) -> None:
    theirs = _measure(environment_of(peer, PEERS[peer]), f"{peer}_figures", str(POINTS))
    figure(f"a run of {POINTS:,} points with two readings", f"{'luthier':>20} {peer + ' ' + theirs['version']:>20}")
    both = (our_speed, theirs)
    figure("  points per second", " ".join(f"{each['per_second']:>20,.0f}" for each in both))
    figure("  in a bare numpy loop", " ".join(f"{each['ratio']:>18.1f} x" for each in both))
