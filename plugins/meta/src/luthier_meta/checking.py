"""What has to hold before a strategy sends the first byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.errors import NotSettableError, ValidationError
from luthier.strategy import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked"]


def checked(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return the actions with their values in canonical form; sets nothing.

    Raises the refusal of the first member whose value is wrong (:class:`~luthier.errors.ValidationError`), with a note
    on each other one, and :class:`~luthier.errors.NotSettableError`.
    """
    accepted: list[Action] = []
    refusals: list[ValidationError] = []
    for action in actions:
        parameter = action.parameter
        if not parameter.settable:
            raise NotSettableError(
                "cannot be set: it can only be read", who=parameter.full_name, state="Nothing was sent."
            )
        try:
            accepted.append(Action(parameter, parameter.check(action.value)))
        except ValidationError as refusal:
            refusals.append(refusal)
    if refusals:
        first, *others = refusals
        for other in others:
            first.add_note(f"refused as well: {other}")
        raise first
    return tuple(accepted)
