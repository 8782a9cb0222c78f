"""Opening TCP sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier_visa.addresses import parse_tcp_address
from luthier_visa.message_transport import MessageTransport, checked_termination, checked_timeout
from luthier_visa.open_faults import socket_fault
from luthier_visa.options import check_names, choice
from luthier_visa.stream_dialogue import StreamDialogue
from luthier_visa.tcp_connection import TcpConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["open_socket_transport"]

_SHORTEST_CONNECT: Final = 1.0  # seconds; a short timeout for replies is no reason to give up connecting
_AFTER_TIMEOUT: Final = {"reconnect": True, "wait": False}


def open_socket_transport(
    address: str,
    *,
    timeout: float | None,
    write_termination: str,
    read_termination: str,
    options: Mapping[str, object],
) -> MessageTransport:
    """Open a TCP socket; see :func:`luthier_visa.open_socket`."""
    check_names(options, ("connect_timeout", "after_timeout"), address)
    target = parse_tcp_address(address)
    patience = checked_timeout(timeout, address)
    checked_termination(write_termination, "write_termination", address)
    checked_termination(read_termination, "read_termination", address)
    if "connect_timeout" in options:
        connect_timeout = checked_timeout(options["connect_timeout"], address, "connect_timeout")
    else:
        connect_timeout = None if patience is None else max(patience, _SHORTEST_CONNECT)
    reopens = choice(options, "after_timeout", _AFTER_TIMEOUT, address)
    try:
        connection = TcpConnection(
            target.host,
            target.port,
            connect_timeout=connect_timeout,
            reopens=reopens is not False,
        )
    except OSError as error:
        raise socket_fault(error, address, target, connect_timeout) from error
    return MessageTransport(
        address,
        StreamDialogue(connection),
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
    )
