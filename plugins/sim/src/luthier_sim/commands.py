"""``luthier sim``: simulated instruments from the command line."""

from __future__ import annotations

import json
import signal
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.errors import UsageError
from luthier.station import describe

from luthier_sim.faults.on_wire import WireFaults
from luthier_sim.faults.plan import FaultPlan
from luthier_sim.serving.choosing import device_for
from luthier_sim.serving.served import Served

if TYPE_CHECKING:
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
    as_json: bool,
) -> None:
    """Serve simulated instruments until Ctrl-C.

    ID is that of a driver (keithley.2400), FILE a pyvisa-sim file (./lamp.yaml), CLASS a class of devices
    (./lamps.py:SimulatedLamp or module:Class). A driver that has no simulator, and the class of a driver, are served as
    a device made from what the driver declares. Nobody who connects is asked for a password: serve on other hosts than
    this one only where everybody may set these instruments.
    """
    chosen = [*_copies(what, copies), *(_of_station(station) if station else ())]
    if not chosen:
        raise click.UsageError("there is nothing to serve: give an ID, FILE or CLASS, or --station lab.toml")
    for _, device in chosen if faults else ():
        device.faults = WireFaults(FaultPlan(*faults, seed=fault_seed), device)
    if port is None and hislip is None and not pty:
        port = 0
    ended = threading.Event()
    # Before anything is open, so that no signal finds the system's way of ending.
    before = [(kind, signal.signal(kind, lambda *_: ended.set())) for kind in (signal.SIGINT, signal.SIGTERM)]
    try:
        with ExitStack() as stack:
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
            _print(served, as_json=as_json)
            while not ended.wait(3600.0):
                pass
    finally:
        for kind, handler in before:
            signal.signal(kind, handler)
    if not as_json:
        click.echo("Ended.")


def _copies(what: tuple[str, ...], copies: int) -> list[tuple[str, Device]]:
    if copies == 1:
        return [(text, device_for(text, "")) for text in what]
    return [(f"{text}/{number}", device_for(text, str(number))) for text in what for number in range(1, copies + 1)]


def _of_station(file: str) -> list[tuple[str, Device]]:
    """Return the devices of the instruments in a ``lab.toml`` whose address is a simulated one, by their names."""
    found: list[tuple[str, Device]] = []
    for name, entry in describe(file).instruments.items():
        address = entry.address or ""
        if address.rstrip("/").lower() == "sim:":
            if entry.driver not in plugins.registry("simulators"):
                raise UsageError(
                    f"{name} cannot be served: no simulator is called {entry.driver!r}",
                    who=file,
                    state="Nothing is served.",
                    advice='Name one in the address, such as address = "sim://keithley.2400".',
                )
            address = f"sim://{entry.driver}/{name}"
        if address.lower().startswith("sim://"):
            found.append((name, device_for(address, name)))
    return found


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
