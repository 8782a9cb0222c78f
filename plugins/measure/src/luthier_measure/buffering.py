"""Readings that the hardware takes by itself: arm, trigger, fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen
from luthier.errors import ReplyError, UsageError
from luthier.parameter import Parameter, ParameterSweep

from luthier_measure.actions import checked_action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier_measure.actions import Action

__all__ = ["Buffered", "buffered"]


@frozen
class Buffered:
    """A reading of what instruments have collected by themselves; made by :func:`buffered`.

    Attributes
    ----------
    arm, trigger
        What is called before it is fetched, in this order.
    fetch
        What is read then.
    axis
        What the hardware went through meanwhile; nobody sets it here.
    """

    arm: Action | None
    trigger: Action | None
    fetch: tuple[Parameter[Any] | Callable[[], Any], ...]
    axis: ParameterSweep[Any] | None = None

    @property
    def parameters(self) -> tuple[Parameter[Any], ...]:
        """The parameters that are fetched."""
        return tuple(each for each in self.fetch if isinstance(each, Parameter))

    @property
    def name(self) -> str:
        """The names of what is fetched."""
        return ", ".join(getattr(each, "full_name", getattr(each, "__name__", "reading")) for each in self.fetch)

    def taking(self, takes: Sequence[Callable[[], Any]], several: Sequence[bool]) -> Callable[[], Sequence[Any]]:
        """Return the function that takes one point: the axis the first time, and what is fetched.

        Parameters
        ----------
        takes
            Functions that read what is fetched.
        several
            Which of them give several values.
        """
        actions = [action for action in (self.arm, self.trigger) if action is not None]
        axis = None if self.axis is None else np.array(self.axis.values, dtype=float)
        is_first = True

        def take() -> Sequence[Any]:
            nonlocal is_first
            for action in actions:
                action()
            values = [
                value for fetch, many in zip(takes, several, strict=True) for value in (fetch() if many else (fetch(),))
            ]
            if axis is None:
                return values
            self._require_length(values, len(axis))
            given = axis if is_first else None
            is_first = False
            return (given, *values)

        return take

    def _require_length(self, values: Sequence[Any], length: int) -> None:
        assert self.axis is not None
        for value in values:
            shape = np.shape(value)
            if value is not None and shape[:1] != (length,):
                raise ReplyError(
                    f"the buffer holds {shape[0] if shape else 'no array of'} values, "
                    f"and {self.axis.parameter.full_name} went through {length}",
                    who=self.name,
                    advice="See that the instrument was armed for as many values as axis= has.",
                )


def buffered(
    *,
    fetch: Parameter[Any] | Callable[[], Any] | Sequence[Parameter[Any] | Callable[[], Any]],
    arm: Callable[[], object] | None = None,
    trigger: Callable[[], object] | None = None,
    axis: ParameterSweep[Any] | None = None,
) -> Buffered:
    """Read, at each point, what instruments collect by themselves while the computer waits.

    ::

        measure(
            sweep(gate, 0, 1, num=11),
            buffered(arm=awg.arm, trigger=awg.run, fetch=scope.trace, axis=awg.amplitude.sweep(0, 0.5, num=501)),
        )

    Parameters
    ----------
    fetch
        One or several parameters, groups of them, or functions, read in this order; arrays keep the axes that they
        have.
    arm, trigger
        Functions to call before, in this order; ``trigger`` returns when the data are there, unless ``fetch`` waits for
        them.
    axis
        ``parameter.sweep(…)``: what the hardware goes through meanwhile, as the axis of all arrays whose own axis is
        not known. Its values are checked against the parameter's limits before the run begins, and not set.

    Raises
    ------
    UsageError
        The arguments make no reading.
    """
    several = tuple(fetch) if isinstance(fetch, (list, tuple)) else (fetch,)
    if not several:
        raise UsageError("buffered() got nothing to fetch")
    for each in several:
        if not callable(each):
            raise UsageError(
                f"buffered() cannot fetch {each!r}: allowed are parameters and functions without arguments"
            )
    if axis is not None and not isinstance(axis, ParameterSweep):
        raise UsageError(f"buffered(axis={axis!r}): allowed is parameter.sweep(start, stop, num=…)")
    return Buffered(
        checked_action(arm, "arm", who="buffered()"),
        checked_action(trigger, "trigger", who="buffered()"),
        several,
        axis,
    )
