"""The state in which a measurement leaves the instruments, however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen
from luthier.errors import NotSettableError, UsageError
from luthier.parameter import Parameter
from luthier.plain import to_plain

from luthier_measure.arity import require_arity
from luthier_measure.readings import readable_name

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["FinalStep", "FinalWish", "carry_out", "final_steps"]

FinalWish: TypeAlias = Any
"""A mapping of parameters to values, a function without arguments, an instrument, or several of them."""


@frozen
class FinalStep:
    """One thing to do after a measurement.

    Attributes
    ----------
    what
        In words, for messages.
    do
        Does it.
    subject
        The parameter or instrument concerned; ``None`` for a function.
    value
        What a parameter is set to.
    """

    what: str
    do: Callable[[], object]
    subject: Any
    value: Any = None

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        if isinstance(self.subject, Parameter):
            return {"what": self.what, "parameter": self.subject.full_name, "value": to_plain(self.value)}
        if self.subject is None:
            return {"what": self.what}
        return {"what": self.what, "instrument": str(getattr(self.subject, "full_name", self.subject.name))}


def final_steps(wish: FinalWish) -> tuple[FinalStep, ...]:
    """Check what is to be done after a measurement, and put it in order; nothing is done yet.

    Raises
    ------
    ValidationError, NotSettableError, UsageError
        It cannot be done. Nothing was set.
    """
    if wish is None:
        return ()
    if isinstance(wish, Mapping):
        return tuple(_setting(parameter, value) for parameter, value in wish.items())
    if isinstance(wish, Parameter):
        raise UsageError(
            "finally_= got a parameter without a value",
            who=wish.full_name,
            state="Nothing was set.",
            advice="Write finally_={parameter: value}.",
        )
    make_safe = getattr(wish, "make_safe", None)
    if callable(make_safe):
        name = str(getattr(wish, "full_name", None) or getattr(wish, "name", type(wish).__name__))
        return (FinalStep(f"make {name} safe", make_safe, wish),)
    if callable(wish):
        require_arity(wish, who="finally_=", advice="Write lambda: … around it. Nothing was set.")
        return (FinalStep(f"call {readable_name(wish)}", wish, None),)
    if isinstance(wish, Iterable) and not isinstance(wish, str):
        return tuple(step for each in wish for step in final_steps(each))
    raise UsageError(
        f"finally_= got {wish!r} ({type(wish).__name__}): allowed are {{parameter: value}}, functions without "
        "arguments, instruments, and lists of them",
        state="Nothing was set.",
    )


def carry_out(
    steps: Iterable[FinalStep], interruptible: Callable[[], AbstractContextManager[object]]
) -> list[tuple[FinalStep, BaseException]]:
    """Do everything in order, whatever fails, and return the failures.

    Parameters
    ----------
    steps
        What to do.
    interruptible
        Gives the block in which Ctrl-C may raise ``KeyboardInterrupt``, which ends one step and counts as its failure.
    """
    failures: list[tuple[FinalStep, BaseException]] = []
    for step in steps:
        try:
            with interruptible():
                step.do()
        except BaseException as error:  # noqa: BLE001 - the next step may be the one that saves the sample
            failures.append((step, error))
    return failures


def _setting(parameter: Any, value: Any) -> FinalStep:
    if not isinstance(parameter, Parameter):
        raise UsageError(
            f"finally_= sets parameters; got {parameter!r} ({type(parameter).__name__})", state="Nothing was set."
        )
    if not parameter.settable:
        raise NotSettableError(
            "cannot be brought into a final state, because it cannot be set",
            who=parameter.full_name,
            state="Nothing was set.",
        )
    parameter.check(value)
    unit = f" {parameter.unit}" if parameter.unit else ""
    return FinalStep(f"set {parameter.full_name} to {value}{unit}", partial(parameter.set, value), parameter, value)
