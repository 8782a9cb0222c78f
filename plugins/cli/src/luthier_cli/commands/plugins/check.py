"""``luthier plugins check``: whether a distribution is as it has to be."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
from luthier import plugins

from luthier_cli.output import json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check"]


@click.command
@click.argument("distribution")
@click.option("--drivers", is_flag=True, help="Import its drivers, and try each on its simulator.")
@json_option
@click.pass_context
def check(ctx: click.Context, *, distribution: str, drivers: bool, as_json: bool) -> None:
    """Check an installed DISTRIBUTION without importing it: entry points, packages, manifest.

    With --drivers each of its drivers goes through the conformance suite, which needs luthier-core[testing].
    The exit code is 1 if anything is wrong.
    """
    name = plugins.distribution(distribution).name
    if drivers:
        ctx.exit(_check_drivers(name, as_json=as_json))
    faults = plugins.static_faults(name)
    if as_json:
        print_json([fault._asdict() for fault in faults])
    for fault in () if as_json else faults:
        click.echo(f"{'wrong' if fault.serious else 'odd'}: {fault.what} {fault.advice}".rstrip())
    if not faults and not as_json:
        click.echo(f"{name}: nothing is wrong, as far as can be told without importing it.")
    ctx.exit(1 if faults else 0)


def _check_drivers(distribution: str, *, as_json: bool) -> int:
    """Print the report of each driver; 1 where one is below silver."""
    if find_spec("hypothesis") is None:
        raise click.ClickException(
            "The checks of drivers need hypothesis, which is not installed. Write pip install 'luthier-core[testing]'."
        )
    # By name: what is for tests is imported by nothing at run time, but where it is asked for.
    conformance: Any = importlib.import_module("luthier.testing.conformance")
    entries = [entry for entry in plugins.registry("drivers").entries() if entry.distribution == distribution]
    reports: Sequence[Any] = [conformance.check_driver(entry.qualified_id) for entry in entries]
    if as_json:
        print_json([report.as_plain() for report in reports])
    for report in () if as_json else reports:
        click.echo(str(report))
    if not reports and not as_json:
        click.echo(f"{distribution} has no drivers.")
    return 0 if all(report.tier in {"silver", "gold"} for report in reports) else 1
