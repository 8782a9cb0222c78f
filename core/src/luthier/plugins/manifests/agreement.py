"""Whether a manifest and the entry points of its distribution say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.plugins.naming import canonical, id_key, ownership_rank
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from luthier.plugins.entry import Distribution, PluginEntry
    from luthier.plugins.manifests.description import DriverDescription, Manifest

__all__ = ["disagreements"]


def disagreements(manifest: Manifest, distribution: Distribution, entries: Iterable[PluginEntry]) -> tuple[str, ...]:
    """Say where the manifest of a distribution and its entry points differ, in sentences; nothing where they agree.

    Parameters
    ----------
    manifest, distribution
        The two sides.
    entries
        The plugins that the entry points of this distribution declare.
    """
    entries = tuple(entries)
    ids = {kind: {id_key(entry.id): entry.id for entry in entries if entry.kind == kind} for kind in _kinds(entries)}
    drivers = ids.get("drivers", {})
    found = [
        f"the driver {plugin_id!r} of the entry points has no table [drivers.{plugin_id!r}] in the manifest"
        for key, plugin_id in drivers.items()
        if key not in manifest.drivers
    ]
    for driver in manifest.drivers.values():
        found += _of_driver(driver, distribution.name, drivers, ids.get("simulators", {}))
    found += [
        f"{key!r} of [{kind}] in the manifest is not among the entry points"
        for kind, key in manifest.notes
        if key not in ids.get(kind, {})
    ]
    found += _of_old_names(manifest, drivers)
    if distribution.api and set(distribution.api) != set(manifest.api):
        stated, declared = " and ".join(manifest.api), " and ".join(distribution.api)
        found.append(f"the manifest states version {stated} of the plugin interface, the entry points {declared}")
    return tuple(found)


def _kinds(entries: Iterable[PluginEntry]) -> set[str]:
    return {entry.kind for entry in entries}


def _of_driver(
    driver: DriverDescription, distribution: str, drivers: Collection[str], simulators: Collection[str]
) -> Iterator[str]:
    key, simulator = id_key(driver.id), id_key(driver.simulator)
    if key not in drivers:
        yield f"the driver {driver.id!r} of the manifest is not among the entry points{_near(key, drivers)}"
    # Another distribution may bring the simulator, but not one of our own namespace.
    if simulator and simulator not in simulators and ownership_rank(distribution, simulator) == 0:
        near = _near(simulator, simulators)
        yield f"the simulator {driver.simulator!r} of {driver.id!r} is not among the entry points{near}"
    if "identity" in driver.capabilities and not driver.identity:
        yield f"{driver.id!r} answers *IDN? (capability identity), and no identity rule says how"


def _of_old_names(manifest: Manifest, drivers: Collection[str]) -> Iterator[str]:
    for old, new in manifest.redirects.items():
        if old in drivers:
            yield f"{old!r} is in [redirects] of the manifest, and is a driver of the entry points as well"
        owner, _, target = new.rpartition(":")
        known = {*drivers, *manifest.redirects, *manifest.tombstones}
        ours = canonical(owner) == manifest.distribution if owner else _namespace(target) == _namespace(old)
        if ours and id_key(target) not in known:
            near = _near(id_key(target), drivers)
            yield f"{old!r} is redirected to {new!r}, which is not among the entry points{near}"
    for old in manifest.tombstones:
        if old in drivers or old in manifest.redirects:
            yield f"{old!r} is in [tombstones] of the manifest, and is still there"


def _namespace(plugin_id: str) -> str:
    return id_key(plugin_id).partition(".")[0]


def _near(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"; {near[0]!r} is" if near else ""
