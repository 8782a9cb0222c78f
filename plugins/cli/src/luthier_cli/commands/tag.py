"""``luthier tag``: words to find runs by."""

from __future__ import annotations

import click

from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

__all__ = ["tag"]


@click.command(cls=RunCommand)
@run_argument
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--remove", is_flag=True, help="Take the words away instead.")
@data_option
def tag(*, reference: str, words: tuple[str, ...], remove: bool, data: str | None) -> None:
    """Add tags to a RUN, also while it goes on; without a WORD, print its tags.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards.
    """
    from luthier_measure.run import Run  # noqa: PLC0415 - slow to import: it brings numpy and pyarrow

    storage = open_data_folder(data)
    run = Run(storage, find_run(storage, reference))
    if words and remove:
        run.untag(*words)
    elif words:
        run.tag(*words)
    for word in run.tags:
        click.echo(word)
    if not run.tags:
        click.echo(f"Run {run.id} has no tags.", err=True)
