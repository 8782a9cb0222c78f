"""numpy arrays. numpy is imported when the first value is checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

import attrs

from luthier.errors import DeclarationError, UsageError, ValidationError
from luthier.validators.bounds import lower_bound, refuse_empty, switch, upper_bound
from luthier.validators.scalars import exact_int
from luthier.validators.wording import located, out_of_range, shown, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["Arrays", "Elements", "Length"]

Elements = Literal["real", "complex", "int", "bool"]
"""What the elements of an array are."""

Length = int | Callable[[], int] | None
"""The length of one dimension: fixed, asked for at each check, or any."""

_Shape = tuple[Length, ...]

_WORDS = {"real": "real numbers", "complex": "complex numbers", "int": "whole numbers", "bool": "True or False"}


def _declared_length(length: Length) -> Length:
    if length is None or (callable(length) and not isinstance(length, type)):
        return length
    try:
        fixed = exact_int(length, lambda: "a whole number, 0 or more")
    except ValidationError as error:
        advice = "A length is a whole number, a function that returns one, or None for any."
        raise DeclarationError(f"{shown(length)} was given as a length", advice=advice) from error
    if fixed < 0:
        raise DeclarationError(f"{fixed} was given as a length", advice="A length is 0 or more, or None for any.")
    return fixed


def _declared_shape(shape: Iterable[Length] | None) -> _Shape | None:
    if shape is None:
        return None
    if not isinstance(shape, list | tuple):
        raise DeclarationError(f"{shown(shape)} was given as a shape", advice="Write a tuple of lengths, as in (5,).")
    if not shape:
        advice = "An array without dimensions is a single number: use Numbers, Ints, Complex or Bool."
        raise DeclarationError("() was given as a shape", advice=advice)
    return tuple(map(_declared_length, shape))


def _declared_elements(elements: Elements) -> Elements:
    if elements not in get_args(Elements):
        raise DeclarationError(
            f"{shown(elements)} was given as the kind of elements", advice="Write 'real', 'complex', 'int' or 'bool'."
        )
    return elements


@attrs.frozen
class Arrays:
    """numpy arrays, always as a new, contiguous array of ``float64``, ``complex128``, ``int64`` or ``bool``.

    Accepted are arrays of every width and byte order, and lists and tuples of numbers, nested to any regular shape, if
    each element can be converted without changing its value: real numbers from integers, complex numbers from real
    ones, ``int`` from floats that are whole. Refused are ``bool`` where numbers are meant and numbers where ``bool``
    is, text, objects, dates, masked elements, rows of different lengths, and single numbers, which a 0-dimensional
    array is too. The array that is returned shares nothing with the value that was given.

    Parameters
    ----------
    shape
        The length of each dimension, at least one: an ``int``; ``None`` for any; or a function without
        arguments that returns it, called at each check (a parameter is such a function). ``None`` in place of the tuple
        allows every shape.
    elements
        ``"real"``, ``"complex"``, ``"int"`` (64 bits) or ``"bool"``.
    minimum, maximum
        The bounds of each element, which are allowed themselves, for real numbers and ints; ``None`` means that there
        is none.
    allow_nan, allow_inf
        Whether elements may be NaN, or infinite on the sides without a bound, for real and complex numbers.

    Raises
    ------
    luthier.errors.DeclarationError
        If the shape or the kind of elements is none, the shape is ``()``, nothing lies between the bounds, or bounds,
        NaN or infinities are given for elements that cannot have them.

    Examples
    --------
    >>> Arrays(shape=(None, 2), minimum=0).check([[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    >>> Arrays(shape=(3,)).check([1, 2])
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: [1, 2] has the shape (2,), where (3,) is meant.
    """

    shape: _Shape | None = attrs.field(default=None, converter=_declared_shape)
    elements: Elements = attrs.field(default="real", converter=_declared_elements)
    minimum: float | None = attrs.field(default=None, converter=lower_bound)
    maximum: float | None = attrs.field(default=None, converter=upper_bound)
    allow_nan: bool = attrs.field(default=False, converter=switch, kw_only=True)
    allow_inf: bool = attrs.field(default=False, converter=switch, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse what the kind of elements cannot have, and bounds with nothing between them."""
        refuse_empty(self.minimum, self.maximum)
        is_bounded = self.minimum is not None or self.maximum is not None
        if is_bounded and self.elements not in ("real", "int"):
            raise DeclarationError(f"{_WORDS[self.elements]} have no minimum and no maximum")
        if (self.allow_nan or self.allow_inf) and self.elements not in ("real", "complex"):
            raise DeclarationError(f"{_WORDS[self.elements]} cannot be NaN or infinite")
        if self.allow_inf and self.minimum is not None and self.maximum is not None:
            raise DeclarationError("infinities cannot be allowed between two bounds")

    def check(self, value: object, /) -> NDArray[Any]:
        """Return ``value`` as a new array; see :meth:`Validator.check`.

        Raises
        ------
        luthier.errors.UsageError
            If numpy is not installed.
        """
        try:
            from luthier.validators import array_elements  # noqa: PLC0415 - imports numpy, which the core can do without
        except ModuleNotFoundError as error:
            raise UsageError("arrays cannot be used without numpy", advice="Install it: pip install numpy.") from error
        array = array_elements.converted(value, self.elements, self.describe)
        self._check_shape(array.shape, value)
        place = array_elements.first_outside(
            array, self.minimum, self.maximum, allow_nan=self.allow_nan, allow_inf=self.allow_inf
        )
        if place is not None:
            element = array[place].item()
            number = abs(element) if isinstance(element, complex) else element
            refusal = out_of_range(element, number, self.minimum, self.maximum, self.describe)
            raise located(refusal, array_elements.place_words(place), value, self.describe)
        return array

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed; lengths that are asked for are not asked for here."""
        words = f"an array of {_WORDS[self.elements]}"
        if self.shape is not None:
            words += f" of shape {_shape_words(self.shape)}"
        if self.minimum is not None or self.maximum is not None:
            words += f", each {span(self.minimum, self.maximum, unit)}"
        if self.allow_inf:
            words += ", infinite too"
        return f"{words}, or NaN" if self.allow_nan else words

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data; opaque if a length is asked for."""
        shape = None if self.shape is None else [None if callable(length) else length for length in self.shape]
        data = {
            "type": "arrays",
            "shape": shape,
            "elements": self.elements,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "allow_nan": self.allow_nan,
            "allow_inf": self.allow_inf,
        }
        if self.shape is not None and any(map(callable, self.shape)):
            return data | {"opaque": True, "description": self.describe()}
        return data

    def _check_shape(self, shape: tuple[int, ...], value: object) -> None:
        if self.shape is None:
            return
        meant = tuple(length() if callable(length) else length for length in self.shape)
        fits = len(shape) == len(meant) and all(
            wanted in (None, length) for wanted, length in zip(meant, shape, strict=True)
        )
        if not fits:
            raise ValidationError(
                f"{shown(value)} has the shape {shape}, where {_shape_words(meant)} is meant",
                value=value,
                allowed=self.describe(),
            )


def _shape_words(shape: _Shape) -> str:
    lengths = ["any" if length is None else "as set" if callable(length) else str(length) for length in shape]
    return f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"
