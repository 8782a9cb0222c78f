"""What a validator is."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from luthier.errors import DeclarationError
from luthier.validators.wording import shown

__all__ = ["Validator", "as_validator"]


@runtime_checkable
class Validator(Protocol):
    """Decides whether a value is allowed, and puts it into its canonical form.

    Any object with these three methods is a validator; nothing needs to be inherited. A validator never changes, and
    may be used by any number of threads at once.

    For the property tests of :mod:`luthier.testing`, a validator of your own may also have the methods
    ``valid_strategy()`` and ``invalid_strategy()``, each returning a hypothesis strategy.
    """

    def check(self, value: object, /) -> Any:
        """Return ``value`` in canonical form.

        The canonical form is the same value as a plain Python object (a numpy scalar becomes the Python number of the
        same value); nothing is ever clipped, rounded or otherwise altered. To check a canonical value again returns it
        again.

        Raises
        ------
        luthier.errors.ValidationError
            If the value is not allowed. ``what`` says why, with the value but without its unit (``250 is too large``);
            ``value`` is what was given; ``allowed`` is what :meth:`describe` says; ``who`` and ``state`` are left to
            the caller, who knows them. :func:`luthier.validators.shown` makes short text of any value.
        luthier.errors.WrongTypeError
            The same, where the type of the value is already wrong.
        """
        ...

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed (``-210 V to 210 V``), to be read after ``allowed:``."""
        ...

    def to_data(self) -> dict[str, Any]:
        """Return the validator as data that JSON can carry, with its kind under ``type``.

        :func:`luthier.validators.from_data` rebuilds a built-in validator from it. A validator that plain data cannot
        hold adds ``"opaque": True`` and, as ``description``, its own words: what is rebuilt then accepts anything, and
        only the original decides.
        """
        ...


def as_validator(value: object) -> Validator:
    """Return ``value``, which must be a validator.

    Raises
    ------
    luthier.errors.DeclarationError
        If it is none, or is a validator's class where an instance is meant.
    """
    if isinstance(value, type):
        raise DeclarationError(
            f"the class {value.__name__} was given, where a validator is meant",
            advice=f"Write {value.__name__}(), with its arguments.",
        )
    if not isinstance(value, Validator):
        raise DeclarationError(
            f"{shown(value)} was given, where a validator is meant",
            advice="A validator has the methods check, describe and to_data.",
        )
    return value
