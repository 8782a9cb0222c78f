"""What QCoDeS wrote about the quantities of a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Quantity", "read_description"]


@frozen
class Quantity:
    """Something that was set or read; with ``depends_on`` empty, a setpoint or a reading that stands alone."""

    name: str
    label: str = ""
    unit: str = ""
    paramtype: str = "numeric"
    """``numeric``, ``complex``, ``array`` or ``text``."""
    depends_on: tuple[str, ...] = ()
    """Its setpoints, the outermost first."""
    shape: tuple[int, ...] = ()
    """How many steps its setpoints were meant to take; empty where that is not known."""


def read_description(text: str | None, layout: Sequence[Quantity]) -> tuple[Quantity, ...]:
    """Understand a description of any version.

    Parameters
    ----------
    text
        The JSON of the column ``run_description``; ``None`` in databases from before it was there.
    layout
        What older tables say, for those.

    Raises
    ------
    LookupError, TypeError, ValueError
        The description is none.

    Examples
    --------
    >>> spec = '{"name": "current", "unit": "A", "depends_on": ["gate"]}'
    >>> (current,) = read_description('{"interdependencies": {"paramspecs": [%s]}}' % spec, ())
    >>> current.unit, current.depends_on
    ('A', ('gate',))
    """
    description = json.loads(text) if text else {}
    if "interdependencies_" in description:
        return _from_interdependencies(description["interdependencies_"], description.get("shapes") or {})
    if "interdependencies" in description:
        return tuple(
            Quantity(
                spec["name"],
                spec.get("label") or "",
                spec.get("unit") or "",
                spec.get("paramtype", "numeric"),
                tuple(spec.get("depends_on") or ()),
            )
            for spec in description["interdependencies"]["paramspecs"]
        )
    return tuple(layout)


def _from_interdependencies(data: dict[str, Any], shapes: dict[str, Any]) -> tuple[Quantity, ...]:
    dependencies = data.get("dependencies", {})
    return tuple(
        Quantity(
            name,
            spec.get("label") or "",
            spec.get("unit") or "",
            spec.get("paramtype", "numeric"),
            tuple(dependencies.get(name, ())),
            tuple(int(length) for length in shapes.get(name) or ()),
        )
        for name, spec in data["parameters"].items()
    )
