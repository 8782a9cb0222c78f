"""The one scan of a process: what it found, and what has become of it since."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import attrs

from luthier.errors import ManifestError
from luthier.plugins import compatibility
from luthier.plugins.entry import Distribution, PluginEntry
from luthier.plugins.entry_points import declarations
from luthier.plugins.installed import installed_distributions
from luthier.plugins.kinds import API_GROUP, GROUP_PREFIX, KINDS, MANIFEST_GROUP, Kind
from luthier.plugins.naming import canonical, id_key, is_id, needs_namespace
from luthier.plugins.ownership import settle
from luthier.plugins.switches import Switches
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier.plugins.entry import State
    from luthier.plugins.entry_points import Declaration
    from luthier.plugins.installed import Installed
    from luthier.plugins.manifests import Manifest
    from luthier.plugins.user_settings import UserSettings

__all__ = ["Catalogue", "current", "forget"]


class Catalogue:
    """The plugins that one scan found. Safe to use from several threads.

    Attributes
    ----------
    distributions
        Every distribution that says anything to Luthier, by name.
    remarks
        What is odd about the installation, as sentences for people.
    objects
        What was loaded, by :attr:`PluginEntry.key <luthier.plugins.entry.PluginEntry.key>`.
    """

    def __init__(
        self,
        entries: Iterable[PluginEntry],
        distributions: Iterable[Distribution],
        remarks: Iterable[str],
        settings: UserSettings,
    ) -> None:
        self.distributions = tuple(sorted(distributions, key=lambda one: one.name))
        self.remarks = tuple(remarks)
        self.objects: dict[tuple[Kind, str, str], object] = {}
        self._failed: set[tuple[Kind, str, str]] = set()
        self._manifests: dict[str, Manifest | ManifestError | None] = {}
        self._lock = threading.Lock()
        self._entries: dict[tuple[Kind, str, str], PluginEntry] = {}
        self._chosen: dict[tuple[Kind, str], PluginEntry | None] = {}
        claims: dict[tuple[Kind, str], list[PluginEntry]] = {}
        for entry in entries:
            claims.setdefault((entry.kind, id_key(entry.id)), []).append(entry)
        for name, rivals in claims.items():
            settled, self._chosen[name] = settle(rivals, settings)
            # Hooks of one name are all called: nobody takes anything from anybody.
            self._entries |= {entry.key: entry for entry in (rivals if name[0] == "hooks" else settled)}

    def entries(self, kind: Kind) -> tuple[PluginEntry, ...]:
        """List the plugins of a kind as they are now, in the order of their ids, then of their distributions."""
        with self._lock:
            found = [entry for key, entry in self._entries.items() if key[0] == kind]
        return tuple(sorted(found, key=lambda entry: (id_key(entry.id), entry.distribution)))

    def all_entries(self) -> tuple[PluginEntry, ...]:
        """List the plugins of all kinds as they are now, in the order of the kinds, then as :meth:`entries`."""
        return tuple(entry for kind in KINDS for entry in self.entries(kind))

    def claims(self, kind: Kind, name: str) -> tuple[PluginEntry, ...]:
        """Return what `name`, an id or ``distribution:id``, may mean: nothing, one plugin, or several as equals."""
        distribution, colon, plugin_id = name.rpartition(":")
        if colon:
            entry = self._entries.get((kind, canonical(distribution), id_key(plugin_id)))
            return (entry,) if entry else ()
        wanted = (kind, id_key(name))
        if wanted not in self._chosen:
            return ()
        chosen = self._chosen[wanted]
        if chosen is not None:
            return (self._entries[chosen.key],)
        return tuple(entry for entry in self.entries(kind) if id_key(entry.id) == wanted[1])

    def manifest(self, distribution: str) -> Manifest | None:
        """Return the manifest of a distribution, read at the first question; ``None`` where it has none.

        Raises :class:`~luthier.errors.ManifestError` each time where it is wrong.
        """
        if distribution not in self._manifests:
            from luthier.plugins.manifests import manifest_of  # noqa: PLC0415 - a scan reads no manifests

            found = [one for one in self.distributions if one.name == distribution]
            try:
                self._manifests[distribution] = manifest_of(found[0]) if found else None
            except ManifestError as error:
                self._manifests[distribution] = error
        kept = self._manifests[distribution]
        if isinstance(kept, ManifestError):
            raise kept.with_traceback(None)
        return kept

    def ruled_out(self, entry: PluginEntry, state: State, reason: str) -> PluginEntry:
        """Note that `entry` is in a state in which it cannot be loaded; return it so."""
        with self._lock:
            found = self._entries[entry.key] = attrs.evolve(self._entries[entry.key], state=state, reason=reason)
        return found

    def loaded(self, entry: PluginEntry, found: object) -> None:
        """Note that `entry` was loaded; why it was not what its plain id means stays written."""
        kept = self._entries[entry.key]
        reason = "" if kept.state == "broken" else kept.reason
        with self._lock:
            self.objects[entry.key] = found
            self._entries[entry.key] = attrs.evolve(kept, state="loaded", reason=reason)

    def failed(self, entry: PluginEntry, reason: str) -> None:
        """Note that `entry` could not be loaded, or turned out to be broken afterwards."""
        with self._lock:
            self._failed.add(entry.key)
            self.objects.pop(entry.key, None)
            self._entries[entry.key] = attrs.evolve(self._entries[entry.key], state="broken", reason=reason)

    def has_failed(self, entry: PluginEntry) -> bool:
        """Tell whether loading `entry` was tried and failed, other than what can be seen without loading it."""
        return entry.key in self._failed


_lock = threading.RLock()  # a log handler or an import finder that is called during a scan may ask as well
_current: Catalogue | None = None


def current() -> Catalogue:
    """Return the catalogue of this process; the first call scans what is installed."""
    global _current  # noqa: PLW0603 - one scan for the process is the point
    with _lock:
        if _current is None:
            _current = _scan()
        return _current


def forget() -> None:
    """Let the next call of :func:`current` scan again."""
    global _current  # noqa: PLW0603 - the same
    with _lock:
        _current = None


def _scan() -> Catalogue:
    listing = installed_distributions()
    switches = Switches.from_environment()
    entries: list[PluginEntry] = []
    distributions: list[Distribution] = []
    remarks = list(listing.remarks)
    for installed in listing.distributions:
        declared = list(declarations(installed.entry_points))
        distribution = _distribution(installed, declared)
        distributions.append(distribution)
        remarks += _unknown_groups(distribution, declared)
        entries += _entries(distribution, declared)
    switches.report_strangers(entries)
    settings = switches.settings
    if settings.fault:
        remarks.append(settings.fault)
    own_states = [_with_own_state(entry, switches) for entry in entries]
    return Catalogue(own_states, distributions, remarks, settings)


def _distribution(installed: Installed, declared: Iterable[Declaration]) -> Distribution:
    return Distribution(
        name=installed.name,
        version=installed.version,
        location=installed.location,
        api=tuple(one.name for one in declared if one.group == API_GROUP),
        manifest=next((one.value for one in declared if one.group == MANIFEST_GROUP), ""),
    )


def _unknown_groups(distribution: Distribution, declared: Iterable[Declaration]) -> list[str]:
    known = {*(f"{GROUP_PREFIX}{kind}" for kind in KINDS), API_GROUP, MANIFEST_GROUP}
    remarks = []
    for group in sorted({one.group for one in declared} - known):
        near = nearest(group, known)
        hint = f" Did its author mean {near[0]!r}?" if near else ""
        remarks.append(f"{distribution.name} declares the entry-point group {group!r}, which means nothing here.{hint}")
    return remarks


def _entries(distribution: Distribution, declared: Iterable[Declaration]) -> Iterable[PluginEntry]:
    """Make one entry of each id; an id that is declared twice with different values is a broken one."""
    found: dict[tuple[Kind, str, str], PluginEntry] = {}
    for one in declared:
        kind = next((kind for kind in KINDS if one.group == f"{GROUP_PREFIX}{kind}"), None)
        if kind is None:
            continue
        fault = one.fault or _fault_of_id(kind, one.name, distribution.name)
        entry = PluginEntry(
            kind=kind,
            id=one.name,
            distribution=distribution.name,
            version=distribution.version,
            value=one.value,
            state="broken" if fault else "available",
            reason=fault,
            api=distribution.api,
            location=distribution.location,
        )
        earlier = found.setdefault(entry.key, entry)
        if earlier.value != entry.value:
            reason = f"its distribution declares {entry.id!r} twice: {earlier.value!r} and {entry.value!r}"
            found[entry.key] = attrs.evolve(entry, state="broken", reason=reason)
    return found.values()


def _fault_of_id(kind: Kind, name: str, distribution: str) -> str:
    if not is_id(name):
        return f"{name!r} is not an id: ids are words of letters, digits, '_', '-' and '+', joined by dots"
    if needs_namespace(kind) and "." not in name:
        namespace = distribution.removeprefix("luthier-").replace("-", "_")
        return f"{name!r} has no namespace: ids of {kind} are like {f'{namespace}.{name}'!r}"
    return ""


def _with_own_state(entry: PluginEntry, switches: Switches) -> PluginEntry:
    reason = switches.reason_against(entry)
    if reason:
        return attrs.evolve(entry, state="disabled", reason=reason)
    if entry.state == "available" and (reason := compatibility.reason_against(entry.api)):
        return attrs.evolve(entry, state="incompatible", reason=reason)
    return entry
