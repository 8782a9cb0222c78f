"""``luthier plugins check``: whether a distribution is as it has to be."""

from __future__ import annotations

import click
from luthier import plugins

from luthier_cli.output import json_option, print_json

__all__ = ["check"]


@click.command
@click.argument("distribution")
@json_option
@click.pass_context
def check(ctx: click.Context, *, distribution: str, as_json: bool) -> None:
    """Check an installed DISTRIBUTION without importing it: entry points, packages, manifest.

    The exit code is 1 if anything is wrong.
    """
    name = plugins.distribution(distribution).name
    faults = plugins.static_faults(name)
    if as_json:
        print_json([fault._asdict() for fault in faults])
    for fault in () if as_json else faults:
        click.echo(f"{'wrong' if fault.serious else 'odd'}: {fault.what} {fault.advice}".rstrip())
    if not faults and not as_json:
        click.echo(f"{name}: nothing is wrong, as far as can be told without importing it.")
    ctx.exit(1 if faults else 0)
