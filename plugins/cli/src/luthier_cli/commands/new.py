"""``luthier new``: a new distribution with a driver, its simulator, tests and documents."""

from __future__ import annotations

import shlex
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from luthier import plugins
from luthier.plugins.install_hints import distribution_of_maker
from luthier.plugins.naming import id_key
from luthier.suggestions import nearest

from luthier_cli.new_driver.answers import INTERFACES, LICENCES, LONGEST, OPTIONS, Answers, Interface, checked_options
from luthier_cli.new_driver.context import template_context
from luthier_cli.new_driver.free_text import checked_text
from luthier_cli.new_driver.git_identity import git_setting
from luthier_cli.new_driver.names import Known, Names, derive_names, maker_in, namespace_of
from luthier_cli.new_driver.questions import Questions
from luthier_cli.new_driver.recorded_commands import Recorded, read_recording
from luthier_cli.new_driver.refusal import RefusedError
from luthier_cli.new_driver.rendering import render
from luthier_cli.new_driver.scpi_list import read_scpi_list
from luthier_cli.output import print_fields
from luthier_cli.plugin_index import read_index

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.scpi import Identity

    from luthier_cli.new_driver.scpi_commands import ScpiCommand

__all__ = ["new"]

_NOTHING = "Nothing was written."
_FEW = 4
"""Messages that have room in a remark."""


@click.command
@click.option("--maker", help='Who makes the instrument, as people say it: "R&S".')
@click.option("--model", help="The model, or the family of models.")
@click.option("--interface", type=click.Choice(INTERFACES), help="How it is reached; sdk: by a library of the maker's.")
@click.option("--author", help="Who writes the driver; by default user.name of git.")
@click.option("--licence", type=click.Choice(LICENCES), help="What others may do with it; by default MIT.")
@click.option(
    "--option", "pairs", multiple=True, metavar="NAME=VALUE", help="What is derived otherwise; several times."
)
@click.option("--options", "list_options", is_flag=True, help="Say which there are.")
@click.option(
    "--from-scpi",
    "scpi_list",
    metavar="LIST",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start driver and simulator from a list of commands: text, CSV or TOML.",
)
@click.option(
    "--from-recording",
    "recording",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start them from recorded traffic.",
)
@click.option("--no-input", is_flag=True, help="Ask nothing: what is not given is derived, or refused.")
@click.option(
    "-o",
    "--output",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder in which the new one is made; by default this one.",
)
def new(
    *,
    maker: str | None,
    model: str | None,
    interface: str | None,
    author: str | None,
    licence: str | None,
    pairs: tuple[str, ...],
    list_options: bool,
    scpi_list: Path | None,
    recording: Path | None,
    no_input: bool,
    output: Path,
) -> None:
    """Make a distribution with a driver, its simulator, its tests and documents, in a new folder.

    Five things are asked, unless they are given: maker, model or family, interface, author, licence. Everything else is
    derived. No network is used, nothing is installed, and nothing is written but the folder.
    """
    if list_options:
        print_fields(OPTIONS)
        return
    if find_spec("cookiecutter") is None:
        raise click.ClickException(
            f"luthier new needs cookiecutter, which is not installed. {_NOTHING} Write pip install 'luthier-cli[new]'."
        )
    given = {"maker": maker, "model": model, "interface": interface, "author": author, "licence": licence}
    try:
        beginning = _beginning(scpi_list, recording)
        options = checked_options(_pairs(pairs))
        names, answers = _ask(Questions(silent=no_input), given, options, beginning.identity)
        _require_fit(beginning.commands, answers.interface)
        _require_room(output / names.distribution)
    except RefusedError as refused:
        where = f"option {refused.answer}" if refused.answer in OPTIONS else refused.answer
        raise click.ClickException(f"{where}: {refused}. {_NOTHING}") from refused
    context = template_context(names, answers, beginning.commands, beginning.identity)
    folder = render(context, output, options.get("template", ""))
    _say_what_next(names, folder)


