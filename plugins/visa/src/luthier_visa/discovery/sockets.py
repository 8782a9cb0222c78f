"""Who listens on the TCP port on which instruments take SCPI messages."""

from __future__ import annotations

import selectors
import socket
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

from luthier.plugins import FoundAddress

from luthier_visa.discovery.hosts import hosts_named

if TYPE_CHECKING:
    from luthier.plugins import Search

    from luthier_visa.discovery.hosts import Host

__all__ = ["listening_sockets"]

_SCPI_RAW: Final = 5025
"""Registered at IANA as scpi-raw."""

_AT_ONCE: Final = 128


def listening_sockets(search: Search) -> list[FoundAddress]:
    """Connect to the hosts named, up to 128 at a time, and close the connections that come about at once.

    Raises :class:`~luthier.errors.UsageError` if no hosts are named, or one cannot be read.
    """
    deadline = time.monotonic() + search.timeout
    hosts = hosts_named(search.hosts, "socket")
    batches = [hosts[start : start + _AT_ONCE] for start in range(0, len(hosts), _AT_ONCE)]
    found: list[FoundAddress] = []
    for number, batch in enumerate(batches):
        left = deadline - time.monotonic()
        found += _connected(batch, left / (len(batches) - number))
    return found


def _connected(hosts: tuple[Host, ...], timeout: float) -> list[FoundAddress]:
    until = time.monotonic() + timeout
    found: list[FoundAddress] = []
    with ExitStack() as opened, selectors.DefaultSelector() as selector:
        for host in hosts:
            with suppress(OSError):
                kind, *_, target = socket.getaddrinfo(host.name, host.port or _SCPI_RAW, type=socket.SOCK_STREAM)[0]
                connection = opened.enter_context(socket.socket(kind, socket.SOCK_STREAM))
                connection.setblocking(False)
                selector.register(connection, selectors.EVENT_WRITE, host)
                with suppress(BlockingIOError):
                    connection.connect(target)
        while selector.get_map() and (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                selector.unregister(key.fileobj)
                if isinstance(key.fileobj, socket.socket) and not key.fileobj.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ERROR
                ):
                    port = key.data.port or _SCPI_RAW
                    found.append(FoundAddress(f"TCPIP0::{key.data.name}::{port}::SOCKET", "something listens there"))
    return found
