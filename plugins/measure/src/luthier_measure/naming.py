"""Names of columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from luthier.parameter import Parameter

__all__ = ["Naming"]


class Naming:
    """Gives each quantity of a run a name that is unique in it, and an identifier of Python's."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._known: dict[int, str] = {}

    def name(self, wanted: str, of: str = "") -> str:
        """Return a name that is not in use, as near to ``wanted`` as possible.

        Parameters
        ----------
        wanted
            What it is called by its user.
        of
            What is put before it where it is in use; empty: it gets a number.

        Examples
        --------
        >>> naming = Naming()
        >>> naming.name("psu.ch1.voltage"), naming.name("psu.ch1.voltage"), naming.name("_x")
        ('psu_ch1_voltage', 'psu_ch1_voltage_2', 'value_x')
        >>> naming.name("psu.ch1.voltage", of="fine")
        'fine_psu_ch1_voltage'
        """
        name = _identifier(wanted)
        if of and name in self._taken:
            name = _identifier(f"{of}_{name}")
        unique, number = name, 1
        while unique in self._taken:
            number += 1
            unique = f"{name}_{number}"
        self._taken.add(unique)
        return unique

    def remember(self, parameter: Parameter[Any], name: str) -> None:
        """Note the column of a parameter that several readings share (an axis)."""
        self._known[id(parameter)] = name

    def knows(self, parameter: Parameter[Any]) -> bool:
        """Whether the parameter has a column that is shared."""
        return id(parameter) in self._known

    def known(self, parameter: Parameter[Any]) -> str:
        """Return the column that was remembered."""
        return self._known[id(parameter)]


def _identifier(wanted: str) -> str:
    name = re.sub(r"\W", "_", wanted)
    if name[:1].isalpha():
        return name
    return f"value{'' if name.startswith('_') else '_'}{name}"
