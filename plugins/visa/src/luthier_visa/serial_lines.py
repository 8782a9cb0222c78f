"""The serial lines that are open: one port, opened once, may carry several instruments."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import UsageError

from luthier_visa.serial_connection import SerialConnection
from luthier_visa.stream_dialogue import StreamDialogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvisa.resources import MessageBasedResource

    from luthier_visa.serial_settings import SerialSettings
    from luthier_visa.visa_resource import VisaResource

if sys.platform != "win32":
    import fcntl

__all__ = ["SerialLine", "claim_port", "share_line"]

_lines: dict[str, SerialLine] = {}
_guard = threading.Lock()


class SerialLine:
    """A serial port, and the transports that talk through it.

    Parameters
    ----------
    key
        The port, and the backend that opened it.
    settings
        How it was opened.
    connection
        The open port.
    """

    def __init__(self, key: str, settings: SerialSettings, connection: SerialConnection) -> None:
        self.settings = settings
        self.dialogue = StreamDialogue(connection)
        self.lock = threading.RLock()
        self._key = key
        self._connection = connection
        self._users = 0

    @property
    def usable(self) -> bool:
        """Whether it is open, and was not lost."""
        return not self._connection.closed

    def join(self) -> None:
        """Count one more transport."""
        self._users += 1

    def release(self) -> None:
        """Count one transport less, and close the port with the last."""
        with _guard:
            self._users -= 1
            if self._users:
                return
            if _lines.get(self._key) is self:
                del _lines[self._key]
        self._connection.close()


def share_line(key: str, settings: SerialSettings, open_port: Callable[[], VisaResource], who: str) -> SerialLine:
    """Return the open line `key`, opening it where it is not; the caller releases it.

    Raises
    ------
    UsageError
        The port is open with other settings.
    """
    with _guard:
        line = _lines.get(key)
        if line is None or not line.usable:
            line = _lines[key] = SerialLine(key, settings, SerialConnection(open_port()))
        else:
            _compare(line.settings, settings, who)
        line.join()
        return line


def claim_port(resource: MessageBasedResource) -> None:
    """Keep other programs of this kind from opening the port, which pyvisa-py alone would let them do.

    Raises
    ------
    OSError
        Another process has claimed it.
    """
    if sys.platform == "win32":
        return  # where a port cannot be opened twice
    sessions: dict[int, Any] = getattr(resource.visalib, "sessions", {})
    interface = getattr(sessions.get(resource.session), "interface", None)
    if interface is not None and str(getattr(interface, "port", "")).startswith("/"):
        fcntl.flock(interface.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def _compare(present: SerialSettings, wanted: SerialSettings, who: str) -> None:
    for name in attrs.fields_dict(type(wanted)):
        asked, is_set = getattr(wanted, name), getattr(present, name)
        if asked is not None and asked != is_set:
            shown = "the default" if is_set is None else getattr(is_set, "name", is_set)
            other = getattr(asked, "name", asked)
            raise UsageError(
                f"this port is open already with {name} = {shown}, and cannot have {name} = {other} at the same time",
                who=who,
                state="Nothing was changed.",
                advice="Close the other instrument on this port first, or open both with the same settings.",
            )
