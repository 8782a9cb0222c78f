"""``luthier demo``: a measurement on instruments that do not exist."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import click
from luthier import plugins

from luthier_cli.demo.calling import repository, typed
from luthier_cli.run_references import data_option

if TYPE_CHECKING:
    from pathlib import Path

    from luthier import Station
    from luthier_measure import Run

__all__ = ["demo"]

_STEPS = 101
_DELAY = 0.01
"""Seconds at each step, so that there is something to watch."""


@click.command
@data_option
@click.pass_context
def demo(ctx: click.Context, *, data: str | None) -> None:
    """Measure something on simulated instruments, store it, plot it.

    Opens a laboratory of two simulated instruments, sweeps the voltage of a source across a resistor, and reads the
    current, and the temperature beside it. Nothing but the run and its picture is left behind.
    """
    import luthier  # noqa: PLC0415 - what follows is slow to import
    from luthier_measure import data_folder, measure, sweep  # noqa: PLC0415 - the same
    from luthier_measure.storage.folder import run_path  # noqa: PLC0415 - the same

    lab_file = resources.files("luthier_cli.demo") / "lab.toml"
    with resources.as_file(lab_file) as file, luthier.Station(file) as lab:
        click.echo(_opened(lab))
        smu, dmm = lab.get("smu"), lab.get("dmm")
        varied = sweep(smu.voltage, -1.0, 1.0, num=_STEPS, delay=_DELAY)
        run = measure(varied, smu.measured_current, dmm.temperature, name="demo", tags="demo", folder=data)
    stored = run_path(data_folder(data), run.id)
    click.echo(f"Swept smu.voltage from -1 V to 1 V; read smu.measured_current and dmm.temperature {run.points} times.")
    click.echo(f"Stored in {stored}")
    if run.points:
        _draw(run, stored.with_suffix(".png"))
    click.echo(_what_next(run, data))
    if run.outcome == "stopped":
        ctx.exit(130)


def _opened(lab: Station) -> str:
    """Say which drivers were found, and where."""
    lines = [f"Opened the station {lab.name}:"]
    for name, entry in lab.description.instruments.items():
        driver = plugins.registry("drivers").find(entry.driver)
        lines.append(f"  {name}: {driver.id} from {driver.distribution} {driver.version}, simulated ({entry.address})")
    return "\n".join(lines)


def _draw(run: Run, file: Path) -> None:
    from luthier_cli.charts.selection import select  # noqa: PLC0415 - slow to import
    from luthier_cli.charts.showing import WITHOUT_MATPLOTLIB, draw_in_terminal, save_picture  # noqa: PLC0415 - the same

    selection = select(run.dataset)
    if save_picture(selection, f"{run.name}\n{run.id}", file):
        click.echo(f"Drawn in {file}")
    else:
        click.echo(f"Drawn here, because {WITHOUT_MATPLOTLIB}\n")
        draw_in_terminal(selection)


def _what_next(run: Run, data: str | None) -> str:
    folder = [] if data is None else ["--data", data]
    commands = (["show", run.id], ["plot", run.id, "--terminal"], ["export", run.id, "--to", "csv"])
    lines = ["What next?", *(f"  {typed([*command, *folder])}" for command in commands)]
    place = repository()
    if place is not None:
        lines.append(f"The tutorial goes on from here: {place / 'docs' / 'tutorial' / 'first-measurement.md'}")
    return "\n".join(lines)
