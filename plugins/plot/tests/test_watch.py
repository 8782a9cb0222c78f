"""The command, and plots that scripts start: real processes, and a browser that only notes what it is to open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from luthier import plugins
from luthier_measure import runs, sweep
from luthier_measure.viewing import PlotWarning
from luthier_plot import LivePlot, viewer
from luthier_plot.browser import open_window
from luthier_plot.rendezvous import Rendezvous
from luthier_plot.server import PlotServer
from luthier_plot.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLAIN = os.name != "nt"
needs_plain_signals = pytest.mark.skipif(not PLAIN, reason="Windows sends Ctrl-C to all processes of a console")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Take the browser's place, and return what gives the addresses that were to be opened."""
    noted, script = tmp_path / "opened.txt", tmp_path / "browser.py"
    script.write_text(f"import sys\nwith open({str(noted)!r}, 'a') as file:\n    file.write(sys.argv[-1] + '\\n')\n")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {script} %s")
    return lambda: noted.read_text().splitlines() if noted.exists() else []


@pytest.fixture
def watch(lab: Any) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give a function that starts the command."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "luthier_cli", "watch", "--data", str(lab.folder), *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def plots() -> Iterator[list[LivePlot]]:
    """Return the plots that scripts start, which are ended with the test."""
    yield viewer._started
    while viewer._started:
        viewer._started.pop().close()


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _until(condition: Callable[[], bool]) -> None:
    """Wait; the test's own time-out ends it otherwise."""
    while not condition():
        threading.Event().wait(0.02)


@needs_plain_signals
def test_the_newest_run_is_shown_in_the_browser_until_ctrl_c(lab: Any, watch: Any, opened: Any, reader: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="old")
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="new")
    process = watch()
    url = _url(process)
    reader.follow(url, lambda reader: bool(reader.run and reader.run["name"] == "new"))
    _until(lambda: opened() == [url])
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 0
    assert (
        told
        == f"Showing the newest run in {lab.folder}. Ctrl-C ends it.\nEnded; pages that are open stay as they are.\n"
    )


def test_one_run_is_shown_and_no_other(lab: Any, watch: Any, reader: Any, opened: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="old")
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="new")
    process = watch("-2", "--no-browser", "--linger", "3")
    reader.follow(_url(process), lambda reader: bool(reader.run and reader.run["outcome"] == "completed"))
    assert reader.run["name"] == "old"
    # Nobody looks any more, so that it ends by itself.
    assert process.wait(20) == 0
    assert opened() == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("nothing",), 1, "there is no run of this name or id in"),
        (("--window", "--no-browser"), 2, "contradict each other"),
        (("--port", "70000"), 2, "70000 is not in the range"),
        (("--storage", "stone"), 1, "stone"),
    ],
)
def test_what_cannot_be_shown_is_told(watch: Any, arguments: tuple[str, ...], code: int, message: str) -> None:
    process = watch(*arguments)
    out, told = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, "")
    assert message in told


def test_a_busy_port_is_told(lab: Any, watch: Any, server: PlotServer) -> None:
    lab.measure(lab.current)
    process = watch("--no-browser", "--port", server.url.split(":")[2].split("/")[0])
    assert "Choose another port, or none: then a free one is taken." in process.communicate(timeout=20)[1]
    assert process.returncode == 1


@pytest.mark.skipif(not PLAIN, reason="the browser's place is taken by a script, which Windows does not start so")
def test_a_window_is_one_of_the_browsers_without_its_bars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noted = tmp_path / "noted"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not open_window("http://127.0.0.1:1/")
    browser = tmp_path / "chromium"
    browser.write_text(f'#!/bin/sh\necho "$@" > "{noted}.part"\n/bin/mv "{noted}.part" "{noted}"\n')
    browser.chmod(0o755)
    assert open_window("http://127.0.0.1:1/")
    _until(noted.exists)
    assert noted.read_text() == "--app=http://127.0.0.1:1/ --new-window\n"


