"""``python -m luthier_servers NAME [--detach] [--lab FILE]``: a server that ends with the process that started it.

Its standard input is the life line and the birth pipe; with ``--detach`` it is the birth pipe only. ``--lab`` opens the
instruments of a lab first. It prints one line: ``READY``, or ``FAILED`` with a reason.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import BinaryIO

    from luthier import Station

    from luthier_servers.server import Server

_LONGEST_ENDING = 8.0
"""Seconds after which the process ends, whatever hangs."""


def main() -> None:
    """Serve until the parent is gone, or somebody asks the server to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s: %(message)s")
    arguments = _arguments().parse_args()
    try:
        server, lab = _start(arguments.name, arguments.lab)
    except Exception as error:  # noqa: BLE001 - told to the parent
        _say(f"FAILED {type(error).__name__}: {error}".replace("\n", " "))
        sys.exit(1)
    _end_on_signals(server)
    pipe = os.fdopen(os.dup(0), "rb")
    _leave_standard_streams()
    ends = None if arguments.detach else server.stop
    threading.Thread(target=_follow_parent, args=(server, pipe, ends), name="birth pipe", daemon=True).start()
    while not server.wait(3600.0):
        pass
    # Nothing that hangs may keep the process; what has to be done is done in time or not at all.
    threading.Thread(target=_end_late, daemon=True).start()
    server.close()
    del lab
    logging.shutdown()
    os._exit(0)


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser("python -m luthier_servers")
    arguments.add_argument("name", help="the name that others find the server by")
    arguments.add_argument("--detach", action="store_true", help="go on when the standard input ends")
    arguments.add_argument("--lab", help="open the instruments of this lab.toml; '' looks for one")
    return arguments


def _start(name: str, file: str | None) -> tuple[Server, Station | None]:
    from luthier_servers import local  # noqa: F401, PLC0415 - so that references can be followed
    from luthier_servers.server import Server  # noqa: PLC0415 - a failure here is told to the parent

    server = Server(name)
    try:
        lab = None if file is None else _open_lab(file)
        server.start()
    except BaseException:
        server.abandon()
        raise
    return server, lab


def _open_lab(file: str) -> Station:
    import luthier  # noqa: PLC0415 - few servers have one

    return luthier.Station(file or None)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _leave_standard_streams() -> None:
    """Tell the parent that all is well, and let what drivers print go where errors go."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    _say("READY")
    os.dup2(2, 1)


def _follow_parent(server: Server, pipe: BinaryIO, then: Callable[[], None] | None) -> None:
    """Take births until the parent is gone, and end with it unless the server is detached."""
    with contextlib.suppress(OSError, ValueError):
        server.births.read_all(pipe)
    if then is not None:
        then()


def _end_on_signals(server: Server) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        server.stop()

    signal.signal(signal.SIGTERM, end)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the script


def _end_late() -> None:
    threading.Event().wait(_LONGEST_ENDING)
    os._exit(1)


if __name__ == "__main__":
    main()
