"""Starting a server again: one restart for all threads that ask, and what it could not bring back is told."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from luthier.errors import ConnectError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["incomplete", "once"]

_under_way: dict[str, Future[None]] = {}
_lock = threading.Lock()


def once(server: str, restart: Callable[[], None]) -> None:
    """Call ``restart``, or wait for the thread that is restarting this server already; raises what that one raised."""
    mine: Future[None] = Future()
    with _lock:
        found = _under_way.setdefault(server, mine)
    if found is not mine:
        found.result()
        return
    try:
        restart()
    except BaseException as error:
        told = error if isinstance(error, Exception) else _interrupted(server)
        _end(server, lambda: mine.set_exception(told))
        raise
    _end(server, lambda: mine.set_result(None))


def _end(server: str, tell: Callable[[], None]) -> None:
    with _lock:
        del _under_way[server]
    tell()


def _interrupted(server: str) -> ConnectError:
    return ConnectError(
        "the thread that was starting it again was interrupted",
        who=f"server {server}",
        state="It may be down, or without some of its instruments.",
        advice="Call restart() once more.",
        address=server,
    )


def incomplete(server: str, failures: Mapping[str, Exception]) -> ConnectError:
    """Return the error for a server that was started again without some of its instruments."""
    first = next(iter(failures.values()))
    told = "; ".join(f"{name}: {type(error).__name__}: {error}" for name, error in failures.items())
    error = ConnectError(
        f"it was started again, but could not build {', '.join(failures)}: {told}",
        who=f"server {server}",
        state="Its other instruments are there.",
        advice="Mend what is named, then call restart() once more.",
        address=server,
    )
    error.__cause__ = first
    return error


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_under_way.clear)
