"""The options that a user may give with an address, checked before anything is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from luthier.errors import UsageError, ValidationError, WrongTypeError
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["check_names", "choice", "positive_whole"]

T = TypeVar("T")


def check_names(options: Mapping[str, object], known: Iterable[str], who: str) -> None:
    """Raise :class:`~luthier.errors.UsageError` for an option that is not among `known`."""
    known = tuple(known)
    for name in options:
        if name not in known:
            near = nearest(str(name), known)
            allowed = f"allowed are {', '.join(known)}" if known else "there are none"
            raise UsageError(
                f"there is no option {name!r}: {allowed}",
                who=who,
                state="Nothing was opened.",
                advice=f"Did you mean {near[0]!r}?" if near else "",
                name=name,
                suggestions=near,
            )


def choice(options: Mapping[str, object], name: str, allowed: Mapping[Any, T], who: str) -> T | None:
    """Return what the option `name` stands for, or ``None`` where it was not given; text in any case of letters."""
    if name not in options:
        return None
    value = options[name]
    key = value.casefold() if isinstance(value, str) else value
    # True equals 1 and hashes alike, and is not meant by it.
    if not isinstance(key, (str, int, float)) or isinstance(key, bool) or key not in allowed:
        raise _refusal(name, value, allowed, who)
    return allowed[key]


def positive_whole(options: Mapping[str, object], name: str, who: str) -> int | None:
    """Return the option `name`, a whole number of at least 1, or ``None`` where it was not given."""
    if name not in options:
        return None
    value = options[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongTypeError(
            f"the option {name} must be a whole number, not {value!r}",
            who=who,
            state="Nothing was opened.",
            value=value,
            allowed="whole numbers from 1",
        )
    if value < 1:
        raise ValidationError(
            f"the option {name} cannot be {value!r}: allowed are whole numbers from 1",
            who=who,
            state="Nothing was opened.",
            value=value,
            allowed="whole numbers from 1",
        )
    return value


def _refusal(name: str, value: object, allowed: Collection[object], who: str) -> ValidationError:
    listed = ", ".join(repr(item) for item in allowed)
    return ValidationError(
        f"the option {name} cannot be {value!r}: allowed are {listed}",
        who=who,
        state="Nothing was opened.",
        value=value,
        allowed=listed,
    )
