"""Addresses of TCP sockets."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from luthier.errors import UsageError

__all__ = ["TcpAddress", "parse_tcp_address"]

# An IPv6 address may stand in brackets; in the VISA form it may also stand bare, since the last :: precedes the port.
_VISA_FORM: Final = re.compile(r"TCPIP\d*::(?P<host>.+)::(?P<port>\d+)::SOCKET", re.IGNORECASE)
_URL_FORM: Final = re.compile(r"tcp://(?P<host>\[[^\]]+\]|[^\[\]:/?#]+):(?P<port>\d+)/?", re.IGNORECASE)
_HIGHEST_PORT: Final = 65535


class TcpAddress(NamedTuple):
    """Where a TCP socket is."""

    host: str
    """Name, IPv4 or IPv6 address, the latter without brackets."""
    port: int
    """1 to 65535."""


def parse_tcp_address(address: str) -> TcpAddress:
    """Read ``TCPIP[board]::host::port::SOCKET`` (VPP-4.3, table of address strings) or ``tcp://host:port``.

    The board number is not used.

    >>> parse_tcp_address("TCPIP0::192.0.2.7::5025::SOCKET")
    TcpAddress(host='192.0.2.7', port=5025)
    >>> parse_tcp_address("tcp://[2001:db8::7]:5025")
    TcpAddress(host='2001:db8::7', port=5025)

    Raises
    ------
    UsageError
        The address has another form, or the port is not 1 to 65535.
    """
    match = _VISA_FORM.fullmatch(address) or _URL_FORM.fullmatch(address)
    if match is None:
        raise UsageError(
            "this is not the address of a TCP socket: the forms are TCPIP::host::port::SOCKET and tcp://host:port",
            who=address,
            state="Nothing was opened.",
            advice="Many instruments listen on port 5025; the manual says.",
        )
    host, port = match["host"], int(match["port"])
    if not 1 <= port <= _HIGHEST_PORT:
        raise UsageError(
            f"there is no port {port}: ports are 1 to {_HIGHEST_PORT}",
            who=address,
            state="Nothing was opened.",
        )
    return TcpAddress(host[1:-1] if host.startswith("[") else host, port)
