"""Between the user's values and what is sent and received: built once per parameter, from its specification.

Set: value → resolution → mapping, or scale and offset → ``set_parser`` → text.
Get: reply → ``get_parser``, or the type's own reading → mapping, or scale and offset → value.
"""

from __future__ import annotations

from enum import Enum as PythonEnum
from enum import Flag as PythonFlag
from typing import TYPE_CHECKING, Any

from luthier.errors import ReplyError
from luthier.scpi import format_bool, format_float, parse_bool, parse_float, parse_int

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.parameter.specification import ParameterSpecification

    Convert = Callable[[Any], Any]

__all__ = ["build_decoder", "build_encoder", "text_of"]


def text_of(value: object) -> str:
    """Return the text that is sent for ``value``: for a float the shortest that reads back to the same float."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return format_bool(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, complex):
        return f"{format_float(value.real)},{format_float(value.imag)}"
    if isinstance(value, PythonEnum):
        return text_of(value.value)
    return str(value)


def _parse_complex(text: str) -> complex:
    real, separator, imaginary = text.partition(",")
    if not separator:
        expected = "two numbers, separated by a comma"
        raise ReplyError(f"the reply {text!r} is no complex number: not {expected}", reply=text, expected=expected)
    return complex(parse_float(real), parse_float(imaginary))


_READERS: dict[type, Convert] = {float: parse_float, int: parse_int, bool: parse_bool, complex: _parse_complex}


def build_encoder(specification: ParameterSpecification, *, textual: bool) -> Convert | None:
    """Return what turns an accepted value into what is sent (text if ``textual``); ``None``: the value itself."""
    convert = _value_encoder(specification, textual=textual and specification.set_parser is None)
    steps = [convert] if convert is not None else []
    if specification.set_parser is not None:
        steps.append(specification.set_parser)
    if textual:
        steps.append(format_float if not steps and specification.type is float else text_of)
    return _chain(steps)


def build_decoder(specification: ParameterSpecification, *, textual: bool) -> Convert | None:
    """Return what turns a reply (text if ``textual``) into a value; ``None``: the reply itself."""
    steps: list[Convert] = []
    if specification.get_parser is not None:
        steps.append(specification.get_parser)
    if specification.mapping is not None:
        steps.append(_inverse_mapping(specification.mapping))
    elif specification.scale is not None or specification.offset is not None:
        scaling = _scaling(specification)
        steps.append(scaling.from_raw if steps or not textual else scaling.from_text)
        if specification.type is int:
            steps.append(_integral)
    elif issubclass(specification.type, PythonFlag):
        if textual and not steps:
            steps.append(parse_int)
        steps.append(specification.type)
    elif issubclass(specification.type, PythonEnum):
        if textual or steps:
            steps.append(_inverse_mapping({member: member.value for member in specification.type}))
    elif textual and not steps and specification.type in _READERS:
        steps.append(_READERS[specification.type])
    return _chain(steps)


def _value_encoder(specification: ParameterSpecification, *, textual: bool) -> Convert | None:
    if specification.mapping is not None:
        mapped: Convert = dict(specification.mapping).__getitem__
        return mapped
    if specification.scale is not None or specification.offset is not None:
        scaling = _scaling(specification)
        to_raw: Convert = scaling.to_raw
        return _exact_text(scaling.exact) if textual and specification.type in (float, int) else to_raw
    return None


def _exact_text(exact: Convert) -> Convert:
    from luthier.scpi import format_decimal  # noqa: PLC0415 - decimal is only loaded for scaled parameters

    return lambda value: format_decimal(exact(value))


def _scaling(specification: ParameterSpecification) -> Any:
    from luthier.parameter.scaling import Scaling  # noqa: PLC0415 - decimal is only loaded for scaled parameters

    scale, offset = specification.scale, specification.offset
    return Scaling(1 if scale is None else scale, 0 if offset is None else offset)


def _integral(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _inverse_mapping(mapping: Mapping[Any, Any]) -> Convert:
    """Return a look-up by what the instrument answers: the same object, the same text, or the same number."""
    by_raw = {raw: value for value, raw in mapping.items()}
    by_text = {text_of(raw).strip().upper(): value for value, raw in mapping.items()}
    by_number = {number: value for value, raw in mapping.items() if (number := _number(raw)) is not None}

    def look_up(raw: Any) -> Any:
        try:
            return by_raw[raw]
        except (KeyError, TypeError):
            pass
        text = text_of(raw).strip().upper()
        if text in by_text:
            return by_text[text]
        number = _number(raw)
        if number in by_number:
            return by_number[number]
        expected = ", ".join(repr(known) for known in by_raw)
        reply = text_of(raw)
        raise ReplyError(f"the reply {reply!r} is none of {expected}", reply=reply, expected=f"one of {expected}")

    return look_up


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        return None
    try:
        return float(raw)
    except ValueError:
        return None


def _chain(steps: list[Convert]) -> Convert | None:
    if not steps:
        return None
    if len(steps) == 1:
        return steps[0]
    if len(steps) == 2:  # noqa: PLR2004 - the usual case, spelt out because it is on the way of every message
        first, second = steps
        return lambda value: second(first(value))

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return convert
