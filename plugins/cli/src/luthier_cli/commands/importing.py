"""``luthier import``: runs that other software stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from luthier_cli.output import json_option, print_json
from luthier_cli.run_references import data_option

if TYPE_CHECKING:
    from luthier_measure.qcodes import ImportedRun

__all__ = ["importing"]


@click.group("import")
def importing() -> None:
    """Take over runs that other software stored; it keeps its own."""


@importing.command()
@click.argument("database", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--run", "numbers", type=int, multiple=True, metavar="NUMBER", help="Only this run; may be repeated.")
@data_option
@json_option
def qcodes(*, database: Path, numbers: tuple[int, ...], data: str | None, as_json: bool) -> None:
    """Import the runs of a QCoDeS database FILE, which is only read; QCoDeS itself is not needed.

    Runs that were imported before are passed over, so that it can be done again when there are new ones.
    """
    from luthier_measure.qcodes import import_qcodes  # noqa: PLC0415 - slow to import: it brings numpy and pyarrow

    done: list[ImportedRun] = []
    for run in import_qcodes(database, numbers=numbers or None, folder=data):
        done.append(run)
        if run.problem or not as_json:
            click.echo(_line(run), err=as_json or bool(run.problem))
    if as_json:
        print_json([_record(run) for run in done])
    else:
        click.echo(_summary(done))
    if any(run.problem for run in done):
        raise SystemExit(1)


def _line(run: ImportedRun) -> str:
    beginning = f"{run.number} {run.name!r}"
    if run.problem:
        return f"{beginning}: {run.problem}" + (f" It is stored as {run.run_id}." if run.run_id else "")
    if run.already:
        return f"{beginning}: imported before, as {run.run_id}"
    return f"{beginning}: {run.run_id}, {run.points} point{'s'[: run.points != 1]}"


def _summary(done: list[ImportedRun]) -> str:
    new = sum(not run.already and not run.problem for run in done)
    before = sum(run.already for run in done)
    failed = sum(bool(run.problem) for run in done)
    parts = [f"{new} imported"]
    parts += [f"{before} imported before"] if before else []
    parts += [f"{failed} with problems"] if failed else []
    return ", ".join(parts)


def _record(run: ImportedRun) -> dict[str, object]:
    return {
        "number": run.number,
        "name": run.name,
        "id": run.run_id or None,
        "points": run.points,
        "already": run.already,
        "problem": run.problem,
    }
