"""What came of speaking to other programs, which a distribution keeps in ``foreign.json`` beside its manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from luthier_cli.reference.markdown import plain, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.plugins.manifests import Manifest

__all__ = ["foreign_runs"]

_COUNTS = ("agreed", "differ", "missing")

_MOST_SHOWN = 12
"""Messages of one kind of difference that a page has room for."""


def foreign_runs(manifest: Manifest, driver: str) -> Iterator[str]:
    """Yield the lines on the runs of a driver; nothing where there were none."""
    file = Path(manifest.file).with_name("foreign.json")
    kept: dict[str, list[dict[str, Any]]] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    runs = kept.get(driver, [])
    if not runs:
        return
    yield f"### Beside other programs ({driver})"
    yield ""
    yield "Each parameter was read, set to what was read, and read again: theirs on our simulator, or ours on theirs."
    yield ""
    rows = ((run["program"], run["how"], *(str(run.get(count, 0)) for count in _COUNTS)) for run in runs)
    yield from table(("program", "it was", "agreed", "differ", "not there"), rows)
    yield ""
    yield "*Not there*: the simulator, or the file that was the instrument, does not have the command."
    yield ""
    differences = [(run["program"], one) for run in runs for one in run["differences"]]
    if differences:
        columns = ("program", "sent, or read", "what came", "whose", "why")
        yield from table(columns, ((program, *_difference(one)) for program, one in differences))
        yield ""


def _difference(one: dict[str, Any]) -> tuple[str, ...]:
    sent = [f"`{message}`" for message in one["sent"]]
    more = f", and {len(sent) - _MOST_SHOWN} more" if len(sent) > _MOST_SHOWN else ""
    shown = f"{', '.join(sent[:_MOST_SHOWN])}{more}"
    return shown, plain(one["got"]), plain(one.get("whose", "")), plain(one["why"] or "not looked into yet")
