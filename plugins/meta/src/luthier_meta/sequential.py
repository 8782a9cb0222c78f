"""One member after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.strategy import Outcome

from luthier_meta.attempt import attempt
from luthier_meta.checking import checked
from luthier_meta.standing import raise_failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.strategy import Action

__all__ = ["sequential"]


def sequential(actions: Sequence[Action]) -> tuple[Outcome, ...]:
    """Set one member after another, in order; ``meta.sequential``.

    Stops at the first failure: what was set stays so, what comes after is not touched. Ctrl-C does the same, and stays
    ``KeyboardInterrupt``, with a note.

    Raises :class:`~luthier.errors.PartialSetError`, and, before anything is sent, what
    :func:`luthier_meta.checking.checked` raises.
    """
    wanted = checked(actions)
    outcomes: list[Outcome] = []
    for position, action in enumerate(wanted, start=1):
        outcome = attempt(action)
        outcomes.append(outcome)
        if outcome.error is not None:
            rest = [Outcome(later, "untouched") for later in wanted[position:]]
            raise_failure("meta.sequential", [*outcomes, *rest], outcome)
    return tuple(outcomes)
