"""What a device under test is: nodes that are driven, outputs that are seen, and one method between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeAlias, runtime_checkable

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DeviceUnderTest", "Node", "Value"]

Value: TypeAlias = Any
"""What is at a node or an output: a float, a complex number, or an array of them."""


@attrs.frozen
class Node:
    """A place of a device under test that is driven.

    Attributes
    ----------
    unit
        Of what drives it (``"V"``).
    otherwise
        What is there where nothing is connected, in that unit.
    """

    unit: str
    otherwise: float = 0.0


@runtime_checkable
class DeviceUnderTest(Protocol):
    """What an entry point of the group ``luthier.duts`` refers to: a class of such objects.

    Its constructor takes options by name, all with defaults.

    Examples
    --------
    >>> class Thermocouple:
    ...     nodes = {"temperature": Node("K", 300.0), "reference": Node("K", 273.15)}
    ...     outputs = {"voltage": "V"}
    ...
    ...     def __init__(self, sensitivity=41e-6):
    ...         self.sensitivity = sensitivity
    ...
    ...     def respond(self, at, now):
    ...         return {"voltage": self.sensitivity * (at["temperature"] - at["reference"])}
    >>> isinstance(Thermocouple(), DeviceUnderTest)
    True
    """

    nodes: ClassVar[Mapping[str, Node]]
    """What is driven, by name."""
    outputs: ClassVar[Mapping[str, str]]
    """What can be seen: the unit of each, by name."""

    def respond(self, at: Mapping[str, Value], now: float, /) -> Mapping[str, Value]:
        """Return what can be seen, by name, all of it.

        Called under the bench's lock, by one thread at a time. It may be called any number of times, also to find out
        what would be seen if one node were at another value; then on a shallow copy (:func:`copy.copy`), so that what
        an object remembers has to be replaced and not changed.

        Parameters
        ----------
        at
            What is at every node, in its unit. Where one is an array, the answer has to be one of the same shape.
        now
            Seconds; never less than at the last call. Since the last call everything has been at its nodes that was
            there then.
        """
        ...


def remembers(device: object) -> bool:
    """Tell whether what a device answers depends on what was at its nodes before: its class says ``remembers``."""
    return bool(getattr(device, "remembers", False))
