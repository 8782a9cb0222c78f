"""What decides at each step whether it is entered: conditions, actions and waits, as one function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from luthier_measure.control import StopRequested
from luthier_measure.steps import Guard

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from luthier.parameter import Parameter

    from luthier_measure.steps import Step, Verdict

__all__ = ["EndOfLevel", "Enter", "both", "entering", "foreseeing"]

Enter: TypeAlias = Callable[[tuple[Any, ...]], bool]
"""Given the setpoints of a step and of all around it, does what is to be done and tells whether to go on with it."""


class EndOfLevel(Exception):  # noqa: N818 - not an error
    """The sweep that lies nearest around is to end."""


def entering(actions: Sequence[Step], known: Container[int], wait: Callable[[float], bool]) -> Enter | None:
    """Return the function that carries out actions in order; ``None`` where there are none.

    Parameters
    ----------
    actions
        What is to be done.
    known
        The ids of the parameters that were set or read by then.
    wait
        Waits for seconds.
    """
    if not actions:
        return None
    decisions = [action.compiled(known, wait) for action in actions]

    def enter(_setpoints: tuple[Any, ...]) -> bool:
        return all(_goes_on(decide()) for decide in decisions)

    return enter


def foreseeing(
    actions: Sequence[Step], swept: Sequence[Parameter[Any] | None]
) -> tuple[Enter | None, tuple[Step, ...]]:
    """Split off the leading conditions that can be asked before anything is set, because they ask only for setpoints.

    Parameters
    ----------
    actions
        Those of a level.
    swept
        The parameters to which the setpoints belong, those of the level last.
    """
    places = {id(parameter): place for place, parameter in enumerate(swept) if parameter is not None}
    guards: list[Guard] = []
    for action in actions:
        if not isinstance(action, Guard) or not action.condition.parameters:
            break
        if not all(id(parameter) in places for parameter in action.condition.parameters):
            break
        guards.append(action)
    if not guards:
        return None, tuple(actions)
    questions = [
        (each.condition.question, [places[id(parameter)] for parameter in each.condition.parameters], each.verdict)
        for each in guards
    ]

    def enter(setpoints: tuple[Any, ...]) -> bool:
        for question, at, verdict in questions:
            if question(*[setpoints[place] for place in at]) and not _goes_on(verdict):
                return False
        return True

    return enter, tuple(actions[len(guards) :])


def both(first: Enter | None, second: Enter | None) -> Enter | None:
    """Do one after the other, as long as the first goes on."""
    if first is None or second is None:
        return first or second
    return lambda setpoints: first(setpoints) and second(setpoints)


def _goes_on(verdict: Verdict) -> bool:
    if verdict == "stop":
        raise EndOfLevel
    if verdict == "stop run":
        raise StopRequested
    return verdict == "go"
