"""All members, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import attrs
from luthier import get_many
from luthier.errors import NotGettableError
from luthier.strategy import Action, Outcome

from luthier_meta.attempt import attempt
from luthier_meta.checking import checked
from luthier_meta.standing import raise_failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier import Parameter

__all__ = ["present_values", "transactional"]


def transactional(actions: Sequence[Action]) -> tuple[Outcome, ...]:
    """Read the old values, set one member after another, and put the old values back where one fails.

    ``meta.transactional``. Put back, in reverse order, is what was set, and the member that failed unless nothing was
    sent to it; each is tried, whatever becomes of the others. Ctrl-C puts back too; a second one stops that.

    Raises :class:`~luthier.errors.PartialSetError`, which says what could not be put back; and, before anything is
    sent, what :func:`luthier_meta.checking.checked` raises, what reading a member raises, and
    :class:`~luthier.errors.NotGettableError` for a member whose old value nobody knows.
    """
    wanted = checked(actions)
    before = present_values([action.parameter for action in wanted], "so that it could not be put back")
    outcomes: list[Outcome] = []
    for action, old in zip(wanted, before, strict=True):
        outcome = attempt(action, old)
        outcomes.append(outcome)
        if outcome.error is not None:
            _roll_back(wanted, before, outcomes)
    return tuple(outcomes)


def present_values(parameters: Sequence[Parameter[Any]], consequence: str) -> list[Any]:
    """Return fresh readings, or what was last set where it cannot be read and that is still trusted.

    Members on one server are read in one round trip.
    """
    for parameter in parameters:
        if not parameter.gettable and not parameter.cache.valid:
            raise NotGettableError(
                f"cannot be read and no value is known, {consequence}",
                who=parameter.full_name,
                state="Nothing was sent.",
                advice=f"Set it by itself once, or tell its value: {parameter.full_name}.cache.push(…).",
            )
    readable = [parameter for parameter in parameters if parameter.gettable]
    readings = iter(get_many(readable))
    return [next(readings) if parameter.gettable else parameter.cache.value for parameter in parameters]


def _roll_back(wanted: Sequence[Action], before: Sequence[Any], outcomes: list[Outcome]) -> NoReturn:
    """Put back what was touched, in reverse order, and raise."""
    failed = outcomes[-1]
    cause = failed.error or KeyboardInterrupt()
    touched = [index for index, outcome in enumerate(outcomes) if outcome.standing != "untouched"]
    stuck = {index: before[index] for index in touched}
    for index in reversed(touched):
        outcomes[index], error = _put_back(outcomes[index])
        if error is None:
            del stuck[index]
            continue
        cause.add_note(f"{outcomes[index].action.parameter.full_name} could not be put back: {error!r}")
        if not isinstance(error, Exception):
            break
    rest = [
        Outcome(action, "untouched", old, old)
        for action, old in zip(wanted[len(outcomes) :], before[len(outcomes) :], strict=True)
    ]
    raise_failure("meta.transactional", [*outcomes, *rest], failed, stuck)


def _put_back(outcome: Outcome) -> tuple[Outcome, BaseException | None]:
    back = attempt(Action(outcome.action.parameter, outcome.before), outcome.before)
    duration = outcome.duration + back.duration
    if back.error is None:
        return attrs.evolve(outcome, standing="put back", value=outcome.before, duration=duration), None
    if back.standing == "untouched":  # it stands where the first attempt left it
        return attrs.evolve(outcome, error=back.error, duration=duration), back.error
    where = attrs.evolve(outcome, standing=back.standing, value=back.value, error=back.error, duration=duration)
    return where, back.error
