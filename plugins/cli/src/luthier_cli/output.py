"""Printing: tables for people, plain columns for pipes, JSON for scripts."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["json_option", "print_fields", "print_json", "print_table", "progress_bar"]

_GAP = "  "
_LONG = 50_000
"""Fewer steps than this are over before anybody could read a bar."""


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json``, which is given to the function as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)


def print_json(data: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> None:
    """Print plain data as JSON, in ASCII, so that every pipe carries it."""
    import json  # noqa: PLC0415 - most commands are for people

    click.echo(json.dumps(data, indent=2, allow_nan=False))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: with rules and wrapped cells on a terminal, otherwise one line a row in aligned columns."""
    if sys.stdout.isatty():
        _print_rich_table(headings, rows)
        return
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(_GAP.join(cells).rstrip())


def _print_rich_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box  # noqa: PLC0415 - slow to import, and not needed in pipes
    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def print_fields(fields: Mapping[str, str]) -> None:
    """Print names and values in two columns."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        click.echo(f"{name.ljust(width)}{_GAP}{value}".rstrip())


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error if that is a terminal; gives what is called with each number of further steps."""
    if not sys.stderr.isatty() or total < _LONG:
        yield lambda _steps: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and not needed in pipes
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda steps: progress.advance(task, steps)
