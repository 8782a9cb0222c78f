"""What takes minutes says how far it is, to everybody, and can be given up all the same."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from click.testing import CliRunner
from luthier.errors import ResponseTimeoutError, UsageError
from luthier_servers.commands import servers

from .lab import Cooler
from .test_failures import busy, eventually, unix

if TYPE_CHECKING:
    from luthier.instrument import Progress

LISTENER = """
import luthier, sys, threading
half_way = threading.Event()
cooler = luthier.connect("foo", "cooler")
cooler.subscribe_progress(lambda progress: half_way.set() if progress.fraction == 0.5 else None)
print("listening", flush=True)
print(half_way.wait(20), flush=True)
"""


@pytest.mark.usefixtures("folder")
def test_all_processes_hear_how_far_a_call_is_and_the_latest_wins() -> None:
    heard: list[Progress] = []
    with Cooler("cooler", server_name="foo") as cooler, ThreadPoolExecutor(1) as pool:
        listener = subprocess.Popen([sys.executable, "-c", LISTENER], stdout=subprocess.PIPE, text=True)
        assert listener.stdout is not None
        assert listener.stdout.readline() == "listening\n"
        subscription = cooler.subscribe_progress(heard.append)
        cooling = pool.submit(cooler.cool, 5000)
        eventually(lambda: heard and heard[-1].fraction == 0.5)
        assert (heard[-1].instrument, heard[-1].text) == (cooler, "half way")
        assert len(heard) < 500  # of the 5000 reports in between the latest are told
        assert [one.fraction for one in heard] == sorted(one.fraction or 0.0 for one in heard)
        assert busy(luthier.connect("foo"), "cooler")["progress"] == {"fraction": 0.5, "text": "half way"}
        assert ": 50% half way" in CliRunner().invoke(servers, []).output
        out, _ = listener.communicate(timeout=20)  # before it goes on, because then something later would be the latest
        assert out == "True\n"
        cooler.go_on()
        assert cooling.result(10) == "cold"
        eventually(lambda: heard[-1].text == "cold")
        subscription.cancel()
        before = len(heard)
        cooler.report(0.1)
        with cooler.subscribe_progress(heard.append):
            cooler.report(0.2)
            eventually(lambda: len(heard) > before)
        assert 0.1 not in [one.fraction for one in heard[before + 1 :]]


@unix
@pytest.mark.usefixtures("folder")
def test_deadlines_and_ctrl_c_end_the_wait_for_a_call_that_reports() -> None:
    with Cooler("cooler", server_name="foo") as cooler:
        proxy: Any = cooler
        server = proxy.server
        proxy.deadline = 0.3
        with pytest.raises(ResponseTimeoutError):
            cooler.cool(10)
        assert busy(server, "cooler")["progress"]["fraction"] == 0.5
        cooler.go_on()
        eventually(lambda: busy(server, "cooler") is None)
        server.restart()
        proxy.deadline = None

        def interrupt(progress: Progress) -> None:
            if progress.fraction == 0.5:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        with cooler.subscribe_progress(interrupt), pytest.raises(KeyboardInterrupt):
            cooler.cool(10)
        cooler.go_on()
        eventually(lambda: busy(server, "cooler") is None)


@pytest.mark.parametrize("fraction", [1.5, -0.1, float("nan"), "half"])
def test_what_is_no_fraction_is_refused(fraction: Any) -> None:
    with Cooler("cooler") as cooler, pytest.raises(UsageError, match="cooler: cannot report the progress"):
        cooler.report(fraction)


def test_an_instrument_here_tells_at_once_and_a_callback_that_fails_disturbs_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[tuple[float | None, str]] = []
    with Cooler("cooler") as cooler:
        cooler.subscribe_progress(lambda _: 1 / 0)
        cooler.subscribe_progress(lambda progress: heard.append((progress.fraction, progress.text)))
        cooler.report(None, "warming up")
        cooler.report(1)
    assert heard == [(None, "warming up"), (1.0, "")]
    assert "a callback for progress failed" in caplog.text
