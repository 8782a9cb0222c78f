"""Ramps: approaching a value in bounded steps at a bounded speed."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, Any

from luthier.errors import BusyError, NotGettableError, RampInterruptedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.parameter.live import Parameter

__all__ = ["Motion", "step_for"]

_INTERVAL = 0.1
"""Seconds between two steps where only the rate is given."""


def step_for(rate: float) -> float:
    """Return the largest step of what is only bounded in its speed (unit per s)."""
    return _INTERVAL * rate


class Motion:
    """How one parameter approaches a new value.

    The start is read from the instrument, never taken from the cache: somebody may have turned a knob. Every step is
    validated before the first one is sent, and is a set of its own, so that after an interruption the cache holds the
    last value really sent. The instrument's monitor is free between two steps; another set of the same parameter is
    refused meanwhile.

    Attributes
    ----------
    step
        The largest step, in the parameter's unit; made from the rate where only that is given.
    rate
        The largest speed, in unit per s; ``None``: as fast as the steps go.
    """

    def __init__(self, parameter: Parameter[Any], step: float | None, rate: float | None) -> None:
        self._parameter = parameter
        self.rate = rate
        self.step = step if step is not None else step_for(rate or 0.0)
        self._moving = threading.Lock()
        self._stopped = threading.Event()
        self._moved_at = float("-inf")

    @classmethod
    def bounded(cls, parameter: Parameter[Any], step: float | None, rate: float | None) -> Motion:
        """Return a motion within the driver's own bounds; ``None`` takes these."""
        specification = parameter.specification
        for name, wanted, driver in (("step", step, specification.step), ("rate", rate, specification.rate)):
            if wanted is not None and (not wanted > 0 or (driver is not None and wanted > driver)):
                allowed = "a number above 0" + (f", at most {driver!r} {parameter.unit}" if driver is not None else "")
                raise UsageError(
                    f"cannot limit the {name} to {wanted!r}: allowed is {allowed}",
                    who=parameter.full_name,
                    state="The motion is limited as before.",
                )
        return cls(
            parameter, specification.step if step is None else step, specification.rate if rate is None else rate
        )

    def mover(self, put: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return the function that ramps to a value, each step through ``put``."""

        def move(value: Any) -> None:
            target = self._parameter.check(value)
            if not self._moving.acquire(blocking=False):
                raise BusyError(
                    "is on a ramp in another thread",
                    who=self._parameter.full_name,
                    state="Nothing was sent; the ramp goes on.",
                    advice=f"Wait for it, or call {self._parameter.full_name}.stop().",
                    holder="a ramp",
                    timeout=0.0,
                )
            try:
                self._stopped.clear()
                self._walk(target, put)
            finally:
                self._moving.release()

        return move

    def stop(self) -> None:
        """Make a ramp that is under way raise RampInterruptedError before its next step."""
        self._stopped.set()

    def _walk(self, target: Any, put: Callable[[Any], None]) -> None:
        last = self._start()
        for value in [self._parameter.check(value) for value in self._steps(last, target)]:
            self._wait(abs(value - last), target)
            put(value)
            self._moved_at = time.monotonic()
            last = value

    def _start(self) -> Any:
        parameter = self._parameter
        if parameter.gettable:
            return parameter.get()
        if parameter.cache.valid:
            return parameter.cache.value
        raise NotGettableError(
            "cannot ramp: it cannot be read and no value was set, so the start is not known",
            who=parameter.full_name,
            state="Nothing was sent.",
            advice=f"Look at the instrument and tell its value: {parameter.full_name}.cache.push(…).",
        )

    def _steps(self, start: Any, target: Any) -> Iterator[Any]:
        """Yield the values from after ``start`` to ``target``, in decimal: the numbers that people expect."""
        first, last, step = (Decimal(repr(number)) for number in (start, target, self.step))
        whole = isinstance(target, int)
        if whole:
            step = max(step.to_integral_value(rounding="ROUND_FLOOR"), Decimal(1))
        count = ceil(abs(last - first) / step) if last != first else 1
        signed = step if last > first else -step
        for index in range(1, count):
            value = first + signed * index
            yield int(value) if whole else float(value)
        yield target

    def _wait(self, distance: float, target: object) -> None:
        due = self._moved_at + (distance / self.rate if self.rate else 0.0)
        if self._stopped.wait(max(0.0, due - time.monotonic())):
            value = self._parameter.cache.value
            raise RampInterruptedError(
                f"the ramp to {target!r} {self._parameter.unit} was stopped",
                who=self._parameter.full_name,
                state=f"It stands at the last value sent, {value!r} {self._parameter.unit}.",
                value=value,
                target=target,
            )
