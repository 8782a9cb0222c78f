"""``luthier compare``: what differs between two runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luthier_cli.difference_tables import difference_records, print_differences
from luthier_cli.output import json_option, print_json, print_table
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_measure.comparing import ColumnSummary, Comparison

__all__ = ["compare"]

_PARTS = {"facts": "run", "plan": "plan", "snapshot": "instruments before", "environment": "surroundings"}


@click.command(cls=RunCommand)
@click.argument("first", metavar="RUN")
@click.argument("second", metavar="RUN")
@data_option
@json_option
def compare(*, first: str, second: str, data: str | None, as_json: bool) -> None:
    """Show what differs between two RUNs: plan, instruments before the first set, software, and data in short.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards.
    """
    from luthier_measure.comparing import compare as compare_runs  # noqa: PLC0415 - slow to import: it brings numpy

    storage = open_data_folder(data)
    ids = find_run(storage, first), find_run(storage, second)
    comparison = compare_runs(storage.open(ids[0]), storage.open(ids[1]))
    if as_json:
        print_json(_record(ids, comparison))
        return
    differ = False
    for part, heading in _PARTS.items():
        found = getattr(comparison, part)
        if found:
            differ = True
            print_differences(heading, ids, found)
    if comparison.data:
        differ = True
        rows = [row for name, pair in comparison.data.items() for row in _rows(name, pair, ids)]
        print_table(("data", "of run", "values", "least", "most", "mean", "unit"), rows)
    if not differ:
        click.echo(f"Runs {ids[0]} and {ids[1]} do not differ, as far as is known.")


def _rows(
    name: str, pair: tuple[ColumnSummary | None, ColumnSummary | None], ids: tuple[str, str]
) -> list[tuple[str, ...]]:
    return [
        (name, run_id, "none", "", "", "", "")
        if summary is None
        else (
            name,
            run_id,
            str(summary.count),
            *map(_number, (summary.least, summary.most, summary.mean)),
            summary.unit,
        )
        for run_id, summary in zip(ids, pair, strict=True)
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _record(ids: tuple[str, str], comparison: Comparison) -> dict[str, Any]:
    return {
        "runs": list(ids),
        **{part: difference_records(getattr(comparison, part)) for part in _PARTS},
        "data": {name: [_summary_record(each) for each in pair] for name, pair in comparison.data.items()},
    }


def _summary_record(summary: ColumnSummary | None) -> Mapping[str, Any] | None:
    from luthier.plain import to_plain  # noqa: PLC0415 - infinite readings, which JSON cannot say

    if summary is None:
        return None
    facts = {
        "count": summary.count,
        "least": summary.least,
        "most": summary.most,
        "mean": summary.mean,
        "unit": summary.unit,
    }
    marked: dict[str, Any] = to_plain(facts)
    return marked
