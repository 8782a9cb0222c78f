"""Who offers VXI-11: each host's portmapper is asked where that service is.

Sources: VXI-11 (TCP/IP Instrument Protocol) revision 1.0, B.6 (program 0x0607AF, version 1, over TCP); RFC 5531 (the
call and reply of RPC); RFC 1833, 3 (the portmapper, program 100000, version 2, procedure 3 on UDP port 111).
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from luthier.plugins import FoundAddress

from luthier_visa.discovery.hosts import hosts_named

if TYPE_CHECKING:
    from luthier.plugins import Search

__all__ = ["vxi11_instruments"]

_PORTMAPPER_PORT: Final = 111
_CALL: Final = struct.Struct(">14I")
_REPLY: Final = struct.Struct(">7I")
_DEVICE_CORE: Final = (0x0607AF, 1)
_TCP: Final = 6
_HIGHEST_PORT: Final = 0xFFFF
_REPEATS: Final = 2
_PAUSE: Final = 0.001
"""Seconds between two messages, so that the queue of a slow network card does not overflow."""


def vxi11_instruments(search: Search) -> list[FoundAddress]:
    """Ask the hosts named, and wait for answers until the time is up or all have answered.

    A host is asked on port 111 unless it was named with another one. Its name is looked up first; one that is not known
    is left out. Each is asked again halfway, because datagrams get lost.

    Raises :class:`~luthier.errors.UsageError` if no hosts are named, or one cannot be read.
    """
    deadline = time.monotonic() + search.timeout
    number = secrets.randbits(32)
    targets = _looked_up(hosts_named(search.hosts, "vxi-11"))
    waiting = {address for address, _ in targets if not address.endswith(".255")}
    broadcast = len(waiting) < len(targets)
    found: dict[str, FoundAddress] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for repeat in range(1, _REPEATS + 1):
            _ask(connection, number, [one for one in targets if one[0] in waiting or one[0].endswith(".255")])
            until = deadline - search.timeout * (_REPEATS - repeat) / _REPEATS
            while (waiting or broadcast) and (left := until - time.monotonic()) > 0:
                connection.settimeout(left)
                try:
                    answer, (sender, *_) = connection.recvfrom(512)
                except TimeoutError:
                    break
                except OSError:
                    continue  # a host has no portmapper; the system reports it here, without saying which
                port = _port_in(answer, number)
                if port is not None:
                    waiting.discard(sender)
                if port:
                    found[sender] = FoundAddress(f"TCPIP0::{sender}::inst0::INSTR", "VXI-11 is offered there")
    return list(found.values())


def _looked_up(hosts: tuple[tuple[str, int | None], ...]) -> list[tuple[str, int]]:
    addresses = []
    for name, port in hosts:
        with suppress(OSError):
            addresses.append((socket.gethostbyname(name), port or _PORTMAPPER_PORT))
    return addresses


def _ask(connection: socket.socket, number: int, targets: list[tuple[str, int]]) -> None:
    # Call number, a call, RPC version 2, the portmapper's GETPORT, no credentials and no verifier, then what is sought.
    message = _CALL.pack(number, 0, 2, 100000, 2, 3, 0, 0, 0, 0, *_DEVICE_CORE, _TCP, 0)
    for target in targets:
        with suppress(OSError):  # no way there, or not allowed: it does not answer
            connection.sendto(message, target)
        time.sleep(_PAUSE)


def _port_in(answer: bytes, number: int) -> int | None:
    """Return the port in an answer, 0 where the service is not there; ``None`` where it is no answer to us."""
    if len(answer) < _REPLY.size:
        return None
    its_number, is_reply, denied, _, verifier_length, failed, port = _REPLY.unpack_from(answer)
    if its_number != number or is_reply != 1 or denied or verifier_length:
        return None
    return 0 if failed or port > _HIGHEST_PORT else port
