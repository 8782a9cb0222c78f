"""Finding, loading and informing plugins.

A plugin is announced by an entry point of its distribution in the group ``luthier.<kind>``; nothing is imported until
it is asked for by name, and importing Luthier looks at nothing::

    from luthier import plugins

    plugins.registry("drivers").names()
    Smu = plugins.registry("drivers").load("keithley.2400")

A distribution states the version of the plugin interface it was written for by an entry point whose name is that
version (it may state several)::

    [project.entry-points."luthier.api"]
    "1.0" = "luthier_keithley"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.plugins.dispatch import Dispatcher
from luthier.plugins.hooks import Hooks
from luthier.plugins.kinds import KINDS, PLUGIN_API, Kind, checked_kind
from luthier.plugins.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.plugins.detection import DiscoveryMethod, FoundAddress, Search
    from luthier.plugins.entry import Distribution, PluginEntry, State
    from luthier.plugins.health import HealthReport
    from luthier.plugins.hookspecs import hookimpl
    from luthier.plugins.manifests import Manifest
    from luthier.plugins.manifests.labels import Labels
    from luthier.plugins.matching import Match
    from luthier.plugins.static_checks import Fault
    from luthier.scpi.identity import Identity

__all__ = [
    "KINDS",
    "PLUGIN_API",
    "DiscoveryMethod",
    "Distribution",
    "FoundAddress",
    "HealthReport",
    "Hooks",
    "Kind",
    "PluginEntry",
    "Registry",
    "Search",
    "State",
    "distribution",
    "distributions",
    "expect",
    "hookimpl",
    "hooks",
    "labels",
    "manifest",
    "matches",
    "refresh",
    "registry",
    "remarks",
    "static_faults",
]

_dispatcher = Dispatcher()
hooks = Hooks(_dispatcher)
"""The hooks of this process."""


def registry(kind: Kind) -> Registry:
    """Return the plugins of one kind. Nothing is scanned before the first question to it.

    Raises :class:`~luthier.errors.UsageError` if there is no such kind.
    """
    return Registry(checked_kind(kind))


def refresh() -> None:
    """Look anew at what is installed and at the environment variables, at the next question.

    For notebooks, after something was installed, removed or switched off. What was imported stays imported: a plugin
    that was replaced by another version needs a new interpreter.
    """
    from importlib import invalidate_caches  # noqa: PLC0415 - only this needs it

    from luthier.plugins.catalogue import forget  # noqa: PLC0415 - importing luthier scans nothing

    invalidate_caches()
    forget()
    _dispatcher.forget()


def distributions() -> tuple[Distribution, ...]:
    """List the installed distributions that announce anything to Luthier, by name. Nothing is imported."""
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing

    return current().distributions


def remarks() -> tuple[str, ...]:
    """Say what is odd about the installation, in sentences: duplicates, unreadable files, unknown groups."""
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing

    return current().remarks


def manifest(distribution: str) -> Manifest | None:
    """Return what a distribution says of its plugins in its ``luthier.toml``; ``None`` where it has none.

    Nothing is imported. It is read at the first question and kept until :func:`refresh`.

    Parameters
    ----------
    distribution
        Its name, in any spelling.

    Raises
    ------
    ManifestError
        The file is not there, or is wrong; with all mistakes and their lines.
    """
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing
    from luthier.plugins.naming import canonical  # noqa: PLC0415 - the same

    return current().manifest(canonical(distribution))


def labels() -> Labels:
    """Return vendor and models of all installed drivers whose distributions state them. Nothing is imported."""
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing
    from luthier.plugins.manifests.labels import read_labels  # noqa: PLC0415 - the same

    return read_labels(current().distributions)


def matches(address: str, identity: Identity | None) -> tuple[Match, ...]:
    """Return the drivers for an instrument that was found, best first, each with the reason. Nothing is imported.

    Parameters
    ----------
    address
        Where it was found.
    identity
        What it answered to ``*IDN?`` (:func:`luthier.scpi.parse_identity`); ``None`` if nothing.
    """
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing
    from luthier.plugins.matching import matches as found  # noqa: PLC0415 - the same

    return found(current(), address, identity)


def static_faults(distribution: str) -> tuple[Fault, ...]:
    """Return what is wrong with an installed distribution as far as can be told without importing anything of it.

    Parameters
    ----------
    distribution
        Its name, in any spelling.

    Raises
    ------
    UnknownPluginError
        No distribution of that name announces anything to Luthier.
    """
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing
    from luthier.plugins.missing import distribution_named  # noqa: PLC0415 - the same
    from luthier.plugins.static_checks import static_faults as faults  # noqa: PLC0415 - the same

    catalogue = current()
    return faults(catalogue, distribution_named(catalogue, distribution))


def distribution(name: str) -> Distribution:
    """Return the installed distribution of a name, in any spelling. Nothing is imported.

    Raises :class:`~luthier.errors.UnknownPluginError` if none of that name announces anything to Luthier.
    """
    from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing
    from luthier.plugins.missing import distribution_named  # noqa: PLC0415 - the same

    return distribution_named(current(), name)


def expect(kind: Kind, misfit: Callable[[object], str]) -> None:
    """State what the plugins of a kind must be; for the layer that uses them.

    Parameters
    ----------
    kind
        The kind.
    misfit
        Called with each object when it is loaded: says why it does not fit ("is not a subclass of Instrument"; the
        sentence goes on from the object's name), or returns an empty text if it does. It replaces an earlier one.
    """
    from luthier.plugins.loading import checks  # noqa: PLC0415 - importing luthier scans nothing

    checks[checked_kind(kind)] = misfit


_ON_REQUEST = {
    "Distribution": "entry",
    "DiscoveryMethod": "detection",
    "FoundAddress": "detection",
    "HealthReport": "health",
    "PluginEntry": "entry",
    "Search": "detection",
    "State": "entry",
    "hookimpl": "hookspecs",
}
"""Names that few processes need, and the modules that have them."""


def __getattr__(name: str) -> object:
    """Import what is needed seldom when it is asked for: it would cost every process time."""
    if name not in _ON_REQUEST:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - needed seldom as well

    return getattr(import_module(f"{__name__}.{_ON_REQUEST[name]}"), name)
