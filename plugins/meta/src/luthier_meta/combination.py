"""Linear combinations of members: virtual = forward @ physical, physical = backward @ virtual."""

from __future__ import annotations

from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Any

import attrs
from luthier import get_many
from luthier.errors import DeclarationError, ReplyError
from luthier.strategy import Action

from luthier_meta.matrix import condition, dot, exact, identity, matrix_of, product, pseudo_inverse
from luthier_meta.transactional import present_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from luthier import Parameter

    from luthier_meta.matrix import Matrix

__all__ = ["Combination"]

_WORST = 1e8
"""The largest condition number that is taken: beyond, half of the sixteen digits of a float are lost."""


@attrs.frozen(eq=False)
class Combination:
    """Virtual values over members, by matrices in both directions.

    Attributes
    ----------
    members
        The physical parameters.
    forward
        One row per virtual value.
    backward
        One row per member.
    """

    members: tuple[Parameter[Any], ...]
    forward: Matrix
    backward: Matrix

    @classmethod
    def of(
        cls, count: int, members: tuple[Parameter[Any], ...], *, matrix: Any, inverse: Any, least_squares: bool
    ) -> Combination:
        """Return the combination of ``members`` into ``count`` virtual values; see ``MetaInstrument.add_linear``."""
        if (matrix is None) == (inverse is None):
            raise DeclarationError("allowed is one of matrix= and inverse=: either follows from the other")
        option = "matrix" if inverse is None else "inverse"
        given = matrix_of(matrix if inverse is None else inverse, option=option)
        expected = (count, len(members)) if inverse is None else (len(members), count)
        if (len(given), len(given[0])) != expected:
            raise DeclarationError(
                f"{option} has {len(given)} rows of {len(given[0])}; for {count} virtual values of {len(members)} "
                f"members it needs {expected[0]} rows of {expected[1]}"
            )
        if count != len(members) and not least_squares:
            raise DeclarationError(
                f"{option} has no inverse, as it has {len(given)} rows of {len(given[0])}",
                advice="Give as many virtual values as members, or least_squares=True for the nearest solution.",
            )
        other = _usable_inverse(given, option)
        return cls(members, given, other) if inverse is None else cls(members, other, given)

    @property
    def attainable(self) -> bool:
        """Whether every set of virtual values can be reached; where not, the nearest is."""
        return product(self.forward, self.backward) == identity(len(self.forward))

    def row(self, index: int) -> dict[str, float]:
        """Return the coefficients of one virtual value by the members' names."""
        pairs = zip(self.members, self.forward[index], strict=True)
        return {member.full_name: float(factor) for member, factor in pairs if factor}

    def in_words(self, index: int) -> str:
        """Say what one virtual value is: ``1 * dac.ch1.voltage + 0.5 * dac.ch2.voltage``."""
        return " + ".join(f"{factor!r} * {name}" for name, factor in self.row(index).items()) or "0"

    def value(self, index: int) -> float:
        """Read the members that one virtual value is made of, and return it."""
        row = self.forward[index]
        read = iter(get_many([member for member, factor in zip(self.members, row, strict=True) if factor]))
        readings = [next(read) if factor else 0.0 for factor in row]
        if all(map(isfinite, readings)):
            return float(dot(row, map(exact, readings)))
        return sum(float(factor) * reading for factor, reading in zip(row, readings, strict=True) if factor)

    def actions(self, wanted: Mapping[int, float]) -> list[Action]:
        """Return what sets the virtual values in those rows and keeps the others, from fresh readings of all members.

        A member that none of them has any part in is not among them.
        """
        present = present_values(self.members, "so that the others cannot be kept")
        readings = [_finite(member, reading) for member, reading in zip(self.members, present, strict=True)]
        steps = {index: exact(value) - dot(self.forward[index], readings) for index, value in wanted.items()}
        return [
            Action(member, _as_float(reading + sum(row[index] * step for index, step in steps.items()), member))
            for member, reading, row in zip(self.members, readings, self.backward, strict=True)
            if any(row[index] for index in steps)
        ]

    def limits(self, index: int) -> tuple[float | None, float | None]:
        """Return between what the members' limits leave one virtual value while the others are kept; ``None``: open.

        From what is known of the members; one whose cache is not valid is read.
        """
        get_many([member for member in self.members if not member.cache.valid])
        known = [float(member.known_or_read()) for member in self.members]
        if not all(map(isfinite, known)):
            return None, None  # a set then says which
        readings = [exact(number) for number in known]
        here = dot(self.forward[index], readings)
        low: Fraction | None = None
        high: Fraction | None = None
        for member, reading, row in zip(self.members, readings, self.backward, strict=True):
            if not row[index]:
                continue
            ends = [None if end is None else (exact(end) - reading) / row[index] for end in member.limits]
            below, above = ends if row[index] > 0 else reversed(ends)
            low = below if low is None or (below is not None and below > low) else low
            high = above if high is None or (above is not None and above < high) else high
        return _inward(low, here, inf), _inward(high, here, -inf)


def _inward(step: Fraction | None, here: Fraction, direction: float) -> float | None:
    """Return the last float that is not beyond ``here + step``."""
    if step is None:
        return None
    end = here + step
    rounded = float(end)
    beyond = exact(rounded) < end if direction > 0 else exact(rounded) > end
    return nextafter(rounded, direction) if beyond else rounded


def _usable_inverse(given: Matrix, option: str) -> Matrix:
    other = pseudo_inverse(given)
    if other is None:
        raise DeclarationError(
            f"{option} is singular: some rows follow from others, so that there is no way back from the virtual values",
            advice="Leave out a virtual value, or correct a row.",
        )
    number = condition(given, other)
    if number > _WORST:
        raise DeclarationError(
            f"{option} is badly conditioned: the condition number is {number:.2g}; allowed is up to {_WORST:.0e}",
            advice="Rows that are nearly the same make members move wildly for small virtual steps; correct them.",
        )
    return other


def _finite(member: Parameter[Any], reading: Any) -> Fraction:
    number = float(reading)
    if not isfinite(number):
        raise ReplyError(
            f"reads {reading!r}, which cannot be combined with other values",
            who=member.full_name,
            state="Nothing was sent.",
            sent="no",
            reply=repr(reading),
            expected="a finite number",
        )
    return exact(number)


def _as_float(value: Fraction, member: Parameter[Any]) -> float:
    """Return the nearest float; an ``int`` for a member that takes whole numbers, where it is one."""
    return int(value) if member.type is int and value.denominator == 1 else float(value)
