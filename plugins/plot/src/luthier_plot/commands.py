"""``luthier watch``: a live plot of a run, or of the newest one."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from typing import TYPE_CHECKING

import click
from luthier.errors import LuthierError
from luthier_cli.run_references import RunCommand, data_option, find_run
from luthier_measure.loading import open_storage

from luthier_plot.browser import open_page, open_window
from luthier_plot.drawing_library import drawing_library
from luthier_plot.rendezvous import Rendezvous
from luthier_plot.server import PlotServer
from luthier_plot.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["watch"]

_LOOK_FOR_READERS = 0.5  # seconds


@click.command(cls=RunCommand)
@click.argument("reference", metavar="[RUN]", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; by default any free port.")
@click.option("--window", is_flag=True, help="Show it in a window of its own (needs Chrome, Chromium or Edge).")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--storage", default="arrow", metavar="NAME", help="The storage plugin; by default arrow.")
@click.option("--linger", type=click.FloatRange(min=0), hidden=True, help="End when nobody looked for so many seconds.")
@click.option("--shared", is_flag=True, hidden=True, help="Leave it to one that is there already; speak JSON.")
@data_option
def watch(
    *,
    reference: str | None,
    port: int,
    window: bool,
    no_browser: bool,
    storage: str,
    linger: float | None,
    shared: bool,
    data: str | None,
) -> None:
    """Show a RUN while it grows; without RUN always the newest, also the next one.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. The plot is a page in the
    browser, on this computer only. It reads the run's file, so that it can be started and ended at any time and in any
    process; the measurement does not notice. Ctrl-C ends it.
    """
    if window and no_browser:
        raise click.UsageError("--window and --no-browser contradict each other: give one of them.")
    with contextlib.suppress(AttributeError, OSError):
        # What measures comes first; Windows has no such thing.
        os.nice(10)
    show = None if no_browser else _in_window if window else _in_browser
    if not shared:
        drawing_library()
        place = open_storage(storage, data)
        run_id = None if reference is None else find_run(place, reference)
        with _serving(Watching(place, run_id), port) as server:
            click.echo(server.url)
            what = f"the newest run in {place.folder}" if run_id is None else f"run {run_id}"
            click.echo(f"Showing {what}. Ctrl-C ends it.", err=True)
            try:
                if show is not None:
                    show(server.url)
                _wait(server, linger)
            except KeyboardInterrupt:
                click.echo("Ended; pages that are open stay as they are.", err=True)
        return
    try:
        _share(storage, data, reference, port, linger, no_browser=no_browser)
    except LuthierError as error:
        # Standard error is not read by whoever started this.
        click.echo(json.dumps({"error": str(error)}))


def _share(
    storage: str, data: str | None, run_id: str | None, port: int, linger: float | None, *, no_browser: bool
) -> None:
    """Serve the whole folder, for all runs that come, unless somebody does so already."""
    drawing_library()
    place = open_storage(storage, data)
    meeting = Rendezvous(place.folder) if run_id is None else None
    there = None if meeting is None else meeting.find()
    if there is not None:
        click.echo(json.dumps({"url": there.url}))
        if not there.looked_at and not no_browser:
            open_page(there.url)
        return
    with _serving(Watching(place, run_id), port) as server, _announced(meeting, server):
        click.echo(json.dumps({"url": server.url}))
        if not no_browser:
            open_page(server.url)
        _wait(server, linger)


@contextlib.contextmanager
def _serving(watching: Watching, port: int) -> Iterator[PlotServer]:
    server = PlotServer(watching, port)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def _announced(meeting: Rendezvous | None, server: PlotServer) -> Iterator[None]:
    if meeting is not None:
        meeting.announce(server.url)
    try:
        yield
    finally:
        if meeting is not None:
            meeting.withdraw(server.url)


def _wait(server: PlotServer, linger: float | None) -> None:
    """Return when nobody has looked for `linger` seconds; ``None``: never."""
    forever = threading.Event()
    waited = 0.0
    while linger is None or min(server.idle(), waited) < linger:
        forever.wait(_LOOK_FOR_READERS)
        waited += _LOOK_FOR_READERS


def _in_browser(url: str) -> None:
    if not open_page(url):
        click.echo("No browser was found: open the address above in one.", err=True)


def _in_window(url: str) -> None:
    if not open_window(url):
        click.echo("Neither Chrome, Chromium nor Edge was found: the page is opened in your browser.", err=True)
        _in_browser(url)
