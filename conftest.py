"""For all tests of the repository: what a test starts it also ends, and nothing of the user's reaches it.

A test that leaves behind a thread, a child process, or an open file or socket fails, with the names of what it left.
What a fixture of a wider scope opens may live as long as that fixture.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

GRACE = 3.0
"""Seconds that something which was told to end may take to end."""

# Threads that no test made: pytest-timeout's watch on Windows, and those of C code that called Python once.
FOREIGN_THREADS = ("pytest_timeout", "Dummy-")

# The user's own settings must not change a result.
for _name in [name for name in os.environ if name.startswith("LUTHIER_") and name != "LUTHIER_STRICT_PLUGINS"]:
    del os.environ[_name]
os.environ["MPLBACKEND"] = "Agg"

# A shell starts what runs in its background with Ctrl-C ignored, which all children would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["LUTHIER_CONFIG"] = os.devnull


@pytest.fixture(scope="session", autouse=True)
def _runs_go_to_a_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["LUTHIER_DATA"] = str(tmp_path_factory.mktemp("luthier-data"))


@pytest.fixture(scope="session", autouse=True)
def _servers_meet_in_a_temporary_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="lu") as place:  # the path of a socket is short
        os.environ["LUTHIER_RUNTIME_DIR"] = place
        yield


Resource = tuple[str, Any, Any]
"""What kind, and what tells it from others of that kind."""

_started: weakref.WeakSet[subprocess.Popen[Any]] = weakref.WeakSet()
_plain_init = subprocess.Popen.__init__


def _noting_init(process: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> None:
    _plain_init(process, *args, **kwargs)
    _started.add(process)


def _threads() -> Iterator[Resource]:
    for thread in threading.enumerate():
        if not thread.name.startswith(FOREIGN_THREADS):
            yield "thread", thread, None


def _processes() -> Iterator[Resource]:
    for started in list(_started):
        if started.poll() is None:
            yield "process", started.pid, str(started.args)
    for process in multiprocessing.active_children():
        yield "process", process.pid, process.name


def _files() -> Iterator[Resource]:
    """Yield the open files and sockets, where the system lists them (Linux)."""
    with contextlib.suppress(FileNotFoundError):
        for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - three times as fast, and called after each test
            with contextlib.suppress(OSError):  # the one that lists the folder is closed by now
                yield "file", int(number), os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115 - the same


def _open_now() -> set[Resource]:
    return {*_threads(), *_processes(), *_files()}


def _describe(resource: Resource) -> str:
    kind, first, second = resource
    if kind == "thread":
        frame = sys._current_frames().get(first.ident)  # noqa: SLF001 - the documented way to another thread's frame
        place = f" in {frame.f_code.co_name} ({frame.f_code.co_filename}:{frame.f_lineno})" if frame else ""
        return f"the thread {first.name!r}{place}"
    if kind == "process":
        return f"the process {first}: {second}"
    if second.startswith("socket:"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(first)) as duplicate:
            return f"the socket {duplicate.getsockname()}, file descriptor {first}"
    return f"the open file {second}, file descriptor {first}"


class Leaks:
    """What was open before the tests, what belongs to fixtures, and so what a test left behind."""

    def __init__(self) -> None:
        self._known: set[Resource] = set()
        self._owned: dict[object, set[Resource]] = {}

    def begin(self) -> None:
        """Take what is open now as there to stay."""
        self._known = _open_now()

    @contextlib.contextmanager
    def belong_to(self, fixture: object) -> Iterator[None]:
        """Give what is opened meanwhile to a fixture that outlives the test."""
        before = _open_now()
        yield
        self._owned[fixture] = _open_now() - before

    def released_by(self, fixture: object) -> None:
        """Expect that the fixture has closed what it opened."""
        self._owned.pop(fixture, None)

    def left(self, *, patience: float) -> list[str]:
        """Describe what is open and should not be; each is told once."""
        owned: set[Resource] = set().union(*self._owned.values())
        expected = self._known | owned
        now = _open_now()
        if now - expected and patience:
            gc.collect()
            deadline = time.monotonic() + patience
            while now - expected and time.monotonic() < deadline:
                time.sleep(0.01)
                now = _open_now()
        self._known = now - owned
        return sorted(_describe(resource) for resource in now - expected)


_leaks = Leaks()
_FAILED = pytest.StashKey[bool]()


def pytest_configure() -> None:
    """Note every process that is started from here on."""
    subprocess.Popen.__init__ = _noting_init  # type: ignore[method-assign,assignment]  # no other list of them


def pytest_unconfigure() -> None:
    """Stop noting."""
    subprocess.Popen.__init__ = _plain_init  # type: ignore[method-assign]  # puts back what was there


def pytest_collection_finish() -> None:
    """Take what pytest and the imports opened as there to stay."""
    _leaks.begin()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    """Give what a fixture of a wider scope opens to that fixture."""
    if fixturedef.scope == "function":
        return (yield)
    with _leaks.belong_to(fixturedef):
        return (yield)


def pytest_fixture_post_finalizer(fixturedef: pytest.FixtureDef[Any]) -> None:
    """Expect that it is closed again."""
    _leaks.released_by(fixturedef)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember failures: their tracebacks keep things open that the test would have closed."""
    if call.excinfo is not None:
        item.stash[_FAILED] = True
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that left something behind."""
    result = yield
    failed = item.stash.get(_FAILED, False)
    left = _leaks.left(patience=0 if failed else GRACE)
    left += _clock_put_right()
    if left and not failed:
        pytest.fail("the test left behind " + "; ".join(left), pytrace=False)
    return result


def _clock_put_right() -> list[str]:
    """Let the clock that all simulated devices share run again, and say so where it did not."""
    clocks = sys.modules.get("luthier_sim.clock")
    if clocks is None or clocks.process_clock().speed == 1:
        return []
    speed, clocks.process_clock().speed = clocks.process_clock().speed, 1
    return [
        f"the clock of all simulated devices at speed {speed}; give the device one of its own: device.clock = Clock(…)"
    ]
