"""Real numbers within bounds."""

from __future__ import annotations

import math
import sys
from typing import Any

import attrs

from luthier.errors import DeclarationError
from luthier.validators.bounds import lower_bound, narrowed_bounds, refuse_empty, switch, upper_bound
from luthier.validators.scalars import exact_float
from luthier.validators.wording import out_of_range, span

__all__ = ["Numbers"]


@attrs.frozen
class Numbers:
    """Real numbers, as ``float``.

    Accepted are ``float``, ``int``, and numpy's integers and floats of any width (0-dimensional arrays too), wherever a
    ``float`` has exactly the same value. So that nothing is rounded unseen, an ``int`` that no ``float`` can hold
    (``2**53 + 1``), ``Decimal`` and ``Fraction`` are refused; so that a slip is not taken for a number, ``bool``, text,
    ``None``, and complex numbers (even with no imaginary part) are refused. ``-0.0`` stays ``-0.0``.

    Parameters
    ----------
    minimum, maximum
        The bounds, which are allowed themselves; ``None`` (or an infinity) means that there is none.
    allow_nan
        Whether NaN is allowed.
    allow_inf
        Whether infinities are allowed, on the sides without a bound.

    Raises
    ------
    luthier.errors.DeclarationError
        If a bound is no number or is NaN, if no number lies between them, or if infinities are allowed although there
        is a bound on either side.

    Examples
    --------
    >>> volts = Numbers(-210, 210)
    >>> volts.check(5)
    5.0
    >>> volts.describe("V")
    '-210 V to 210 V'
    >>> volts.check(250)
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: 250 is too large.
    """

    minimum: float | None = attrs.field(default=None, converter=lower_bound)
    maximum: float | None = attrs.field(default=None, converter=upper_bound)
    allow_nan: bool = attrs.field(default=False, converter=switch, kw_only=True)
    allow_inf: bool = attrs.field(default=False, converter=switch, kw_only=True)
    _low: float = attrs.field(init=False, repr=False, eq=False)
    _high: float = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse bounds with nothing between them, and work out the closed range that :meth:`check` compares with."""
        refuse_empty(self.minimum, self.maximum)
        if self.allow_inf and self.minimum is not None and self.maximum is not None:
            raise DeclarationError(
                "infinities cannot be allowed between two bounds",
                advice="Write AnyOf(Numbers(minimum, maximum), Enum(math.inf)) for a range with infinity beside it.",
            )
        unbounded = math.inf if self.allow_inf else sys.float_info.max
        object.__setattr__(self, "_low", -unbounded if self.minimum is None else self.minimum)
        object.__setattr__(self, "_high", unbounded if self.maximum is None else self.maximum)

    @property
    def interval(self) -> tuple[float, float]:
        """The closed range that ``value`` must lie in for a ``float`` to be returned unchanged.

        A bound that is absent stands as the largest finite float, or as infinity where that is allowed.
        """
        return self._low, self._high

    def check(self, value: object, /) -> float:
        """Return ``value`` as a ``float``; see :meth:`Validator.check`."""
        if type(value) is float and self._low <= value <= self._high:
            return value
        number = exact_float(value, self.describe)
        if self._low <= number <= self._high or (self.allow_nan and math.isnan(number)):
            return number
        raise out_of_range(value, number, self.minimum, self.maximum, self.describe)

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        words = span(
            self.minimum, self.maximum, unit, unbounded="any number" if self.allow_inf else "any finite number"
        )
        if self.allow_inf:
            words += ", infinite too"
        return f"{words}, or NaN" if self.allow_nan else words

    def narrowed(self, minimum: float | None = None, maximum: float | None = None) -> Numbers:
        """Return the same validator with narrower bounds.

        ``None`` (or an infinity) asks for no bound on that side, and so keeps the one there is.

        Raises
        ------
        luthier.errors.UsageError
            If a bound lies outside the present ones, or nothing would be left between them.
        """
        low, high = narrowed_bounds((self.minimum, self.maximum), (lower_bound(minimum), upper_bound(maximum)))
        allow_inf = self.allow_inf and (low is None or high is None)
        return attrs.evolve(self, minimum=low, maximum=high, allow_inf=allow_inf)

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {
            "type": "numbers",
            "minimum": self.minimum,
            "maximum": self.maximum,
            "allow_nan": self.allow_nan,
            "allow_inf": self.allow_inf,
        }
