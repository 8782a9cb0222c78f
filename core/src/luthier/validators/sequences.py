"""Lists and tuples of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

import attrs

from luthier.errors import ValidationError
from luthier.validators.anything import Anything
from luthier.validators.bounds import at_least_zero, length_fault, length_words, refuse_empty
from luthier.validators.numpy_scalars import is_array
from luthier.validators.protocol import Validator, as_validator
from luthier.validators.wording import located, shown, wrong_type

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Lists", "Sequences", "is_sequence"]


def is_sequence(value: object) -> TypeGuard[Sequence[Any] | NDArray[Any]]:
    """Whether ``value`` is a list, a tuple, a range or the like, or an array with rows; text and bytes are not."""
    if is_array(value):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def _declared_element(element: Validator) -> Validator:
    return as_validator(element)


@attrs.frozen
class Sequences:
    """Lists, tuples, ranges, and arrays of one dimension or more, as a ``tuple`` of checked elements.

    Text and bytes are refused; so are sets, mappings and generators, which have no order or no length. The value that
    is returned shares nothing with the one that was given.

    Parameters
    ----------
    element
        What each element must be; the rows of a two-dimensional array are sequences themselves.
    min_length, max_length
        The least and the greatest number of elements; ``None`` means that there is no bound.

    Raises
    ------
    luthier.errors.DeclarationError
        If ``element`` is no validator, a length is negative or not whole, or the lengths exclude each other.

    Examples
    --------
    >>> from luthier.validators import Numbers
    >>> Sequences(Numbers(0, 5)).check(range(3))
    (0.0, 1.0, 2.0)
    >>> Sequences(Numbers(0, 5)).check([1, 2, 30])
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: element 2: 30 is too large.
    """

    element: Validator = attrs.field(factory=Anything, converter=_declared_element)
    min_length: int | None = attrs.field(default=None, converter=at_least_zero)
    max_length: int | None = attrs.field(default=None, converter=at_least_zero)

    def __attrs_post_init__(self) -> None:
        """Refuse lengths with nothing between them."""
        refuse_empty(self.min_length, self.max_length)

    def check(self, value: object, /) -> tuple[Any, ...]:
        """Return ``value`` as a ``tuple``; see :meth:`Validator.check`."""
        return tuple(_checked(self, value))

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        return _words(self, unit)

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return _data("sequences", self)


@attrs.frozen
class Lists:
    """The same values as :class:`Sequences`, as a new ``list`` of checked elements.

    Parameters
    ----------
    element
        What each element must be; the rows of a two-dimensional array are sequences themselves.
    min_length, max_length
        The least and the greatest number of elements; ``None`` means that there is no bound.

    Raises
    ------
    luthier.errors.DeclarationError
        If ``element`` is no validator, a length is negative or not whole, or the lengths exclude each other.

    Examples
    --------
    >>> from luthier.validators import Ints
    >>> Lists(Ints(1, 4), min_length=1).check((1, 2.0))
    [1, 2]
    """

    element: Validator = attrs.field(factory=Anything, converter=_declared_element)
    min_length: int | None = attrs.field(default=None, converter=at_least_zero)
    max_length: int | None = attrs.field(default=None, converter=at_least_zero)

    def __attrs_post_init__(self) -> None:
        """Refuse lengths with nothing between them."""
        refuse_empty(self.min_length, self.max_length)

    def check(self, value: object, /) -> list[Any]:
        """Return ``value`` as a new ``list``; see :meth:`Validator.check`."""
        return _checked(self, value)

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        return _words(self, unit)

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return _data("lists", self)


def _checked(validator: Lists | Sequences, value: object) -> list[Any]:
    if not is_sequence(value):
        advice = "Write [value], if a single element is meant." if isinstance(value, str | int | float) else ""
        raise wrong_type(value, "a list", validator.describe, advice)
    items = list(value)
    fault = length_fault(len(items), validator.min_length, validator.max_length)
    if fault:
        raise ValidationError(
            f"{shown(value)} {fault} ({len(items)} elements)", value=value, allowed=validator.describe()
        )
    for index, item in enumerate(items):
        try:
            items[index] = validator.element.check(item)
        except ValidationError as error:
            raise located(error, f"element {index}", value, validator.describe) from error
    return items


def _words(validator: Lists | Sequences, unit: str) -> str:
    words = length_words("a list", validator.min_length, validator.max_length, "elements")
    if validator.element == Anything():
        return words
    each = "each element" if words == "a list" else "each"
    return f"{words}, {each} {validator.element.describe(unit)}"


def _data(kind: str, validator: Lists | Sequences) -> dict[str, Any]:
    return {
        "type": kind,
        "element": validator.element.to_data(),
        "min_length": validator.min_length,
        "max_length": validator.max_length,
    }
