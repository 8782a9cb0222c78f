"""All families, by id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from luthier.errors import UsageError
from luthier.families import electrical, environment, signals
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.families.family import Family

__all__ = ["FAMILIES", "family"]

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        one.id: one
        for one in (
            electrical.MULTIMETER,
            electrical.POWER_SUPPLY,
            electrical.SOURCE_MEASURE_UNIT,
            electrical.DC_SOURCE,
            signals.SIGNAL_GENERATOR,
            signals.FUNCTION_GENERATOR,
            signals.OSCILLOSCOPE,
            signals.LOCK_IN,
            signals.NETWORK_ANALYZER,
            signals.SPECTRUM_ANALYZER,
            environment.TEMPERATURE_CONTROLLER,
            environment.TEMPERATURE_MONITOR,
            environment.MAGNET_SUPPLY,
            environment.GAUGE,
            environment.FLOW_CONTROLLER,
        )
    }
)
"""The families, by id."""


def family(name: str) -> Family:
    """Return the family of an id.

    Raises :class:`~luthier.errors.UsageError` if there is none.

    >>> family("lock_in").title
    'lock-in amplifier'
    """
    found = FAMILIES.get(name)
    if found is None:
        near = nearest(name, FAMILIES)
        advice = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"There are: {', '.join(FAMILIES)}."
        raise UsageError(f"there is no family {name!r}", advice=advice)
    return found
