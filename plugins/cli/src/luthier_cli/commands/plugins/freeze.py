"""``luthier plugins freeze``: the exact versions of what is installed."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

import click
from luthier import plugins
from luthier.plugins.kinds import FIRST_PARTY

from luthier_cli.output import json_option, print_json

__all__ = ["freeze"]


@click.command
@json_option
def freeze(*, as_json: bool) -> None:
    """Print the exact version of the core and of every distribution with plugins, as requirements for pip.

    What was installed from a folder or an archive has its place in a comment. Keep the output beside your data.
    """
    names = sorted({one.name for one in plugins.distributions()} | {name for name in FIRST_PARTY if _version(name)})
    records = [{"distribution": name, "version": _version(name), "from": _origin(name)} for name in names]
    if as_json:
        print_json(records)
        return
    for record in records:
        comment = f"  # from {record['from']}" if record["from"] else ""
        pinned = f"=={record['version']}" if record["version"] else "  # its metadata state no version"
        click.echo(f"{record['distribution']}{pinned}{comment}")


def _version(name: str) -> str:
    known = {one.name: one.version for one in plugins.distributions()}
    if name in known:
        return known[name]
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return ""


def _origin(name: str) -> str:
    """Say where it was installed from, if not from an index (PEP 610)."""
    try:
        record: Any = json.loads(distribution(name).read_text("direct_url.json") or "{}")
        return str(record.get("url", ""))
    except (PackageNotFoundError, ValueError, OSError, AttributeError):
        return ""
