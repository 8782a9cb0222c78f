"""Conditions under which a measurement stands still, and goes on by itself when they are over."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from numbers import Real
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from luthier.errors import NotGettableError, UsageError
from luthier.parameter import Parameter
from luthier.plain import to_plain

from luthier_measure.readings import readable_name

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["Suspender", "Watch", "checked_suspenders", "is_number", "pause_while"]


@frozen
class Suspender:
    """A condition that is looked at between points; made by :func:`pause_while`.

    Attributes
    ----------
    source
        What is read.
    is_bad
        Says of a value what is wrong with it, in words; an empty text when nothing is.
    settle
        Seconds for which it has to be good again before the run goes on.
    every
        Seconds between two looks.
    before_pausing, before_resuming
        Called in the thread that measures.
    wanted
        The limits, as they were given to :func:`pause_while`.
    """

    source: Parameter[Any] | Callable[[], Any]
    is_bad: Callable[[Any], str]
    settle: float
    every: float
    before_pausing: Callable[[], object] | None
    before_resuming: Callable[[], object] | None
    wanted: dict[str, Any] = field(factory=dict, eq=False)

    @property
    def name(self) -> str:
        """What is read, by name."""
        return readable_name(self.source)

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms, so that it can be made again; empty where only the script can."""
        if not isinstance(self.source, Parameter) or self.before_pausing or self.before_resuming:
            return {}
        wanted = {key: to_plain(value) for key, value in self.wanted.items()}
        return {"parameter": self.source.full_name, **wanted, "settle": self.settle, "every": self.every}

    def look(self) -> str:
        """Read, and say what is bad; empty when nothing is. What cannot be read counts as bad."""
        try:
            value = self.source.get() if isinstance(self.source, Parameter) else self.source()
            return self.is_bad(value)
        except Exception as error:  # noqa: BLE001 - an unattended run waits for a meter that comes back, not ends
            return f"{self.name} cannot be read ({type(error).__name__}: {error})"


_MISSING: Any = object()


def pause_while(
    source: Parameter[Any] | Callable[[], Any],
    *,
    above: float | None = None,
    below: float | None = None,
    equals: Any = _MISSING,
    settle: float = 0.0,
    every: float = 1.0,
    before_pausing: Callable[[], object] | None = None,
    before_resuming: Callable[[], object] | None = None,
) -> Suspender:
    """Let a measurement stand still while something is bad: ``suspenders=pause_while(fridge.temperature, above=0.1)``.

    The measurement itself reads ``source``, between two points, before the first one, and during delays of at least
    0.05 s; no other thread touches the instrument. When it is bad, the last point counts for nothing: it is taken again
    afterwards, with the set before it. What cannot be read, and NaN, counts as bad.

    Parameters
    ----------
    source
        A parameter, or a function without arguments, which need not be part of the measurement.
    above, below
        It is bad above the one, or below the other; in the unit of the source.
    equals
        It is bad when it equals this. Given none of the three, it is bad when it is true; parameters whose values are
        real or complex numbers need one of them.
    settle
        Seconds for which it has to be good again before the measurement goes on.
    every
        Seconds between two looks. Points taken after the last good look and before the bad one are kept; only the last
        of them is taken again. The run's ``pauses`` say when it was good last.
    before_pausing, before_resuming
        Functions without arguments, called in the thread that measures: to close a shutter, or to set outer parameters
        again. What they raise ends the run.

    Raises
    ------
    UsageError
        The arguments make no condition.

    Examples
    --------
    >>> from luthier import ManualParameter
    >>> temperature = ManualParameter("temperature", float, unit="K", initial=0.3)
    >>> pause_while(temperature, above=0.1).look()
    'temperature = 0.3 K is above 0.1 K'
    """
    _require_source(source)
    name = readable_name(source)
    for called, limit in (("above", above), ("below", below)):
        if limit is not None and (not is_number(limit) or math.isnan(limit)):
            raise UsageError(f"{called}={limit!r}: allowed are numbers", who=name)
    if equals is not _MISSING and (above is not None or below is not None):
        raise UsageError("pause_while() takes limits or equals=, not both", who=name)
    if equals is _MISSING and above is None and below is None and _is_measured(source):
        raise UsageError(
            "pause_while() does not say which numbers are bad", who=name, advice="Give above=, below= or equals=."
        )
    for called, seconds, least in (("settle", settle, 0.0), ("every", every, _LEAST_EVERY)):
        if not is_number(seconds) or not least <= seconds < math.inf:
            raise UsageError(f"{called}={seconds!r}: allowed are seconds, at least {least:g}", who=name)
    for called, action in (("before_pausing", before_pausing), ("before_resuming", before_resuming)):
        if action is not None and not callable(action):
            raise UsageError(f"{called}={action!r}: allowed is a function without arguments", who=name)
    unit = f" {source.unit}" if isinstance(source, Parameter) and source.unit else ""
    is_bad = _outside(name, unit, above, below) if equals is _MISSING else _equal(name, unit, equals)
    wanted = {"above": above, "below": below} if equals is _MISSING else {"equals": equals}
    return Suspender(source, is_bad, settle, every, before_pausing, before_resuming, wanted)


