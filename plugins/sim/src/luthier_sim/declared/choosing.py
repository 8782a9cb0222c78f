"""The class of devices that is made from a driver."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from luthier import plugins
from luthier.errors import ManifestError
from luthier.instrument import ScpiInstrument, driver_class
from luthier.scpi import Identity

from luthier_sim.declared.devices import DeclaredDevice, DeclaredLineDevice

if TYPE_CHECKING:
    from luthier import Instrument

    from luthier_sim.device import Device

__all__ = ["simulator_of"]


def simulator_of(driver: type[Instrument] | str, *, identity: str = "") -> type[Device]:
    """Return a class of devices that is made from what a driver declares: any driver has a simulator at once.

    A value of an entry point of the group ``luthier.simulators``; it can be served, and
    spoken to by :func:`~luthier_sim.connect`. Of
    one driver and identity it is one class.

    Parameters
    ----------
    driver
        The class, or its id.
    identity
        The reply to ``*IDN?``; empty: one that the rules of the driver's manifest are for, or
        ``LUTHIER,<class>,0,0``.

    Raises
    ------
    UnknownPluginError, BrokenPluginError
        For an id.
    """
    kind = driver_class(driver) if isinstance(driver, str) else driver
    return _made(kind, identity or _identity_by_manifest(kind) or f"LUTHIER,{kind.__name__},0,0")


def _identity_by_manifest(kind: type[Instrument]) -> str:
    """Return a reply to ``*IDN?`` by which the driver would be found; empty where its manifest has no rule."""
    place = f"{kind.__module__}:{kind.__qualname__}"
    for entry in plugins.registry("drivers").entries():
        if entry.value != place:
            continue
        with suppress(ManifestError):
            manifest = plugins.manifest(entry.distribution)
            described = manifest.driver(entry.id) if manifest else None
            for rule in described.identity if described else ():
                vendor, pattern = (rule.vendor or "").replace("*", ""), (rule.model or "").replace("*", "")
                for model in (*described.models, pattern) if described else ():
                    if rule.fits(Identity(vendor, model, "0", "0")):
                        return f"{vendor},{model},0,0"
    return ""


@cache
def _made(driver: type[Instrument], identity: str) -> type[Device]:
    body: dict[str, Any] = {
        "__doc__": f"What {driver.__name__} declares, as a device.",
        "__module__": driver.__module__,
        "driver": driver,
        "identity": identity,
    }
    base = DeclaredDevice if issubclass(driver, ScpiInstrument) else DeclaredLineDevice
    return cast("type[Device]", type(f"Declared{driver.__name__}", (base,), body))
