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
@click.option("--family", metavar="FAMILY", help="Only those of a family, such as lock_in.")
@json_option
def drivers(*, family: str | None, as_json: bool) -> None:
    """List the installed drivers.

    No driver is imported: a broken one is listed like the others until it is opened.
    """
    if family is not None:
        _require_known(family)
    entries = plugins.registry("drivers").entries()
    labels = plugins.labels()
    for remark in (*plugins.remarks(), *labels.remarks):
        click.echo(f"Note: {remark}", err=True)
    records = [_record(entry, labels.drivers.get((entry.distribution, entry.key[2]))) for entry in entries]
    if family is not None:
        records = [one for one in records if family in one["families"]]
    if as_json:
        print_json(records)
    elif records:
        print_table(("driver", "vendor", "models", "distribution", "version", "state"), [_row(one) for one in records])
    elif entries:
        click.echo(f"No installed driver is of the family {family}.")
    else:
        click.echo("No drivers are installed. Install those of a maker, for example: pip install luthier-keithley")


def _require_known(name: str) -> None:
    from luthier.families import family  # noqa: PLC0415 - a list of all does without them

    family(name)


def _record(entry: PluginEntry, label: Label | None) -> dict[str, Any]:
    return {
        "id": entry.id,
        "distribution": entry.distribution,
        "version": entry.version,
        "vendor": label.vendor or None if label else None,
        "models": list(label.models) if label else [],
        "families": list(label.families) if label else [],
        "state": entry.state,
        "reason": entry.reason,
    }


def _row(record: Mapping[str, Any]) -> tuple[str, ...]:
    state = f"{record['state']}: {record['reason']}" if record["reason"] else record["state"]
    models = ", ".join(record["models"][:_FEW]) + (", …" if len(record["models"]) > _FEW else "")
    return (record["id"], record["vendor"] or "", models, record["distribution"], record["version"], state)
