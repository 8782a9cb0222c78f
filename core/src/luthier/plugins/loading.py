"""Importing one plugin, so that whatever happens costs only that plugin."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from luthier.errors import BrokenPluginError, DisabledPluginError, IncompatiblePluginError, ManifestError
from luthier.plugins import compatibility
from luthier.plugins.install_hints import distribution_of_module
from luthier.plugins.switches import strict
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.kinds import Kind
    from luthier.plugins.manifests import Manifest

__all__ = ["checks", "load"]

_LONGEST_CAUSE = 300

checks: dict[Kind, Callable[[object], str]] = {}
"""What the layers above expect of the plugins of a kind: says why an object is none; empty text if it is one."""


def load(catalogue: Catalogue, entry: PluginEntry) -> object:
    """Import what `entry` refers to and note in the catalogue how it went.

    Nothing is locked meanwhile: two threads that load the same plugin at once get the same object, as with ``import``.
    Raises the errors that :meth:`~luthier.plugins.registry.Registry.load` documents.
    """
    if entry.key in catalogue.objects:
        return catalogue.objects[entry.key]
    entry = _looked_up(catalogue, entry)
    _refuse_what_cannot_be_loaded(catalogue, entry)
    try:
        found = _imported(entry.value)
        misfit = checks[entry.kind](found) if entry.kind in checks else ""
        if misfit:
            raise TypeError(f"{entry.value} {misfit}")  # noqa: TRY301 - one place notes every kind of failure
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason, advice = _diagnosis(catalogue, entry, error)
        catalogue.failed(entry, reason)
        if strict():
            raise
        raise _broken(entry, reason, advice) from error
    catalogue.loaded(entry, found)
    return found


def _looked_up(catalogue: Catalogue, entry: PluginEntry) -> PluginEntry:
    """Rule out what was written for another plugin interface by its manifest, where no entry point says so."""
    if entry.state != "available" or entry.api:
        return entry
    manifest = _manifest(catalogue, entry)
    reason = compatibility.reason_against(manifest.api) if manifest else ""
    if manifest is None or not reason:
        return entry
    return attrs.evolve(catalogue.ruled_out(entry, "incompatible", reason), api=manifest.api)


def _manifest(catalogue: Catalogue, entry: PluginEntry) -> Manifest | None:
    try:
        return catalogue.manifest(entry.distribution)
    except ManifestError:
        return None  # a wrong description takes no plugin away


def _imported(value: str) -> object:
    module_name, _, path = value.partition(":")
    found: object = import_module(module_name)
    for attribute in path.split(".") if path else ():
        if not hasattr(found, attribute):
            near = nearest(attribute, dir(found))
            hint = f", but it has {' and '.join(map(repr, near))}" if near else ""
            raise AttributeError(f"{module_name} has no {path!r}{hint}")
        found = getattr(found, attribute)
    return found


def _diagnosis(catalogue: Catalogue, entry: PluginEntry, error: BaseException) -> tuple[str, str]:
    """Say what went wrong and what to do, for the error messages and for the plugin's state."""
    distribution = entry.distribution
    own_module = entry.value.partition(":")[0]
    if isinstance(error, ModuleNotFoundError) and error.name:
        if f"{own_module}.".startswith(f"{error.name}."):
            return (
                f"its module {error.name!r} does not exist",
                f"Install it anew: pip install --force-reinstall {distribution}.",
            )
        manifest = _manifest(catalogue, entry)
        known = manifest.needs if manifest else {}
        how = known.get(error.name) or known.get(error.name.partition(".")[0])
        if how:
            return f"it needs {error.name!r}, which is not installed", f"{how.rstrip('.')} (says {distribution})."
        guess = distribution_of_module(error.name)
        return (
            f"it needs the module {error.name!r}, which is not installed",
            f"Install that: pip install {guess} (the name is a guess; the documentation of {distribution} has it).",
        )
    if isinstance(error, SystemExit):
        return f"it ended the interpreter (sys.exit({error.code!r})) when it was imported", _tell(distribution)
    return _in_one_line(error), _tell(distribution)


def _tell(distribution: str) -> str:
    return f"The cause is shown above; try pip install --upgrade {distribution}, or tell its authors."


def _in_one_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the error is a stranger's, and so is its text
        text = "(an error without a readable text)"
    if len(text) > _LONGEST_CAUSE:
        text = f"{text[:_LONGEST_CAUSE]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _how_to_switch_on(entry: PluginEntry) -> str:
    what, _, _ = entry.reason.partition(" names ")
    if "LUTHIER_" in what:
        return f"Change {what.partition(' ')[0]} and call luthier.plugins.refresh(), or start again."
    return "Switch it on again by luthier plugins enable, and call luthier.plugins.refresh(), or start again."


def _broken(entry: PluginEntry, reason: str, advice: str) -> BrokenPluginError:
    return BrokenPluginError(
        f"this plugin cannot be loaded: {reason}",
        who=str(entry),
        state="Other plugins are not affected.",
        advice=advice,
        kind=entry.kind,
        name=entry.id,
        distribution=entry.distribution,
    )


def _refuse_what_cannot_be_loaded(catalogue: Catalogue, entry: PluginEntry) -> None:
    """Raise for what the scan already ruled out. What failed to load before is tried again: it may have been mended."""
    if entry.state == "broken" and not catalogue.has_failed(entry):
        raise _broken(entry, entry.reason, f"Try pip install --upgrade {entry.distribution}, or tell its authors.")
    if entry.state == "disabled":
        raise DisabledPluginError(
            f"this plugin is switched off: {entry.reason}",
            who=str(entry),
            state="Nothing was imported.",
            advice=_how_to_switch_on(entry),
            kind=entry.kind,
            name=entry.id,
            distribution=entry.distribution,
        )
    if entry.state == "incompatible":
        raise IncompatiblePluginError(
            f"this plugin does not fit: {entry.reason}",
            who=str(entry),
            state="Nothing was imported.",
            advice=compatibility.remedy(entry.api, entry.distribution),
            kind=entry.kind,
            name=entry.id,
            distribution=entry.distribution,
            wanted=" and ".join(entry.api),
            offered=compatibility.offered(),
        )
