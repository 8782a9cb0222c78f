"""The page in a real browser: Chromium without a window, told what to do through its debugging pipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Parameter
from luthier_measure import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_plot.server import PlotServer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="neither Chromium nor Chrome is installed"),
    pytest.mark.skipif(os.name == "nt", reason="the debugging pipe has numbers that only POSIX systems pass on"),
]

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,700",
    "--remote-debugging-pipe",
)


# It reads from 3 and writes to 4, which here may be anything else.
WITH_PIPES = """
import fcntl, os, sys
theirs, answers = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 50) for number in sys.argv[1:3])
os.dup2(theirs, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page of a browser of its own."""

    def __init__(self, profile: str) -> None:
        theirs, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        arguments = [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", WITH_PIPES, str(theirs), str(answers), *arguments],
            pass_fds=(theirs, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(answers)
        self._received = b""
        self._number = 0
        self._session: str | None = None
        self.errors: list[Any] = []
        pages = [each for each in self.do("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        self._session = self.do("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
        self.do("Page.enable")
        self.do("Runtime.enable")

    def do(self, method: str, **parameters: Any) -> Any:
        """Carry out a command of the DevTools protocol."""
        self._number += 1
        session = {} if self._session is None else {"sessionId": self._session}
        command = {"id": self._number, "method": method, "params": parameters, **session}
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            while b"\0" not in self._received:
                received = os.read(self._answers, 1 << 20)
                assert received, "the browser has ended"
                self._received += received
            text, self._received = self._received.split(b"\0", 1)
            message = json.loads(text)
            if message.get("method") == "Runtime.exceptionThrown":
                self.errors.append(message["params"]["exceptionDetails"])
            if message.get("id") == self._number:
                return message["result"]

    def value(self, expression: str) -> Any:
        """Return what an expression is in the page."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until something is so in the page; the test's time-out ends it otherwise."""
        while not self.value(f"Boolean({expression})"):
            threading.Event().wait(0.05)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)


@pytest.fixture(scope="module")
def one_browser() -> Iterator[Browser]:
    """Return a browser for all tests, because it takes seconds to start."""
    profile = tempfile.mkdtemp()
    started = Browser(profile)
    yield started
    started.close()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def browser(one_browser: Browser, server: PlotServer) -> Iterator[Browser]:
    """Return the browser with the page of the server."""
    one_browser.do("Page.navigate", url=server.url)
    one_browser.wait_for(f"location.href == '{server.url}' && document.body && document.body.dataset.drawn")
    yield one_browser
    one_browser.do("Page.navigate", url="about:blank")
    assert one_browser.errors == []


def _drawn(browser: Browser, run: Any) -> None:
    browser.wait_for(
        f"document.getElementById('id').textContent == '{run.id}' && "
        f"document.body.dataset.drawn == '{run.outcome} {run.points}'"
    )


def test_runs_are_drawn_one_after_the_other(lab: Any, browser: Browser) -> None:
    assert "There is no run in" in browser.value("document.getElementById('message').textContent")

    s21 = Parameter("s21", complex, get_cmd=lambda: lab.x() + 1j, label="S21")
    run = lab.measure(sweep(lab.x, 0, 1e-3, num=21), s21, lab.current, name="Übertragung", sample="<b>A</b>")
    _drawn(browser, run)
    panels = "[...document.querySelectorAll('.panel')]"
    assert browser.value(f"{panels}.map((panel) => panel.layout.xaxis.title.text)") == ["Gate (mV)"] * 3
    assert browser.value(f"{panels}.map((panel) => panel.layout.yaxis.title.text)") == [
        "|S21|",
        "Phase of S21 (rad)",
        "current",
    ]
    assert browser.value(f"{panels}[0].data[0].x.length") == 21
    assert browser.value("document.getElementById('name').textContent") == "Übertragung"
    # What people write is text, and never HTML.
    assert browser.value("document.getElementById('sample').textContent") == "Sample: <b>A</b>"
    assert browser.value("document.title") == "Übertragung"

    run = lab.measure(sweep(lab.y, 0, 2, num=8), sweep(lab.x, 0, 1, num=9, snake=True), lab.current)
    _drawn(browser, run)
    shown = browser.value(f"{panels}[0].data[0].z.map((line) => Array.from(line))")
    np.testing.assert_allclose(np.array(shown), run.dataset["current"].values)
    assert browser.value(f"{panels}[0].data[0].x.length") == 10  # the edges of nine cells
    assert browser.value(f"{panels}.length") == 1
    assert browser.value("document.querySelector('.heatmaplayer image').href.baseVal.length") > 100

    def read() -> float:
        if lab.x() > 0.5:
            raise RuntimeError("<i>no answer</i>")
        return 1.0

    with pytest.raises(RuntimeError):
        lab.measure(sweep(lab.x, 0, 1, num=5), read)
    browser.wait_for("document.body.dataset.drawn == 'failed 3'")
    assert browser.value("document.getElementById('error').textContent") == "RuntimeError: <i>no answer</i>"


def test_many_points_are_thinned_to_what_can_be_seen(lab: Any, browser: Browser) -> None:
    points = iter(np.sin(np.arange(50_000) / 1000).tolist())
    run = lab.measure(sweep(lab.x, range(50_000)), lambda: next(points))
    _drawn(browser, run)
    line = "document.querySelector('.panel').data[0]"
    assert 1000 < browser.value(f"{line}.x.length") < 8000
    assert browser.value(f"Math.max(...{line}.y)") == pytest.approx(1.0, abs=1e-6)


def test_a_page_stays_as_it_was_when_the_server_ends(lab: Any, browser: Browser, server: PlotServer) -> None:
    _drawn(browser, lab.measure(sweep(lab.x, 0, 1, num=5), lab.current))
    server.close()
    browser.wait_for("document.getElementById('message').textContent.startsWith('The plot stays as it was')")
    assert browser.value("document.querySelector('.panel').data[0].y.length") == 5
