"""``luthier tape``: what can be made of a tape."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from luthier import plugins
from luthier.errors import UsageError
from luthier.instrument.opening import driver_class
from luthier.transport import transport_plugin_for

from luthier_sim.tapes.files import read_tape

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["tape"]

_FILE = click.argument("file", type=click.Path())
_OUTPUT = click.option("--output", "-o", type=click.Path(), help="A new file for it; otherwise it is printed.")


@click.group
def tape() -> None:
    """Make tests and simulators of tapes, and compare them."""


@tape.command("to-test")
@_FILE
@_OUTPUT
@click.option("--driver", metavar="ID|module:Class", help="The driver; by default the one that it was recorded with.")
def to_test(*, file: str, output: str | None, driver: str | None) -> None:
    """Make a test for pytest of a tape.

    The test lets the driver say what is on the tape, and compares what it makes of the replies. It needs neither the
    tape nor the instrument.
    """
    from luthier_sim.tapes.making_tests import source_of_test  # noqa: PLC0415 - each verb imports what it needs

    found = read_tape(file)
    kind = driver or found.driver
    if not kind or kind.startswith("__main__:"):
        raise UsageError(
            "the tape does not say which driver it was recorded with"
            if not kind
            else "the driver was a class of a script",
            who=file,
            state="Nothing was written.",
            advice="Give it by --driver, as an id (keithley.2400), module:Class or ./file.py:Class.",
        )
    _deliver(source_of_test(found, driver_class(kind)), output)


@tape.command("to-sim")
@_FILE
@_OUTPUT
@click.option("--class", "class_name", default="", help="Name of the class; by default made from the instrument's.")
def to_sim(*, file: str, output: str | None, class_name: str) -> None:
    """Make a simulator of a tape.

    It is a class of devices that answers what is on the tape, and keeps what was set: 'luthier sim serve
    ./lamp.py:SimulatedLamp' serves it.
    """
    from luthier_sim.tapes.simulator_making import source_of_simulator  # noqa: PLC0415 - as above

    if class_name and not class_name.isidentifier():
        raise click.BadParameter(f"{class_name!r} is no name of a class.", param_hint="--class")
    _deliver(source_of_simulator(read_tape(file), class_name), output)


@tape.command()
@click.argument("first", type=click.Path())
@click.argument("second", type=click.Path(), metavar="SECOND|ADDRESS")
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=0.0,
    help="By how much numbers in replies may differ: 0.01 for 1 %, inf for any.",
)
@click.option("--send", is_flag=True, help="Send the messages to a real instrument, whatever they set.")
def diff(*, first: str, second: str, tolerance: float, send: bool) -> None:
    """Compare two tapes; the exit code is 1 where they differ.

    In place of the second tape an ADDRESS may stand, such as sim://keithley.2400: it is sent the messages of the first.
    """
    from luthier_sim.tapes.differences import compare_tapes, play  # noqa: PLC0415 - as above

    one = read_tape(first)
    two = play(one, _opened(second, send=send)) if "://" in second or "::" in second else read_tape(second)
    found = compare_tapes(one, two, tolerance=tolerance)
    for difference in found:
        click.echo(str(difference))
    messages = f"{len(one.exchanges)} and {len(two.exchanges)} messages"
    click.echo(f"{len(found) or 'No'} difference{'s' * (len(found) != 1)} in {messages}.", err=True)
    if found:
        raise click.exceptions.Exit(1)


def _opened(address: str, *, send: bool) -> Transport:
    if not send and not address.lower().startswith(("sim://", "tape://")):
        raise UsageError(
            "this may be a real instrument, which the messages of the tape would set",
            who=address,
            state="Nothing was sent.",
            advice="Give --send where that is what you want: outputs may be switched on.",
        )
    factory: Any = plugins.registry("transports").load(transport_plugin_for(address))
    transport: Transport = factory(address)
    return transport


def _deliver(text: str, output: str | None) -> None:
    """Print a text, or write it into a new file."""
    if output is None:
        click.echo(text, nl=False)
        return
    with Path(output).open("x", encoding="utf-8", newline="\n") as place:
        place.write(text)
    click.echo(f"{output} was written.", err=True)
    sys.stderr.flush()
