"""``luthier plugins document``: the page of a distribution's drivers."""

from __future__ import annotations

from pathlib import Path

import click
from luthier import plugins

__all__ = ["document"]


@click.command
@click.argument("distribution")
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the page into a file, and keep what is written above its mark.",
)
def document(*, distribution: str, into: Path | None) -> None:
    """Make a page in Markdown of the drivers of an installed DISTRIBUTION.

    It has models, families, what they were tried with, and all parameters and functions, also of channels. Each driver
    is opened on its simulator for that. The tier that it states is that of a driver that passes the conformance suite:
    luthier plugins check DISTRIBUTION --drivers says whether it does.
    """
    from luthier_cli.reference.distribution_page import drivers_of, whole_page  # noqa: PLC0415 - checked first

    name = plugins.distribution(distribution).name
    if not drivers_of(name):
        raise click.ClickException(
            f"{name} has no drivers of instruments that its manifest describes. Nothing was written."
        )
    present = into.read_text(encoding="utf-8") if into is not None and into.exists() else ""
    page = whole_page(name, present)
    if into is None:
        click.echo(page, nl=False)
    elif page != present:
        into.write_text(page, encoding="utf-8")
        click.echo(f"{into} is written.")
    else:
        click.echo(f"{into} is up to date.")
