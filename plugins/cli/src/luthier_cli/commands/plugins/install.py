"""``luthier plugins install``: the command that installs a distribution into this environment."""

from __future__ import annotations

import re
import shutil
import subprocess

import click
from luthier.plugins.install_hints import distribution_of_maker

from luthier_cli.installing.environment import installation, shown
from luthier_cli.plugin_index import read_index

__all__ = ["install"]

_REQUIREMENT = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[A-Za-z0-9,._ -]+\])?((==|>=|<=|~=|!=|<|>)[A-Za-z0-9.*+!-]+,?)*"
)


@click.command
@click.argument("names", nargs=-1, required=True)
@click.option("--run", is_flag=True, help="Run the command, too.")
@click.pass_context
def install(ctx: click.Context, *, names: tuple[str, ...], run: bool) -> None:
    """Print the command that installs NAMES into this environment; nothing is installed unless --run is given.

    A name is of a distribution, with a version or without (luthier-acme, luthier-acme>=1.2), of a maker (keithley), or
    the id of a driver (keithley.2400).
    """
    found = installation([_requirement(name) for name in names])
    if found.remark:
        click.echo(found.remark, err=True)
    if not found.command:
        ctx.exit(1)
    click.echo(shown(found.command))
    if not run:
        return
    if shutil.which(found.command[0]) is None:
        raise click.ClickException(f"{found.command[0]} is not on the path. Nothing was installed.")
    code = subprocess.run(found.command, check=False).returncode  # noqa: S603 - made of names that were checked
    if code:
        raise click.ClickException(f"{found.tool} ended with the exit code {code}; its own message is above.")
    click.echo("Installed. What it brings: luthier plugins list")


def _requirement(name: str) -> str:
    """Return what pip is given for a name; what could be an option, an address or a file is refused."""
    if not _REQUIREMENT.fullmatch(name):
        raise click.ClickException(
            f"{name!r} is not the name of a distribution, a maker or a driver. Nothing was installed. "
            "Allowed are names such as luthier-acme, luthier-acme>=1.2, keithley and keithley.2400."
        )
    word = re.split(r"[.\[=<>~!]", name, maxsplit=1)[0]
    if name.startswith("luthier") or name in {one.distribution for one in read_index()}:
        return name
    known = distribution_of_maker(word)
    if known and known != word:
        rest = name[len(word) :] if not name[len(word) :].startswith(".") else ""
        return f"{known}{rest}"
    return name
