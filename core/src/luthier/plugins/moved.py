"""Ids that no driver has any more: what they are called now, or why they are gone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from luthier.errors import ManifestError, UnknownPluginError
from luthier.plugins.naming import canonical, id_key, ownership_rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.kinds import Kind
    from luthier.plugins.manifests import Manifest

__all__ = ["follow"]

_LONGEST_WAY = 10


def follow(catalogue: Catalogue, kind: Kind, name: str) -> tuple[PluginEntry, ...]:
    """Return what the id `name`, which nobody has, means by the redirects of manifests; nothing where it means nothing.

    The user is told by a ``FutureWarning`` what to write instead. The manifest of the distribution with the best claim
    on the id counts, and of several equals that of the first by name.

    Raises
    ------
    UnknownPluginError
        The driver is no more, or is now in a distribution that is not installed; or redirects go round in a circle.
    """
    if kind != "drivers":
        return ()
    wanted = name
    for _ in range(_LONGEST_WAY):
        manifest = _speaking_of(catalogue, wanted)
        if manifest is None:
            return () if wanted == name else _not_there(name, wanted)
        key = id_key(wanted.rpartition(":")[2])
        if key in manifest.tombstones:
            why = manifest.tombstones[key]
            raise _unknown(name, f"this driver is no more: {why.rstrip('.')} (says {manifest.distribution})", "")
        wanted = manifest.redirects[key]
        entries = catalogue.claims(kind, wanted)
        if entries:
            warnings.warn(f"The driver {name!r} is now called {wanted!r}; write that.", FutureWarning, stacklevel=2)
            return entries
    what = f"its redirects do not end (the last is to {wanted!r} by {manifest.distribution if manifest else ''})"
    raise _unknown(name, what, "Tell the authors of that distribution.")


def _speaking_of(catalogue: Catalogue, name: str) -> Manifest | None:
    """Find the manifest that has to say where the driver `name` is."""
    owner, _, plain = name.rpartition(":")
    key = id_key(plain)
    speaking = [one for one in _manifests(catalogue, owner) if key in one.redirects or key in one.tombstones]
    ranked = sorted(speaking, key=lambda one: (ownership_rank(one.distribution, key), one.distribution))
    return ranked[0] if ranked else None


def _manifests(catalogue: Catalogue, owner: str) -> Iterator[Manifest]:
    for distribution in catalogue.distributions:
        if not owner or canonical(owner) == distribution.name:
            try:
                manifest = catalogue.manifest(distribution.name)
            except ManifestError:
                continue  # a list and the doctor say so; here it says nothing
            if manifest is not None:
                yield manifest


def _not_there(name: str, wanted: str) -> tuple[PluginEntry, ...]:
    from luthier.plugins.install_hints import distribution_of_name  # noqa: PLC0415 - only mistakes need it

    owner = wanted.rpartition(":")[0] or distribution_of_name("drivers", wanted)
    advice = f"Install it: pip install {owner}." if owner else "Look for the distribution that brings it."
    raise _unknown(name, f"this driver is now called {wanted!r}, and that is not installed", advice)


def _unknown(name: str, what: str, advice: str) -> UnknownPluginError:
    return UnknownPluginError(
        what, who=repr(name), state="Nothing was imported.", advice=advice, kind="drivers", name=name, suggestions=()
    )
