"""The environment variables that switch plugins off.

``LUTHIER_DISABLE``
    Names of distributions, ids or ``distribution:id``, separated by commas or spaces: these are switched off.
``LUTHIER_ONLY``
    The same kind of list: only these stay on, together with the distributions that are released with the core.
``LUTHIER_NO_HOOKS``
    ``1`` switches off all plugins of the kind ``hooks``.
``LUTHIER_STRICT_PLUGINS``
    ``1`` raises the first failure of a plugin as it is, instead of noting it and going on.

Names are compared in their canonical form (PEP 503). They are read when the plugins are scanned, except for
``LUTHIER_STRICT_PLUGINS``, which is read when something fails. What the user switched off for good is in a file
(:mod:`~luthier.plugins.user_settings`), and counts in addition.
"""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING

import attrs

from luthier.plugins.kinds import FIRST_PARTY
from luthier.plugins.naming import canonical
from luthier.plugins.user_settings import UserSettings, read_settings
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from luthier.plugins.entry import PluginEntry

__all__ = ["DISABLE", "NO_HOOKS", "ONLY", "STRICT", "Switches", "strict"]

DISABLE = "LUTHIER_DISABLE"
ONLY = "LUTHIER_ONLY"
NO_HOOKS = "LUTHIER_NO_HOOKS"
STRICT = "LUTHIER_STRICT_PLUGINS"

_log = logging.getLogger(__name__)
_reported: set[tuple[str, str]] = set()


@attrs.frozen
class Switches:
    """What the user switched off. The mappings give each canonical name as the user wrote it."""

    disabled: Mapping[str, str] = attrs.field(factory=dict)
    only: Mapping[str, str] = attrs.field(factory=dict)
    no_hooks: bool = False
    settings: UserSettings = attrs.field(factory=lambda: UserSettings(""))

    @classmethod
    def from_environment(cls) -> Switches:
        """Read the variables and the user's file as they are now."""
        return cls(disabled=_names(DISABLE), only=_names(ONLY), no_hooks=_is_on(NO_HOOKS), settings=read_settings())

    def reason_against(self, entry: PluginEntry) -> str:
        """Say what switches `entry` off, a variable or the user's file; empty if nothing does."""
        if not (self.disabled or self.only or self.no_hooks or self.settings.disable):
            return ""
        if self.no_hooks and entry.kind == "hooks":
            return f"{NO_HOOKS} is set"
        names = _names_of(entry)
        for name in names:
            if name in self.disabled:
                return f"{DISABLE} names {self.disabled[name]!r}"
            if name in self.settings.disable:
                return f"{self.settings.file} names {self.settings.disable[name]!r}"
        if self.only and entry.distribution not in FIRST_PARTY and self.only.keys().isdisjoint(names):
            return f"{ONLY} does not name {entry.distribution!r}"
        return ""

    def report_strangers(self, entries: Iterable[PluginEntry]) -> None:
        """Warn of each name that means nothing installed, once per process: a typing error would go unnoticed."""
        if not (self.disabled or self.only or self.settings.disable):
            return
        known: dict[str, str] = {}
        for entry in entries:
            known |= zip(_names_of(entry), (entry.distribution, entry.id, entry.qualified_id), strict=True)
        file = (self.settings.file, self.settings.disable)
        for variable, names in ((DISABLE, self.disabled), (ONLY, self.only), file):
            for name, written in names.items():
                if name not in known and (variable, name) not in _reported:
                    _reported.add((variable, name))
                    near = nearest(name, known)
                    hint = f" Did you mean {known[near[0]]}?" if near else ""
                    _log.warning("%s names %r, but no such plugin is installed.%s", variable, written, hint)


def strict() -> bool:
    """Tell whether failures of plugins are raised as they are."""
    return _is_on(STRICT)


def _names_of(entry: PluginEntry) -> tuple[str, str, str]:
    return entry.distribution, canonical(entry.id), canonical(entry.qualified_id)


def _names(variable: str) -> dict[str, str]:
    return {canonical(name): name for name in re.split(r"[,\s]+", os.environ.get(variable, "")) if name}


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() not in {"", "0", "no", "off", "false"}
