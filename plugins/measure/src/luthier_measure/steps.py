"""What is done at each step of a sweep besides setting and reading."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen
from luthier.errors import LuthierError, UsageError

from luthier_measure.actions import Action, checked_action
from luthier_measure.conditions import Condition, Question, condition_of
from luthier_measure.durations import checked_duration
from luthier_measure.plan_words import duration_text

if TYPE_CHECKING:
    from collections.abc import Container

    from luthier.parameter import Parameter

__all__ = [
    "Do",
    "Guard",
    "NotSettledError",
    "Step",
    "Verdict",
    "Wait",
    "WaitUntil",
    "do",
    "skip_if",
    "stop_if",
    "stop_run_if",
    "wait",
    "wait_until",
]

Verdict = Literal["go", "skip", "stop", "stop run"]
Waiting = Callable[[float], bool]
"""Waits for seconds, attending to what comes meanwhile; returns whether the point is to begin again."""


class NotSettledError(LuthierError):
    """What ``wait_until`` waited for did not come in time. The run ended; the points before are kept.

    Attributes: ``timeout`` (seconds).
    """

    timeout: float


@frozen
class Guard:
    """Something that decides whether it goes on; made by :func:`skip_if`, :func:`stop_if` and :func:`stop_run_if`."""

    verdict: Verdict
    condition: Condition

    def describe(self) -> str:
        """Say it in a line."""
        what = {"skip": "skip what follows", "stop": "end this sweep", "stop run": "end the run"}[self.verdict]
        return f"{what} if {self.condition.name}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms, so that it can be made again; empty where only the script can."""
        name = self.condition.parameter
        return {} if name is None else {"verdict": self.verdict, "parameter": name}

    def compiled(self, known: Container[int], _wait: Waiting) -> Callable[[], Verdict]:
        """Return the function that decides."""
        holds, verdict = self.condition.asker(known), self.verdict
        return lambda: verdict if holds() else "go"


@frozen
class Do:
    """A function that is called for what it does; made by :func:`do`."""

    function: Callable[[], object]

    def describe(self) -> str:
        """Say it in a line."""
        return f"do {getattr(self.function, '__name__', 'something')}"

    def to_data(self) -> dict[str, Any]:
        """Give nothing: only the script has the function."""
        return {}

    def compiled(self, _known: Container[int], _wait: Waiting) -> Callable[[], Verdict]:
        """Return the function that does it."""
        function = self.function

        def act() -> Verdict:
            function()
            return "go"

        return act


@frozen
class Wait:
    """A pause; made by :func:`wait`."""

    seconds: float

    def describe(self) -> str:
        """Say it in a line."""
        return f"wait {duration_text(self.seconds)}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms, so that it can be made again."""
        return {"wait": self.seconds}

    def compiled(self, _known: Container[int], wait: Waiting) -> Callable[[], Verdict]:
        """Return the function that waits."""
        seconds = self.seconds

        def act() -> Verdict:
            wait(seconds)
            return "go"

        return act


@frozen
class WaitUntil:
    """A pause until a condition holds; made by :func:`wait_until`."""

    condition: Condition
    every: float
    timeout: float | None
    hold: float

    def describe(self) -> str:
        """Say it in a line."""
        held = f" for {duration_text(self.hold)}" if self.hold else ""
        most = f", at most {duration_text(self.timeout)}" if self.timeout is not None else ""
        return f"wait until {self.condition.name} holds{held}{most}"

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms, so that it can be made again; empty where only the script can."""
        name = self.condition.parameter
        if name is None:
            return {}
        return {"until": name, "every": self.every, "timeout": self.timeout, "hold": self.hold}

    def compiled(self, _known: Container[int], wait: Waiting) -> Callable[[], Verdict]:
        """Return the function that waits."""
        # What it waits for comes from outside: nothing counts as known.
        holds = self.condition.asker(())

        def act() -> Verdict:
            begun = time.monotonic()
            since: float | None = None
            while True:
                asked = time.monotonic()
                since = (asked if since is None else since) if holds() else None
                if since is not None and time.monotonic() - since >= self.hold:
                    return "go"
                if self.timeout is not None and time.monotonic() - begun >= self.timeout:
                    raise self._too_late()
                wait(self.every)

        return act

    def _too_late(self) -> NotSettledError:
        assert self.timeout is not None
        return NotSettledError(
            f"wait_until: {self.condition.name} did not hold within {duration_text(self.timeout)}",
            state="The run ends here; the points before are kept.",
            advice="Give a longer timeout=, or see why it does not settle.",
            timeout=self.timeout,
        )


Step = Guard | Do | Wait | WaitUntil


def skip_if(question: Question, /, *parameters: Parameter[Any]) -> Guard:
    """Leave out, at this step, everything of the plan that follows, where a condition holds: there is NaN then.

    ``skip_if(lambda x, y: x + y > 1, gate.x, gate.y)``: the function gets the values of the parameters. Where all of
    them are swept around it and the condition stands right behind the sweep, it is asked *before* the step is set, so
    that a combination that must not be is never sent. Otherwise it is asked where it stands. Values are those that the
    measurement has set or read last; parameters that it neither sets nor reads are read each time. A function without
    parameters is called as it is, and a parameter alone is read and counts as it is true or not.

    Raises
    ------
    UsageError
        It is no question.
    """
    return Guard("skip", condition_of(question, parameters, who="skip_if()"))


def stop_if(question: Question, /, *parameters: Parameter[Any]) -> Guard:
    """End the sweep in which it stands where a condition holds: ``stop_if(lambda i: abs(i) > 1e-3, dmm.current)``.

    The sweeps around go on with their next step. Behind a reading it is asked after the point was stored. The question
    is as in :func:`skip_if`.
    """
    return Guard("stop", condition_of(question, parameters, who="stop_if()"))


def stop_run_if(question: Question, /, *parameters: Parameter[Any]) -> Guard:
    """End the whole run where a condition holds; its outcome is ``stopped``. The question is as in :func:`skip_if`."""
    return Guard("stop run", condition_of(question, parameters, who="stop_run_if()"))


def do(function: Action, /) -> Do:
    """Call a function at each step, for what it does; what it returns is not stored.

    It is called where it stands: before the readings that follow it.
    """
    checked = checked_action(function, "function", who="do()")
    if checked is None:
        raise UsageError("do() got None: allowed is a function without arguments")
    return Do(checked)


def wait(seconds: float, /) -> Wait:
    """Wait at each step, where it stands; ``delay=`` of a sweep waits after its sets."""
    return Wait(checked_duration(seconds, "seconds", who="wait()"))


def wait_until(
    question: Question,
    /,
    *parameters: Parameter[Any],
    timeout: float | None = None,
    every: float = 0.1,
    hold: float = 0.0,
) -> WaitUntil:
    """Wait at each step until a condition holds: ``wait_until(lambda t: abs(t - 4.2) < 0.01, fridge.temperature)``.

    Parameters
    ----------
    question, parameters
        As in :func:`skip_if`, but all parameters are read each time.
    timeout
        Seconds after which the run ends with :class:`NotSettledError`; ``None``: never.
    every
        Seconds between two looks.
    hold
        For how many seconds the condition has to hold at each look.
    """
    condition = condition_of(question, parameters, who="wait_until()")
    limit = None if timeout is None else checked_duration(timeout, "timeout", who="wait_until()")
    pause = checked_duration(every, "every", who="wait_until()", least=0.001)
    return WaitUntil(condition, pause, limit, checked_duration(hold, "hold", who="wait_until()"))