def _ask(
    ask: Questions, given: Mapping[str, str | None], options: Mapping[str, str], identity: Identity | None
) -> tuple[Names, Answers]:
    known = _known()
    vendor = maker_in(identity.vendor) if identity else ""
    series = identity.model.removeprefix("MODEL ") if identity else ""

    def checked_maker(text: str) -> str:
        maker = checked_text(text, "maker", LONGEST["maker"])
        namespace_of(maker, options)
        return maker

    def named_model(text: str) -> tuple[str, Names]:
        model = checked_text(text, "model", LONGEST["model"])
        return model, derive_names(maker, model, options, known)

    def checked_author(text: str) -> str:
        return checked_text(text, "author", LONGEST["author"])

    def checked_interface(text: str) -> Interface:
        return next(interface for interface in INTERFACES if interface == text)

    maker = ask.ask("maker", given["maker"], checked_maker, question="Maker, as people say it", default=vendor)
    model, names = ask.ask("model", given["model"], named_model, question="Model, or family of models", default=series)
    interface = ask.ask(
        "interface",
        given["interface"],
        checked_interface,
        question="Interface (sdk: by a library of the maker's)",
        default=INTERFACES[0],
        choices=INTERFACES,
    )
    author = ask.ask("author", given["author"], checked_author, question="Author", default=git_setting("user.name"))
    licence = ask.ask("licence", given["licence"], str, question="Licence", default=LICENCES[0], choices=LICENCES)
    return names, Answers(maker, model, interface, author, licence, options)


def _require_fit(commands: tuple[ScpiCommand, ...], interface: Interface) -> None:
    if commands and interface == "sdk":
        raise RefusedError("interface", "a list of SCPI commands is for visa, tcp and serial, not for sdk")


def _require_room(folder: Path) -> None:
    if folder.exists():
        raise RefusedError(
            "output",
            f"there is {folder} already. Choose another folder. A second driver of one distribution is added by hand: "
            "its module, its entry points, and its tables in luthier.toml",
        )


def _pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if name not in OPTIONS or not equals:
            near = nearest(name, OPTIONS)
            hint = f" Did you mean {near[0]}={value or 'VALUE'}?" if near else ""
            raise click.BadParameter(
                f"{pair!r} is no option of the form NAME=VALUE.{hint} The names are {', '.join(OPTIONS)}.",
                param_hint="--option",
            )
        found[name] = value
    if "email" not in found and (email := git_setting("user.email")):
        with suppress(RefusedError):  # git takes anything for an address
            return checked_options({**found, "email": email})
    return found


def _beginning(scpi_list: Path | None, recording: Path | None) -> Recorded:
    """Read what driver and simulator begin with, and say what was left out."""
    if scpi_list and recording:
        raise RefusedError("from-recording", "it is given beside --from-scpi. Choose one of them")
    if recording:
        found = read_recording(recording)
        if found.left_out:
            messages = ", ".join(map(repr, found.left_out[:_FEW])) + (", …" if len(found.left_out) > _FEW else "")
            click.echo(
                f"Left out: {len(found.left_out)} that are no plain settings and readings: {messages}.", err=True
            )
        click.echo("Units and limits are not in a recording: write them into the driver.", err=True)
        return found
    if scpi_list is None:
        return Recorded((), None, ())
    commands, common = read_scpi_list(scpi_list)
    if common:
        click.echo(f"Left out: {common} of {scpi_list} that every SCPI instrument has, and Luthier knows.", err=True)
    return Recorded(commands, None, ())


def _known() -> Known:
    """Look what is installed, and what is in the index of this release."""
    entries = plugins.registry("drivers").entries()
    drivers = {id_key(entry.id): entry.distribution for entry in entries}
    index = read_index()
    for one in index:
        for plugin in one.plugins:
            kind, _, name = plugin.partition(": ")
            if kind == "drivers":
                drivers.setdefault(id_key(name), one.distribution)
    installed = {one.name for one in plugins.distributions()}
    return Known(installed | {one.distribution for one in index}, drivers)


def _say_what_next(names: Names, folder: Path) -> None:
    near = distribution_of_maker(names.namespace)
    if near and not names.word.startswith(near.removeprefix("luthier-")):
        click.echo(f"Note: {near} is for a maker of nearly the same name. If yours is that one, begin anew.", err=True)
    print_fields(
        {
            "folder": str(folder),
            "distribution": names.distribution,
            "package": names.package,
            "driver": f"{names.driver_id}, class {names.class_name} in {names.package}/{names.module}.py",
        }
    )
    click.echo(
        f"""
What next?
  cd {shlex.quote(str(folder))}
  pip install --editable ".[sim]" "luthier-core[testing]"
  pytest
  luthier info {names.driver_id}
Replace the commands of the driver and of its simulator, one parameter at a time; the tests say what is missing.
Names that are not as you want them are given with --option: luthier new --options"""
    )
