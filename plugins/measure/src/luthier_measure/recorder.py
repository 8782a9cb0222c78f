"""What the tables of a run of free code share: names, setpoints and their steps, what was said of quantities."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen
from luthier.errors import UsageError
from luthier.parameter import Parameter

from luthier_measure.control import StopRequested
from luthier_measure.failed_readings import FailedReadings
from luthier_measure.naming import Naming
from luthier_measure.storage import Column
from luthier_measure.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luthier_measure.control import RunControl
    from luthier_measure.failed_readings import ErrorPolicy
    from luthier_measure.storage import RunWriter
    from luthier_measure.storage.description import Role

__all__ = ["MAIN", "Facts", "Quantity", "Recorder", "Setpoints", "checked_setpoints", "named"]

MAIN = "main"

Quantity: TypeAlias = "str | Parameter[Any]"
"""What a value belongs to: a parameter, or a name."""
Setpoints: TypeAlias = "Quantity | Iterable[Quantity]"


@frozen
class Facts:
    """What was said of a quantity before its first value."""

    unit: str | None = None
    label: str | None = None
    along: tuple[Quantity, ...] = ()


class Recorder:
    """What the tables of one run share. Thread-safe.

    Parameters
    ----------
    control
        Asked after each point by the thread that owns the ``with`` block, which may have to stop or to stand still.
    policy
        Gives what becomes of a reading of a parameter that fails.
    """

    def __init__(
        self, control: RunControl, policy: Callable[[Parameter[Any]], ErrorPolicy] = lambda _parameter: "stop"
    ) -> None:
        self.control = control
        self.failed = FailedReadings(control.sleep)
        self._policy = policy
        self.lock = threading.RLock()
        self.naming = Naming()
        self.timings = Timings()
        self.parameters: list[Parameter[Any]] = []
        """All that came."""
        self.is_over = False
        self.was_suspended = False
        """Whether the last point was taken while a suspender's condition was bad."""
        self._writer: RunWriter | None = None
        self._setpoints: dict[Quantity, str] = {}
        self._stored: set[Quantity] = set()
        self._stored_setpoints: set[Quantity] = set()
        self._steps: dict[str, dict[Any, int]] = {}
        self._facts: dict[Quantity, Facts] = {}
        self._offset = time.time() - time.monotonic()

    def begin(self, writer: RunWriter) -> None:
        """Store in this writer from now on."""
        self._writer = writer

    @property
    def writer(self) -> RunWriter:
        """Where points go; raises :class:`~luthier.errors.UsageError` when the run has ended."""
        if self._writer is None or self.is_over:
            raise UsageError(
                "the run has ended, and takes no more points",
                state="This point was not stored; those before are.",
                advice="Add points inside the with block of new_run().",
            )
        return self._writer

    def now(self) -> float:
        """Return the time in seconds since 1970, by a clock that nobody sets back meanwhile."""
        return time.monotonic() + self._offset

    def setpoint(self, quantity: Quantity) -> str:
        """Return the name of the column of a setpoint, which all tables share."""
        if quantity not in self._setpoints:
            name = self._setpoints[quantity] = self.naming.name(named(quantity))
            self._steps[name] = {}
        return self._setpoints[quantity]

    def new_setpoints(self, quantities: Iterable[Quantity]) -> list[Column]:
        """Make the columns of those setpoints that no table has stored yet."""
        new = [each for each in quantities if each not in self._stored_setpoints]
        self._stored_setpoints.update(new)
        return [self._column(each, "setpoint", self._setpoints[each], shape=()) for each in new]

    def column(self, quantity: Quantity, role: Role, table: str) -> Column:
        """Make the column of a quantity that has none; its first value decides on its type."""
        return self._column(quantity, role, self.naming.name(named(quantity), of=table))

    def _column(self, quantity: Quantity, role: Role, name: str, shape: tuple[int, ...] | None = None) -> Column:
        self._stored.add(quantity)
        facts = self._facts.get(quantity, Facts())
        unit, label, parameter = "", "" if name == quantity else named(quantity), ""
        if isinstance(quantity, Parameter):
            self.parameters.append(quantity)
            unit, label, parameter = quantity.unit, quantity.label, quantity.full_name
        unit = unit if facts.unit is None else facts.unit
        label = label if facts.label is None else facts.label
        return Column(name, role, None, shape, unit=unit, label=label, parameter=parameter)

    def step(self, name: str, value: Any) -> int:
        """Return the place of a value among those of a setpoint's column; a new one comes behind all others."""
        steps = self._steps[name]
        return steps.setdefault(value, len(steps))

    def describe(self, quantity: Quantity, facts: Facts) -> None:
        """Note what is said of a quantity, which no table may have yet."""
        with self.lock:
            if quantity in self._stored:
                raise UsageError(
                    f"{named(quantity)} is stored already, as it was",
                    state="Nothing was changed; the run goes on.",
                    advice="Describe it before its first value.",
                )
            self._facts[quantity] = facts

    def along(self, quantity: Quantity) -> tuple[Quantity, ...]:
        """Return the axes of a quantity, as they were described."""
        return self._facts.get(quantity, Facts()).along

    def is_axis(self, quantity: Quantity) -> bool:
        """Whether something was described as lying along it."""
        return any(quantity in facts.along for facts in self._facts.values())

    def read(self, parameter: Parameter[Any]) -> Any:
        """Read a parameter, as often as its policy says; ``None``: it failed, and that is to be stored."""
        began = time.perf_counter()
        try:
            return self.failed.attempt(parameter.get, self._policy(parameter), parameter.full_name)
        finally:
            self.timings.spent(parameter, "get").note(time.perf_counter() - began)

    def attend(self) -> None:
        """Stand still or stop, where that is asked, and raise what the storage has to say."""
        self.was_suspended = False
        control = self.control
        if control.failures:
            raise control.failures[0]
        if control.requests and control.thread == threading.get_ident():
            try:
                self.was_suspended = control.attend()
            except StopRequested:
                # Whoever caught it and goes on hears it again.
                control.requests.append("stop")
                raise

    def begin_measuring(self) -> None:
        """Say that this thread owns the ``with`` block, and stand still where a suspender's condition is bad."""
        try:
            self.control.begin()
        except StopRequested:
            # The block cannot be left out: its first point hears it.
            self.control.requests.append("stop")


def checked_setpoints(setpoints: Any) -> tuple[Quantity, ...]:
    """Return setpoints as a tuple; :class:`~luthier.errors.UsageError` for what cannot be any."""
    given = (setpoints,) if isinstance(setpoints, (str, Parameter)) else setpoints
    try:
        listed = tuple(given)
    except TypeError:
        listed = (given,)
    for each in listed:
        if not (isinstance(each, str) and each.strip()) and not isinstance(each, Parameter):
            raise UsageError(
                f"setpoints={setpoints!r}: allowed are names, parameters, and lists of them",
                state="Nothing was stored.",
            )
    if len(set(listed)) < len(listed):
        raise UsageError("a setpoint is named twice", state="Nothing was stored.")
    return listed


def named(quantity: Quantity) -> str:
    """Return what a quantity is called in messages."""
    return quantity.full_name if isinstance(quantity, Parameter) else quantity
