"""Showing a selection: in a file, or in the terminal."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from luthier_cli.charts.picture import save
from luthier_cli.charts.text import ASCII, UNICODE, draw
from luthier_cli.new_file import new_file
from luthier_cli.streams import can_show

if TYPE_CHECKING:
    from pathlib import Path

    from luthier_cli.charts.selection import Selection

__all__ = ["WITHOUT_MATPLOTLIB", "draw_in_terminal", "save_picture"]

WITHOUT_MATPLOTLIB = "matplotlib is not installed. For pictures: pip install matplotlib"

_WIDTH = 100
_HEIGHT = 18
_BRAILLE = "\u28ff"


def save_picture(selection: Selection, title: str, file: Path) -> bool:
    """Write a picture; its format is that of the name's ending. A file of that name is replaced.

    Returns
    -------
    bool
        ``False`` where matplotlib is not installed; nothing is written then.
    """
    try:
        with new_file(file, overwrite=True) as temporary, temporary.open("wb") as stream:
            save(selection.panels, title, stream, file.suffix.lower().removeprefix("."))
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        return False
    return True


def draw_in_terminal(selection: Selection) -> None:
    """Print charts of characters, of those that the output can carry."""
    width = min(shutil.get_terminal_size().columns, _WIDTH)
    characters = UNICODE if can_show(f"{_BRAILLE}{''.join(UNICODE[1:])}", sys.stdout) else ASCII
    for panel in selection.panels:
        click.echo(draw(panel, width, _HEIGHT, characters))
        click.echo()
