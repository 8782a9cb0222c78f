"""``luthier pause-run``, ``resume-run``, ``stop-run``: runs of other processes, asked by their users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luthier_cli.run_references import RunCommand, data_option, find_run, open_data_folder, run_argument

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_measure import Run

__all__ = ["pause_run", "resume_run", "stop_run"]

_PATIENCE = 5.0
"""Seconds to wait for the end of a point, unless the user says otherwise."""


def _wait_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--wait",
        is_flag=True,
        help=f"Wait until it is done, however long the present point takes; else {_PATIENCE:g} s.",
    )(command)


@click.command("pause-run", cls=RunCommand)
@run_argument
@_wait_option
@data_option
def pause_run(*, reference: str, data: str | None, wait: bool) -> None:
    """Let a RUN stand still after its present point.

    RUN is an id or its beginning, a name, 'last', or -1, -2, ... from the latest backwards. 'luthier resume-run' lets
    it go on.
    """
    run = _found(reference, data)
    done = run.pause(timeout=_timeout(wait=wait))
    click.echo(f"{run.id} {'stands still' if done else 'will stand still when its present point is done'}: {run.state}")


@click.command("resume-run", cls=RunCommand)
@run_argument
@data_option
def resume_run(*, reference: str, data: str | None) -> None:
    """Let a RUN go on that stands still.

    RUN is as for 'luthier pause-run'. A run that a suspender holds up goes on when its condition is over.
    """
    run = _found(reference, data)
    run.resume(timeout=_PATIENCE)
    click.echo(f"{run.id} is asked to go on: {run.state}")


@click.command("stop-run", cls=RunCommand)
@run_argument
@_wait_option
@data_option
def stop_run(*, reference: str, data: str | None, wait: bool) -> None:
    """End a RUN after its present point, as Ctrl-C would.

    RUN is as for 'luthier pause-run'. The points taken are kept, and its instruments are left as it was to leave them.
    """
    run = _found(reference, data)
    done = run.stop(timeout=_timeout(wait=wait))
    click.echo(f"{run.id} {'has ended' if done else 'will end when its present point is done'}: {run.state}")


def _timeout(*, wait: bool) -> float | None:
    return None if wait else _PATIENCE


def _found(reference: str, data: str | None) -> Run:
    from luthier_measure import Run  # noqa: PLC0415 - slow to import: it brings numpy and pyarrow

    storage = open_data_folder(data)
    return Run(storage, find_run(storage, reference))
