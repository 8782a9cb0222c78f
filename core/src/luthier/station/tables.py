"""A station as a table, for terminals and notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["as_html", "as_text"]

Row = tuple[str, ...]


def as_text(title: str, headings: Row, rows: Sequence[Row]) -> str:
    """Return the rows in columns, below a title."""
    lines = (headings, *rows)
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    columns = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    return "\n".join((title, *columns))


def as_html(title: str, headings: Row, rows: Sequence[Row]) -> str:
    """Return the same as an HTML table, for notebooks."""

    def line(tag: str, cells: Row) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in rows)
    return f"<table><caption>{escape(title)}</caption>{line('th', headings)}{body}</table>"
