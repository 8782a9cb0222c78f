"""The kinds of plugins, the version of the plugin interface, and the distributions that are released with the core."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from luthier.errors import UsageError
from luthier.suggestions import nearest

__all__ = [
    "API_GROUP",
    "FIRST_PARTY",
    "GROUP_PREFIX",
    "KINDS",
    "MANIFEST_GROUP",
    "PLUGIN_API",
    "Kind",
    "checked_kind",
]

Kind: TypeAlias = Literal[
    "drivers",
    "simulators",
    "transports",
    "validators",
    "servers",
    "strategies",
    "storage",
    "viewers",
    "commands",
    "hooks",
    "sections",
    "duts",
]
"""What a plugin is. A distribution lists its plugins of one kind in the entry-point group ``luthier.<kind>``."""

KINDS: tuple[Kind, ...] = get_args(Kind)

GROUP_PREFIX = "luthier."

API_GROUP = "luthier.api"
"""The entry-point group whose names are the versions of the plugin interface that a distribution was written for."""

MANIFEST_GROUP = "luthier.manifest"
"""The entry-point group that names a distribution's static description; its values are ``package:file``."""

PLUGIN_API = (1, 0)
"""The version of the plugin interface that this core offers: major, minor.

The major number changes when plugins have to change; the minor number when something is added that a plugin may need.
"""

FIRST_PARTY = frozenset(
    {
        "luthier",
        "luthier-core",
        "luthier-visa",
        "luthier-sim",
        "luthier-servers",
        "luthier-zenoh",
        "luthier-meta",
        "luthier-measure",
        "luthier-cli",
        "luthier-plot",
    }
)
"""The distributions that are released together with the core. Names without a namespace belong to them first."""


def checked_kind(kind: str) -> Kind:
    """Return `kind` if it is one; raise :class:`~luthier.errors.UsageError` otherwise."""
    if kind in KINDS:
        return kind
    near = nearest(kind, KINDS)
    raise UsageError(
        f"there is no kind of plugin called {kind!r}; the kinds are {', '.join(KINDS)}",
        advice=f"Did you mean {near[0]!r}?" if near else "",
        name=kind,
        suggestions=near,
    )
