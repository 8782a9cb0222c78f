"""Writing the pages of reference that are made from what is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import plugins
from luthier.families import FAMILIES

from luthier_cli.reference.distribution_page import drivers_of, whole_page
from luthier_cli.reference.families_page import families_page
from luthier_cli.reference.markdown import code, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["pages", "write_pages"]

_INDEX_HEAD = """\
# Drivers

What each driver is for, and the page with its parameters. `luthier drivers` lists those that are installed.
"""


def pages(folder: Path) -> dict[Path, str]:
    """Return the pages of a folder of reference as they have to be, by their files; nothing is written.

    Every driver that is installed and talks to an instrument is opened on its simulator. What is written by hand above
    the mark of a page is taken over from the page that is there.
    """
    drivers = folder / "drivers"
    made = {folder / "families.md": families_page(), drivers / "README.md": _index()}
    for name in _distributions():
        file = drivers / f"{_page_name(name)}.md"
        made[file] = whole_page(name, file.read_text(encoding="utf-8") if file.exists() else "")
    return made


def write_pages(folder: Path) -> list[Path]:
    """Write the pages that are not as they have to be, and return their files."""
    made = pages(folder)
    stale = [file for file, text in made.items() if not file.exists() or file.read_text(encoding="utf-8") != text]
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made[file], encoding="utf-8")
    return stale


def _distributions() -> list[str]:
    return [one.name for one in plugins.distributions() if drivers_of(one.name)]


def _page_name(distribution: str) -> str:
    return distribution.removeprefix("luthier-").replace("-", "_")


def _index() -> str:
    rows = [row for name in _distributions() for row in _rows(name)]
    text = table(("driver", "maker", "instrument", "models", "families", "distribution"), rows)
    return "\n".join((_INDEX_HEAD, *text)) + "\n"


def _rows(distribution: str) -> Iterator[tuple[str, ...]]:
    manifest = plugins.manifest(distribution)
    for entry in drivers_of(distribution):
        described = manifest.driver(entry.id) if manifest else None
        if described is not None:
            yield (
                f"[{code(entry.id)}]({_page_name(distribution)}.md)",
                described.vendor,
                described.title,
                ", ".join(described.models),
                ", ".join(FAMILIES[one].title for one in described.families),
                code(distribution),
            )
