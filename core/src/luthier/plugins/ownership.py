"""Which of several distributions that claim one id gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import attrs

from luthier.plugins.naming import ownership_rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.user_settings import UserSettings

__all__ = ["Settlement", "settle"]


class Settlement(NamedTuple):
    """The claims on one id with their states, and the one that the plain id means; ``None`` if that is ambiguous."""

    entries: tuple[PluginEntry, ...]
    chosen: PluginEntry | None


def settle(claims: Sequence[PluginEntry], settings: UserSettings | None = None) -> Settlement:
    """Settle who gets an id.

    Whom the user prefers gets it, if it claims it and is not switched off. Otherwise the best rank wins (see
    :func:`~luthier.plugins.naming.ownership_rank`); what the user switched off does not take part. The owner of a
    namespace keeps it also with a plugin that cannot be loaded: nobody is handed a stranger's driver unasked. Among
    equals, one that cannot be loaded gives way.

    Parameters
    ----------
    claims
        The entries of one kind and id, at least one, of different distributions.
    settings
        The user's; ``None`` for a user without any.
    """
    if len(claims) == 1:
        return Settlement((claims[0],), claims[0])
    standing = [claim for claim in claims if claim.state != "disabled"] or list(claims)
    preferred = settings.preferred(claims[0].id) if settings else ""
    chosen = [claim for claim in standing if claim.distribution == preferred]
    if settings and chosen:
        why = f"{settings.file} prefers {preferred}"
        return Settlement(tuple(claim if claim in chosen else _shadowed(claim, why) for claim in claims), chosen[0])
    ranks = {claim: ownership_rank(claim.distribution, claim.id) for claim in standing}
    best = [claim for claim in standing if ranks[claim] == min(ranks.values())]
    usable = [claim for claim in best if claim.state == "available"]
    if len(usable) > 1:
        return Settlement(tuple(_ambiguous(claim, usable) if claim in usable else claim for claim in claims), None)
    winner = (usable or best)[0]
    owns = ownership_rank(winner.distribution, winner.id) == 0
    why = f"{winner.distribution} {'owns the namespace' if owns else 'has the better claim'}"
    return Settlement(tuple(claim if claim is winner else _shadowed(claim, why) for claim in claims), winner)


def _shadowed(claim: PluginEntry, why: str) -> PluginEntry:
    if claim.state != "available":
        return claim
    return attrs.evolve(claim, state="shadowed", reason=f"{why}; ask for this one as {claim.qualified_id!r}")


def _ambiguous(claim: PluginEntry, rivals: Sequence[PluginEntry]) -> PluginEntry:
    others = ", ".join(rival.distribution for rival in rivals if rival is not claim)
    reason = f"{others} claims the same id as equal; ask for this one as {claim.qualified_id!r}"
    return attrs.evolve(claim, state="ambiguous", reason=reason)
