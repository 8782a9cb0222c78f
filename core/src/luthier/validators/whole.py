"""Whole numbers within bounds."""

from __future__ import annotations

import math
from typing import Any

import attrs

from luthier.validators.bounds import narrowed_bounds, refuse_empty, whole_lower_bound, whole_upper_bound
from luthier.validators.scalars import exact_int
from luthier.validators.wording import out_of_range, span

__all__ = ["Ints"]


@attrs.frozen
class Ints:
    """Whole numbers, as ``int``, of any size.

    Accepted are ``int``, numpy's integers, and floats that are whole (``3.0``, as they come from ``numpy.linspace``);
    numpy's 0-dimensional arrays count as numbers. ``2.5``, NaN and infinities are refused, and so are ``bool``, text,
    ``None``, complex numbers, ``Decimal`` and ``Fraction``. ``-0.0`` becomes ``0``.

    Parameters
    ----------
    minimum, maximum
        The bounds, which are allowed themselves; ``None`` (or an infinity) means that there is none.

    Raises
    ------
    luthier.errors.DeclarationError
        If a bound is not a whole number, or nothing lies between them.

    Examples
    --------
    >>> channels = Ints(1, 4)
    >>> channels.check(3.0)
    3
    >>> channels.describe()
    'a whole number: 1 to 4'
    """

    minimum: int | None = attrs.field(default=None, converter=whole_lower_bound)
    maximum: int | None = attrs.field(default=None, converter=whole_upper_bound)
    _low: float = attrs.field(init=False, repr=False, eq=False)
    _high: float = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Refuse bounds with nothing between them, and work out the closed range that :meth:`check` compares with."""
        refuse_empty(self.minimum, self.maximum)
        object.__setattr__(self, "_low", -math.inf if self.minimum is None else self.minimum)
        object.__setattr__(self, "_high", math.inf if self.maximum is None else self.maximum)

    @property
    def interval(self) -> tuple[float, float]:
        """The closed range that ``value`` must lie in for an ``int`` to be returned unchanged.

        A bound that is absent stands as an infinity.
        """
        return self._low, self._high

    def check(self, value: object, /) -> int:
        """Return ``value`` as an ``int``; see :meth:`Validator.check`."""
        if type(value) is int and self._low <= value <= self._high:
            return value
        number = exact_int(value, self.describe)
        if self._low <= number <= self._high:
            return number
        raise out_of_range(value, number, self.minimum, self.maximum, self.describe)

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        if self.minimum is None and self.maximum is None:
            return "any whole number"
        return f"a whole number: {span(self.minimum, self.maximum, unit)}"

    def narrowed(self, minimum: float | None = None, maximum: float | None = None) -> Ints:
        """Return the same validator with narrower bounds.

        ``None`` (or an infinity) asks for no bound on that side, and so keeps the one there is.

        Raises
        ------
        luthier.errors.UsageError
            If a bound lies outside the present ones, or nothing would be left between them.
        """
        wanted = (whole_lower_bound(minimum), whole_upper_bound(maximum))
        low, high = narrowed_bounds((self.minimum, self.maximum), wanted)
        return Ints(low, high)

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "ints", "minimum": self.minimum, "maximum": self.maximum}
