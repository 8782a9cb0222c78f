"""``luthier export``: a run in the format of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from luthier_cli.new_file import new_file, new_folder
from luthier_cli.output import progress_bar
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

if TYPE_CHECKING:
    from luthier_measure.storage import RunReader, Storage

__all__ = ["export"]

_SUFFIXES = {"netcdf": ".nc", "zarr": ".zarr", "csv": ".csv", "parquet": ".parquet"}
_OF_ONE_TABLE = ("csv", "parquet")
_MAIN = "main"


@click.command(cls=RunCommand)
@run_argument
@click.option("--to", "target", type=click.Choice(list(_SUFFIXES)), required=True, help="The format.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="By default <run>.nc, .zarr, .csv or .parquet here.",
)
@click.option("--table", metavar="NAME", help="For CSV and Parquet: which table of a run that has several.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
@data_option
def export(
    *, reference: str, target: str, output: Path | None, table: str | None, force: bool, data: str | None
) -> None:
    """Write a RUN for other programs: NetCDF or Zarr with everything, CSV or Parquet with one row for each point.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. The run itself stays where
    it is.
    """
    if table is not None and target not in _OF_ONE_TABLE:
        raise click.UsageError("--table is for CSV and Parquet; NetCDF and Zarr hold all tables.")
    storage = open_data_folder(data)
    run_id = find_run(storage, reference)
    path = Path(f"{run_id}{_SUFFIXES[target]}") if output is None else output
    new = new_folder if target == "zarr" else new_file
    with new(path, overwrite=force) as temporary:
        reader = storage.open(run_id)
        if target in _OF_ONE_TABLE:
            done = _write_table(reader, target, table, temporary)
        else:
            done = _write_dataset(storage, reader, target, temporary)
    click.echo(f"Wrote {path.absolute()} ({done})")


def _write_dataset(storage: Storage, reader: RunReader, target: str, path: Path) -> str:
    from luthier_measure import Run  # noqa: PLC0415 - slow to import

    from luthier_cli.exporting import netcdf, zarr_store  # noqa: PLC0415 - the same

    dataset = Run(storage, reader.header.id).dataset
    write = netcdf.write if target == "netcdf" else zarr_store.write
    write(dataset, reader.header, path)
    return ", ".join(f"{name}: {size}" for name, size in dataset.sizes.items()) or "single values"


def _write_table(reader: RunReader, target: str, table: str | None, file: Path) -> str:
    names = [each.name for each in reader.layout.tables]
    chosen = table if table is not None else _MAIN if _MAIN in names else names[0]
    if chosen not in names:
        raise click.BadParameter(f"{chosen!r}: the run has {', '.join(names)}.", param_hint="--table")
    rows = _write_parquet(reader, chosen, file) if target == "parquet" else _write_csv(reader, chosen, file)
    others = [name for name in names if name != chosen]
    if others and table is None:
        click.echo(f"Only the table {chosen}; for others add --table: {', '.join(others)}.", err=True)
    return f"{rows} rows"


def _write_parquet(reader: RunReader, table: str, file: Path) -> int:
    from luthier_cli.exporting import parquet_table  # noqa: PLC0415 - slow to import

    return parquet_table.write(reader, table, file)


def _write_csv(reader: RunReader, table: str, file: Path) -> int:
    from luthier_cli.exporting import csv_table  # noqa: PLC0415 - slow to import

    with file.open("w", encoding="utf-8", newline="") as stream, progress_bar("Writing", reader.points(table)) as done:
        return csv_table.write(reader, table, stream, done)
