"""What this distribution contributes to finding instruments and to finding faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.plugins import DiscoveryMethod, hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luthier.plugins import FoundAddress, HealthReport, Search

__all__ = ["discover", "health_checks"]


@hookimpl
def discover() -> list[DiscoveryMethod]:
    """Contribute the ways to look for instruments that VISA, VXI-11, LXI and plain sockets offer."""
    return [
        DiscoveryMethod("usb", "Lists the instruments on USB that VISA sees.", _in_list("USB"), unasked=True),
        DiscoveryMethod("gpib", "Lists the instruments on GPIB that VISA sees.", _in_list("GPIB"), unasked=True),
        DiscoveryMethod(
            "serial",
            "Lists the serial ports. Asking who is there sends *IDN? at 9600 baud to whatever is connected.",
            _in_list("ASRL"),
        ),
        DiscoveryMethod(
            "vxi-11",
            "Asks the hosts named, one UDP message each, for their VXI-11 service; a broadcast address will do.",
            _vxi11,
        ),
        DiscoveryMethod(
            "mdns", "Asks the local network by multicast DNS who offers LXI, VXI-11, HiSLIP or SCPI sockets.", _mdns
        ),
        DiscoveryMethod(
            "socket",
            "Connects to the hosts named on TCP port 5025, or the one given (host:port), and hangs up.",
            _sockets,
        ),
    ]


@hookimpl
def health_checks() -> list[Callable[[], HealthReport]]:
    """Contribute checks of VISA backends, and of the permissions on serial ports, USB and GPIB."""
    from luthier_visa.health import CHECKS  # noqa: PLC0415 - only the doctor needs it

    return list(CHECKS)


def _in_list(interface: str) -> Callable[[Search], Iterable[FoundAddress]]:
    def search(search: Search) -> list[FoundAddress]:
        del search  # lists are local, and quick
        from luthier_visa.discovery.listed import listed  # noqa: PLC0415 - PyVISA takes 0.3 s to import

        return listed(interface)

    return search


def _vxi11(search: Search) -> Iterable[FoundAddress]:
    from luthier_visa.discovery.vxi11 import vxi11_instruments  # noqa: PLC0415 - only when asked for

    return vxi11_instruments(search)


def _mdns(search: Search) -> Iterable[FoundAddress]:
    from luthier_visa.discovery.mdns import mdns_instruments  # noqa: PLC0415 - only when asked for

    return mdns_instruments(search)


def _sockets(search: Search) -> Iterable[FoundAddress]:
    from luthier_visa.discovery.sockets import listening_sockets  # noqa: PLC0415 - only when asked for

    return listening_sockets(search)
