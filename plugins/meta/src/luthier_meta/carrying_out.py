"""From values of virtual parameters to what is asked of which member."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.strategy import Action
from luthier.validators import shown

from luthier_meta.virtual import moves_by_itself

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier import Parameter

    from luthier_meta.combination import Combination
    from luthier_meta.virtual import Virtual

__all__ = ["Plan"]


class Plan:
    """What setting several parameters asks of the members: each member once.

    Every value is checked when the plan is made, and nothing is sent. Linear parameters of one matrix are worked out
    together, so that none undoes another.

    Attributes
    ----------
    actions
        In the order in which the parameters were given.
    spread
        The virtual parameters that are set through members, with their values in canonical form.
    """

    def __init__(
        self, wanted: Sequence[tuple[Parameter[Any], Any]], virtuals: Mapping[Parameter[Any], Virtual]
    ) -> None:
        self._virtuals = virtuals
        self.actions: list[Action] = []
        self.spread: list[tuple[Parameter[Any], Any]] = []
        self._asked_by: dict[int, tuple[Action, str]] = {}
        joint = self._joint(wanted)
        # Where several values of one matrix change together, the limits of each alone mean nothing: the members decide.
        checked = [
            (parameter, parameter.check(value, in_any_state=self._is_joint(parameter, joint)))
            for parameter, value in wanted
        ]
        joint = self._joint(checked)
        for parameter, value in checked:
            virtual = self._spreading(parameter)
            if virtual is None:
                self._ask([Action(parameter, value)], parameter)
                continue
            self.spread.append((parameter, value))
            if virtual.combination is None:
                assert virtual.spread is not None  # what _spreading looks for
                self._ask(virtual.spread(value), parameter)
            elif virtual.combination in joint:
                self._ask(virtual.combination.actions(joint.pop(virtual.combination)), parameter)

    def _spreading(self, parameter: Parameter[Any]) -> Virtual | None:
        virtual = self._virtuals.get(parameter)
        by_itself = virtual is None or virtual.spread is None or moves_by_itself(parameter)
        return None if by_itself else virtual

    def _is_joint(self, parameter: Parameter[Any], joint: Mapping[Combination, Mapping[int, Any]]) -> bool:
        virtual = self._spreading(parameter)
        return virtual is not None and virtual.combination is not None and len(joint[virtual.combination]) > 1

    def _joint(self, values: Sequence[tuple[Parameter[Any], Any]]) -> dict[Combination, dict[int, float]]:
        """Return the values wanted of each combination, by row."""
        joint: dict[Combination, dict[int, float]] = {}
        for parameter, value in values:
            virtual = self._spreading(parameter)
            if virtual is not None and virtual.combination is not None:
                joint.setdefault(virtual.combination, {})[virtual.index] = value
        return joint

    def _ask(self, actions: Sequence[Action], asker: Parameter[Any]) -> None:
        for action in actions:
            present = self._asked_by.get(id(action.parameter))
            if present is None:
                self._asked_by[id(action.parameter)] = (action, asker.full_name)
                self.actions.append(action)
            elif shown(present[0].value) != shown(action.value):
                raise UsageError(
                    f"{present[1]} and {asker.full_name} ask for different values of {action.parameter.full_name}: "
                    f"{shown(present[0].value)} and {shown(action.value)}",
                    state="Nothing was sent.",
                    advice="Set one after the other.",
                )
