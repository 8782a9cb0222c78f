"""Where the JavaScript library that draws in the browser lies: a file of the distribution plotly."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from luthier.errors import LuthierError

__all__ = ["DrawingLibraryError", "drawing_library"]


class DrawingLibraryError(LuthierError, FileNotFoundError):
    """The distribution plotly is not installed as a whole."""


def drawing_library() -> Path:
    """Return the file, which is about 5 MB; nothing of plotly is imported.

    Raises
    ------
    DrawingLibraryError
        It is not there.
    """
    spec = find_spec("plotly")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        file = Path(folder) / "package_data" / "plotly.min.js"
        if file.is_file():
            return file
    raise DrawingLibraryError(
        "the JavaScript library of live plots is missing: there is no plotly.min.js in the distribution plotly",
        advice="Install it again: pip install --force-reinstall plotly.",
    )