def test_measure_starts_a_plot_that_the_next_run_uses_too(
    lab: Any, opened: Any, plots: list[LivePlot], reader: Any
) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=5), lab.current, name="first", plot=True)
    url = plots[0].url
    reader.follow(url, lambda reader: bool(reader.run and reader.run["outcome"] == "completed"))
    assert len(reader.panels["current"].points["x"]) == 5
    _until(lambda: opened() == [url])
    lab.measure(sweep(lab.x, 0, 1, num=7), lab.current, name="second", plot=True)
    assert plots[1].url == url
    assert plots[1]._process.wait(20) == 0
    reader.follow(url, lambda reader: bool(reader.run and reader.run["name"] == "second"))
    assert opened() == [url]
    # Its process is gone, but not with it the address.
    plots[0].close()
    assert Rendezvous(lab.folder).find() is None
    lab.measure(sweep(lab.x, 0, 1, num=7), lab.current, plot=True)
    assert plots[2].url != url


def test_a_run_shows_itself_in_a_notebook(lab: Any, plots: list[LivePlot], reader: Any, opened: Any) -> None:
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="this")
    lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, name="newer")
    found: Any = plugins.registry("viewers").load("plot")
    plot = found("arrow", lab.folder, None, browser=False)
    assert f'<iframe src="{plot.url}"' in plot._repr_html_()
    shown: Any = runs(folder=lab.folder)[0].watch()
    reader.follow(shown.url, lambda reader: bool(reader.run and reader.run["name"] == "this"))
    _until(lambda: opened() == [shown.url])
    assert plot in plots


def test_a_plot_that_cannot_start_costs_no_run(
    lab: Any, monkeypatch: pytest.MonkeyPatch, plots: list[LivePlot], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    with pytest.warns(PlotWarning, match=r"no process can be started .* The run goes on"):
        run = lab.measure(sweep(lab.x, 0, 1, num=3), lab.current, plot=True)
    assert (run.outcome, run.points, plots) == ("completed", 3, [])


def test_a_plot_whose_process_fails_says_why(lab: Any, plots: list[LivePlot]) -> None:
    plot = viewer.watch_run("stone", lab.folder)
    with pytest.raises(viewer.LivePlotError, match=r"the live plot did not start: .*stone"):
        _ = plot.url
    assert plots == [plot]


def test_without_a_viewer_nothing_is_measured(lab: Any) -> None:
    script = (
        "from luthier import ManualParameter\nfrom luthier_measure import measure, sweep\n"
        "x = ManualParameter('x', float, initial=7.0)\n"
        "try:\n    measure(sweep(x, 0, 1, num=3), x, plot=True)\n"
        "except Exception as error:\n    print(x(), type(error).__name__, error)\n"
    )
    environment = {**os.environ, "LUTHIER_DISABLE": "luthier-plot", "LUTHIER_DATA": str(lab.folder)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("7.0 ")
    assert "luthier-plot" in done.stdout
    assert not lab.folder.exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"host": 1, "url": 2}', '{"url": "http://127.0.0.1:1/x/"}', '{"host": "elsewhere", "url": ""}'],
)
def test_what_stands_in_the_file_of_a_folder_is_not_trusted(lab: Any, content: str, tmp_path: Path) -> None:
    (tmp_path / ".live-plot.json").write_text(content)
    assert Rendezvous(tmp_path).find() is None
    meeting = Rendezvous(tmp_path)
    meeting.announce("http://attacker.example:80/x/")
    assert meeting.find() is None
    meeting.announce("http://127.0.0.1:9/x/")
    assert meeting.find() is None
    meeting.withdraw("http://127.0.0.1:9/x/")
    assert not list(tmp_path.glob("*.json*"))
    del lab


@pytest.mark.skipif(not PLAIN, reason="Windows has other rights")
def test_the_address_is_for_its_owner_only(tmp_path: Path) -> None:
    Rendezvous(tmp_path).announce("http://127.0.0.1:9/x/")
    assert (tmp_path / ".live-plot.json").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_does_not_exist_is_waited_for(tmp_path: Path, lab: Any, reader: Any) -> None:
    del tmp_path
    server = PlotServer(Watching(lab.storage))
    try:
        reader.follow(server.url, lambda reader: "There is no run" in reader.message)
        Rendezvous(lab.folder).announce(server.url)
        assert Rendezvous(lab.folder).find() is None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lab.measure(sweep(lab.x, 0, 1, num=3), lab.current)
        reader.follow(server.url, lambda reader: bool(reader.panels))
    finally:
        server.close()
