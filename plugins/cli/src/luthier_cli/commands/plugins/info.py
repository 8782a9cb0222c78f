"""``luthier plugins info``: what is known of one distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.errors import ManifestError, UnknownPluginError

from luthier_cli.commands.plugins.listing import record_of
from luthier_cli.output import json_option, print_fields, print_json, print_table

if TYPE_CHECKING:
    from luthier.plugins import Distribution, PluginEntry

__all__ = ["info"]


@click.command
@click.argument("name")
@json_option
def info(*, name: str, as_json: bool) -> None:
    """Say what is known of a distribution; NAME is its own, or the id of one of its plugins.

    Nothing of it is imported.
    """
    distribution = _distribution(name)
    entries = [one for kind in plugins.KINDS for one in plugins.registry(kind).entries()]
    own = [entry for entry in entries if entry.distribution == distribution.name]
    facts = _facts(distribution)
    if as_json:
        print_json({**facts, "plugins": [_record(entry) for entry in own]})
        return
    print_fields({key: ", ".join(value) if isinstance(value, list) else value for key, value in facts.items() if value})
    click.echo()
    records = [_record(entry) for entry in own]
    columns = ("kind", "id", "state", "summary")
    print_table(("kind", "plugin", "state", "what it is"), [[one[column] for column in columns] for one in records])


def _distribution(name: str) -> Distribution:
    try:
        return plugins.distribution(name)
    except UnknownPluginError as error:
        for kind in plugins.KINDS:
            if name in plugins.registry(kind):
                return plugins.distribution(plugins.registry(kind).find(name).distribution)
        raise error from None


def _facts(distribution: Distribution) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "distribution": distribution.name,
        "version": distribution.version,
        "api": list(distribution.api),
        "location": distribution.location,
        "docs": "",
        "manifest": "",
        "mistakes": [],
    }
    try:
        manifest = plugins.manifest(distribution.name)
    except ManifestError as error:
        return {**facts, "manifest": error.file or distribution.manifest, "mistakes": list(error.mistakes)}
    return {**facts, "docs": manifest.docs, "manifest": manifest.file} if manifest else facts


def _record(entry: PluginEntry) -> dict[str, Any]:
    state = f"{entry.state}: {entry.reason}" if entry.reason else entry.state
    return {**record_of(entry), "state": state, "summary": _summary(entry)}


def _summary(entry: PluginEntry) -> str:
    try:
        manifest = plugins.manifest(entry.distribution)
    except ManifestError:
        return ""
    if manifest is None:
        return ""
    driver = manifest.driver(entry.id) if entry.kind == "drivers" else None
    note = manifest.notes.get((entry.kind, entry.key[2]))
    return f"{driver.vendor} {driver.title}" if driver else note.summary if note else ""
