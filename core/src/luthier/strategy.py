"""How a set of several members is carried out: the protocol that strategy plugins implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter import Parameter

__all__ = ["Action", "Outcome", "Standing", "Strategy"]

Standing: TypeAlias = Literal["set", "untouched", "put back", "on the way", "unknown"]
"""Where a member was left: at the value asked for, as it was, at its old value again, between them, or nobody knows."""


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
    action
        What was asked for, with the value as the member's ``check`` returned it.
    standing
        Where the member was left.
    value
        The value it was left at; ``None`` where that is not known, or was never read.
    before
        The value before; ``None`` where it was not read.
    error
        What went wrong with this member; ``None``: nothing.
    duration
        Seconds that were spent on this member.
    """

    action: Action
    standing: Standing
    value: Any = None
    before: Any = None
    error: BaseException | None = None
    duration: float = 0.0

    @property
    def done(self) -> bool:
        """Whether the member stands at the value asked for."""
        return self.standing == "set"


@runtime_checkable
class Strategy(Protocol):
    """What an entry point of the group ``luthier.strategies`` refers to."""

    def __call__(self, actions: Sequence[Action]) -> tuple[Outcome, ...]:
        """Carry out ``actions``, and return what became of each, in their order.

        Every value is checked before the first byte is sent; a value that is refused raises
        :class:`~luthier.errors.ValidationError`, and nothing was sent then. Where an action fails later, what is raised
        is one :class:`~luthier.errors.PartialSetError`, or one :class:`~luthier.errors.PartialSetErrorGroup` with every
        failure; either says where every member stands.
        """
        ...
