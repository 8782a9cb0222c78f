"""Opening the connection of an instrument, and what stands in its place when there is none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NoReturn

from luthier import plugins
from luthier.errors import ClosedError, UsageError
from luthier.transport import Transport, transport_plugin_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Absent", "closed_error", "complete_address", "open_transport"]


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
    name: str,
    timeout: float | None,
    write_termination: str,
    read_termination: str,
    options: Mapping[str, object] | None,
) -> tuple[Transport, Callable[[], None]]:
    """Open the connection through the transport plugin that serves ``address``, or lets things go wrong on its way.

    Returns it, and what gives the hardware back to other processes once it is closed. ``name`` is that of the
    instrument, for those who are kept out meanwhile.
    """
    given = dict(options) if options else {}
    plugin = "faults" if "faults" in given else transport_plugin_for(address)
    factory: Any = plugins.registry("transports").load(plugin)
    hardware = _hardware(factory, address, given)
    give_back = _nothing if hardware is None else _reserve(hardware, name, address)
    try:
        transport: Transport = factory(
            address,
            timeout=timeout,
            write_termination=write_termination,
            read_termination=read_termination,
            options=given or None,
        )
        return plugins.hooks.transport_middleware(transport, name), give_back
    except BaseException:
        give_back()
        raise


def _hardware(factory: Any, address: str, options: dict[str, object]) -> str | None:
    """Return what is kept from other processes while ``address`` is open; ``None``: nothing. Takes ``shared`` out."""
    shared = options.pop("shared", None)
    if not (shared is None or isinstance(shared, bool)):
        raise UsageError(
            f"the transport option shared is {shared!r}: allowed are True, False, and None (as the transport has it)",
            state="Nothing was opened.",
        )
    if shared:
        return None
    says: Callable[[str, Mapping[str, object]], str | None] | None = getattr(factory, "hardware", None)
    hardware = None if says is None else says(address, options)
    return address if hardware is None and shared is False else hardware


def _reserve(hardware: str, name: str, address: str) -> Callable[[], None]:
    from luthier.hardware import reserve  # noqa: PLC0415 - only where there is hardware

    return reserve(hardware, instrument=name, address=address)


def _nothing() -> None:
    pass


def closed_error(advice: str, *, who: str = "", sending: str = "") -> ClosedError:
    """Return the error for whatever is asked of a closed instrument; ``sending`` is the message in question."""
    cannot = f"cannot send {sending!r}: " if sending else ""
    return ClosedError(f"{cannot}the instrument is closed", who=who, state="Nothing was sent.", advice=advice)


class Absent:
    """Stands in for the connection of an instrument that has none, or none any more: whatever is asked, it says so.

    ``closed_advice`` is what to do where the instrument was closed; ``None``: it never had a connection.
    """

    def __init__(self, address: str, closed_advice: str | None = None) -> None:
        self.address = address
        self.lock = threading.RLock()
        self._closed_advice = closed_advice

    @property
    def timeout(self) -> float | None:
        """There is none; setting one is refused."""
        return None

    @timeout.setter
    def timeout(self, seconds: float | None) -> None:
        del seconds
        self.refuse(b"")

    def write(self, message: bytes) -> None:
        """Refuse."""
        self.refuse(message)

    def read(self) -> bytes:
        """Refuse."""
        self.refuse(b"")

    def query(self, message: bytes) -> bytes:
        """Refuse."""
        self.refuse(message)

    def read_exactly(self, count: int) -> bytearray:
        """Refuse."""
        del count
        self.refuse(b"")

    def clear(self) -> None:
        """Refuse."""
        self.refuse(b"")

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def refuse(self, message: bytes = b"") -> NoReturn:
        """Raise what says that there is no connection, or none any more."""
        sending = message.decode("latin-1")
        if self._closed_advice is not None:
            raise closed_error(self._closed_advice, sending=sending)
        cannot = f"cannot send {sending!r}: " if sending else ""
        raise UsageError(
            f"{cannot}the instrument has no connection",
            state="Nothing was sent.",
            advice="Give it an address when it is made.",
        )
