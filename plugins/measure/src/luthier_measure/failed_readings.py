"""What becomes of a reading that fails: the run ends, it is tried again, or NaN is stored."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import attrs
from attrs import frozen
from luthier.errors import BusyError, UsageError
from luthier.parameter import Parameter

from luthier_measure.readings import readable_name
from luthier_measure.suspenders import is_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luthier_measure.plan_layout import ArrangedLevel
    from luthier_measure.readings import Readable, Reading

__all__ = [
    "ErrorPolicy",
    "FailedReadings",
    "Policies",
    "Retry",
    "checked_policies",
    "is_whole",
    "policy_for_parameters",
    "retry",
]

_log = logging.getLogger("luthier.measure")


@frozen
class Retry:
    """Try a failed reading again; made by :func:`retry`."""

    times: int
    wait: float
    then: Literal["stop", "nan"]

    def to_data(self) -> dict[str, Any]:
        """Describe it in JSON's terms."""
        return {"retry": self.times, "wait": self.wait, "then": self.then}


_NAN = Retry(0, 0.0, "nan")

ErrorPolicy: TypeAlias = Literal["stop", "nan"] | Retry
Policies: TypeAlias = "ErrorPolicy | Mapping[Readable, ErrorPolicy]"


def retry(times: int, *, wait: float = 0.0, then: Literal["stop", "nan"] = "stop") -> Retry:
    """Try a failed reading again: ``measure(…, on_error=retry(3, wait=0.5))``.

    Parameters
    ----------
    times
        How often, after the first failure.
    wait
        Seconds before each of them.
    then
        What becomes of a reading that fails every time: ``"stop"`` ends the run with the last error, ``"nan"`` stores
        that there is no value.

    Raises
    ------
    UsageError
        One of the arguments is not allowed.
    """
    if not is_whole(times) or times < 1:
        raise UsageError(f"retry({times!r}): allowed are whole numbers from 1 on")
    if not is_number(wait) or not 0 <= wait < math.inf:
        raise UsageError(f"wait={wait!r}: allowed are seconds, from 0 on")
    if then not in {"stop", "nan"}:
        raise UsageError(f"then={then!r}: allowed are 'stop' and 'nan'")
    return Retry(times, float(wait), then)


def checked_policies(on_error: Any, readings: Sequence[Readable]) -> tuple[ErrorPolicy, ...]:
    """Return the policy for each of the readings; :class:`~luthier.errors.UsageError` for what is none."""
    if not isinstance(on_error, Mapping):
        return (_checked(on_error),) * len(readings)
    for asked in on_error:
        if not any(asked is reading for reading in readings):
            name = readable_name(asked) if isinstance(asked, Parameter) or callable(asked) else repr(asked)
            raise UsageError(
                f"on_error= names {name}, which is not read: allowed are {', '.join(map(readable_name, readings))}",
                state="Nothing was set.",
            )
    return tuple(
        next((_checked(policy) for asked, policy in on_error.items() if asked is reading), "stop")
        for reading in readings
    )


def policy_for_parameters(on_error: Any) -> Callable[[Parameter[Any]], ErrorPolicy]:
    """Return what gives the policy for each parameter, of which none is known beforehand; raises as above."""
    if not isinstance(on_error, Mapping):
        policy = _checked(on_error)
        return lambda _parameter: policy
    for asked in on_error:
        if not isinstance(asked, Parameter):
            raise UsageError(
                f"on_error= names {asked!r}: allowed are the parameters that are read by run.add(parameter)",
                state="Nothing was set.",
            )
    policies = [(asked, _checked(policy)) for asked, policy in on_error.items()]
    return lambda parameter: next((policy for asked, policy in policies if asked is parameter), "stop")


def is_whole(value: Any) -> bool:
    """Whether it is a whole number, and no truth value."""
    return isinstance(value, int) and not isinstance(value, bool)


def _checked(policy: Any) -> ErrorPolicy:
    if isinstance(policy, Retry) or (isinstance(policy, str) and policy in {"stop", "nan"}):
        return cast("ErrorPolicy", policy)
    raise UsageError(
        f"on_error={policy!r}: allowed are 'stop', 'nan', retry(…), and a mapping of readings to these",
        state="Nothing was set.",
    )


class FailedReadings:
    """Readings that may fail, and how often they did.

    Parameters
    ----------
    sleep
        Waits for a number of seconds before another attempt; what it raises ends the run.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self.counts: dict[str, dict[str, Any]] = {}
        """By the name of the column: ``missing`` (values not stored), ``retried`` (attempts) and the ``last`` error."""

    def guarded(self, levels: Iterable[ArrangedLevel], policies: Iterable[ErrorPolicy]) -> tuple[ArrangedLevel, ...]:
        """Return the levels with what is to be done when their readings fail; there is one policy for each reading."""
        each = iter(policies)
        return tuple(
            attrs.evolve(level, readings=tuple(self.guard(reading, next(each)) for reading in level.readings))
            for level in levels
        )

    def guard(self, reading: Reading, policy: ErrorPolicy) -> Reading:
        """Return the reading with what is to be done when it fails; the same one where a failure ends the run."""
        if policy == "stop":
            return reading
        missing = None if len(reading.columns) == 1 else (None,) * len(reading.columns)
        take = partial(self.attempt, reading.take, policy, reading.columns[-1].name, missing)
        return attrs.evolve(reading, take=take)

    def attempt(self, take: Callable[[], Any], policy: ErrorPolicy, name: str, missing: Any = None) -> Any:
        """Take a reading, as often as the policy says, and return ``missing`` where it says that this is to be stored.

        What fails is counted under ``name``. Raises what the reading raised last.
        """
        if policy == "stop":
            return take()
        plan = policy if isinstance(policy, Retry) else _NAN
        left = plan.times
        while True:
            try:
                return take()
            except Exception as error:
                if _is_hopeless(error) or (not left and plan.then == "stop"):
                    raise
                self._note(name, error, retried=bool(left))
            if not left:
                return missing
            left -= 1
            self._sleep(plan.wait)

    def _note(self, name: str, error: Exception, *, retried: bool) -> None:
        count = self.counts.get(name)
        if count is None:
            count = self.counts[name] = {"missing": 0, "retried": 0, "last": ""}
            _log.warning("reading %s failed: %s: %s", name, type(error).__name__, error)
        count["retried" if retried else "missing"] += 1
        count["last"] = f"{type(error).__name__}: {error}"


def _is_hopeless(error: Exception) -> bool:
    """Tell a closed instrument or a wrong call, which no attempt mends: a night of NaN helps nobody."""
    return isinstance(error, UsageError) and not isinstance(error, BusyError)
