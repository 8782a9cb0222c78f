"""One of a few values."""

from __future__ import annotations

import cmath
import enum
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import DeclarationError, ValidationError
from luthier.plain import to_plain
from luthier.validators.numpy_scalars import python_scalar
from luthier.validators.wording import did_you_mean, listed, shown, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Enum"]

_PLAIN_TYPES = (str, bool, int, float, complex, type(None))


def _key(value: object) -> tuple[object, ...]:
    """Tell ``True`` from ``1``, and know NaN again."""
    if isinstance(value, float | complex) and cmath.isnan(value):
        return ("nan",)
    return isinstance(value, bool), value


def _typed_keys(values: tuple[Any, ...]) -> tuple[object, ...]:
    return tuple((type(value), _key(value)) for value in values)


@attrs.frozen(init=False)
class Enum:
    """One of the values given, or a member of an :class:`enum.Enum` class.

    A value is allowed if it equals a declared one, which is then returned: for ``Enum(1, 10)``, ``1.0`` gives ``1``.
    ``True`` and ``False`` equal only themselves, never ``1`` and ``0``; text is compared exactly; NaN equals NaN.
    numpy's scalars are compared by their value. Where the values are members of an enum class, a member may
    also be given by its value (not by its name), and the member is returned; a combination of flags is no member.

    Parameters
    ----------
    *values
        The values, which must be hashable; or one enum class.

    Raises
    ------
    luthier.errors.DeclarationError
        If there is no value, one occurs twice, or one is not hashable.

    Examples
    --------
    >>> Enum("volt", "curr").check("Volt")
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: 'Volt' is not one of the values. Did you mean 'volt'?
    """

    values: tuple[Any, ...] = attrs.field(eq=_typed_keys)
    _by_key: dict[object, Any] = attrs.field(repr=False, eq=False)

    def __init__(self, *values: Any) -> None:
        first = values[0] if values else None
        if len(values) == 1 and isinstance(first, list | tuple | set | frozenset | dict):
            raise DeclarationError(
                f"{shown(first)} was given as the only value",
                advice="Write Enum(*values), if its items are the values.",
            )
        members = first if len(values) == 1 and isinstance(first, enum.EnumType) else values
        declared = tuple(python_scalar(value) for value in members)
        self.__attrs_init__(declared, _by_key(declared))

    def __repr__(self) -> str:
        """Show the values as they were given."""
        return f"{type(self).__name__}({', '.join(map(shown, self.values))})"

    def check(self, value: object, /) -> Any:
        """Return the declared value that equals ``value``; see :meth:`Validator.check`."""
        scalar = python_scalar(value)
        try:
            return self._by_key[_key(scalar)]
        except (KeyError, TypeError):  # TypeError: not hashable, and so none of them
            raise ValidationError(
                f"{shown(value)} is not one of the values",
                value=value,
                allowed=self.describe(),
                advice=did_you_mean(scalar, self._texts()),
            ) from None

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        words = listed([with_unit(value, unit) for value in self.values])
        return f"only {words}" if len(self.values) == 1 else f"one of {words}"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data; opaque if the values are not plain, as members of an enum class are."""
        if all(type(value) in _PLAIN_TYPES for value in self.values):
            return {"type": "enum", "values": to_plain(self.values)}
        return {
            "type": "enum",
            "values": to_plain([value.value if isinstance(value, enum.Enum) else value for value in self.values]),
            "opaque": True,
            "description": self.describe(),
        }

    def _texts(self) -> Iterator[tuple[str, object]]:
        for value in self.values:
            if isinstance(value, enum.Enum):
                yield str(value.value), value
                yield value.name, value
            else:
                yield str(value), value


def _by_key(values: tuple[Any, ...]) -> dict[object, Any]:
    if not values:
        raise DeclarationError("no value was given to choose from")
    by_key: dict[object, Any] = {}
    for value in values:
        if not _is_hashable(value):
            raise DeclarationError(f"{shown(value)} cannot be one of the values: it is not hashable")
        if _key(value) in by_key:
            raise DeclarationError(f"{shown(value)} was given twice")
        by_key[_key(value)] = value
    for member in values:
        if isinstance(member, enum.Enum) and _is_hashable(member.value):
            by_key.setdefault(_key(member.value), member)
    return by_key


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
