"""The errors about an id that means no plugin, or several: what was meant, what is there, what to install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import AmbiguousPluginError, UnknownPluginError
from luthier.plugins.install_hints import distribution_of_name
from luthier.plugins.naming import canonical, id_key
from luthier.plugins.user_settings import settings_file
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import Distribution, PluginEntry
    from luthier.plugins.kinds import Kind

__all__ = ["ambiguous", "distribution_named", "unknown"]

_FEW = 12

_ONE: dict[Kind, str] = {
    "drivers": "driver",
    "simulators": "simulator",
    "transports": "transport",
    "validators": "validator",
    "servers": "server engine",
    "strategies": "strategy",
    "storage": "storage format",
    "commands": "command",
    "hooks": "hook plugin",
    "viewers": "viewer",
    "sections": "section of a lab.toml",
    "duts": "device under test",
}


def ambiguous(kind: Kind, name: str, claims: Sequence[PluginEntry]) -> AmbiguousPluginError:
    """Make the error about a name that several distributions claim as equals."""
    claimants = tuple(claim.qualified_id for claim in claims)
    return AmbiguousPluginError(
        f"{len(claims)} distributions claim this {_ONE[kind]}, and none owns its namespace",
        who=repr(name),
        state="Nothing was imported.",
        advice=f"Ask for {' or '.join(map(repr, claimants))}, or name the others in LUTHIER_DISABLE, or settle it for "
        f'good under [plugins.prefer] in lab.toml or {settings_file()}: "{name}" = "{claims[0].distribution}".',
        kind=kind,
        name=name,
        claimants=claimants,
    )


def unknown(catalogue: Catalogue, kind: Kind, name: str) -> UnknownPluginError:
    """Make the error about a name that no installed plugin has."""
    entries = catalogue.entries(kind)
    known = [entry.qualified_id if ":" in name else entry.id for entry in entries]
    near = nearest(name, known)
    return UnknownPluginError(
        f"no {_ONE[kind]} of this name is installed",
        who=repr(name),
        advice=" ".join(sentence for sentence in _advice(catalogue, kind, name, near) if sentence),
        kind=kind,
        name=name,
        suggestions=near,
    )


def distribution_named(catalogue: Catalogue, name: str) -> Distribution:
    """Return the distribution of a name; raise the error about it if there is none."""
    known = {one.name: one for one in catalogue.distributions}
    found = known.get(canonical(name))
    if found is not None:
        return found
    near = nearest(canonical(name), known)
    meant = f"Did you mean {' or '.join(near)}?" if near else "luthier plugins list shows what is installed."
    raise UnknownPluginError(
        "no distribution of this name has plugins for Luthier here",
        who=repr(name),
        advice=meant,
        kind="",
        name=name,
        suggestions=near,
    )


def _advice(catalogue: Catalogue, kind: Kind, name: str, near: tuple[str, ...]) -> tuple[str, ...]:
    meant = f"Did you mean {' or '.join(map(repr, near))}?" if near else ""
    distribution, _, plain = name.rpartition(":")
    entries = catalogue.entries(kind)
    if distribution:
        of_it = [entry.id for entry in entries if entry.distribution == canonical(distribution)]
        there = f"{canonical(distribution)} has {_listed(of_it)}." if of_it else f"{distribution} has none."
        return meant, there
    namespace = id_key(plain).partition(".")[0]
    of_it = [entry.id for entry in entries if id_key(entry.id).startswith(f"{namespace}.")]
    if of_it:
        return meant, f"Of {namespace!r} there are {_listed(of_it)}."
    bringer = distribution_of_name(kind, plain)
    if bringer and bringer not in {one.name for one in catalogue.distributions}:
        return meant, f"It may be in {bringer}: pip install {bringer}."
    if near:
        return (meant,)
    plain_ids = dict.fromkeys(entry.id for entry in entries)
    return (f"Installed are {_listed(tuple(plain_ids))}." if plain_ids else f"No {_ONE[kind]} is installed at all.",)


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_FEW])
    return f"{shown} and {len(ids) - _FEW} more" if len(ids) > _FEW else shown
