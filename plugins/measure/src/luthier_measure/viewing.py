"""Live plots of runs, drawn by plugins of the kind ``viewers``."""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from luthier import plugins

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["PlotWarning", "Viewer", "plot_starter", "watch"]

_VIEWER = "plot"


class PlotWarning(UserWarning):
    """A live plot could not be shown; the run goes on."""


class Viewer(Protocol):
    """What a plugin of the kind ``viewers`` is: a function that shows runs while they grow, in another process."""

    def __call__(self, storage: str, folder: Path, run_id: str | None = None, *, browser: bool = True) -> object:
        """Begin to show a run, and return at once what a notebook can show in place.

        Parameters
        ----------
        storage, folder
            Name of the storage plugin, and the data folder.
        run_id
            The run; ``None``: the newest, also when the next one begins.
        browser
            Whether to open the user's browser.
        """
        ...


def watch(storage: Any, run_id: str) -> object:
    """Show one run of an open storage. Raises ``UnknownPluginError`` where no viewer is installed."""
    return _viewer()(_name_of(storage), storage.folder, run_id, browser=not _in_notebook())


def plot_starter(*, wanted: bool) -> Callable[[str, Path], None]:
    """Return what starts a live plot of the newest run in a folder, given the storage's name; it never raises.

    Raises
    ------
    UnknownPluginError
        It is wanted, and no viewer is installed.
    """
    if not wanted:
        return lambda _storage, _folder: None
    viewer = _viewer()

    def start(storage: str, folder: Path) -> None:
        try:
            if _in_notebook():
                # Not imported by its name: there is one only in notebooks.
                import_module("IPython.display").display(viewer(storage, folder, browser=False))
            else:
                viewer(storage, folder)
        except Exception as error:  # noqa: BLE001 - no plot is worth a run
            warnings.warn(f"There is no live plot: {error} The run goes on.", PlotWarning, stacklevel=3)

    return start


def _viewer() -> Viewer:
    return cast("Viewer", plugins.registry("viewers").load(_VIEWER))


def _in_notebook() -> bool:
    return "ipykernel" in sys.modules


def _name_of(storage: object) -> str:
    """Return the name under which the storage is known to other processes."""
    registry = plugins.registry("storage")
    return next((name for name in registry.names() if registry.load(name) is type(storage)), "arrow")
