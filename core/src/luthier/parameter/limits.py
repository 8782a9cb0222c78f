"""The limits of a parameter that are not constants of its validator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError, ValidationError
from luthier.parameter.conversion import build_decoder
from luthier.parameter.specification import Asked
from luthier.parameter.template import compile_query
from luthier.validators import shown

if TYPE_CHECKING:
    from luthier.parameter.live import Parameter
    from luthier.parameter.specification import Bound

__all__ = ["Limits"]


class Limits:
    """The bounds that apply to one live parameter: its validator's, its declaration's, and the user's narrower ones.

    Not thread-safe by itself; used under the instrument's monitor.
    """

    __slots__ = ("_asked", "_narrowed", "_parameter")

    def __init__(self, parameter: Parameter[Any]) -> None:
        self._parameter = parameter
        self._narrowed: tuple[float | None, float | None] = (None, None)
        self._asked: dict[str, float] = {}

    @property
    def dynamic(self) -> bool:
        """Whether anything beyond the validator has to be looked at."""
        specification = self._parameter.specification
        declared = specification.minimum is not None or specification.maximum is not None
        return declared or self._narrowed != (None, None)

    def bounds(self) -> tuple[float | None, float | None]:
        """Return the tightest (minimum, maximum) now, in the parameter's unit; ``None``: unbounded.

        May ask the instrument, or read the parameters that the bounds refer to, where their caches are not valid.
        """
        specification = self._parameter.specification
        return self._tightest(self._resolve(specification.minimum), self._resolve(specification.maximum))

    def _constant_bounds(self) -> tuple[float | None, float | None]:
        specification = self._parameter.specification
        return self._tightest(_constant(specification.minimum), _constant(specification.maximum))

    def _tightest(self, minimum: float | None, maximum: float | None) -> tuple[float | None, float | None]:
        """Return the tightest of the bounds given, the validator's and the user's."""
        validator = self._parameter.validator
        lows = [getattr(validator, "minimum", None), minimum, self._narrowed[0]]
        highs = [getattr(validator, "maximum", None), maximum, self._narrowed[1]]
        low = max((bound for bound in lows if bound is not None), default=None)
        high = min((bound for bound in highs if bound is not None), default=None)
        return low, high

    def check(self, value: Any, *, in_any_state: bool = False) -> None:
        """Raise :class:`ValidationError` where ``value`` (one number, or an array) is outside the bounds now.

        With ``in_any_state``: outside those that hold whatever the state of the instrument.
        """
        low, high = self._constant_bounds() if in_any_state else self.bounds()
        inside = (low is None or _all(value >= low)) and (high is None or _all(value <= high))
        if not inside:
            allowed = self.describe(low, high)
            raise ValidationError(
                f"{shown(value)} is outside the limits", value=value, allowed=allowed, limits=(low, high)
            )

    def describe(self, low: float | None, high: float | None) -> str:
        """Return the bounds in words, with unit."""
        from luthier.validators import Numbers  # noqa: PLC0415 - only for messages

        unit = self._parameter.unit
        if low is not None and high is not None and low > high:
            least, most = Numbers(low).describe(unit), Numbers(None, high).describe(unit)
            return f"nothing, as its limits exclude each other now: {least}, and {most}"
        return Numbers(low, high).describe(unit)

    def narrow(self, minimum: float | None, maximum: float | None) -> None:
        """Set the user's own limits; ``None`` lifts that one. They can only be tighter than the driver's.

        Nothing is asked: limits that depend on the instrument's state hold besides, whatever they are.
        """
        kept, self._narrowed = self._narrowed, (None, None)
        try:
            low, high = self._constant_bounds()
            wider = (minimum is not None and low is not None and minimum < low) or (
                maximum is not None and high is not None and maximum > high
            )
            if wider:
                raise UsageError(
                    f"cannot widen the limits to {self.describe(minimum, maximum)}: the driver allows "
                    f"{self.describe(low, high)}",
                    who=self._parameter.full_name,
                    state="The limits are as before.",
                    advice="Give limits inside the driver's.",
                )
            if minimum is not None and maximum is not None and minimum > maximum:
                raise UsageError(
                    f"the minimum {minimum!r} is above the maximum {maximum!r}",
                    who=self._parameter.full_name,
                    state="The limits are as before.",
                )
            kept = (minimum, maximum)
        finally:
            self._narrowed = kept

    def forget_asked(self) -> None:
        """Ask the instrument again next time."""
        self._asked.clear()

    def _resolve(self, bound: Bound) -> float | None:
        if bound is None or isinstance(bound, (int, float)):
            return bound
        if isinstance(bound, str):
            other = self._parameter.sibling(bound)
            return float(other.known_or_read())
        if isinstance(bound, Asked):
            if bound.command not in self._asked:
                self._asked[bound.command] = self._ask(bound.command)
            return self._asked[bound.command]
        found = bound(self._parameter.host)
        return None if found is None else float(found)

    def _ask(self, command: str) -> float:
        """Ask the instrument for a number in its own units, and return it in the parameter's."""
        host = self._parameter.host
        if host is None:
            raise UsageError(f"cannot ask {command!r}: it belongs to no instrument", who=self._parameter.full_name)
        decode = build_decoder(self._parameter.specification, textual=True)
        reply = host.query(compile_query(command, host.attribute))
        return float(reply if decode is None else decode(reply))


def _constant(bound: Bound) -> float | None:
    return bound if isinstance(bound, (int, float)) else None


def _all(comparison: Any) -> bool:
    return bool(comparison.all()) if hasattr(comparison, "all") else bool(comparison)
