"""How a set of several members is carried out: the protocol that strategy plugins implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

from luthier.errors import LuthierError
from luthier.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luthier.parameter import Parameter

__all__ = ["Action", "Outcome", "PartialSetErrorGroup", "Standing", "Strategy", "facts", "reason"]

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
        is one :class:`~luthier.errors.PartialSetError`, or one :class:`PartialSetErrorGroup` with every
        failure; either says where every member stands.
        """
        ...


class PartialSetErrorGroup(ExceptionGroup[Exception]):
    """Of several members that were to be set at the same time, some failed: every failure, together.

    Attributes
    ----------
    members
        Where each member stands, as :func:`facts` gives it; the message says it in words.
    """

    members: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        """Return the message, which says where every member stands."""
        return self.message

    def derive(self, excs: Any) -> PartialSetErrorGroup:  # type: ignore[override]  # always exceptions, never interrupts
        """Keep class and facts when the group is split."""
        derived = PartialSetErrorGroup(self.message, excs)
        derived.members = self.members
        return derived


def facts(outcomes: Iterable[Outcome]) -> tuple[dict[str, Any], ...]:
    """Return outcomes as plain data, which survives a trip through a server.

    A dictionary for each: ``name`` (the member's full name), ``asked``, ``before``, ``standing``, ``value``, ``error``
    (text, empty for none), and ``duration`` (in s).
    """
    return tuple(
        {
            "name": outcome.action.parameter.full_name,
            "asked": to_plain(outcome.action.value),
            "before": to_plain(outcome.before),
            "standing": outcome.standing,
            "value": to_plain(outcome.value),
            "error": "" if outcome.error is None else reason(outcome.error),
            "duration": outcome.duration,
        }
        for outcome in outcomes
    )


def reason(error: BaseException) -> str:
    """Return what went wrong, without who, state and advice, to be part of a sentence."""
    text = error.what if isinstance(error, LuthierError) else str(error)
    return (text or type(error).__name__).rstrip(".")
