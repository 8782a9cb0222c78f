"""The page of a distribution of drivers: made from its manifest and from what its drivers declare."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import attrs
import luthier
from luthier import plugins
from luthier.families import family

from luthier_cli.reference.declarations import Part, parts_of
from luthier_cli.reference.foreign_runs import foreign_runs
from luthier_cli.reference.markdown import code, plain, table
from luthier_cli.reference.prose import paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from luthier.plugins import PluginEntry
    from luthier.plugins.manifests.description import DriverDescription

__all__ = ["MARK", "drivers_of", "page_of", "whole_page"]

MARK = "<!-- From here on this page is made from the drivers: change those, and write it anew. -->"
"""What is above this line is written by hand, and stays."""

_TRIED = {
    "simulated": "a simulator",
    "scripted": "messages of the manual",
    "foreign": "a program of others",
    "hardware": "hardware",
}


@attrs.frozen
class _Driver:
    """One driver: what is known of it, and what it declares."""

    id: str
    distribution: str
    description: DriverDescription
    doc: str
    parts: tuple[Part, ...]


def drivers_of(distribution: str) -> list[PluginEntry]:
    """Return the drivers of an installed distribution that talk to an instrument."""
    manifest = plugins.manifest(distribution)
    entries = [entry for entry in plugins.registry("drivers").entries() if entry.distribution == distribution]
    if manifest is None:
        return []
    described = [(entry, manifest.driver(entry.id)) for entry in entries]
    return [entry for entry, one in described if one is not None and one.interfaces != ("none",)]


def whole_page(distribution: str, present: str = "") -> str:
    """Return the page, with what `present`, the page as it is, has above :data:`MARK`."""
    above, marked, _ = present.partition(MARK)
    head = above.rstrip() if marked or above.strip() else _head(distribution)
    return f"{head}\n\n{MARK}\n\n{page_of(distribution)}"


def page_of(distribution: str) -> str:
    """Return the part of the page that is made from the drivers. Each is opened on its simulator.

    Raises what opening a driver raises.
    """
    drivers = [_looked_at(entry) for entry in drivers_of(distribution)]
    return "\n".join(_lines(drivers)).rstrip() + "\n"


def _head(distribution: str) -> str:
    vendors = dict.fromkeys(_description(entry).vendor for entry in drivers_of(distribution))
    return f"# {' and '.join(vendors)}\n\nDistribution `{distribution}`."


def _description(entry: PluginEntry) -> DriverDescription:
    manifest = plugins.manifest(entry.distribution)
    found = manifest.driver(entry.id) if manifest else None
    assert found is not None  # drivers_of has looked
    return found


def _looked_at(entry: PluginEntry) -> _Driver:
    name = "documented"
    with luthier.open(entry.qualified_id, "sim://", name=name) as instrument:
        doc = type(instrument).__doc__ or ""
        return _Driver(entry.id, entry.distribution, _description(entry), doc, parts_of(instrument))


def _lines(drivers: list[_Driver]) -> Iterator[str]:
    yield "## Drivers"
    yield ""
    yield from table(("driver", "instrument", "models", "families"), (_summary(driver) for driver in drivers))
    yield ""
    yield "Limits that a driver computes are those of the simulated instrument as it is after switching on."
    earlier: dict[tuple[Part, ...], str] = {}
    for driver in drivers:
        yield ""
        yield f"## Reference of `{driver.id}`"
        yield ""
        yield from _facts(driver)
        yield ""
        manifest = plugins.manifest(driver.distribution)
        if manifest is not None:
            yield from foreign_runs(manifest, driver.id)
        same = earlier.setdefault(driver.parts, driver.id)
        if same == driver.id:
            yield from _parts(driver)
        else:
            yield f"Parameters and functions are those of `{same}`."


def _summary(driver: _Driver) -> tuple[str, ...]:
    described = driver.description
    families = ", ".join(f"[{family(one).title}](../families.md)" for one in described.families)
    return code(driver.id), f"{described.vendor} {described.title}", ", ".join(described.models), families


def _facts(driver: _Driver) -> Iterator[str]:
    described = driver.description
    for paragraph in paragraphs(driver.doc):
        yield paragraph
        yield ""
    facts = {
        "Manual": described.manual or "not named",
        "Interfaces": ", ".join(described.interfaces),
        "Can do": ", ".join(described.capabilities),
        "Simulator": f"`sim://` opens `{described.simulator}`" if described.simulator else "none",
        **{f"Tried with {what}": described.verified.get(key, "none yet") for key, what in _TRIED.items()},
        "Conformance": f"{_tier(described)}{_exemptions(driver.id)}",
    }
    yield from (f"- {name}: {(text or 'nothing stated').rstrip('.')}." for name, text in facts.items())


def _tier(described: DriverDescription) -> str:
    """Return the tier of a driver of which no check of behaviour fails, which tests hold."""
    if described.manual and {"foreign", "hardware"} & described.verified.keys():
        return "gold"
    return "silver; gold takes a program of others, or hardware" if described.manual else "silver; gold takes a manual"


def _exemptions(driver: str) -> str:
    entry = plugins.registry("drivers").find(driver)
    # By name: what is for tests is imported by nothing at run time, but where it is asked for.
    declared: Any = importlib.import_module("luthier.testing.conformance.declared")
    exempt: dict[str, str] = declared.read_declared(entry.value.partition(":")[0].partition(".")[0], driver).exempt
    return "".join(f"; exempt from `{name}`: {reason}" for name, reason in exempt.items())


def _parts(driver: _Driver) -> Iterator[str]:
    for part in driver.parts:
        yield f"### {_title(part, driver.id)}"
        yield ""
        if part.names and part.doc:
            yield part.doc
            yield ""
        if part.parameters:
            yield from table(("parameter", "type", "unit", "use", "allowed", "meaning"), _parameter_rows(part))
            yield ""
        if part.functions:
            rows = ((code(function.call), plain(function.doc)) for function in part.functions)
            yield from table(("function", "what it does"), rows)
            yield ""


def _title(part: Part, driver: str) -> str:
    if not part.names:
        return f"The instrument ({driver})"
    lists = f", in {_listed(part.lists)}" if part.lists else ""
    return f"{_listed(part.names)}{lists} ({driver})"


def _listed(names: Iterable[str]) -> str:
    every = [code(name) for name in names]
    few = 6
    return ", ".join(every) if len(every) <= few else f"{every[0]} to {every[-1]}"


def _parameter_rows(part: Part) -> Iterator[tuple[str, ...]]:
    for row in part.parameters:
        yield code(row.name), row.type, row.unit, row.use, plain(row.allowed), plain(row.doc)
