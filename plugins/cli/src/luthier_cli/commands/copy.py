"""``luthier copy``: runs into another folder."""

from __future__ import annotations

import click

from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, runs_argument

__all__ = ["copy"]


@click.command(cls=RunCommand)
@runs_argument(required=True)
@click.argument("folder")
@data_option
def copy(*, references: tuple[str, ...], folder: str, data: str | None) -> None:
    """Copy RUNs, with their tags and notes, into the data folder FOLDER, and compare the copies with them.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. FOLDER is made if need be.
    A run that is there already, the same to the last byte, is left alone; another one of that id is an error.
    """
    from luthier_measure import data_folder  # noqa: PLC0415 - slow to import: it brings numpy and pyarrow

    storage, target = open_data_folder(data), data_folder(folder)
    for run_id in [find_run(storage, reference) for reference in references]:
        copied = storage.copy(run_id, target)
        click.echo(f"{run_id} {'copied' if copied else 'was there already'}")
