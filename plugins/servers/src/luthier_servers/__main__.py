"""``python -m luthier_servers NAME``: a server that ends with the process that started it.

Its standard input is the life line and the birth pipe. It prints one line: ``READY``, or ``FAILED`` with a reason.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from luthier_servers.server import Server

_LONGEST_ENDING = 8.0
"""Seconds after which the process ends, whatever hangs."""


def main() -> None:
    """Serve until the parent is gone, or somebody asks the server to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s: %(message)s")
    try:
        from luthier_servers import local  # noqa: F401, PLC0415 - so that references can be followed
        from luthier_servers.server import Server  # noqa: PLC0415 - a failure here is told to the parent

        server = Server(sys.argv[1])
        server.start()
    except Exception as error:  # noqa: BLE001 - told to the parent
        _say(f"FAILED {type(error).__name__}: {error}".replace("\n", " "))
        sys.exit(1)
    _end_on_signals(server)
    pipe = os.fdopen(os.dup(0), "rb")
    _leave_standard_streams()
    threading.Thread(target=_follow_parent, args=(server, pipe), name="birth pipe", daemon=True).start()
    while not server.wait(3600.0):
        pass
    # Nothing that hangs may keep the process; what has to be done is done in time or not at all.
    threading.Thread(target=_end_late, daemon=True).start()
    server.close()
    logging.shutdown()
    os._exit(0)


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


def _follow_parent(server: Server, pipe: object) -> None:
    with contextlib.suppress(OSError, ValueError):
        server.births.read_all(pipe)  # type: ignore[arg-type]  # a binary file
    server.stop()


def _end_on_signals(server: Server) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        server.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the script


def _end_late() -> None:
    threading.Event().wait(_LONGEST_ENDING)
    os._exit(1)


if __name__ == "__main__":
    main()
