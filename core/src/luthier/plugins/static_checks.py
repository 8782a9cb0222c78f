"""What can be found wrong with a distribution without importing anything of it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from luthier.errors import ManifestError
from luthier.plugins.manifests.agreement import disagreements
from luthier.plugins.user_settings import settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import Distribution, PluginEntry

__all__ = ["Fault", "static_faults"]


class Fault(NamedTuple):
    """What is wrong, as a sentence, and the next step, as a sentence; ``serious``: something does not work by it."""

    what: str
    advice: str
    serious: bool


def static_faults(catalogue: Catalogue, distribution: Distribution) -> tuple[Fault, ...]:
    """Return what is wrong with a distribution: entry points, packages, manifest, and whether the two agree.

    Nothing is imported, and nothing is raised.
    """
    entries = [entry for entry in catalogue.all_entries() if entry.distribution == distribution.name]
    return (*_of_entries(entries), *_of_packages(entries), *_of_manifest(catalogue, distribution, entries))


def _of_entries(entries: list[PluginEntry]) -> Iterator[Fault]:
    for entry in entries:
        if entry.state == "broken":
            yield Fault(f"{entry.kind}: {entry.id}: {entry.reason}.", _tell(entry.distribution), serious=True)
        elif entry.state == "incompatible":
            from luthier.plugins.compatibility import remedy  # noqa: PLC0415 - seldom

            advice = remedy(entry.api, entry.distribution)
            yield Fault(f"{entry.kind}: {entry.id}: {entry.reason}.", advice, serious=True)
        elif entry.state in {"ambiguous", "shadowed"}:
            advice = f'Settle it under [plugins.prefer] in {settings_file()}: "{entry.id}" = "{entry.distribution}".'
            yield Fault(f"{entry.kind}: {entry.id} is {entry.state}: {entry.reason}.", advice, serious=False)


def _of_packages(entries: list[PluginEntry]) -> Iterator[Fault]:
    packages = dict.fromkeys(
        entry.value.partition(":")[0].partition(".")[0]
        for entry in entries
        if entry.state not in {"broken", "disabled"} or entry.value.partition(":")[0].isidentifier()
    )
    for package in packages:
        try:
            there = find_spec(package) is not None
        except Exception as error:  # noqa: BLE001 - finders of strangers fail in their own ways
            yield Fault(
                f"The package {package!r} cannot be looked for: {type(error).__name__}: {error}.", "", serious=True
            )
            continue
        if package and not there:
            advice = f"Install it anew: pip install --force-reinstall {entries[0].distribution}."
            yield Fault(f"The package {package!r} of its entry points is not there.", advice, serious=True)


def _of_manifest(catalogue: Catalogue, distribution: Distribution, entries: list[PluginEntry]) -> Iterator[Fault]:
    try:
        manifest = catalogue.manifest(distribution.name)
    except ManifestError as error:
        for mistake in error.mistakes:
            where = f"{error.file}: " if error.file else ""
            yield Fault(f"Its manifest is wrong: {where}{mistake}", _tell(distribution.name), serious=False)
        return
    if manifest is None:
        if any(entry.kind == "drivers" for entry in entries):
            what = (
                "It has no manifest, so that its drivers cannot be detected, and are listed without vendor and models."
            )
            yield Fault(what, f"Its authors can add one; tell those of {distribution.name}.", serious=False)
        return
    for difference in disagreements(manifest, distribution, entries):
        yield Fault(f"Manifest and entry points differ: {difference}.", _tell(distribution.name), serious=False)


def _tell(distribution: str) -> str:
    return f"Try pip install --upgrade {distribution}, or tell its authors."
