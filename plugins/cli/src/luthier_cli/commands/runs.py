"""``luthier runs``: which runs there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from luthier_cli.output import json_option, print_json, print_table
from luthier_cli.run_course import outcome_text, state_now
from luthier_cli.run_references import data_option, open_data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.storage import RunSummary, Storage

__all__ = ["runs"]

_USUAL = 20
_OUTCOMES = ("running", "completed", "stopped", "failed", "interrupted", "unreadable")
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command
@click.option("--name", metavar="TEXT", help="Only runs of this name; * and ? stand for anything and any character.")
@click.option("--sample", metavar="TEXT", help="Only runs of this sample, in the same way.")
@click.option("--tag", metavar="WORD", help="Only runs with this tag.")
@click.option("--parameter", metavar="NAME", help="Only runs that set or read it, such as smu.voltage.")
@click.option("--text", metavar="TEXT", help="Only runs with this in name, sample, note, tags or parameters.")
@click.option("--outcome", type=click.Choice(_OUTCOMES), help="Only runs that ended so.")
@click.option("--since", type=_MOMENT, metavar="TIME", help="Only runs begun since: 2026-11-23, '2026-11-23 14:30'.")
@click.option("--until", type=_MOMENT, metavar="TIME", help="Only runs begun before then.")
@click.option("-n", "--limit", type=click.IntRange(1), metavar="COUNT", help=f"At most so many; usually {_USUAL}.")
@click.option("--all", "every", is_flag=True, help="All of them.")
@click.option("--rebuild", is_flag=True, help="First make the catalogue again from the files of the runs.")
@data_option
@json_option
def runs(*, data: str | None, as_json: bool, limit: int | None, every: bool, rebuild: bool, **wanted: Any) -> None:
    """List stored runs, the latest first."""
    storage = open_data_folder(data)
    if rebuild:
        _rebuild(storage)
    most = None if every else limit if limit is not None or as_json else _USUAL
    found = _find(storage, wanted, None if most is None else most + 1)
    shown = found[:most]
    if as_json:
        print_json([_record(storage, summary) for summary in shown])
    elif shown:
        print_table(
            ("run", "name", "started", "took", "points", "outcome"), [_row(storage, summary) for summary in shown]
        )
    else:
        click.echo(_nothing(storage, wanted))
    if len(found) > len(shown) and not as_json:
        click.echo(f"The latest {len(shown)}; there are more: --all, or --limit.", err=True)


def _find(storage: Storage, wanted: Mapping[str, Any], limit: int | None) -> list[RunSummary]:
    from luthier_measure.storage import RunQuery  # noqa: PLC0415 - slow to import

    query: dict[str, Any] = {
        key: value.timestamp() if isinstance(value, datetime) else value for key, value in wanted.items()
    }
    return storage.find(RunQuery(**query, limit=limit))[::-1]


def _rebuild(storage: Storage) -> None:
    click.echo(f"Reading the runs in {storage.folder} ...", err=True)
    count = storage.rebuild()
    click.echo(f"The catalogue holds {count} run{'s'[: count != 1]}.", err=True)


def _record(storage: Storage, summary: RunSummary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "name": summary.name,
        "sample": summary.sample,
        "started": _local_time(summary.started).isoformat(),
        "ended": None if summary.ended is None else _local_time(summary.ended).isoformat(),
        "outcome": summary.outcome,
        "problem": summary.problem,
        "duration": _took(summary),
        "state": state_now(storage, summary.id, summary.outcome),
        "points": summary.points,
        "tags": list(summary.tags),
        "parameters": list(summary.parameters),
    }


def _row(storage: Storage, summary: RunSummary) -> tuple[str, ...]:
    from luthier_measure.plan_text import duration_text  # noqa: PLC0415 - slow to import

    return (
        summary.id,
        summary.name,
        f"{_local_time(summary.started):%Y-%m-%d %H:%M:%S}",
        "" if (took := _took(summary)) is None else duration_text(took),
        "" if summary.points is None else str(summary.points),
        outcome_text(storage, summary.id, summary.outcome),
    )


def _took(summary: RunSummary) -> float | None:
    if summary.duration is None and summary.ended is not None:
        return summary.ended - summary.started
    return summary.duration


def _local_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).astimezone()


def _nothing(storage: Storage, wanted: Mapping[str, Any]) -> str:
    if any(value is not None for value in wanted.values()):
        return f"No run in {storage.folder} is like that."
    if not storage.folder.is_dir():
        return f"No runs: the folder {storage.folder} does not exist. 'luthier demo' makes it, and a run in it."
    return f"No runs in {storage.folder} yet. 'luthier demo' makes one."
