"""Differences, as tables and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from luthier_cli.output import print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_measure.differences import Difference

__all__ = ["difference_records", "print_differences"]

_LONGEST = 60


def print_differences(heading: str, sides: tuple[str, str], found: Sequence[Difference]) -> None:
    """Print what differs as a table, with an empty line behind it."""
    print_table((heading, *sides, "unit"), [_row(difference) for difference in found])
    click.echo()


def difference_records(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """Return what differs in JSON's terms."""
    return [{"name": each.name, "before": each.before, "after": each.after, "unit": each.unit} for each in found]


def _row(difference: Difference) -> tuple[str, ...]:
    return difference.name, _text(difference.before), _text(difference.after), difference.unit


def _text(value: Any) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
