"""``luthier verify``: whether stored runs are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luthier_cli.output import json_option, print_json
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, runs_argument

if TYPE_CHECKING:
    from luthier_measure.storage import Storage

__all__ = ["verify"]


@click.command(cls=RunCommand)
@runs_argument(required=False)
@data_option
@json_option
@click.pass_context
def verify(context: click.Context, *, references: tuple[str, ...], data: str | None, as_json: bool) -> None:
    """Compare RUNs with their checksums; without a RUN, all that are stored.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. The exit code is 1 when
    something is damaged. A run that was cut off, or goes on, is whole as far as it goes.
    """
    storage = open_data_folder(data)
    records = [_record(storage, run_id) for run_id in _wanted(storage, references)]
    damaged = [record for record in records if record["problems"]]
    if as_json:
        print_json(records)
    else:
        for record in damaged:
            for problem in record["problems"]:
                click.echo(f"{record['id']}: {problem}")
        whole = len(records) - len(damaged)
        click.echo(f"{_count(len(records))} looked at, {whole} whole, {len(damaged)} damaged.", err=bool(damaged))
    context.exit(1 if damaged else 0)


def _wanted(storage: Storage, references: tuple[str, ...]) -> list[str]:
    if references:
        return [find_run(storage, reference) for reference in references]
    return storage.ids()


def _record(storage: Storage, run_id: str) -> dict[str, Any]:
    from luthier_measure.errors import DamagedRunError, NewerFormatError, NotARunFileError  # noqa: PLC0415 - slow to import

    try:
        reader = storage.open(run_id)
        points = {table.name: reader.points(table.name) for table in reader.layout.tables}
        return {"id": run_id, "outcome": reader.outcome, "points": points, "problems": list(reader.problems)}
    except (DamagedRunError, NewerFormatError, NotARunFileError) as error:
        return {"id": run_id, "outcome": None, "points": None, "problems": [str(error)]}


def _count(runs: int) -> str:
    return f"{runs} run{'s'[: runs != 1]}"
