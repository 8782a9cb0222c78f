"""``luthier sim``: simulated instruments from the command line."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from luthier.errors import UsageError

from luthier_sim.faults.on_wire import WireFaults
from luthier_sim.faults.plan import FaultPlan
from luthier_sim.served_station import StationDevices
from luthier_sim.serving.choosing import device_for
from luthier_sim.serving.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_sim.device import Device

__all__ = ["sim"]

_LARGEST_PORT = 65_535
_STANDARD_HISLIP = 4880
_PORT = click.IntRange(0, _LARGEST_PORT)


@click.group
def sim() -> None:
    """Serve simulated instruments to any program."""


@sim.command
@click.argument("what", nargs=-1, metavar="[ID|FILE|CLASS]...")
@click.option(
    "--port", type=_PORT, help="Of a plain socket; several instruments take the ports that follow. 0: free ones."
)
@click.option(
    "--hislip",
    type=_PORT,
    is_flag=False,
    flag_value=_STANDARD_HISLIP,
    metavar="[PORT]",
    help=f"Serve HiSLIP too; without a port, on {_STANDARD_HISLIP}.",
)
@click.option("--pty", is_flag=True, help="Serve on a pseudo-terminal too, which is opened as a serial port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen. 0.0.0.0 lets others connect.")
@click.option("--station", type=click.Path(), help="Serve every simulated instrument of a lab.toml.")
@click.option("--copies", type=click.IntRange(1, 1000), default=1, help="How many of each.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="Let things go wrong: 'mute 1%', 'garbage at 3'; repeatable.",
)
@click.option("--fault-seed", type=int, default=0, help="Of the dice that faults with a probability throw.")
@click.option(
    "--write",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="With --station: write a lab.toml by which others open the same instruments, over the network.",
)
@click.option("--announce", is_flag=True, help="Announce them by multicast DNS, as instruments on a LAN do.")
@click.option("--until-input-ends", is_flag=True, help="End also when standard input ends, as with whoever started it.")
@click.option("--json", "as_json", is_flag=True, help="Print addresses as JSON, for scripts.")
def serve(
    *,
    what: tuple[str, ...],
    port: int | None,
    hislip: int | None,
    pty: bool,
    host: str,
    station: str | None,
    copies: int,
    faults: tuple[str, ...],
    fault_seed: int,
    write: str | None,
    announce: bool,
    until_input_ends: bool,
    as_json: bool,
) -> None:
    """Serve simulated instruments until Ctrl-C.

    ID is that of a driver (keithley.2400), FILE a pyvisa-sim file (./lamp.yaml), CLASS a class of devices
    (./lamps.py:SimulatedLamp or module:Class). A driver that has no simulator, and the class of a driver, are served as
    a device made from what the driver declares. Nobody who connects is asked for a password: serve on other hosts than
    this one only where everybody may set these instruments.

    A bench that the station describes connects its instruments, for all who open them.
    """
    if write and not station:
        raise click.UsageError("--write goes with --station: it writes that file anew, with other addresses")
    lab = StationDevices.read(station) if station else None
    chosen = [*_copies(what, copies), *(lab.devices.items() if lab else ())]
    if not chosen:
        raise click.UsageError("there is nothing to serve: give an ID, FILE or CLASS, or --station lab.toml")
    _spoil(chosen, faults, fault_seed)
    if port is None and hislip is None and not pty:
        port = 0
    ended = threading.Event()
    with _ended_by_signals(ended), ExitStack() as stack:
        served = [
            (
                name,
                stack.enter_context(
                    Served(
                        device,
                        port=_after(port, number),
                        hislip=_after(hislip, number),
                        pty=pty,
                        host=host,
                    )
                ),
            )
            for number, (name, device) in enumerate(chosen)
        ]
        if announce:
            from luthier_sim.serving.announcing import Announcement  # noqa: PLC0415 - seldom wanted

            stack.enter_context(Announcement(served, host))
        if lab is not None and write:
            lab.write_for_clients(write, {name: each.address for name, each in served})
        if until_input_ends:
            threading.Thread(target=_await_end, args=(ended,), name="end of input", daemon=True).start()
        _print(served, as_json=as_json)
        while not ended.wait(3600.0):
            pass
    if not as_json:
        click.echo("Ended.")


def _spoil(chosen: list[tuple[str, Device]], faults: tuple[str, ...], seed: int) -> None:
    """Let what is asked for go wrong on the wires of each device, by dice of its own."""
    for _, device in chosen if faults else ():
        device.faults = WireFaults(FaultPlan(*faults, seed=seed), device)


@contextmanager
def _ended_by_signals(ended: threading.Event) -> Iterator[None]:
    """Let signals end it in order; from before anything is open, so that none finds the system's way of ending."""
    before = [(kind, signal.signal(kind, lambda *_: ended.set())) for kind in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for kind, handler in before:
            signal.signal(kind, handler)


def _copies(what: tuple[str, ...], copies: int) -> list[tuple[str, Device]]:
    if copies == 1:
        return [(text, device_for(text, "")) for text in what]
    return [(f"{text}/{number}", device_for(text, str(number))) for text in what for number in range(1, copies + 1)]


def _await_end(ended: threading.Event) -> None:
    """Wait until nothing more can come from standard input."""
    with suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    ended.set()


def _after(first: int | None, number: int) -> int | None:
    if not first:
        return first
    if first + number > _LARGEST_PORT:
        raise UsageError(
            f"there are too few ports from {first} on", state="Nothing is served.", advice="Begin at a lower one, or 0."
        )
    return first + number


def _print(served: list[tuple[str, Served]], *, as_json: bool) -> None:
    if as_json:
        listed: list[dict[str, Any]] = [
            {
                "name": name,
                "addresses": list(each.addresses),
                "port": each.port,
                "hislip_port": each.hislip_port,
                "path": each.path,
            }
            for name, each in served
        ]
        click.echo(json.dumps(listed))
    else:
        for name, each in served:
            for address in each.addresses:
                click.echo(f"{name}: {address}")
        click.echo("Ctrl-C ends it.")
    sys.stdout.flush()
