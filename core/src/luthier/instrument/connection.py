"""Opening the connection of an instrument, and what stands in its place when there is none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

from luthier import plugins
from luthier.errors import ClosedError, UsageError
from luthier.transport import Transport, transport_plugin_for

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Absent", "complete_address", "open_transport"]


def complete_address(address: str, *, simulator: str, name: str) -> str:
    """Complete ``sim://`` by the simulator that the driver names and by the instrument's name."""
    if address.rstrip("/").lower() != "sim:":
        return address
    if not simulator:
        raise UsageError(
            "cannot open sim://: the driver names no simulator",
            who=name,
            state="Nothing was opened.",
            advice="Name one: sim://<driver id>, for example sim://keithley.2400.",
        )
    return f"sim://{simulator}/{name}"


def open_transport(
    address: str,
    *,
    timeout: float | None,
    write_termination: str,
    read_termination: str,
    options: Mapping[str, object] | None,
) -> Transport:
    """Open the connection through the transport plugin that serves ``address``."""
    factory: Any = plugins.registry("transports").load(transport_plugin_for(address))
    transport: Transport = factory(
        address,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
        options=dict(options) if options else None,
    )
    return plugins.hooks.transport_middleware(transport)


class Absent:
    """Stands in for the connection of an instrument that has none, or none any more: whatever is asked, it says so."""

    def __init__(self, address: str, *, closed: bool) -> None:
        self.address = address
        self.lock = threading.RLock()
        self.timeout: float | None = None
        self._closed = closed

    def write(self, message: bytes) -> None:
        """Refuse."""
        self._refuse(message)

    def read(self) -> bytes:
        """Refuse."""
        self._refuse(b"")

    def query(self, message: bytes) -> bytes:
        """Refuse."""
        self._refuse(message)

    def read_exactly(self, count: int) -> bytearray:
        """Refuse."""
        del count
        self._refuse(b"")

    def clear(self) -> None:
        """Refuse."""
        self._refuse(b"")

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def _refuse(self, message: bytes) -> NoReturn:
        sending = f"cannot send {message.decode('latin-1')!r}: " if message else ""
        if self._closed:
            raise ClosedError(
                f"{sending}the instrument is closed",
                state="Nothing was sent.",
                advice="Open it again to go on.",
            )
        raise UsageError(
            f"{sending}the instrument has no connection",
            state="Nothing was sent.",
            advice="Give it an address when it is made.",
        )
