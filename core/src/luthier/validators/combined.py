"""Validators made of others."""

from __future__ import annotations

from typing import Any

import attrs

from luthier.errors import DeclarationError, ValidationError, WrongTypeError
from luthier.validators.protocol import Validator, as_validator
from luthier.validators.wording import shown

__all__ = ["AllOf", "AnyOf"]


def _members(validators: tuple[Validator, ...]) -> tuple[Validator, ...]:
    if not validators:
        raise DeclarationError("no validator was given to combine")
    return tuple(map(as_validator, validators))


@attrs.frozen(init=False)
class AnyOf:
    """What at least one of several validators allows; the first that does also gives the canonical form.

    Parameters
    ----------
    *validators
        The alternatives, at least one. Their order matters where two allow the same value in different forms:
        ``AnyOf(Ints(), Numbers())`` makes 3.0 an ``int``.

    Raises
    ------
    luthier.errors.DeclarationError
        If there is none, or something is no validator.

    Examples
    --------
    >>> from luthier.validators import Enum, Numbers
    >>> level = AnyOf(Numbers(0, 5), Enum("MIN", "MAX"))
    >>> level.describe("V")
    "0 V to 5 V, or one of 'MIN', 'MAX'"
    >>> level.check(7)
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: 7 is none of what is allowed (7 is too large; 7 is not one of the values).
    """

    validators: tuple[Validator, ...]

    def __init__(self, *validators: Validator) -> None:
        self.__attrs_init__(_members(validators))

    def __repr__(self) -> str:
        """Show the validators as they were given."""
        return f"AnyOf({', '.join(map(repr, self.validators))})"

    def check(self, value: object, /) -> Any:
        """Return ``value`` in the canonical form of the first validator that allows it; see :meth:`Validator.check`."""
        refusals: list[ValidationError] = []
        for validator in self.validators:
            try:
                return validator.check(value)
            except ValidationError as error:
                refusals.append(error)
        raise self._refusal(value, refusals)

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        return ", or ".join(dict.fromkeys(validator.describe(unit) for validator in self.validators))

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "any_of", "validators": [validator.to_data() for validator in self.validators]}

    def _refusal(self, value: object, refusals: list[ValidationError]) -> ValidationError:
        kind = WrongTypeError if all(isinstance(error, WrongTypeError) for error in refusals) else ValidationError
        reasons = "; ".join(dict.fromkeys(error.what for error in refusals))
        advice = next((error.advice for error in refusals if error.advice), "")
        what = f"{shown(value)} is none of what is allowed ({reasons})"
        return kind(what, value=value, allowed=self.describe(), advice=advice)


@attrs.frozen(init=False)
class AllOf:
    """What all of several validators allow.

    The value goes through them in order, each being given what the one before returned; the last gives the canonical
    form.

    Parameters
    ----------
    *validators
        The conditions, at least one.

    Raises
    ------
    luthier.errors.DeclarationError
        If there is none, or something is no validator.

    Examples
    --------
    >>> from luthier.validators import Multiples, Numbers
    >>> AllOf(Numbers(0, 1), Multiples(0.25)).check(0.75)
    0.75
    """

    validators: tuple[Validator, ...]

    def __init__(self, *validators: Validator) -> None:
        self.__attrs_init__(_members(validators))

    def __repr__(self) -> str:
        """Show the validators as they were given."""
        return f"AllOf({', '.join(map(repr, self.validators))})"

    def check(self, value: object, /) -> Any:
        """Return ``value`` after all validators; see :meth:`Validator.check`."""
        checked = value
        for validator in self.validators:
            try:
                checked = validator.check(checked)
            except ValidationError as error:
                kind = WrongTypeError if isinstance(error, WrongTypeError) else ValidationError
                raise kind(error.what, value=value, allowed=self.describe(), advice=error.advice) from error
        return checked

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        return ", and ".join(dict.fromkeys(validator.describe(unit) for validator in self.validators))

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {"type": "all_of", "validators": [validator.to_data() for validator in self.validators]}
