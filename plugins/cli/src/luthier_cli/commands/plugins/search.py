"""``luthier plugins search``: which distributions there are."""

from __future__ import annotations

import click
from luthier import plugins
from luthier.plugins.install_hints import distribution_of_maker

from luthier_cli.output import json_option, print_json, print_table
from luthier_cli.plugin_index import index_of_installed, read_index

__all__ = ["search"]


@click.command
@click.argument("words", nargs=-1)
@json_option
def search(*, words: tuple[str, ...], as_json: bool) -> None:
    """Search the distributions that were known at this release, and those installed, for all of WORDS.

    A word may be a maker, a model, a kind of plugin or a part of any of them. No network is used.
    """
    installed = {one.name for one in plugins.distributions()}
    known = {one.distribution: one.plugins for one in read_index()}
    known |= {one["distribution"]: one["plugins"] for one in index_of_installed(installed - known.keys())}
    wanted = [word.casefold() for word in words]
    records = [
        {"distribution": name, "plugin": plugin, "what": what, "installed": name in installed}
        for name, of_it in sorted(known.items())
        for plugin, what in of_it.items()
        if all(word in f"{name} {plugin} {what}".casefold() for word in wanted)
    ]
    if as_json:
        print_json(records)
    elif records:
        rows = [
            [str(one["plugin"]), str(one["what"]), str(one["distribution"]), _yes(one["installed"])] for one in records
        ]
        print_table(("plugin", "what it is", "distribution", "installed"), rows)
    else:
        click.echo(_nothing(words))


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _nothing(words: tuple[str, ...]) -> str:
    makers = dict.fromkeys(found for word in words if (found := distribution_of_maker(word)))
    said = f"Nothing that was known at this release has {' and '.join(map(repr, words))} in it."
    if makers:
        said += f" Drivers of that maker would be in {' or '.join(makers)}, which may have been released since:"
        return f"{said} pip index versions {next(iter(makers))}"
    return f"{said} What is on PyPI and begins with luthier- may have been released since."
