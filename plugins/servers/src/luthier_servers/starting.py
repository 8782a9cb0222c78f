"""Starting servers, and what this process knows of those that it started."""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from luthier.errors import ConnectError

from luthier_servers.addresses import ServerFiles
from luthier_servers.births import pack_birth, pack_surroundings

if TYPE_CHECKING:
    from typing import IO

__all__ = ["Child", "child_named", "child_of_name", "forget", "start", "stop_children", "turn"]

STARTING = 30.0
"""Seconds that a server may take to start."""

_ENDING = 10.0
"""Seconds after which a server that does not end is killed."""

_children: dict[str, Child] = {}
_turns: dict[str, threading.RLock] = {}
_lock = threading.Lock()


def turn(name: str) -> threading.RLock:
    """Return what is held by the thread of this process that starts, or starts again, the server of a name."""
    with _lock:
        return _turns.setdefault(name, threading.RLock())


class Child:
    """A server that this process started; it ends with this process, unless it is detached."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], *, detached: bool, lab: str | None) -> None:
        self.name = name
        self.process = process
        self.detached = detached
        self.lab = lab
        """The ``lab.toml`` that it serves; ``None``: none."""
        self.births: dict[str, bytes] = {}
        """What the server's instruments were made of, by name, so that a new server can have them again."""
        self._pipe: IO[bytes] = process.stdin  # type: ignore[assignment]  # it was asked for
        self._lock = threading.Lock()
        self.hand_over_surroundings()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def has_ended(self, *, patience: float) -> bool:
        """Whether it runs no more, after at most ``patience`` seconds."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
        return True

    def hand_over_surroundings(self) -> None:
        """Tell the server where this process finds its modules."""
        self._write(pack_surroundings())

    def hand_over(self, pickled: bytes) -> str:
        """Send a class and arguments through the birth pipe, and return the ticket."""
        ticket, frame = pack_birth(pickled)
        self._write(frame)
        return ticket

    def _write(self, frame: bytes) -> None:
        try:
            with self._lock:
                self._pipe.write(frame)
                self._pipe.flush()
        except (OSError, ValueError) as error:
            raise ConnectError("the server ended", who=self.name, address=self.name) from error

    def end(self, *, patience: float = _ENDING) -> None:
        """Close the life line and wait; after ``patience`` seconds the server is killed."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        if self.detached and self.alive:
            self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()
        ServerFiles(self.name).remove_if_stale()

    def kill(self) -> None:
        """End the process at once, whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def let_go(self) -> None:
        """Close this copy of the life line; for a forked process, which is no parent of the server."""
        with contextlib.suppress(OSError):
            os.close(self._pipe.fileno())

    def leave(self) -> None:
        """Let a detached server go on without this process."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        if self.alive:
            self.process.returncode = 0  # it is meant to outlive its handle


def start(name: str, *, detach: bool = False, lab: str | None = None) -> Child:
    """Start a server, and return when it accepts connections.

    With ``detach`` it goes on when this process ends, and what it and its drivers print goes to a file. ``lab`` is the
    ``lab.toml`` whose instruments it opens first; ``""`` looks for one as :class:`luthier.Station` does.

    Raises :class:`~luthier.errors.ConnectError`, with what the server said, where it does not start.
    """
    files = ServerFiles(name)
    command = [sys.executable, "-m", "luthier_servers", name]
    with contextlib.ExitStack() as opened:
        process = subprocess.Popen(  # noqa: S603 - this very Python, and a name that was checked
            [*command, *(["--detach"] if detach else []), *([] if lab is None else ["--lab", lab])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=opened.enter_context(files.open_log()) if detach else None,
            start_new_session=sys.platform != "win32",  # so that Ctrl-C reaches the script alone
            creationflags=_flags(detach=detach),
        )
    line = _first_line(process)
    if line != "READY":
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        why = line.removeprefix("FAILED ") or f"it ended with exit code {process.returncode} and no word"
        raise ConnectError(
            f"the server could not be started: {why}",
            who=f"server {name}",
            state="Nothing was opened.",
            address=name,
        )
    child = Child(name, process, detached=detach, lab=lab)
    with _lock:
        old = _children.get(name)
        _children[name] = child
    if old is not None:
        old.end()
    return child


def _flags(*, detach: bool) -> int:
    """Return what Windows is told, so that Ctrl-C reaches the script alone; elsewhere a session does it."""
    kept_apart: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    without_console: int = getattr(subprocess, "DETACHED_PROCESS", 0)
    return kept_apart | without_console if detach else kept_apart


def _first_line(process: subprocess.Popen[bytes]) -> str:
    """Return the first line that the server prints; a timer ends one that prints none."""
    assert process.stdout is not None  # it was asked for
    timer = threading.Timer(STARTING, process.kill)
    timer.start()
    try:
        return process.stdout.readline().decode(errors="replace").strip()
    finally:
        timer.cancel()
        timer.join()


def child_named(name: str) -> Child | None:
    """Return the server of that name that this process started last, whether or not it runs."""
    return _children.get(name)


def child_of_name(name: str, pid: int) -> Child | None:
    """Return the child of that name, if this process started the one with that number."""
    child = _children.get(name)
    return child if child is not None and child.pid == pid else None


def stop_children() -> None:
    """End all servers that this process started, and let go of those that are detached; at its end."""
    with _lock:
        children, ended = list(_children.values()), []
        _children.clear()
    for child in children:
        if child.detached:
            child.leave()
            continue
        with contextlib.suppress(OSError):
            child.process.stdin.close()  # type: ignore[union-attr]  # all end at the same time
        ended.append(child)
    deadline = time.monotonic() + _ENDING
    for child in ended:
        child.end(patience=max(0.1, deadline - time.monotonic()))


def forget(child: Child) -> None:
    """Drop a child that has ended."""
    with _lock:
        if _children.get(child.name) is child:
            del _children[child.name]


def _forget_in_fork() -> None:
    for child in _children.values():
        child.let_go()
    _children.clear()
    _turns.clear()


atexit.register(stop_children)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_fork)
