"""The page of all families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.families import FAMILIES

from luthier_cli.reference.markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.families import CommonParameter, Family, Place

__all__ = ["families_page"]

_HEAD = """\
# Families of instruments

Instruments of one family have these parameters and functions in common, under these names and in these units, whoever
made them. A driver says in its [manifest](manifest.md) which families its instrument belongs to, and the [conformance
suite](conformance.md) compares it with them; `luthier drivers --family lock_in` lists the drivers of one.

A script that keeps to them survives a change of maker. It says what it needs by the family's protocol, which type
checkers compare with the driver that it is given:

```python
import luthier
from luthier.families import SourceMeasureUnit


def resistance(smu: SourceMeasureUnit, level: float) -> float:
    smu.source_function("voltage")
    smu.voltage(level)
    smu.output(True)
    return level / smu.measured_current()


with luthier.open("keithley.2400", "sim://", name="smu") as smu:
    print(resistance(smu, 0.1))
    smu.make_safe()
```

`luthier.families.check(instrument, "source_measure_unit")` says what an instrument lacks. It takes an open
instrument, here or on a server; or the class of a driver, of which it sees only what the class body declares. mypy
does not miss what is missing, because instruments can have parameters that no class declares; pyright does.

"Optional" is what an instrument of the family need not have; if it has it, it is called so. Drivers have whatever
else their instruments can do.
"""


def families_page() -> str:
    """Return the page, from :data:`luthier.families.FAMILIES`."""
    return "\n".join([_HEAD, *(line for family in FAMILIES.values() for line in _family(family))]).rstrip() + "\n"


def _family(family: Family) -> Iterator[str]:
    yield f"## `{family.id}`: {family.title}"
    yield ""
    yield family.doc
    yield ""
    rows = [row for place in family.places for row in _rows(place)]
    yield from table(("where", "name", "type", "unit", "use", "meaning"), rows)
    yield ""
    for place in family.places:
        if place.one_of:
            yield f"At least one of {', '.join(map(code, place.one_of))} is there."
            yield ""


def _rows(place: Place) -> Iterator[tuple[str, ...]]:
    where = place.title.replace(place.name, code(place.name)) if place.name else place.title
    where += "" if place.required else ", optional"
    for parameter in place.parameters:
        use = ("get, set" if parameter.settable else "get") + ("" if parameter.required else "; optional")
        unit = "the driver says" if parameter.unit is None else parameter.unit
        yield where, code(parameter.name), parameter.type or "any", unit, use, _meaning(parameter)
    for function in place.functions:
        yield where, code(f"{function.name}()"), "", "", "call", function.doc


def _meaning(parameter: CommonParameter) -> str:
    words = (
        f" Of {', '.join(code(repr(word)) for word in parameter.words)} those that it can do."
        if parameter.words
        else ""
    )
    axis = f" Its axis is {code(parameter.axis)}." if parameter.axis else ""
    return f"{parameter.doc}{words}{axis}"
