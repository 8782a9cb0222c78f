"""Announcing served instruments by multicast DNS, as those on a network do.

Source: LXI Device Specification, section 10 (the services ``_hislip`` and ``_scpi-raw``, and the keys of their TXT
records). There is no ``_lxi`` service, which stands for a page that a browser can open.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING, Any, Final

from luthier.errors import ConnectError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from luthier_sim.serving.served import Served

__all__ = ["Announcement"]

_KEYS: Final = ("Manufacturer", "Model", "SerialNumber", "FirmwareVersion")
_LONGEST: Final = 63  # bytes of a label in DNS


class Announcement:
    """Announces served instruments until :meth:`close`, or the end of the ``with`` block.

    On the loopback interface, where nobody else can connect, programs of this machine alone hear it.

    Parameters
    ----------
    served
        The instruments, by names of their own.
    host
        Where they listen, as they were told.

    Raises
    ------
    ConnectError
        The package zeroconf is not installed, or the network refuses multicast. Nothing is announced.
    """

    def __init__(self, served: Sequence[tuple[str, Served]], host: str) -> None:
        zeroconf = _zeroconf()
        addresses = _addresses(zeroconf, host)
        try:
            self._responder = zeroconf.Zeroconf(interfaces=addresses)
            try:
                for name, one in served:
                    identity = str(getattr(one.device, "identity", "")).split(",")
                    for kind, port in (("scpi-raw", one.port), ("hislip", one.hislip_port)):
                        if port is not None:
                            service = _service(zeroconf, kind, name, port, identity)
                            service.addresses = [socket.inet_aton(address) for address in addresses]
                            self._responder.register_service(service)
            except BaseException:
                self._responder.close()
                raise
        except (OSError, zeroconf.Error) as error:
            raise _unusable(f"multicast DNS cannot be used here: {error or type(error).__name__}") from error

    def close(self) -> None:
        """Say goodbye; twice is fine."""
        self._responder.close()

    def __enter__(self) -> Self:
        """Announce until the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye."""
        self.close()


def _service(zeroconf: Any, kind: str, name: str, port: int, identity: list[str]) -> Any:
    label = f"{name} (simulated, port {port})".encode()[:_LONGEST].decode(errors="ignore").replace(".", "_")
    return zeroconf.ServiceInfo(
        f"_{kind}._tcp.local.",
        f"{label}._{kind}._tcp.local.",
        port=port,
        properties=dict(zip(_KEYS, map(str.strip, identity), strict=False)) if len(identity) == len(_KEYS) else {},
        server=f"luthier-sim-{port}.local.",
    )


def _addresses(zeroconf: Any, host: str) -> list[str]:
    """Return the IPv4 addresses at which a host name or address can be reached."""
    try:
        meant = ipaddress.ip_address(socket.gethostbyname(host))
    except OSError as error:
        raise _unusable(f"there is no address for {host}, by which it could be announced") from error
    if not meant.is_unspecified:
        return [str(meant)]
    found = [str(address) for address in zeroconf.get_all_addresses()]
    return [address for address in found if not ipaddress.ip_address(address).is_loopback] or found


def _zeroconf() -> Any:
    try:
        import zeroconf  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _unusable(
            "the package zeroconf is not installed", 'Install it: pip install "luthier-sim[announce]".'
        ) from error
    return zeroconf


def _unusable(what: str, advice: str = "") -> ConnectError:
    return ConnectError(
        what, who="--announce", state="Nothing is announced, and nothing served.", advice=advice, address="mdns"
    )
