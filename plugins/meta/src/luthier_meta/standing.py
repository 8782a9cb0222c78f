"""Where the members were left, in words and as data, and the errors that say so."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from luthier.errors import LuthierError, PartialSetError
from luthier.strategy import PartialSetErrorGroup, facts, reason
from luthier.validators import shown
from luthier.validators.wording import with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier.strategy import Outcome

__all__ = ["in_words", "raise_failure", "raise_failures"]


def in_words(outcomes: Sequence[Outcome], stuck: Mapping[int, Any] = MappingProxyType({})) -> str:
    """Say in a sentence where every member stands; ``stuck`` holds what those could not be put back to, by position."""
    phrases = [
        _stuck(outcome, stuck[index]) if index in stuck else _phrase(outcome) for index, outcome in enumerate(outcomes)
    ]
    return "; ".join(phrases) + "."


def raise_failure(
    strategy: str, outcomes: Sequence[Outcome], failed: Outcome, stuck: Mapping[int, Any] = MappingProxyType({})
) -> NoReturn:
    """Raise what says that ``failed`` could not be set; Ctrl-C stays what it is, with a note."""
    cause = failed.error
    words = in_words(outcomes, stuck)
    if cause is None or not isinstance(cause, Exception):
        interrupt = cause or KeyboardInterrupt()
        interrupt.add_note(f"{strategy} was cut off: {words}")
        raise interrupt
    raise PartialSetError(
        f"{strategy} could not set {failed.action.parameter.full_name} to {_value(failed, failed.action.value)}: "
        f"{reason(cause)}",
        state=words,
        advice="Read the members before you go on." if _is_unclear(outcomes) else "",
        sent=_sent(outcomes),
        members=facts(outcomes),
    ) from cause


def raise_failures(strategy: str, outcomes: Sequence[Outcome]) -> NoReturn:
    """Raise every failure as one group."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    reasons = " ".join(
        f"{outcome.action.parameter.full_name}: {reason(outcome.error)}." for outcome in outcomes if outcome.error
    )
    group = PartialSetErrorGroup(
        f"{strategy} could not set {len(errors)} of {len(outcomes)} members. {in_words(outcomes)} {reasons}",
        [error if isinstance(error, Exception) else _wrapped(error) for error in errors],
    )
    group.members = facts(outcomes)
    raise group


def _wrapped(error: BaseException) -> LuthierError:
    wrapped = LuthierError(f"the code of the driver raised {type(error).__name__}: {error}", sent="maybe")
    wrapped.__cause__ = error
    return wrapped


def _stuck(outcome: Outcome, wanted: Any) -> str:
    known = outcome.standing in ("set", "on the way")
    where = f"stands at {_value(outcome, outcome.value)} still" if known else "may stand anywhere"
    why = "" if outcome.error is None else f" ({reason(outcome.error)})"
    name = outcome.action.parameter.full_name
    return f"{name} {where}, as it could not be put back to {_value(outcome, wanted)}{why}"


def _phrase(outcome: Outcome) -> str:
    name = outcome.action.parameter.full_name
    asked = _value(outcome, outcome.action.value)
    before = "" if outcome.before is None else _value(outcome, outcome.before)
    phrases = {
        "set": f"{name} was set to {asked}",
        "untouched": f"{name} was not touched" + (f" and stands at {before}" if before else ""),
        "put back": f"{name} was put back to {before}",
        "on the way": f"{name} stands at {_value(outcome, outcome.value)}, on the way to {asked}",
        "unknown": f"{name} may stand anywhere, as its set to {asked} failed half-way",
    }
    return phrases[outcome.standing]


def _value(outcome: Outcome, value: object) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return with_unit(value, outcome.action.parameter.unit) if number else shown(value)


def _is_unclear(outcomes: Sequence[Outcome]) -> bool:
    return any(outcome.standing == "unknown" for outcome in outcomes)


def _sent(outcomes: Sequence[Outcome]) -> Literal["no", "maybe", "yes"]:
    standings = {outcome.standing for outcome in outcomes}
    if standings == {"untouched"}:
        return "no"
    return "maybe" if standings <= {"untouched", "unknown"} else "yes"
