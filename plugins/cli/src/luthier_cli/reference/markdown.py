"""Text and tables of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["code", "plain", "table"]


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(map(_cell, line))} |" for line in lines]


def code(text: str) -> str:
    """Set text as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def plain(text: str) -> str:
    """Write text so that none of it is taken for Markdown: ``*RST`` is no emphasis, ``<n>`` no tag."""
    return text.replace("*", "\\*").replace("<", "\\<")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
