"""Where something may be listening: the ways to look that plugins contribute."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import attrs
import click
from luthier import plugins
from luthier.errors import LuthierError
from luthier.plugins.kinds import FIRST_PARTY
from luthier.suggestions import nearest

from luthier_cli.detecting.deadlines import all_until
from luthier_cli.diagnosis.trials import trials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.plugins import DiscoveryMethod, FoundAddress, Search

__all__ = ["Looking", "chosen", "look", "ways_to_look"]

_HOOK_LIMIT = 10.0


@attrs.frozen
class Looking:
    """What was found, each address once, and what went wrong, as sentences."""

    found: tuple[FoundAddress, ...]
    troubles: tuple[str, ...]


def ways_to_look() -> tuple[DiscoveryMethod, ...]:
    """Return the ways to look that plugins contribute, in the order of their kinds.

    Hooks of strangers are tried in another process first, so that none that hangs can stop this one; those that fail
    are left out, with a word on standard error.
    """
    strangers = [
        entry
        for entry in plugins.registry("hooks").entries()
        if entry.distribution not in FIRST_PARTY and entry.state not in {"disabled", "broken", "incompatible"}
    ]
    bad = [trial for trial in trials(strangers, limit=_HOOK_LIMIT) if trial.what] if strangers else []
    if bad:
        for trial in bad:
            click.echo(f"Note: {trial.entry} is left out: {trial.what}.", err=True)
        names = (os.environ.get("LUTHIER_DISABLE", ""), *(trial.entry.qualified_id for trial in bad))
        os.environ["LUTHIER_DISABLE"] = " ".join(names).strip()
        plugins.refresh()
    methods = [method for contributed in plugins.hooks.discover().values() for method in contributed]
    return tuple(sorted(methods, key=lambda method: method.kind))


def chosen(methods: Sequence[DiscoveryMethod], kinds: Sequence[str]) -> tuple[DiscoveryMethod, ...]:
    """Return the methods of the kinds named; where none is, those that need not be asked for.

    Raises :class:`click.ClickException` for a kind that there is not.
    """
    known = dict.fromkeys(method.kind for method in methods)
    for kind in kinds:
        if kind not in known:
            near = nearest(kind, known)
            hint = f"Did you mean {near[0]}?" if near else f"The kinds are {', '.join(known)}."
            raise click.ClickException(f"there is no way to look called {kind!r}. Nothing was sent. {hint}")
    return tuple(method for method in methods if (method.kind in kinds if kinds else method.unasked))


def look(methods: Sequence[DiscoveryMethod], search: Search, deadline: float) -> Looking:
    """Look in all these ways at once, until the deadline (of :func:`time.monotonic`) at the latest."""
    found: dict[str, FoundAddress] = {}
    troubles = []
    within = min(deadline, time.monotonic() + search.timeout * 2 + 5.0)
    for method, result in all_until(lambda method: list(method.search(search)), methods, within):
        if result is None:
            troubles.append(f"{method.kind}: looking did not come to an end in time.")
        elif isinstance(result, BaseException):
            said = str(result) if isinstance(result, LuthierError) else f"{type(result).__name__}: {result}"
            troubles.append(f"{method.kind}: {said}")
        else:
            for one in result:
                earlier = found.setdefault(one.address, one)
                if one.identity and not earlier.identity:
                    found[one.address] = one
    return Looking(tuple(found.values()), tuple(troubles))
