"""``luthier plugins list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins

from luthier_cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from luthier.plugins import Kind, PluginEntry

__all__ = ["list_plugins", "record_of"]


@click.command("list")
@click.option("--kind", type=click.Choice(plugins.KINDS), help="Only plugins of this kind.")
@json_option
def list_plugins(*, kind: Kind | None, as_json: bool) -> None:
    """List the installed plugins of all kinds, with their states.

    None is imported: a broken one is listed like the others until it is used. The doctor tries them all.
    """
    for remark in plugins.remarks():
        click.echo(f"Note: {remark}", err=True)
    entries = [entry for one in plugins.KINDS if kind in {None, one} for entry in plugins.registry(one).entries()]
    if as_json:
        print_json([record_of(entry) for entry in entries])
    elif entries:
        rows = [(one.kind, one.id, one.distribution, one.version, _state(one)) for one in entries]
        print_table(("kind", "plugin", "distribution", "version", "state"), rows)
    else:
        click.echo("No such plugins are installed. To look for some: luthier plugins search")


def record_of(entry: PluginEntry) -> dict[str, Any]:
    """Return what is known of a plugin as JSON data."""
    return {
        "kind": entry.kind,
        "id": entry.id,
        "distribution": entry.distribution,
        "version": entry.version,
        "value": entry.value,
        "state": entry.state,
        "reason": entry.reason,
    }


def _state(entry: PluginEntry) -> str:
    return f"{entry.state}: {entry.reason}" if entry.reason else entry.state
