"""Whether a plugin that was written for one version of the plugin interface works with another."""

from __future__ import annotations

import re

from luthier.plugins.kinds import PLUGIN_API

__all__ = ["offered", "reason_against", "remedy"]

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})", re.ASCII)


def offered() -> str:
    """Return the version that this core offers, as text."""
    return "{}.{}".format(*PLUGIN_API)


def reason_against(wanted: tuple[str, ...]) -> str:
    """Say why a plugin written for any of the versions `wanted` cannot be loaded; empty if it can.

    It can be when the major numbers are equal and its minor number is not above ours. A plugin that states no version
    is taken at its word that it needs nothing special.
    """
    if not wanted or any(_fits(version) for version in wanted):
        return ""
    if not any(_VERSION.fullmatch(version) for version in wanted):
        return f"it states {' and '.join(map(repr, wanted))} as version of the plugin interface, not one like '1.0'"
    return f"it was written for version {' and '.join(wanted)} of the plugin interface; this core offers {offered()}"


def remedy(wanted: tuple[str, ...], distribution: str) -> str:
    """Say which side has to be brought up to date."""
    versions = [parsed for version in wanted if (parsed := _parse(version))]
    if versions and min(versions) > PLUGIN_API:
        return "Upgrade the core: pip install --upgrade luthier-core."
    return f"Upgrade the plugin: pip install --upgrade {distribution}."


def _fits(version: str) -> bool:
    parsed = _parse(version)
    return parsed is not None and parsed[0] == PLUGIN_API[0] and parsed[1] <= PLUGIN_API[1]


def _parse(version: str) -> tuple[int, int] | None:
    match = _VERSION.fullmatch(version)
    return (int(match[1]), int(match[2])) if match else None
