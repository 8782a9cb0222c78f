"""Checking what is connected to what, before anything is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from luthier.errors import UsageError
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luthier_sim.benches.under_test import DeviceUnderTest
    from luthier_sim.benches.wires import Wire
    from luthier_sim.device import Device

__all__ = ["Port", "WiringError", "check_wires", "order_of"]

_STATE = "Nothing was connected."


class WiringError(UsageError):
    """A wire cannot be where it was asked for.

    Attributes
    ----------
    end
        Where the wire was to end.
    """

    def __init__(self, what: str, *, end: str, advice: str = "") -> None:
        super().__init__(what, who=end, state=_STATE, advice=advice)
        self.end = end


@attrs.frozen(cache_hash=True)
class Port:
    """A node, an input or an output: whose, and which."""

    owner: str
    name: str


def check_wires(
    duts: Mapping[str, DeviceUnderTest], instruments: Mapping[str, Device], wires: Mapping[str, Wire]
) -> dict[Port, Port | float]:
    """Return where each wire ends, and where it comes from.

    Raises
    ------
    WiringError
        Something of that name does not exist, the units do not fit, or devices drive each other in a circle.
    """
    ends = {
        **{name: {node: each.unit for node, each in dut.nodes.items()} for name, dut in duts.items()},
        **{name: device.senses for name, device in instruments.items()},
    }
    sources = {
        **{name: dut.outputs for name, dut in duts.items()},
        **{name: device.drives for name, device in instruments.items()},
    }
    found: dict[Port, Port | float] = {}
    for end, wire in wires.items():
        port, unit = _found(end, end, ends, "node or input")
        if isinstance(wire.source, str):
            source, its_unit = _found(wire.source, end, sources, "output")
            _check_unit(end, unit, wire, its_unit)
            found[port] = source
        else:
            found[port] = float(wire.source)
    order_of(duts, found)
    return found


def order_of(duts: Iterable[str], wires: Mapping[Port, Port | float]) -> list[str]:
    """Return the devices under test, each after those that drive it; raises :class:`WiringError` for a circle."""
    drivers = {
        name: [source.owner for end, source in wires.items() if end.owner == name and isinstance(source, Port)]
        for name in duts
    }
    done: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " drives ".join((*path[path.index(name) :], name))
            raise WiringError(f"devices under test drive each other in a circle: {circle}", end=name)
        if name in drivers and name not in done:
            for other in drivers[name]:
                visit(other, (*path, name))
            done[name] = None

    for name in drivers:
        visit(name, ())
    return list(done)


def _found(text: str, end: str, ports: Mapping[str, Mapping[str, str]], kind: str) -> tuple[Port, str]:
    owner, dot, name = text.partition(".")
    if not dot or owner not in ports:
        near = nearest(owner, ports)
        meant = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(ports) or 'none'}."
        what = f"there is no instrument or device {owner!r}" if dot else f"{text!r} does not say whose {kind} it is"
        raise WiringError(what, end=end, advice=f"{meant} Write NAME.PORT.")
    if name not in ports[owner]:
        near = nearest(name, ports[owner])
        known = ", ".join(ports[owner]) or "none"
        raise WiringError(
            f"{owner} has no {kind} {name!r}",
            end=end,
            advice=f"Did you mean {owner}.{near[0]}?" if near else f"It has: {known}.",
        )
    return Port(owner, name), ports[owner][name]


def _check_unit(end: str, unit: str, wire: Wire, its_unit: str) -> None:
    if unit != its_unit and wire.gain is None:
        raise WiringError(
            f"{wire.source} is in {its_unit or 'no unit'}, and {end} takes {unit or 'no unit'}",
            end=end,
            advice="Put what converts it on the way, such as an amplifier of 1e8 V/A: a gain.",
        )
