"""Transports: VISA resources (GPIB, USB, LAN, serial lines), and plain TCP sockets without VISA.

PyVISA is imported when the first VISA resource is opened; sockets do without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier_visa.hardware import socket_hardware, visa_hardware
from luthier_visa.message_transport import MessageTransport
from luthier_visa.socket_opening import open_socket_transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.transport import Transport

__all__ = ["MessageTransport", "list_resources", "open_socket", "open_visa"]


def open_visa(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: Mapping[str, object] | None = None,
) -> Transport:
    r"""Open a VISA resource through PyVISA.

    Parameters
    ----------
    address
        A VISA resource name (``GPIB0::24::INSTR``), or an alias that a vendor VISA knows.
    timeout
        Seconds, 0 to 2,000,000; ``None`` waits for ever. Also how long connecting to a LAN instrument may take, but at
        least 1 s, and 10 s for ``None``.
    write_termination
        Sent after each message; may be empty.
    read_termination
        Ends each reply. May be empty except on serial lines and sockets. Where it is longer than one character, the
        last one ends a transfer and the others must precede it.
    options
        ``backend``
            The VISA library: ``"@py"`` (pyvisa-py), ``"@ivi"`` (a vendor's), or the path of one. Without it the
            environment variable ``LUTHIER_VISA_BACKEND`` says which, else PyVISA chooses: an installed vendor VISA,
            otherwise pyvisa-py. Each is loaded once per process.
        ``baud_rate``, ``data_bits`` (5 to 8), ``parity`` ("none", "odd", "even", "mark", "space"),
        ``stop_bits`` (1, 1.5, 2), ``flow_control`` ("none", "xon_xoff", "rts_cts", "dtr_dsr")
            Serial lines only. What is not given stays as it is when the port is opened: 9600 baud, 8 data bits, no
            parity, 1 stop bit, no flow control.

    Returns
    -------
    Transport
        A :class:`MessageTransport`, which says what it does after timeouts and lost connections. Transports opened for
        one serial port share it, with its lock; those on one GPIB board share a lock.

    Raises
    ------
    ConnectError
        There is no such resource (the message lists those that there are), it is in use, this user may not use it, or
        the backend or a library that it needs is missing.
    UsageError
        The address is no VISA resource name, an option does not exist, or has a value that is not allowed
        (:class:`~luthier.errors.ValidationError`).
    """
    from luthier_visa.opening import open_visa_transport  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    return open_visa_transport(
        address,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
        options=options or {},
    )


def open_socket(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: Mapping[str, object] | None = None,
) -> Transport:
    r"""Open a TCP socket, without VISA.

    Each message goes out in one piece and at once (``TCP_NODELAY``); blocks are received where they are wanted, without
    copies; keep-alive probes find an instrument that is gone within about 2 minutes.

    Parameters
    ----------
    address
        ``TCPIP[board]::host::port::SOCKET`` or ``tcp://host:port``; the host is a name, an IPv4 or an IPv6 address (in
        the second form in brackets).
    timeout
        Seconds, 0 to 2,000,000; ``None`` waits for ever.
    write_termination
        Sent after each message; may be empty.
    read_termination
        Ends each reply; without it replies can only be read by ``read_exactly()``.
    options
        ``connect_timeout``
            Seconds that connecting may take for each address that the host's name stands for; ``None`` leaves it to the
            operating system. Without it, `timeout`, but at least 1 s.
        ``after_timeout``
            ``"reconnect"`` (default): after a timeout the connection is closed and opened anew before the next message,
            so that a late reply goes nowhere. ``"wait"``: it is kept, and the next query waits for the late
            reply too, as on a serial line; for instruments that greet each new connection or forget something with it,
            and for converters from LAN to a serial line, behind which a late reply would come to the new connection.

    Returns
    -------
    Transport
        A :class:`MessageTransport`, which says what it does after timeouts and lost connections.

    Raises
    ------
    ConnectError
        The name is not known, nobody answers, or the port refuses.
    UsageError
        The address has another form, an option does not exist, or has a value that is not allowed
        (:class:`~luthier.errors.ValidationError`).
    """
    return open_socket_transport(
        address,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
        options=options or {},
    )


def list_resources(*, lan: bool = True) -> tuple[str, ...]:
    """List the VISA resources that the default backend finds.

    Parameters
    ----------
    lan
        Whether to look on the network too, which sends broadcasts and takes seconds with pyvisa-py. Plain sockets are
        never found.

    Raises
    ------
    ConnectError
        The backend is missing.
    """
    from luthier_visa.backends import backend_of, search_resources  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    return search_resources(backend_of(None, "list_resources()"), lan=lan)


open_visa.hardware = visa_hardware  # type: ignore[attr-defined]  # which other processes are kept from
open_socket.hardware = socket_hardware  # type: ignore[attr-defined]  # the same
