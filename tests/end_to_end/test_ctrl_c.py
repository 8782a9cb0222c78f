"""Ctrl-C, pressed in processes of their own while they measure, ramp, and wait for an instrument."""

from __future__ import annotations

import random
import signal
import socketserver
import sys
import threading
import time
from typing import TYPE_CHECKING, ClassVar

import pytest
from luthier_measure import load, runs

from .children import Child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot press Ctrl-C for one child only")

FIRST = "Ctrl-C: the run ends after this point. Press it once more to stop at once."

MEASURING = """
import sys, time
import luthier
from luthier_measure import measure, sweep

with (
    luthier.open("keysight.e36312a", "sim://", name="psu") as psu,
    luthier.open("keysight.34461a", "sim://", name="dmm") as dmm,
):
    psu.outputs.output.set(True)
    taken = 0

    def number():
        global taken
        taken += 1
        if taken == 5:
            print("measuring", flush=True)
            if sys.argv[1] == "stuck":
                time.sleep(60)
        return taken

    try:
        run = measure(sweep(psu.ch1.voltage, 0, 1, num=1001, delay=0.005), dmm.voltage, number, name="watched")
        print("went on", run.outcome, run.points, flush=True)
    except KeyboardInterrupt as interrupt:
        print(*interrupt.__notes__, flush=True)
        if sys.argv[2] == "and out":
            raise
    known = psu.ch1.voltage.cache
    print(known.valid, known.value == psu.ch1.voltage(), dmm.voltage() > 0.9, dmm.function(), flush=True)
"""


def points_of_the_stopped_run(folder: Path) -> int:
    """Return how many points the only run of a folder has; it was stopped in order, and none is missing."""
    (found,) = runs(folder=folder)
    run = load(found.id, folder=folder)
    assert (run.outcome, run.error, run.problems) == ("stopped", "", ())
    assert run.ended is not None
    assert run.table().columns["number"].tolist() == list(range(1, run.points + 1))
    return run.points


def test_once_ends_the_run_after_the_point_and_the_script_goes_on(tmp_path: Path) -> None:
    with Child(MEASURING, tmp_path, "free", "go on") as child:
        assert child.line() == "measuring"
        child.press_ctrl_c()
        done = child.end()
    assert (done.code, done.err) == (0, f"{FIRST}\n")
    went_on, state = done.lines
    assert state == "True True True DC voltage"
    points = points_of_the_stopped_run(tmp_path)
    assert went_on == f"went on stopped {points}"
    assert 5 <= points < 1001


@pytest.mark.parametrize("then", ["go on", "and out"])
def test_twice_stops_at_once_and_keeps_everything(tmp_path: Path, then: str) -> None:
    with Child(MEASURING, tmp_path, "stuck", then) as child:
        assert child.line() == "measuring"
        child.press_ctrl_c()
        assert child.complaint() == FIRST
        pressed_at = time.monotonic()
        child.press_ctrl_c()
        done = child.end()
    assert time.monotonic() - pressed_at < 30
    (run,) = runs(folder=tmp_path)
    assert done.lines[0] == (
        f"Run {run.id} was stopped at psu.ch1.voltage = 0.004 V; the points taken before are stored: "
        f"luthier_measure.load({run.id!r})."
    )
    assert points_of_the_stopped_run(tmp_path) == 4
    if then == "go on":
        assert (done.code, done.err) == (0, "")
        assert done.lines[1] == "True True True DC voltage"
    else:
        # As Python ends on Ctrl-C: by the signal itself, so that a shell's loop ends too.
        assert done.code == -signal.SIGINT
        assert "KeyboardInterrupt" in done.err


STORM = """
import sys
from luthier import ManualParameter
from luthier_measure import measure, sweep

x = ManualParameter("x", float, initial=0.0)
taken = 0

def number():
    global taken
    taken += 1
    if taken == 5:
        print("measuring", flush=True)
    return taken

try:
    measure(sweep(x, range(100_000), delay=0.0005), number)
finally:
    print("ended", flush=True)
"""


def press_like_mad(folder: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - moments, not secrets
    with Child(STORM, folder) as child:
        assert child.line() == "measuring"
        for _ in range(dice.randint(2, 12)):
            if child.process.poll() is None:
                child.press_ctrl_c()
                time.sleep(dice.choice((0, 0.0001, 0.0003, 0.001, 0.01)))
        child.end()
    assert points_of_the_stopped_run(folder) >= 4


def test_pressing_it_like_mad_loses_nothing(tmp_path: Path) -> None:
    press_like_mad(tmp_path, seed=20)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_pressing_it_like_mad_at_other_moments_loses_nothing_either(tmp_path: Path, seed: int) -> None:
    press_like_mad(tmp_path, seed)


RAMP = """
import luthier

with luthier.open("keysight.e36312a", "sim://", name="psu") as psu:
    voltage = psu.ch1.voltage
    voltage(0)
    voltage.limit_motion(step=0.01, rate=0.5)
    voltage.subscribe(lambda change: (change.value, change.origin) == (0.05, "set") and print("moving", flush=True))
    try:
        voltage(5)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    reached = voltage.cache.value
    print(voltage.cache.valid, voltage() == reached, 0.05 <= reached < 5, flush=True)
    voltage(reached + 0.02)
    print(round(voltage() - reached, 6), psu.errors(), flush=True)
"""


def test_a_ramp_stops_where_it_is_and_knows_it(tmp_path: Path) -> None:
    with Child(RAMP, tmp_path) as child:
        assert child.line() == "moving"
        child.press_ctrl_c()
        done = child.end()
    assert done.lines == ["stopped", "True True True", "0.02 ()"]
    assert (done.code, done.err) == (0, "")


class SlowInstrument(socketserver.StreamRequestHandler):
    """Answers each question with the question, and ``SLOW?`` only when the time has come."""

    asked: ClassVar[threading.Event]
    answered: ClassVar[threading.Event]

    def handle(self) -> None:
        for line in self.rfile:
            command = line.decode().strip()
            if command == "SLOW?":
                self.asked.set()
                self.answered.wait(30)
            if command.endswith("?"):
                self.wfile.write(f"{command}\n".encode())


@pytest.fixture
def slow_instrument() -> Iterator[str]:
    SlowInstrument.asked, SlowInstrument.answered = threading.Event(), threading.Event()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SlowInstrument) as server:
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"TCPIP::127.0.0.1::{server.server_address[1]}::SOCKET"
        SlowInstrument.answered.set()
        server.shutdown()
        thread.join()


QUERY = """
import sys, luthier

with luthier.open(luthier.Instrument, sys.argv[1], name="box", timeout=30) as box:
    box.add_parameter("slow", get_cmd="SLOW?", set_cmd="SLOW {}")
    box.add_parameter("quick", get_cmd="QUICK?")
    box.slow("known")
    try:
        box.slow()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    sys.stdin.readline()
    print(box.slow.cache.value, box.slow.cache.valid, box.quick(), box.quick(), box.slow(), flush=True)
"""


def test_a_slow_question_is_left_at_once_and_its_answer_is_given_to_nobody_else(
    tmp_path: Path, slow_instrument: str
) -> None:
    with Child(QUERY, tmp_path, slow_instrument) as child:
        assert SlowInstrument.asked.wait(30)
        child.press_ctrl_c()
        assert child.line() == "interrupted"
        SlowInstrument.answered.set()
        child.say("go on")
        done = child.end()
    assert done.lines == ["known True QUICK? QUICK? SLOW?"]
    assert (done.code, done.err) == (0, "")
