"""Live plots that a script or a notebook starts: the plugin ``plot`` of the kind ``viewers``."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError

if TYPE_CHECKING:
    import os

__all__ = ["LivePlot", "LivePlotError", "watch_run"]

LINGER = 60.0
"""Seconds without a reader after which a live plot ends by itself."""

_HEIGHT = 480


class LivePlotError(LuthierError, RuntimeError):
    """A live plot could not be started. The run is not affected."""


class LivePlot:
    """A live plot in a process of its own; a notebook shows it in place.

    It goes on when this process ends, as long as a page of it is open. Made by :func:`watch_run`.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._url = ""

    @property
    def url(self) -> str:
        """The address of its page, on this computer only; waits until it is there, about a second.

        Raises
        ------
        LivePlotError
            The process could not start.
        """
        if not self._url:
            assert self._process.stdout is not None
            with self._process.stdout as output:
                answer = _parsed(output.readline())
            if "url" not in answer:
                raise LivePlotError(
                    f"the live plot did not start: {answer.get('error') or 'its process ended'}",
                    state="Runs are not affected.",
                    advice="'luthier watch' shows what is wrong.",
                )
            self._url = answer["url"]
        return self._url

    def close(self) -> None:
        """End it; open pages stay as they are. One that other scripts began goes on. Twice is fine."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _repr_html_(self) -> str:
        """Show the page inside a notebook."""
        return f'<iframe src="{self.url}" width="100%" height="{_HEIGHT}" style="border: 1px solid #ddd"></iframe>'

    def __repr__(self) -> str:
        """Return the address, where it is known."""
        return f"<LivePlot {self._url}>" if self._url else "<LivePlot>"


def watch_run(
    storage: str, folder: str | os.PathLike[str], run_id: str | None = None, *, browser: bool = True
) -> LivePlot:
    """Start a live plot in a process of its own; returns at once.

    Parameters
    ----------
    storage
        Name of the storage plugin in which the runs are.
    folder
        The data folder.
    run_id
        The run; ``None``: the newest, also when the next one begins. Then a plot of that folder that is there already
        is taken, with the page that is open.
    browser
        Whether to open the page in the user's browser, unless it is open.

    Raises
    ------
    LivePlotError
        No process can be started.
    """
    run = [] if run_id is None else [run_id]
    options = ["--data", str(folder), "--storage", storage, "--linger", str(LINGER), "--shared"]
    options += [] if browser else ["--no-browser"]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "luthier_cli", "watch", *run, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the measurement.
            start_new_session=True,
        )
    except OSError as error:
        raise LivePlotError(
            f"no process can be started for the live plot: {error.strerror or error}", state="Runs are not affected."
        ) from error
    plot = LivePlot(process)
    _started.append(plot)
    return plot


_started: list[LivePlot] = []
"""They outlive whoever does not keep them."""


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
