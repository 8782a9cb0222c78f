"""Which process has which hardware: a file for each, locked while an instrument there is open.

One process may open an address more than once (two instruments behind one line); another process is refused. What an
address means is said by the transport, see :class:`luthier.transport.TransportFactory`.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from luthier.errors import BusyError
from luthier.locked_file import LockedFile
from luthier.runtime_folder import runtime_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Owner", "owner", "reserve", "take_away_leftovers"]

_FREEING = 1.0
"""Seconds that a holder which was killed a moment ago has to be gone."""

_LOOKING = 0.02
"""Seconds between two looks."""


class Owner:
    """What this process is, for those that it keeps out.

    Attributes
    ----------
    server
        The name of the server that it is; empty for a script.
    """

    def __init__(self) -> None:
        self.server = ""


owner = Owner()
"""This process."""


class _Held:
    """Hardware that this process has, and how many of its connections use it."""

    def __init__(self, file: LockedFile) -> None:
        self.file = file
        self.connections = 1


_held: dict[str, _Held] = {}
_lock = threading.Lock()


def reserve(hardware: str, *, instrument: str, address: str) -> Callable[[], None]:
    """Have some hardware for this process, and return what gives it back; calling that twice is fine.

    Parameters
    ----------
    hardware
        The hardware, the same text however the user wrote its address.
    instrument
        The name of the instrument that is being opened, for those that are kept out.
    address
        The address as the user gave it.

    Raises
    ------
    BusyError
        Another process of this user has it; the message says which, and since when. One that was killed does not.
    """
    with _lock:
        held = _held.get(hardware)
        if held is None:
            _held[hardware] = _Held(_claimed(hardware, instrument, address))
        else:
            held.connections += 1
    given_back: list[bool] = []

    def give_back() -> None:
        if not given_back:
            given_back.append(True)
            _give_back(hardware)

    return give_back


def _claimed(hardware: str, instrument: str, address: str) -> LockedFile:
    file = LockedFile(_path(hardware))
    deadline = time.monotonic() + _FREEING
    while not file.claim():
        if time.monotonic() > deadline:
            raise _busy(file.facts() or {}, address)
        time.sleep(_LOOKING)
    file.publish(
        {
            "hardware": hardware,
            "instrument": instrument,
            "server": owner.server,
            "pid": os.getpid(),
            "program": os.path.basename(sys.argv[0] or "python"),  # noqa: PTH119 - may be no path at all
            "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        }
    )
    return file


def _path(hardware: str) -> Path:
    readable = re.sub(r"[^A-Za-z0-9]+", "_", hardware).strip("_")[:60]
    return runtime_folder() / f"{readable}-{sha256(hardware.encode()).hexdigest()[:8]}.held"


def _busy(facts: dict[str, Any], address: str) -> BusyError:
    instrument, server = facts.get("instrument", "an instrument"), facts.get("server")
    place = f"on the server {server!r}" if server else f"in {facts.get('program', 'a script')}"
    since = str(facts.get("since", "an unknown time")).replace("T", " ")
    holder = f"{instrument} {place} (process {facts.get('pid', 'unknown')})"
    use_it = (
        f"Use it there: luthier.connect({server!r}, {instrument!r})."
        if server
        else "Close it there, or open it with server_name= and share it by luthier.connect()."
    )
    return BusyError(
        f"the hardware at {address} is in use by {holder} since {since}",
        state="Nothing was opened.",
        advice=f'{use_it} If both may use it, open it with transport_options={{"shared": True}}.',
        holder=holder,
        timeout=_FREEING,
    )


def _give_back(hardware: str) -> None:
    with _lock:
        held = _held.get(hardware)
        if held is None:  # a forked process has none of its parent's
            return
        held.connections -= 1
        if not held.connections:
            del _held[hardware]
            held.file.release()


def take_away_leftovers() -> None:
    """Take away the files of processes that were killed; nobody is kept out by them."""
    for path in runtime_folder().glob("*.held"):
        file = LockedFile(path)
        if file.claim():
            file.release()


def _forget_in_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it
    _lock = threading.Lock()
    for held in _held.values():
        held.file.let_go()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_fork)
