"""An instrument as a table, for terminals and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.instrument.host import ParameterHost
from luthier.plain import printed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.instrument.instrument import Instrument

__all__ = ["as_html", "as_text"]

_HEADINGS = ("parameter", "value", "unit", "known since")


def as_text(instrument: Instrument) -> str:
    """Return the parameters with what is known of them, in columns; nothing is sent."""
    rows = [_HEADINGS, *_rows(instrument)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((repr(instrument), *lines))


def as_html(instrument: Instrument) -> str:
    """Return the same as an HTML table, for notebooks."""
    from html import escape  # noqa: PLC0415 - only for notebooks

    def line(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    body = "".join(line("td", row) for row in _rows(instrument))
    return f"<table><caption>{escape(repr(instrument))}</caption>{line('th', _HEADINGS)}{body}</table>"


def _rows(host: ParameterHost, prefix: str = "") -> Iterator[tuple[str, str, str, str]]:
    for name, parameter in host.parameters.items():
        cache = parameter.cache
        known = (
            f"{cache.origin} {_duration(cache.age)} ago{'' if cache.valid else ', not valid'}" if cache.origin else ""
        )
        value = _short(printed(cache.value)) if cache.origin else ""
        yield f"{prefix}{name}", value, parameter.unit, known
    for name, channel in host.channels.items():
        if isinstance(channel, ParameterHost):
            yield from _rows(channel, f"{prefix}{name}.")


def _short(text: str, longest: int = 40) -> str:
    text = " ".join(text.split())  # arrays are printed in several lines
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _duration(seconds: float) -> str:
    for limit, divisor, unit in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if round(seconds / divisor) * divisor < limit:
            return f"{seconds / divisor:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"
