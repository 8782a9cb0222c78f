"""``luthier servers``, ``luthier serve`` and ``luthier stop``."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import click
import luthier
from luthier.errors import ConnectError, LuthierError

from luthier_servers import local
from luthier_servers.addresses import ServerFiles, checked_name, server_names
from luthier_servers.link import Link
from luthier_servers.messages import Ping
from luthier_servers.remote_server import end_by_force
from luthier_servers.server import Server

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["serve", "servers", "stop"]

_ANSWERING = 2.0
"""Seconds that a server has to say what it is doing."""


@click.command
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def servers(*, as_json: bool) -> None:
    """List the servers of this machine that run, with their instruments."""
    found = [facts for name in server_names() if (facts := _facts(name)) is not None]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    if not found:
        click.echo("No server runs.")
    for facts in found:
        _print(facts)


def _facts(name: str) -> dict[str, Any] | None:
    """Ask a server about itself; ``None`` where it is gone, and its files are taken away."""
    link = Link(name)
    try:
        found: dict[str, Any] = link.ask(Ping(0), None, _ANSWERING)
    except ConnectError as error:
        facts = ServerFiles(name).facts()
        return None if facts is None else _silent(name, int(facts["pid"]), error)
    except LuthierError as error:
        return _silent(name, link.pid, error)
    finally:
        link.close()
    return {"state": "up", **found, "clients": max(0, found["clients"] - 1)}


def _silent(name: str, pid: int, error: Exception) -> dict[str, Any]:
    return {"server": name, "state": "does not answer", "pid": pid, "why": str(error), "instruments": {}}


def _print(facts: dict[str, Any]) -> None:
    if facts["state"] != "up":
        click.echo(f"{facts['server']}: {facts['state']} (pid {facts['pid']})")
        return
    click.echo(
        f"{facts['server']}: pid {facts['pid']}, up {facts['uptime']:.0f} s, {facts['clients']} clients, "
        f"{facts['calls']} calls"
    )
    for name, about in facts["instruments"].items():
        click.echo(f"  {name} ({about['kind']}){_doing(about['busy'])}")


def _doing(busy: dict[str, Any] | None) -> str:
    if busy is None:
        return ""
    progress = busy.get("progress")
    if progress is None:
        return f", busy with {busy['what']}"
    fraction = "" if progress["fraction"] is None else f" {progress['fraction']:.0%}"
    return f", busy with {busy['what']}:{fraction} {progress['text']}".rstrip()


@click.command
@click.argument("file", required=False)
@click.option("--name", default="lab", show_default=True, help="The name that others find it by.")
@click.option("--detach", is_flag=True, help="Return when they are open; luthier stop NAME ends the server.")
def serve(*, file: str | None, name: str, detach: bool) -> None:
    """Open the instruments of FILE, a lab.toml, and let others use them until Ctrl-C.

    Without FILE, what the environment variable LUTHIER_LAB names, else lab.toml in the working directory.

    With --detach the server goes on by itself, also when the terminal is closed, until luthier stop, or SIGTERM.
    """
    checked_name(name)
    if detach:
        _serve_detached(file or "", name)
        return
    server = Server(name)

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        server.stop()

    try:
        with luthier.Station(file) as lab:
            server.start()
            for kind in (signal.SIGINT, signal.SIGTERM):
                signal.signal(kind, end)
            click.echo(f"Serving {', '.join(lab)} as {name!r}. Ctrl-C ends it.")
            while not server.wait(3600.0):
                pass
            click.echo("Making the instruments safe and closing them.")
            server.close()
    finally:
        server.abandon()


def _serve_detached(file: str, name: str) -> None:
    with local.start(name, detach=True, lab=file) as server:
        click.echo(f"Serving {', '.join(server.names())} as {name!r}, process {server.pid}.")
        click.echo(f"luthier stop {name} ends it. Its log: {server.log}")


@click.command
@click.argument("name")
def stop(*, name: str) -> None:
    """Let the server NAME make its instruments safe, close them, and end.

    One that does not answer is ended by force; its instruments stay as they are then.
    """
    try:
        luthier.connect(name).stop()
    except ConnectError:
        if not end_by_force(name):
            raise
        click.echo(f"The server {name!r} did not answer and was ended by force.")
        return
    click.echo(f"The server {name!r} has ended.")