def is_number(value: object) -> bool:
    """Tell whether something is a real number; a truth value is none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_measured(source: Any) -> bool:
    """Tell whether it gives numbers of which hardly any is zero, so that it would be true for ever."""
    return isinstance(source, Parameter) and issubclass(source.type, (float, complex))


def _require_source(source: Any) -> None:
    if not isinstance(source, Parameter) and not callable(source):
        raise UsageError(
            f"pause_while() reads a parameter or a function without arguments; got {source!r} ({type(source).__name__})"
        )
    if isinstance(source, Parameter) and not source.gettable:
        raise NotGettableError("cannot be read, and so not be a condition", who=source.full_name)


_LEAST_EVERY = 0.05


def checked_suspenders(suspenders: Any) -> tuple[Suspender, ...]:
    """Return the suspenders of a measurement; :class:`~luthier.errors.UsageError` where they are something else."""
    several = isinstance(suspenders, Iterable) and not isinstance(suspenders, Parameter)
    given = tuple(suspenders) if several else (suspenders,)
    for each in given:
        if not isinstance(each, Suspender):
            raise UsageError(
                f"suspenders: got {each!r} ({type(each).__name__}): allowed are those that pause_while() makes",
                state="Nothing was set.",
                advice="Write suspenders=[pause_while(parameter, above=…)].",
            )
    return given


class Watch:
    """The suspenders of a run, and how they stand. For the thread that measures; ``is_due`` for any."""

    def __init__(self, suspenders: Iterable[Suspender]) -> None:
        self.suspenders = tuple(suspenders)
        self.last_good: float | None = None
        """Seconds since 1970 of the last look at which all was good; ``None`` where there was none."""
        self._due = [-math.inf] * len(self.suspenders)
        self._reasons = [""] * len(self.suspenders)
        self._good_since = [-math.inf] * len(self.suspenders)
        self._paused_for: list[Suspender] = []

    def is_due(self, now: float) -> bool:
        """Whether one of them is to be looked at; ``now`` is of ``time.monotonic``."""
        return any(now >= due for due in self._due)

    def look(self, now: float, *, now_anyway: bool = False) -> str:
        """Look at those that are due, and say what is bad; empty when all is good.

        With ``now_anyway``, all are looked at, due or not.
        """
        looked = False
        for number, suspender in enumerate(self.suspenders):
            if now_anyway or now >= self._due[number]:
                looked = True
                self._look_at(number, suspender)
        bad = [reason for number in range(len(self.suspenders)) if (reason := self._reason(number))]
        if looked and not bad:
            self.last_good = time.time()
        return "; ".join(bad)

    def before_pausing(self) -> None:
        """Carry out the actions of those that are bad, once."""
        for number, suspender in enumerate(self.suspenders):
            if self._reason(number) and suspender not in self._paused_for:
                self._paused_for.append(suspender)
                if suspender.before_pausing is not None:
                    suspender.before_pausing()

    def before_resuming(self) -> None:
        """Carry out the actions of those that were bad, the last one first."""
        while self._paused_for:
            suspender = self._paused_for.pop()
            if suspender.before_resuming is not None:
                suspender.before_resuming()

    def _look_at(self, number: int, suspender: Suspender) -> None:
        was_bad = bool(self._reason(number))
        self._reasons[number] = suspender.look()
        now = time.monotonic()
        self._due[number] = now + suspender.every
        if self._reasons[number]:
            self._good_since[number] = math.inf
        elif was_bad and self._good_since[number] == math.inf:
            self._good_since[number] = now

    def _reason(self, number: int) -> str:
        """Say what is bad, or not good for long enough."""
        suspender = self.suspenders[number]
        if self._reasons[number]:
            return self._reasons[number]
        good_for = time.monotonic() - self._good_since[number]
        return "" if good_for >= suspender.settle else f"{suspender.name} is good again, and settles"


def _outside(name: str, unit: str, above: float | None, below: float | None) -> Callable[[Any], str]:
    def is_bad(value: Any) -> str:
        if value != value:  # noqa: PLR0124 - NaN differs from itself
            return f"{name} is not a number"
        if above is not None and value > above:
            return f"{name} = {value}{unit} is above {above}{unit}"
        if below is not None and value < below:
            return f"{name} = {value}{unit} is below {below}{unit}"
        return f"{name} is {value}" if above is None and below is None and value else ""

    return is_bad


def _equal(name: str, unit: str, wanted: Any) -> Callable[[Any], str]:
    return lambda value: f"{name} is {value}{unit}" if value == wanted else ""
