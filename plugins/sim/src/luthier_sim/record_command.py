"""``luthier record``: run a program, and record what it says to its instruments."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click
from luthier.errors import LuthierError, UsageError
from luthier.station import describe

from luthier_sim.tapes.files import read_tape
from luthier_sim.tapes.masking import masks
from luthier_sim.tapes.session import session_environment

if TYPE_CHECKING:
    from luthier_sim.tapes.tape import Tape

__all__ = ["record"]

_NOT_FOUND = 127
"""What shells give where there is no such command."""


class _WithCommand(click.Command):
    """A command whose arguments after ``--`` are another command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the command off the end."""
        place = args.index("--") if "--" in args else len(args)
        words = args[place + 1 :]
        if not words and not set(args).intersection(ctx.help_option_names):
            what = "no command follows --" if place < len(args) else "-- has to stand before the command"
            raise click.UsageError(f"{what}, as in: luthier record lab.toml -- python script.py", ctx)
        rest = super().parse_args(ctx, args[:place])
        ctx.params["words"] = tuple(words)
        return rest


@click.command(cls=_WithCommand)
@click.argument("lab", required=False, metavar="[LAB] -- COMMAND...", type=click.Path())
@click.option("--to", "folder", default="tapes", show_default=True, type=click.Path(), help="Folder for the tapes.")
@click.option("--only", multiple=True, metavar="NAME", help="Record this instrument only; may be given several times.")
@click.option(
    "--mask",
    multiple=True,
    metavar="REGEX",
    help="Replace what this matches, or its groups, by ***; may be given several times.",
)
def record(
    *, lab: str | None, folder: str, only: tuple[str, ...], mask: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """Run COMMAND, and record what it says to its instruments, one tape for each connection.

    Servers that COMMAND starts record too; those that run already do not. With LAB, Station() in COMMAND opens that
    file.
    """
    masks(mask)  # tells of a wrong one before anything is started
    environment = dict(os.environ)
    if lab is not None:
        environment["LUTHIER_LAB"] = str(Path(lab).resolve())
        _check_names(only, lab)
    place = Path(folder).resolve()
    environment |= session_environment(place, only=only, mask=mask)
    before = set(place.glob("*.tape"))
    code = _run(words, environment)
    made = sorted(set(place.glob("*.tape")) - before)
    for file in made:
        click.echo(_said_of(file, Path(folder)), err=True)
    if not made:
        click.echo("Nothing was recorded: the command opened no instrument by its address.", err=True)
    if code:
        raise click.exceptions.Exit(code)


def _check_names(only: tuple[str, ...], lab: str) -> None:
    known = describe(lab).instruments
    for name in only:
        if name not in known:
            raise UsageError(
                f"there is no instrument {name!r}: it has {', '.join(known)}", who=lab, state="Nothing was started."
            )


def _run(words: tuple[str, ...], environment: dict[str, str]) -> int:
    # Ctrl-C reaches the command as well, which decides what becomes of it. A handler is not inherited.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run(words, env=environment, check=False).returncode  # noqa: S603 - the user's own command
    except OSError as error:
        click.echo(f"{words[0]} cannot be started: {error.strerror or error}.", err=True)
        return _NOT_FOUND
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code  # as shells report a signal


def _said_of(file: Path, folder: Path) -> str:
    shown = folder / file.name
    try:
        tape: Tape = read_tape(file)
    except LuthierError as error:
        return f"{shown}: {error}"
    exchanges = tape.exchanges
    faults = [exchange.fault for exchange in exchanges if exchange.fault]
    counts = ", ".join(f"{faults.count(word)} {word}" for word in dict.fromkeys(faults))
    return f"{shown}: {tape.name}, {len(exchanges)} messages" + (f", {counts}" if counts else "")
