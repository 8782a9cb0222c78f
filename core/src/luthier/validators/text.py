"""Text."""

from __future__ import annotations

import re
from typing import Any

import attrs

from luthier.errors import DeclarationError, ValidationError
from luthier.validators.bounds import at_least_zero, length_fault, length_words, refuse_empty
from luthier.validators.numpy_scalars import python_scalar
from luthier.validators.wording import shown, wrong_type

__all__ = ["Strings"]


def _compilable(pattern: str | None) -> str | None:
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise DeclarationError(f"{shown(pattern)} was given as a pattern", advice="Write the pattern as text.")
    try:
        re.compile(pattern)
    except re.error as error:
        raise DeclarationError(f"the pattern {shown(pattern)} is no regular expression: {error}") from error
    return pattern


@attrs.frozen
class Strings:
    """Text, as ``str``.

    numpy's text and other subclasses of ``str`` become plain ``str``. ``bytes``, numbers, paths and ``None`` are
    refused: nothing is turned into text unasked.

    Parameters
    ----------
    min_length, max_length
        The least and the greatest number of characters; ``None`` means that there is no bound.
    pattern
        A regular expression (of :mod:`re`) that the whole text must match; ``None`` means any text.

    Raises
    ------
    luthier.errors.DeclarationError
        If a length is negative or not whole, the lengths exclude each other, or the pattern is no regular expression.

    Examples
    --------
    >>> Strings(max_length=8).check("trace 1, averaged")
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: 'trace 1, averaged' is too long (17 characters).
    """

    min_length: int | None = attrs.field(default=None, converter=at_least_zero)
    max_length: int | None = attrs.field(default=None, converter=at_least_zero)
    pattern: str | None = attrs.field(default=None, converter=_compilable)

    def __attrs_post_init__(self) -> None:
        """Refuse lengths with nothing between them."""
        refuse_empty(self.min_length, self.max_length)

    def check(self, value: object, /) -> str:
        """Return ``value`` as a ``str``; see :meth:`Validator.check`."""
        text = python_scalar(value)
        if not isinstance(text, str):
            raise wrong_type(value, "text", self.describe, _advice(text))
        fault = length_fault(len(text), self.min_length, self.max_length)
        if fault:
            raise self._refusal(value, f"{fault} ({len(text)} characters)")
        if self.pattern is not None and not re.fullmatch(self.pattern, text):
            raise self._refusal(value, f"does not match the pattern {shown(self.pattern)}")
        return str.__str__(text)

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - text has no unit
        """Say in words what is allowed."""
        words = length_words("text", self.min_length, self.max_length, "characters")
        return words if self.pattern is None else f"{words} that matches the pattern {shown(self.pattern)}"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {
            "type": "strings",
            "min_length": self.min_length,
            "max_length": self.max_length,
            "pattern": self.pattern,
        }

    def _refusal(self, value: object, fault: str) -> ValidationError:
        return ValidationError(f"{shown(value)} {fault}", value=value, allowed=self.describe())


def _advice(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return "Write value.decode(), if it is text."
    if isinstance(value, int | float):
        return f"Write {str(shown(value))!r}, in quotes, if the text is meant."
    return ""
