"""``luthier continue``: a run that was cut off or stopped goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from luthier_cli.difference_tables import print_differences
from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_measure import Run
    from luthier_measure.differences import Difference

__all__ = ["continue_"]


@click.command("continue", cls=RunCommand)
@run_argument
@click.option("--lab", metavar="FILE", help="The lab.toml with the instruments; by default the one of the run.")
@click.option("--initial", is_flag=True, help="Set the initial values of the lab.toml first.")
@click.option("--accept", is_flag=True, help="Go on although instruments are not as they were when the run began.")
@data_option
@click.pass_context
def continue_(
    context: click.Context, *, reference: str, data: str | None, lab: str | None, initial: bool, accept: bool
) -> None:
    """Go on with a RUN that was cut off, stopped or has failed, at its first missing point.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. The instruments of its
    lab.toml are opened and, unless --initial says so, nothing is set in them; settings that are not as they were when
    the run began are shown, and need --accept. Plans with functions go on from their script, by
    luthier_measure.continue_run.
    """
    import luthier  # noqa: PLC0415 - what follows is slow to import
    from luthier_measure import Run, continue_run  # noqa: PLC0415 - the same
    from luthier_measure.errors import StateDiffersError  # noqa: PLC0415 - the same

    storage = open_data_folder(data)
    run = Run(storage, find_run(storage, reference))
    before = run.points
    with luthier.Station(_lab_file(run, lab), initial=initial):
        try:
            run = continue_run(run, accept=accept)
        except StateDiffersError as error:
            differences = cast("Sequence[Difference]", error.differences)
            print_differences("not as it was", ("when the run began", "now"), differences)
            done = "The initial values were set, but" if initial else "Nothing was set, and"
            other = "" if initial else "--initial to have the initial values of the lab.toml set, or "
            click.echo(f"{done} {run.id} is as it was. Set these as they were, or give {other}--accept.", err=True)
            context.exit(1)
    click.echo(f"{run.id} went on after {before} points, has {run.points}, and is {run.outcome}.")
    if run.outcome == "stopped":
        context.exit(130)


def _lab_file(run: Run, given: str | None) -> Path:
    if given is not None:
        return Path(given)
    known = run.environment.get("labs", ())
    if len(known) == 1:
        return Path(known[0])
    what = f"was measured with {len(known)} lab files" if known else "was measured without a lab.toml"
    raise click.UsageError(f"{run.id} {what}: say where the instruments are described, by --lab lab.toml.")
