"""Small matrices of exact fractions: a zero is a zero, and a singular matrix is told for certain."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, starmap
from math import isfinite
from operator import mul
from typing import TYPE_CHECKING, Any, TypeAlias

from luthier.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "Matrix",
    "condition",
    "dot",
    "exact",
    "identity",
    "inverse",
    "matrix_of",
    "product",
    "pseudo_inverse",
    "transposed",
]

Matrix: TypeAlias = tuple[tuple[Fraction, ...], ...]
"""Rows."""


def exact(number: float) -> Fraction:
    """Return the number that people write for a float: a tenth for 0.1.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(float(number)))


def matrix_of(rows: Any, *, option: str) -> Matrix:
    """Return ``rows`` (sequences of numbers, or an array) as a matrix; ``option`` is what a mistake is told about.

    Raises :class:`~luthier.errors.DeclarationError` for rows of different lengths, and what is no finite number.
    """
    try:
        numbers = [[float(entry) for entry in row] for row in rows]
    except (TypeError, ValueError) as error:
        raise DeclarationError(f"{option} is not made of rows of numbers: {error}") from error
    lengths = {len(row) for row in numbers}
    if len(lengths) != 1 or not all(map(isfinite, chain(*numbers))) or 0 in lengths:
        raise DeclarationError(
            f"{option}={numbers!r}: allowed are rows of finite numbers, all of one length",
        )
    return tuple(tuple(map(exact, row)) for row in numbers)


def transposed(matrix: Matrix) -> Matrix:
    """Return the columns as rows."""
    return tuple(zip(*matrix, strict=True))


def product(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix product."""
    columns = transposed(other)
    return tuple(tuple(dot(row, column) for column in columns) for row in one)


def dot(one: Iterable[Fraction], other: Iterable[Fraction]) -> Fraction:
    """Return the scalar product."""
    return sum(starmap(mul, zip(one, other, strict=True)), start=Fraction(0))


def identity(size: int) -> Matrix:
    """Return ones on the diagonal."""
    return tuple(tuple(Fraction(row == column) for column in range(size)) for row in range(size))


def inverse(matrix: Matrix) -> Matrix | None:
    """Return the inverse of a square matrix; ``None`` for a singular one.

    >>> inverse(matrix_of([[2, 0], [0, 4]], option="rows"))
    ((Fraction(1, 2), Fraction(0, 1)), (Fraction(0, 1), Fraction(1, 4)))
    """
    size = len(matrix)
    work = [[*row, *unit] for row, unit in zip(matrix, identity(size), strict=True)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(work[row][column]))
        if not work[pivot][column]:
            return None
        work[column], work[pivot] = work[pivot], work[column]
        work[column] = [entry / work[column][column] for entry in work[column]]
        for row in range(size):
            factor = work[row][column]
            if row != column and factor:
                work[row] = [entry - factor * above for entry, above in zip(work[row], work[column], strict=True)]
    return tuple(tuple(row[size:]) for row in work)


def pseudo_inverse(matrix: Matrix) -> Matrix | None:
    """Return the inverse in the sense of least squares; ``None`` where the rank is not full.

    Of a matrix with more rows than columns it gives the nearest solution, of one with fewer the smallest.
    """
    if len(matrix) == len(matrix[0]):
        return inverse(matrix)
    flipped = transposed(matrix)
    if len(matrix) > len(matrix[0]):
        inner = inverse(product(flipped, matrix))
        return None if inner is None else product(inner, flipped)
    inner = inverse(product(matrix, flipped))
    return None if inner is None else product(flipped, inner)


def condition(matrix: Matrix, backward: Sequence[Sequence[Fraction]]) -> float:
    """Return the condition number: by how much relative errors can grow, in the largest sum of a column."""
    return float(_norm(matrix) * _norm(backward))


def _norm(matrix: Sequence[Sequence[Fraction]]) -> Fraction:
    return max(sum(map(abs, column), start=Fraction(0)) for column in zip(*matrix, strict=True))
