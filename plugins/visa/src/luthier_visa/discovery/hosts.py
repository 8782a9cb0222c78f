"""The hosts that a user names: networks, addresses and names, each with a port or without."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Host", "hosts_named"]

_MOST = 1024
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")


class Host(NamedTuple):
    """An address or name, and a port; ``None`` where the user gave none."""

    name: str
    port: int | None


def hosts_named(texts: Iterable[str], who: str) -> tuple[Host, ...]:
    """Read what a user named: ``192.0.2.0/28``, ``192.0.2.7``, ``scope.lab``, ``127.0.0.1:5030``; each once.

    >>> [host.name for host in hosts_named(["192.0.2.4/31", "scope:5030"], "detect")]
    ['192.0.2.4', '192.0.2.5', 'scope']

    Raises
    ------
    UsageError
        None is named, one cannot be read, or a network has more than 1024 addresses: looking at so many would take
        very long, and is rarely what is meant.
    """
    found = tuple(dict.fromkeys(host for text in texts for host in _read(text, who)))
    if not found:
        advice = "Name some: luthier detect --host 192.0.2.0/28, or the address of one instrument."
        raise UsageError("no hosts are named to look at", who=who, state="Nothing was sent.", advice=advice)
    return found


def _read(text: str, who: str) -> Iterator[Host]:
    with_port = _WITH_PORT.fullmatch(text)
    name, port = (with_port["host"].strip("[]"), int(with_port["port"])) if with_port else (text, None)
    if port is not None and not 1 <= port <= 65535:  # noqa: PLR2004 - as numbers of ports go
        raise _refused(text, who, "ports are 1 to 65535")
    if "/" not in name:
        if not _is_address(name) and not _NAME.fullmatch(name):
            raise _refused(text, who, "allowed are 192.0.2.0/28, 192.0.2.7, a name, and one of these with a port")
        yield Host(name, port)
        return
    try:
        network = ipaddress.ip_network(name, strict=False)
    except ValueError as error:
        raise _refused(text, who, str(error)) from error
    if network.num_addresses > _MOST:
        raise _refused(text, who, f"it has {network.num_addresses} addresses, and {_MOST} are allowed")
    for address in network.hosts():
        yield Host(str(address), port)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refused(text: str, who: str, why: str) -> UsageError:
    return UsageError(f"{text!r} names no hosts: {why}", who=who, state="Nothing was sent.")
