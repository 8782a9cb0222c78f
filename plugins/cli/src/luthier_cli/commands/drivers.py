"""``luthier drivers``: which drivers are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins

from luthier_cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from luthier.plugins import PluginEntry

__all__ = ["drivers"]


@click.command
@json_option
def drivers(*, as_json: bool) -> None:
    """List the installed drivers.

    No driver is imported: a broken one is listed like the others until it is opened.
    """
    entries = plugins.registry("drivers").entries()
    for remark in plugins.remarks():
        click.echo(f"Note: {remark}", err=True)
    if as_json:
        print_json([_record(entry) for entry in entries])
    elif entries:
        print_table(
            ("driver", "distribution", "version", "state"),
            [(entry.id, entry.distribution, entry.version, _state(entry)) for entry in entries],
        )
    else:
        click.echo("No drivers are installed. Install those of a maker, for example: pip install luthier-keithley")


def _record(entry: PluginEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "distribution": entry.distribution,
        "version": entry.version,
        # Distributions do not state these two yet.
        "vendor": None,
        "models": [],
        "state": entry.state,
        "reason": entry.reason,
    }


def _state(entry: PluginEntry) -> str:
    return f"{entry.state}: {entry.reason}" if entry.reason else entry.state
