"""``luthier drivers``: which drivers are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from luthier import plugins

from luthier_cli.output import json_option, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.plugins import PluginEntry
    from luthier.plugins.manifests.labels import Label

__all__ = ["drivers"]

_FEW = 4
"""Models that have room in a list; ``luthier info`` gives all."""


@click.command
@json_option
def drivers(*, as_json: bool) -> None:
    """List the installed drivers.

    No driver is imported: a broken one is listed like the others until it is opened.
    """
    entries = plugins.registry("drivers").entries()
    labels = plugins.labels()
    for remark in (*plugins.remarks(), *labels.remarks):
        click.echo(f"Note: {remark}", err=True)
    records = [_record(entry, labels.drivers.get((entry.distribution, entry.key[2]))) for entry in entries]
    if as_json:
        print_json(records)
    elif entries:
        print_table(("driver", "vendor", "models", "distribution", "version", "state"), [_row(one) for one in records])
    else:
        click.echo("No drivers are installed. Install those of a maker, for example: pip install luthier-keithley")


def _record(entry: PluginEntry, label: Label | None) -> dict[str, Any]:
    return {
        "id": entry.id,
        "distribution": entry.distribution,
        "version": entry.version,
        "vendor": label.vendor or None if label else None,
        "models": list(label.models) if label else [],
        "state": entry.state,
        "reason": entry.reason,
    }


def _row(record: Mapping[str, Any]) -> tuple[str, ...]:
    state = f"{record['state']}: {record['reason']}" if record["reason"] else record["state"]
    models = ", ".join(record["models"][:_FEW]) + (", …" if len(record["models"]) > _FEW else "")
    return (record["id"], record["vendor"] or "", models, record["distribution"], record["version"], state)
