"""``luthier plot``: a picture of a run."""

from __future__ import annotations

from pathlib import Path

import click

from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

__all__ = ["plot"]

_FORMATS = (".png", ".svg", ".pdf")


def _picture_file(_ctx: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in _FORMATS:
        raise click.BadParameter(f"{value} has to end in one of {', '.join(_FORMATS)}.")
    return value


@click.command(cls=RunCommand)
@run_argument
@click.option("--x", metavar="NAME", help="What lies along the lower axis; by default what was swept innermost.")
@click.option("--y", metavar="NAME", multiple=True, help="What is drawn; may be given several times. By default all.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=_picture_file,
    metavar="FILE",
    help="A .png, .svg or .pdf; by default <run>.png here.",
)
@click.option("--no-title", is_flag=True, help="Without name and id above, for a paper.")
@click.option("--terminal", is_flag=True, help="Draw in the terminal instead.")
@data_option
def plot(
    *,
    reference: str,
    x: str | None,
    y: tuple[str, ...],
    output: Path | None,
    no_title: bool,
    terminal: bool,
    data: str | None,
) -> None:
    """Draw a RUN: lines for one sweep, images for two, dots where points lie anywhere.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. Drawing files needs
    matplotlib; without it the run is drawn in the terminal.
    """
    if terminal and output is not None:
        raise click.UsageError("--terminal draws no file: give either --terminal or --output.")
    from luthier_measure import Run  # noqa: PLC0415 - slow to import

    from luthier_cli.charts.selection import select  # noqa: PLC0415 - the same
    from luthier_cli.charts.showing import WITHOUT_MATPLOTLIB, draw_in_terminal, save_picture  # noqa: PLC0415 - the same

    storage = open_data_folder(data)
    run = Run(storage, find_run(storage, reference))
    selection = select(run.dataset, x=x, y=y)
    for remark in selection.remarks:
        click.echo(remark, err=True)
    if terminal:
        draw_in_terminal(selection)
        return
    file = Path(f"{run.id}.png") if output is None else output
    if save_picture(selection, "" if no_title else f"{run.name}\n{run.id}", file):
        click.echo(f"Wrote {file.absolute()}")
    elif output is not None:
        raise click.ClickException(f"{file} was not written: {WITHOUT_MATPLOTLIB}")
    else:
        click.echo(f"Drawn here, because {WITHOUT_MATPLOTLIB}", err=True)
        draw_in_terminal(selection)
