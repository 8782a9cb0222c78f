"""Which drivers are for an instrument that was found, by what their manifests say; nothing is imported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.manifests import DriverDescription
    from luthier.scpi.identity import Identity

__all__ = ["Match", "matches"]

_USB = re.compile(r"USB\d*::(0x[0-9A-F]+|\d+)::(0x[0-9A-F]+|\d+)::([^:]*)", re.IGNORECASE)
_PATTERN = re.compile(r"[*?]|\[[^\]]*\]")


class Match(NamedTuple):
    """A driver for an instrument, and why."""

    entry: PluginEntry
    why: str
    weight: int
    """How much had to fit: the letters of the patterns that are none of ``*``, ``?`` and ``[…]``."""


def matches(catalogue: Catalogue, address: str, identity: Identity | None) -> tuple[Match, ...]:
    """Return the drivers for the instrument at an address, the best first; of equals in the order of their ids.

    Parameters
    ----------
    catalogue
        What is installed. Manifests that are wrong say nothing; shadowed and ambiguous drivers count, each as itself.
    address
        Its address; of a VISA resource of USB the numbers of vendor and product are looked at.
    identity
        What it answered to ``*IDN?``; ``None`` if it was not asked or did not answer.
    """
    found = []
    for entry in catalogue.entries("drivers"):
        description = _description(catalogue, entry)
        reasons = list(_reasons(description, address, identity)) if description else []
        if reasons and entry.state != "disabled":
            why, weight = max(reasons, key=lambda reason: reason[1])
            found.append(Match(entry, why, weight))
    return tuple(sorted(found, key=lambda match: (-match.weight, match.entry.id, match.entry.distribution)))


def _description(catalogue: Catalogue, entry: PluginEntry) -> DriverDescription | None:
    try:
        manifest = catalogue.manifest(entry.distribution)
    except ManifestError:
        return None
    return manifest.driver(entry.id) if manifest else None


def _reasons(description: DriverDescription, address: str, identity: Identity | None) -> Iterator[tuple[str, int]]:
    for rule in description.identity if identity is not None else ():
        if identity is not None and rule.fits(identity):
            patterns = (rule.vendor, rule.model, rule.serial, rule.firmware)
            yield f"its reply to *IDN? fits {rule}", sum(_letters(pattern) for pattern in patterns)
    usb = _USB.match(address)
    if usb is None or identity is not None:  # what it answers is better than what its plug says
        return
    vendor, product, serial = int(usb[1], 0), int(usb[2], 0), usb[3]
    for device in description.usb:
        if device.fits(vendor, product, serial):
            yield f"its address fits {device}", 1 + (device.product is not None)


def _letters(pattern: str | None) -> int:
    return len(_PATTERN.sub("", pattern or ""))
