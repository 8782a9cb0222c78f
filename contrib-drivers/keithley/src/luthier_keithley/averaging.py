"""Averaging of readings, as the multimeters, the nanovoltmeters and the SourceMeters have it in common.

In both functions, ``header`` is how the commands begin, and ``source`` what the documentation names as their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import parameter
from luthier.validators import Ints

if TYPE_CHECKING:
    from luthier.parameter import Declaration

__all__ = ["averaging_count_declaration", "averaging_type_declaration"]


def averaging_type_declaration(header: str, source: str) -> Declaration[str]:
    """Declare how readings are averaged (TCONtrol)."""
    return parameter(
        str,
        get_cmd=f"{header}:TCON?",
        set_cmd=f"{header}:TCON {{}}",
        mapping={"repeat": "REP", "moving": "MOV"},
        doc=f'"repeat" takes new readings for each average, "moving" one new reading ({source}).',
    )


def averaging_count_declaration(header: str, source: str) -> Declaration[int]:
    """Declare how many readings are averaged (COUNt)."""
    return parameter(
        int,
        get_cmd=f"{header}:COUN?",
        set_cmd=f"{header}:COUN {{}}",
        validator=Ints(1, 100),
        doc=f"How many readings are averaged ({source}).",
    )
