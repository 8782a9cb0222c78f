"""Who announces itself as an instrument by multicast DNS.

Source: LXI Device Specification, section 10 (the services ``_lxi``, ``_vxi-11``, ``_hislip`` and ``_scpi-raw``, and the
keys ``Manufacturer``, ``Model``, ``SerialNumber`` and ``FirmwareVersion`` of their TXT records).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from luthier.errors import ConnectError
from luthier.plugins import FoundAddress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luthier.plugins import Search

__all__ = ["mdns_instruments"]

_SERVICES: Final = {
    "_hislip._tcp.local.": "TCPIP0::{host}::hislip0::INSTR",
    "_vxi-11._tcp.local.": "TCPIP0::{host}::inst0::INSTR",
    "_scpi-raw._tcp.local.": "TCPIP0::{host}::{port}::SOCKET",
    "_lxi._tcp.local.": "TCPIP0::{host}::inst0::INSTR",
}
"""The services, the best first, and the address that each stands for."""

_IDENTITY: Final = (b"Manufacturer", b"Model", b"SerialNumber", b"FirmwareVersion")
_LONGEST_FIELD: Final = 100


def mdns_instruments(search: Search, *, interfaces: Iterable[str] | None = None) -> list[FoundAddress]:
    """Listen to announcements for the time given.

    Parameters
    ----------
    search
        Its hosts are not looked at: whoever is on the same network segment is asked.
    interfaces
        The addresses of the network interfaces to use; ``None``: all.

    Raises
    ------
    ConnectError
        The package zeroconf is missing, or the network refuses multicast.
    """
    zeroconf = _zeroconf()
    guard = threading.Lock()
    announced: set[tuple[str, str]] = set()

    def changed(*, service_type: str, name: str, **_: object) -> None:
        with guard:
            announced.add((service_type, name))

    try:
        chosen = zeroconf.InterfaceChoice.All if interfaces is None else list(interfaces)
        responder = zeroconf.Zeroconf(interfaces=chosen)
    except OSError as error:
        what = f"multicast DNS cannot be used here: {error.strerror or error}"
        raise ConnectError(what, who="mdns", state="Nothing was sent.", address="mdns") from error
    try:
        browser = zeroconf.ServiceBrowser(responder, list(_SERVICES), handlers=[changed])
        threading.Event().wait(search.timeout * 0.7)
        browser.cancel()
        found: dict[str, FoundAddress] = {}
        for service in _SERVICES:
            for name in sorted(name for kind, name in announced if kind == service):
                info = responder.get_service_info(service, name, timeout=max(100, int(search.timeout * 100)))
                for one in _addresses(service, name, info):
                    found.setdefault(one.address, one)
        return list(found.values())
    finally:
        responder.close()


def _addresses(service: str, name: str, info: Any) -> Iterable[FoundAddress]:
    for host in info.parsed_addresses() if info is not None else ():
        if ":" not in host:  # VISA addresses have no place for the colons of IPv6
            address = _SERVICES[service].format(host=host, port=info.port)
            yield FoundAddress(address, f"announces itself as {name.removesuffix('.' + service)}", _identity(info))


def _identity(info: Any) -> str:
    properties: Mapping[bytes, bytes | None] = info.properties
    fields = [(properties.get(key) or b"").decode(errors="replace").replace(",", " ") for key in _IDENTITY]
    printable = ["".join(filter(str.isprintable, field))[:_LONGEST_FIELD] for field in fields]
    return ",".join(printable) if printable[0] and printable[1] else ""


def _zeroconf() -> Any:
    try:
        import zeroconf  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConnectError(
            "the package zeroconf is not installed",
            who="mdns",
            state="Nothing was sent.",
            advice='Install it: pip install "luthier-visa[mdns]".',
            address="mdns",
        ) from error
    return zeroconf
