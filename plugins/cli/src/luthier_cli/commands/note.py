"""``luthier note``: what people have to say about a run."""

from __future__ import annotations

import sys

import click

from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

__all__ = ["note"]


@click.command(cls=RunCommand)
@run_argument
@click.argument("text", required=False)
@click.option("--replace", is_flag=True, help="Put the text into the place of the whole note.")
@data_option
def note(*, reference: str, text: str | None, replace: bool, data: str | None) -> None:
    """Add a line to the note of a RUN, also while it goes on; without a TEXT, print the note.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. TEXT can be '-': it is then
    read from the standard input. What the note was before stays in the folder of the run.
    """
    from luthier_measure.run import Run  # noqa: PLC0415 - slow to import: it brings numpy and pyarrow

    storage = open_data_folder(data)
    run = Run(storage, find_run(storage, reference))
    if text is None and replace:
        raise click.UsageError("--replace needs a TEXT; '' makes the note empty.")
    if text is not None:
        given = sys.stdin.read().rstrip("\n") if text == "-" else text
        if replace:
            run.note = given
        else:
            run.add_note(given)
    if run.note:
        click.echo(run.note)
    else:
        click.echo(f"Run {run.id} has no note.", err=True)
