"""What carries messages to an instrument, and which plugin does so for a given address.

A transport moves whole messages of bytes and knows nothing of what they mean. Text encoding, blocks and numbers are the
business of :mod:`luthier.scpi` and of the instrument.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import threading

__all__ = ["Transport", "TransportFactory", "transport_plugin_for"]


@runtime_checkable
class Transport(Protocol):
    """A connection to one instrument.

    One thread at a time: whoever uses a transport holds :attr:`lock`, which is shared by all transports on one
    physical connection (two instruments behind one serial line). The lock is re-entrant and a leaf: nobody who holds it
    waits for an instrument.

    Errors: :class:`~luthier.errors.ResponseTimeoutError` (the connection is cleared before the next message, so that
    the next query is in step), :class:`~luthier.errors.ConnectionLostError` (afterwards the transport is closed),
    :class:`~luthier.errors.OutOfStepError`, :class:`~luthier.errors.ClosedError`.
    """

    @property
    def address(self) -> str:
        """The address as the user gave it."""
        ...

    @property
    def lock(self) -> threading.RLock:
        """Held during an exchange; shared by the transports of one physical connection."""
        ...

    @property
    def timeout(self) -> float | None:
        """Seconds of silence after which waiting for a reply, or for room to write, ends; ``None``: never."""
        ...

    @timeout.setter
    def timeout(self, seconds: float | None) -> None: ...

    def write(self, message: bytes) -> None:
        """Send ``message`` and the write termination."""
        ...

    def read(self) -> bytes:
        """Return one reply, without its termination."""
        ...

    def query(self, message: bytes) -> bytes:
        """``write`` then ``read``, under the lock."""
        ...

    def read_exactly(self, count: int) -> bytearray:
        """Return the next ``count`` bytes of a reply, whatever they are (for binary blocks)."""
        ...

    def clear(self) -> None:
        """Abandon what is under way on both sides (device clear, or draining), so that the next query is in step."""
        ...

    def close(self) -> None:
        """Close the connection; twice is fine."""
        ...


class TransportFactory(Protocol):
    """What an entry point of the group ``luthier.transports`` refers to.

    It may have an attribute ``hardware``, a function of the address and of ``options`` that returns the hardware behind
    them as text, the same for all spellings of one address: while it is open, other processes of the user are refused.
    ``None``, or no such attribute, means that an address is no hardware, or takes care of several clients by itself.
    """

    def __call__(
        self,
        address: str,
        *,
        timeout: float | None = 5.0,
        write_termination: str = "\n",
        read_termination: str = "\n",
        options: dict[str, object] | None = None,
    ) -> Transport:
        r"""Open ``address``.

        ``timeout`` is in seconds (``None`` waits for ever). ``options`` are the transport's own (baud rate, …); an
        unknown one is a :class:`~luthier.errors.UsageError`. Raises :class:`~luthier.errors.ConnectError`.
        """
        ...


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def transport_plugin_for(address: str) -> str:
    """Return the name of the transport plugin that serves ``address``.

    ``scheme://…`` is served by the plugin named ``scheme``; ``TCPIP[n]::host::port::SOCKET`` by ``socket``; every other
    address is a VISA resource name or alias and is served by ``visa``.

    >>> transport_plugin_for("sim://keithley.2400")
    'sim'
    >>> transport_plugin_for("TCPIP0::192.0.2.7::5025::SOCKET")
    'socket'
    >>> transport_plugin_for("GPIB0::24::INSTR")
    'visa'
    >>> transport_plugin_for("ASRLsocket://192.0.2.7:4001::INSTR")
    'visa'
    """
    scheme = _SCHEME.match(address)
    if scheme and not scheme[1].upper().startswith("ASRL"):
        return scheme[1].lower()
    upper = address.upper()
    if upper.startswith("TCPIP") and upper.endswith("::SOCKET"):
        return "socket"
    return "visa"
