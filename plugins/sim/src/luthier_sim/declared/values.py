"""Texts of values: what a message brings is checked, and what is answered reads back as it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from luthier.errors import LuthierError, ValidationError
from luthier.parameter.conversion import build_encoder, text_of
from luthier.scpi import format_string
from luthier.validators import Enum, Ints, Numbers

from luthier_sim.scpi.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.parameter import Parameter

__all__ = ["UNREADABLE", "first_text", "limit_text", "read", "reply_of", "value_of"]

UNREADABLE: Final = object()
"""Stands for the value of a text that the driver can send and has no way to read."""

_CANNOT: Final = (LuthierError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What a driver's own conversion raises for a text, or a value, that is not for it."""
_ANYTHING: Final = ("0", "1", '""', "0,0")
_FIRST_BY_TYPE: Final[dict[str, Any]] = {"float": 0.0, "int": 0, "bool": False, "str": "", "complex": 0j}


def value_of(parameter: Parameter[Any], text: str, around: tuple[str, str]) -> Any:
    """Return the value that a text in a message means; :data:`UNREADABLE` where the driver could not read it.

    Raises
    ------
    Refusal
        -104 for what is no value of that type, -222 for a number, and -224 for a word, that the driver would not send.
    """
    value = read(parameter, text, around)
    if value is UNREADABLE:
        if parameter.specification.set_parser is None:
            raise Refusal(
                -104 if parameter.type.__name__ in _FIRST_BY_TYPE and not parameter.specification.mapping else -224
            )
        return value
    try:
        return parameter.check(value)
    except ValidationError as error:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        raise Refusal(-222 if number else -224) from error
    except LuthierError:
        return value  # a limit that the twin cannot find out


def reply_of(parameter: Parameter[Any], text: str, value: Any, around: tuple[str, str]) -> str:
    """Return the reply that the driver reads as `value`; `text` is how it was set."""
    decode = parameter.build_decoder(textual=True)
    for candidate in _dressed(text, around):
        try:
            read = candidate if decode is None else decode(candidate)
        except _CANNOT:
            continue
        if value is UNREADABLE or read == value:
            return candidate
    return text


def first_text(parameter: Parameter[Any], *, in_any_state: bool = False) -> str:
    """Return what is sent for the value that a parameter has first: nothing, off, the first of the words.

    With `in_any_state` limits that depend on others do not count, so that no other parameter is read for it.
    """
    encode = build_encoder(parameter.specification, textual=True)
    for value in _first_values(parameter, in_any_state=in_any_state):
        try:
            accepted = value if parameter.validator is None else parameter.check(value, in_any_state=in_any_state)
            text = text_of(accepted if encode is None else encode(accepted))
        except _CANNOT:
            continue
        if parameter.settable or read(parameter, text) is not UNREADABLE:
            return text
    return next((text for text in _ANYTHING if read(parameter, text) is not UNREADABLE), "0")


def limit_text(parameter: Parameter[Any], word: str) -> str | None:
    """Return what ``MIN`` or ``MAX`` means for a parameter; ``None`` where it has no such limit."""
    low, high = parameter.limits
    bound = low if word.startswith("MIN") else high
    if bound is None:
        return None
    encode = build_encoder(parameter.specification, textual=True)
    kind = int if parameter.type is int else float
    return str(text_of(kind(bound)) if encode is None else encode(kind(bound)))


def read(parameter: Parameter[Any], text: str, around: tuple[str, str] = ("", "")) -> Any:
    """Return the value that the driver reads in a text, without any check; :data:`UNREADABLE`: none."""
    decode = parameter.build_decoder(textual=True)
    for candidate in _dressed(text, around):
        try:
            return candidate if decode is None else decode(candidate)
        except _CANNOT:
            continue
    return UNREADABLE


def _dressed(text: str, around: tuple[str, str]) -> Iterator[str]:
    """Yield a text as it is, with what stands around it in the message, and in quotes."""
    yield text
    if any(around):
        yield f"{around[0]}{text}{around[1]}"
    yield format_string(text)


def _first_values(parameter: Parameter[Any], *, in_any_state: bool) -> Iterator[Any]:
    validator = parameter.validator
    if isinstance(validator, Enum):
        yield from validator.values
        return
    if parameter.type.__name__ in _FIRST_BY_TYPE:
        yield _FIRST_BY_TYPE[parameter.type.__name__]
    if isinstance(validator, Numbers | Ints):
        bounds = (validator.minimum, validator.maximum)
        if not in_any_state:
            with suppress(LuthierError):
                bounds = parameter.limits
        kind = int if parameter.type is int else float
        yield from (kind(bound) for bound in bounds if bound is not None)
