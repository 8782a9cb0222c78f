"""How a set of several members is carried out: the protocol that strategy plugins implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter import Parameter

__all__ = ["Action", "Outcome", "Strategy"]


@attrs.frozen(eq=False)
class Action:
    """One member that is to be set to one value."""

    parameter: Parameter[Any]
    value: Any


@attrs.frozen(eq=False)
class Outcome:
    """What became of one action.

    Attributes
    ----------
    before
        The value before; ``None`` where it was not read.
    done
        Whether the member stands at the value asked for.
    error
        What went wrong; ``None``: nothing.
    duration
        Seconds from the first byte to the end.
    """

    action: Action
    before: Any
    done: bool
    error: BaseException | None
    duration: float


@runtime_checkable
class Strategy(Protocol):
    """What an entry point of the group ``luthier.strategies`` refers to."""

    def __call__(self, actions: Sequence[Action]) -> tuple[Outcome, ...]:
        """Carry out ``actions``, and return what became of each, in their order.

        Every value is checked before the first byte is sent. Where an action fails, what is raised is one exception, or
        one group of all the failures, that says what was set, what was put back and what was not.
        """
        ...
