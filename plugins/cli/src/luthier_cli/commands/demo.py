"""``luthier demo``: a measurement on instruments that do not exist."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import click
from luthier import plugins

from luthier_cli.demo.calling import repository, typed
from luthier_cli.demo.served_bench import served_bench
from luthier_cli.run_references import data_option

if TYPE_CHECKING:
    from pathlib import Path

    from luthier import Station
    from luthier_measure import Run

__all__ = ["demo"]

_FROM, _TO = 0.0, 2.0
"""V; what both virtual gates are swept over."""
_POINTS = 41

VIRTUAL_GATES: Final = ((1.0, 0.44), (0.44, 1.0))
"""How much each gate (column) moves the levels of each dot (row), beside its own gate; measured before."""


@click.command
@click.option(
    "--points",
    type=click.IntRange(2, 501),
    default=_POINTS,
    show_default=True,
    help="Along each of the two gates.",
)
@data_option
@click.pass_context
def demo(ctx: click.Context, *, points: int, data: str | None) -> None:
    """Measure the charge states of a simulated double quantum dot, store them, draw them.

    Serves a laboratory that does not exist from a process of its own, opens its instruments on a server, makes virtual
    gates, and reads the current of a charge sensor for all pairs of gate voltages. Nothing but the run and its picture
    is left behind.
    """
    import luthier  # noqa: PLC0415 - what follows is slow to import
    from luthier_measure import data_folder, measure, sweep  # noqa: PLC0415 - the same
    from luthier_measure.storage.folder import run_path  # noqa: PLC0415 - the same

    with served_bench(f"demo-{os.getpid()}") as lab_file, luthier.Station(lab_file) as lab:
        click.echo(_opened(lab))
        gates, smu = lab.get("gates"), lab.get("smu")
        gates.add_linear(["P1", "P2"], of=["left", "right"], matrix=VIRTUAL_GATES)
        click.echo("Made the virtual gates gates.P1 and gates.P2, each of which moves one dot alone.")
        outer, inner = sweep(gates.P2, _FROM, _TO, num=points), sweep(gates.P1, _FROM, _TO, num=points, snake=True)
        run = measure(outer, inner, smu.measured_current, name="demo", tags="demo", folder=data)
    stored = run_path(data_folder(data), run.id)
    click.echo(f"Swept both from {_FROM:g} V to {_TO:g} V, and read smu.measured_current {run.points} times.")
    click.echo(f"Stored in {stored}")
    if run.points:
        _draw(run, stored.with_suffix(".png"))
    click.echo(_what_next(run, data))
    if run.outcome == "stopped":
        ctx.exit(130)


def _opened(lab: Station) -> str:
    """Say which drivers were found, and where."""
    lines = [f"Opened the station {lab.name}, whose instruments are simulated:"]
    for name, entry in lab.description.instruments.items():
        driver = plugins.registry("drivers").find(entry.driver)
        where = "made of the others" if entry.address is None else entry.address
        lines.append(f"  {name}: {driver.id} from {driver.distribution} {driver.version} ({where})")
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
        tutorial = place / "docs" / "tutorial"
        lines.append(f"How to measure by hand: {tutorial / 'first-measurement.md'}")
        lines.append(f"How this laboratory is made: {tutorial / 'simulation.md'}")
    return "\n".join(lines)
