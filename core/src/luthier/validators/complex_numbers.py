"""Complex numbers."""

from __future__ import annotations

import cmath
import math
from typing import Any

import attrs

from luthier.errors import DeclarationError, ValidationError
from luthier.validators.bounds import switch, upper_bound
from luthier.validators.scalars import exact_complex
from luthier.validators.wording import shown, with_unit

__all__ = ["Complex"]


@attrs.frozen
class Complex:
    """Complex numbers, as ``complex``.

    Accepted are ``complex``, numpy's complex numbers, and every real number that :class:`Numbers` accepts, wherever a
    ``complex`` has exactly the same value.

    Parameters
    ----------
    maximum_magnitude
        The greatest absolute value, which is allowed itself; ``None`` (or infinity) means that there is none.
    allow_nan
        Whether the real or the imaginary part may be NaN; such a number has no magnitude that could be too great.
    allow_inf
        Whether they may be infinite.

    Raises
    ------
    luthier.errors.DeclarationError
        If the magnitude is no number or is negative, or if infinities are allowed although there is a magnitude.

    Examples
    --------
    >>> Complex(maximum_magnitude=1).check(0.6 + 0.8j)
    (0.6+0.8j)
    """

    maximum_magnitude: float | None = attrs.field(default=None, converter=upper_bound)
    allow_nan: bool = attrs.field(default=False, converter=switch, kw_only=True)
    allow_inf: bool = attrs.field(default=False, converter=switch, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse a magnitude that allows nothing, or that infinities exceed."""
        if self.maximum_magnitude is None:
            return
        if self.maximum_magnitude < 0:
            raise DeclarationError("the maximum magnitude is negative, so that no number is allowed")
        if self.allow_inf:
            raise DeclarationError("infinities cannot be allowed within a maximum magnitude")

    def check(self, value: object, /) -> complex:
        """Return ``value`` as a ``complex``; see :meth:`Validator.check`."""
        number = exact_complex(value, self.describe)
        fault = self._fault(number)
        if fault:
            raise ValidationError(f"{shown(value)} {fault}", value=value, allowed=self.describe())
        return number

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        words = "any complex number" if self.allow_inf else "any finite complex number"
        if self.maximum_magnitude is not None:
            words = f"a complex number of magnitude {with_unit(self.maximum_magnitude, unit)} or less"
        if self.allow_inf:
            words += ", infinite too"
        return f"{words}, or NaN" if self.allow_nan else words

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {
            "type": "complex",
            "maximum_magnitude": self.maximum_magnitude,
            "allow_nan": self.allow_nan,
            "allow_inf": self.allow_inf,
        }

    def _fault(self, number: complex) -> str:
        if not self.allow_nan and cmath.isnan(number):
            return "is not a number"
        if not self.allow_inf and cmath.isinf(number):
            return "is not finite"
        magnitude = math.hypot(number.real, number.imag)  # abs() raises where the magnitude overflows
        if self.maximum_magnitude is not None and magnitude > self.maximum_magnitude:
            return "is too large"
        return ""
