"""``luthier detect``: which instruments there are, and which drivers are for them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from luthier.plugins import FoundAddress, Search

from luthier_cli.detecting.asking import ask
from luthier_cli.detecting.lab_file import lab_text
from luthier_cli.detecting.looking import Looking, chosen, look, ways_to_look
from luthier_cli.new_file import new_file
from luthier_cli.output import json_option, print_fields, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_cli.detecting.asking import Detected

__all__ = ["detect"]

_SECONDS = click.FloatRange(0.05, 3600)


@click.command
@click.option("--kind", "kinds", multiple=True, help="Look in this way, several times for several. See --kinds.")
@click.option("--kinds", "list_kinds", is_flag=True, help="Say which ways to look there are, and what they send.")
@click.option("--host", "hosts", multiple=True, help="A network, address or name to look at: 192.0.2.0/28.")
@click.option("--address", "addresses", multiple=True, help="Ask at this address; nothing is looked for.")
@click.option("--no-ask", is_flag=True, help="Do not send *IDN?.")
@click.option("--timeout", type=_SECONDS, default=2.0, show_default=True, help="Seconds for each to answer.")
@click.option("--total", type=_SECONDS, default=30.0, show_default=True, help="Seconds for everything.")
@click.option("--save", type=click.Path(path_type=Path), help="Write a lab.toml of what was found.")
@click.option("--force", is_flag=True, help="Overwrite the file of --save.")
@json_option
def detect(
    *,
    kinds: tuple[str, ...],
    list_kinds: bool,
    hosts: tuple[str, ...],
    addresses: tuple[str, ...],
    no_ask: bool,
    timeout: float,
    total: float,
    save: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Look for instruments, ask each who it is, and say which drivers are for it.

    Without options, what VISA lists on USB and GPIB is asked; nothing is sent on a network unless --kind names a way
    that does. The only thing sent to an instrument is *IDN?, once. No driver is imported.
    """
    deadline = time.monotonic() + total
    if list_kinds:
        print_fields({one.kind: f"{one.summary}{' (unasked)' if one.unasked else ''}" for one in ways_to_look()})
        return
    _refuse_early(save, force=force)
    looking = _given(addresses) if addresses and not kinds else _looked(kinds, hosts, timeout, deadline, addresses)
    for trouble in looking.troubles:
        click.echo(f"Note: {trouble}", err=True)
    found: list[Detected] = []
    for one in ask(looking.found, timeout=timeout, deadline=deadline, asking=not no_ask):
        found.append(one)
        if not as_json:
            _print(one, asked=not no_ask)
    if as_json:
        print_json([one.as_plain() for one in found])
    elif not found:
        click.echo(_nothing(kinds))
    if save is not None:
        _save(save, found, force=force)


def _given(addresses: Sequence[str]) -> Looking:
    return Looking(tuple(FoundAddress(address, "named") for address in dict.fromkeys(addresses)), ())


def _looked(
    kinds: Sequence[str], hosts: Sequence[str], timeout: float, deadline: float, addresses: Sequence[str]
) -> Looking:
    methods = chosen(ways_to_look(), kinds)
    looking = look(methods, Search(tuple(hosts), timeout), deadline)
    named = [one for one in _given(addresses).found if one.address not in {each.address for each in looking.found}]
    troubles = looking.troubles
    if hosts and not kinds:
        troubles += ("--host is used by the ways that --kind names: --kind vxi-11, --kind socket.",)
    return Looking((*named, *looking.found), troubles)


def _print(one: Detected, *, asked: bool) -> None:
    click.echo(one.address)
    if one.reply:
        click.echo(f"  says: {one.reply}")
    elif asked:
        click.echo(f"  no answer: {one.trouble}")
    elif one.how:
        click.echo(f"  {one.how}")
    for match in one.matches:
        entry = match.entry
        usable = entry.state in {"available", "loaded"}
        name = entry.id if usable else f"{entry.qualified_id} ({entry.state}: {entry.reason})"
        click.echo(f"  driver: {name}, because {match.why}")
    if one.advice:
        click.echo(f"  no driver. {one.advice}")


def _nothing(kinds: Sequence[str]) -> str:
    if kinds:
        return "Nothing was found."
    return "Nothing was found on USB and GPIB. For other ways to look: luthier detect --kinds"


def _refuse_early(save: Path | None, *, force: bool) -> None:
    """Refuse to write a file before anybody is asked, not after."""
    if save is not None and save.exists() and not force:
        raise click.ClickException(f"{save} exists already. It is as it was. Add --force to overwrite it.")


def _save(file: Path, found: Sequence[Detected], *, force: bool) -> None:
    with new_file(file, overwrite=force) as temporary:
        temporary.write_text(lab_text(found, file.absolute().parent.name or "lab"), encoding="utf-8")
    count = sum(bool(one.matches) for one in found)
    click.echo(f"Wrote {file}, with {count} instrument{'' if count == 1 else 's'} that can be opened.", err=True)
