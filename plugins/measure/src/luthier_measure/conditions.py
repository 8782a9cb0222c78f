"""Conditions of a plan: questions that are asked again at each step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import Parameter

from luthier_measure.arity import require_arity

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["Condition", "Question", "condition_of", "conditions_data"]

Question: TypeAlias = Callable[..., object] | Parameter[Any]
"""A function without arguments; one of the values of parameters that are named beside it; or a parameter itself."""


@frozen
class Condition:
    """A question, and the parameters whose values are its arguments; made by :func:`condition_of`."""

    question: Question
    parameters: tuple[Parameter[Any], ...] = ()

    @property
    def name(self) -> str:
        """What stands for it in a description."""
        if isinstance(self.question, Parameter):
            return self.question.full_name
        name = str(getattr(self.question, "__name__", "condition"))
        name = "a condition" if name == "<lambda>" else name
        of = ", ".join(parameter.full_name for parameter in self.parameters)
        return f"{name} of {of}" if of else name

    @property
    def asked(self) -> tuple[Parameter[Any], ...]:
        """The parameters that may be read for it."""
        return (self.question,) if isinstance(self.question, Parameter) else self.parameters

    @property
    def parameter(self) -> str | None:
        """The name by which the question is found again in another process: of a parameter; ``None`` for a function."""
        return self.question.full_name if isinstance(self.question, Parameter) else None

    def asker(self, known: Container[int]) -> Callable[[], bool]:
        """Return the function that asks it.

        Parameters
        ----------
        known
            The ids of the parameters that the measurement has set or read by then: their values are those. All others
            are read each time.
        """
        question = self.question
        if isinstance(question, Parameter):
            get = question.get
            return lambda: bool(get())
        function = question
        if not self.parameters:
            return lambda: bool(function())
        takes = [each.known_or_read if id(each) in known else each.get for each in self.parameters]
        return lambda: bool(function(*[take() for take in takes]))


def condition_of(question: Any, parameters: tuple[Any, ...] = (), *, who: str) -> Condition:
    """Check a question and its arguments; ``who`` asks.

    Raises
    ------
    UsageError
        It cannot be asked.
    """
    if not callable(question):
        raise UsageError(
            f"{who} got {question!r} ({type(question).__name__}): allowed are a function or a parameter, "
            "which is asked again at each step",
            advice=f"Write {who.removesuffix('()')}(lambda: …), not the value of now.",
        )
    for parameter in parameters:
        if not isinstance(parameter, Parameter):
            raise UsageError(f"{who} got {parameter!r}: behind the function stand the parameters whose values it takes")
    if isinstance(question, Parameter) and parameters:
        raise UsageError(f"{who} takes one parameter, or a function and the parameters whose values it takes")
    if not isinstance(question, Parameter):
        require_arity(
            question,
            [each.full_name for each in parameters],
            who=who,
            advice="Behind the function stand the parameters whose values it takes, one for each argument.",
        )
    return Condition(question, parameters)


def conditions_data(*, until: Condition | None = None, while_: Condition | None = None) -> dict[str, str]:
    """Name the parameters that are asked, as it is stored with a plan; what no parameter says has no entry."""
    given = {"until_parameter": until, "while_parameter": while_}
    return {key: each.parameter for key, each in given.items() if each is not None and each.parameter is not None}
