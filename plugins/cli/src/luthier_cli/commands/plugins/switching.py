"""``luthier plugins disable`` and ``enable``: what is switched off for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from luthier import plugins
from luthier.plugins.naming import canonical
from luthier.suggestions import nearest

from luthier_cli.disabled_list import change_disabled

if TYPE_CHECKING:
    from luthier.plugins import PluginEntry

__all__ = ["disable", "enable"]


@click.command
@click.argument("names", nargs=-1, required=True)
def disable(*, names: tuple[str, ...]) -> None:
    """Switch distributions or plugins off, for all that this user runs.

    NAMES are of distributions (luthier-acme), ids (acme.x), or both (luthier-acme:acme.x). It is written into a file;
    enable takes it back.
    """
    known = _known()
    own = {word for entry in _entries() if entry.distribution == "luthier-cli" for word in _names(entry)}
    for name in names:
        if canonical(name) in own and "." not in name:
            what = (
                f"{name!r} is this command's own; without it nothing could be switched on again. Nothing was changed."
            )
            raise click.ClickException(what)
        if canonical(name) not in known:
            near = nearest(canonical(name), known)
            hint = f"Did you mean {known[near[0]]}?" if near else "luthier plugins list shows what is installed."
            raise click.ClickException(f"{name!r} is not installed. Nothing was changed. {hint}")
    file, changed = change_disabled(add=names)
    click.echo(f"{', '.join(changed)} switched off in {file}." if changed else f"Nothing to do: all are off in {file}.")


@click.command
@click.argument("names", nargs=-1, required=True)
def enable(*, names: tuple[str, ...]) -> None:
    """Switch NAMES on again that were switched off by disable."""
    file, changed = change_disabled(remove=names)
    if changed:
        click.echo(f"{', '.join(changed)} switched on in {file}.")
    plugins.refresh()
    still = [entry for entry in _entries() if entry.state == "disabled" and _names(entry) & set(map(canonical, names))]
    for entry in still:
        click.echo(f"{entry.id} is still off: {entry.reason}.", err=True)
    if not changed and not still:
        click.echo(f"Nothing to do: none of these is off in {file}.")


def _entries() -> list[PluginEntry]:
    return [entry for kind in plugins.KINDS for entry in plugins.registry(kind).entries()]


def _names(entry: PluginEntry) -> set[str]:
    return {entry.distribution, canonical(entry.id), canonical(entry.qualified_id)}


def _known() -> dict[str, str]:
    spellings = {canonical(name): name for one in _entries() for name in (one.distribution, one.id, one.qualified_id)}
    return {**spellings, **{one.name: one.name for one in plugins.distributions()}}
