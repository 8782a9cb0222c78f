"""What an opened driver declares, as rows of tables: parameters and functions of the instrument and of its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from luthier.errors import LuthierError
from luthier.instrument import ChannelList
from luthier.server.descriptor import exported_methods
from luthier.validators import Enum, Ints, Numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from luthier.instrument import ParameterHost
    from luthier.parameter import Parameter

__all__ = ["FunctionRow", "ParameterRow", "Part", "parts_of"]


@attrs.frozen
class ParameterRow:
    """What is said of one parameter: texts, in the words of the page."""

    name: str
    type: str
    unit: str
    use: str
    allowed: str
    doc: str


@attrs.frozen
class FunctionRow:
    """What is said of one function or method."""

    call: str
    doc: str


@attrs.frozen
class Part:
    """Channels that have the same parameters and functions, or the instrument itself.

    Attributes
    ----------
    names
        The paths of the channels; empty for the instrument.
    lists
        The paths of the lists that they are in.
    doc
        The first paragraph of the class.
    """

    names: tuple[str, ...]
    lists: tuple[str, ...]
    doc: str
    parameters: tuple[ParameterRow, ...]
    functions: tuple[FunctionRow, ...]


def parts_of(instrument: ParameterHost) -> tuple[Part, ...]:
    """Return the instrument, then its channels, those that have the same together.

    Limits that depend on something are read, so that the instrument may be asked: open it on its simulator.
    """
    lists: dict[str, list[str]] = {}
    hosts = list(_hosts(instrument, "", lists))
    grouped: dict[object, list[tuple[str, ParameterHost]]] = {}
    for path, host in hosts:
        key = (type(host), tuple(host.parameters), tuple(host.functions)) if path else None
        grouped.setdefault(key, []).append((path, host))
    return tuple(_part(found, lists) for found in grouped.values())


def _hosts(host: ParameterHost, path: str, lists: dict[str, list[str]]) -> Iterator[tuple[str, ParameterHost]]:
    yield path, host
    start = f"{path}." if path else ""
    direct = {id(one): name for name, one in host.channels.items() if not isinstance(one, ChannelList)}
    for name, channel in host.channels.items():
        if not isinstance(channel, ChannelList):
            yield from _hosts(channel, f"{start}{name}", lists)
            continue
        for one in channel:
            own = direct.get(id(one))
            at = f"{start}{own or one.name}"
            lists.setdefault(at, []).append(f"{start}{name}")
            if own is None:
                yield from _hosts(one, at, lists)


def _part(found: list[tuple[str, ParameterHost]], lists: dict[str, list[str]]) -> Part:
    first = found[0][1]
    names = tuple(path for path, _ in found if path)
    return Part(
        names,
        tuple(dict.fromkeys(name for path in names for name in lists.get(path, ()))),
        " ".join((type(first).__doc__ or "").strip().partition("\n\n")[0].split()),
        tuple(_row(name, found) for name in first.parameters),
        tuple(_functions(first)),
    )


def _row(name: str, found: list[tuple[str, ParameterHost]]) -> ParameterRow:
    parameter = found[0][1].parameters[name]
    uses = [use for use, possible in (("get", parameter.gettable), ("set", parameter.settable)) if possible]
    return ParameterRow(
        name,
        "array" if parameter.type.__name__ == "ndarray" else parameter.type.__name__,
        parameter.unit,
        ", ".join(uses),
        _allowed([(path, host.parameters[name]) for path, host in found]) if parameter.settable else "",
        f"{_sentence(parameter.doc)}{_more(parameter)}",
    )


def _allowed(found: list[tuple[str, Parameter[Any]]]) -> str:
    """Say what can be set, for each channel where they differ."""
    said: dict[str, list[str]] = {}
    for path, parameter in found:
        said.setdefault(_range(parameter), []).append(path)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{text} ({', '.join(paths)})" for text, paths in said.items())


def _range(parameter: Parameter[Any]) -> str:
    validator = parameter.validator
    unit = parameter.unit
    if isinstance(validator, Enum):
        return ", ".join(_value(value, unit) for value in validator.values)
    if isinstance(validator, Numbers | Ints) and parameter.limits_are_dynamic:
        try:
            low, high = parameter.limits
        except LuthierError:  # they are read from what has no meaning now
            return f"{validator.describe(unit)} (and less, depending on the state)"
        text = type(validator)(low, high).describe(unit)
        bounds = (parameter.specification.minimum, parameter.specification.maximum)
        others = " and ".join(dict.fromkeys(bound for bound in bounds if isinstance(bound, str)))
        return f"{text} (changes with {others})" if others else text
    return "" if validator is None else validator.describe(unit)


def _value(value: object, unit: str) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    text = f"{value:g}" if isinstance(value, float) else str(getattr(value, "name", value))
    return f"{text} {unit}".strip()


def _more(parameter: Parameter[Any]) -> str:
    specification = parameter.specification
    words = []
    condition = specification.relevant_when
    if condition and not callable(condition):
        named = " and ".join(f"{name} is {_several(wanted)}" for name, wanted in condition.items())
        words.append(f"Only while {named}.")
    if specification.members:
        words.append(f"Gives {', '.join(specification.members)} together.")
    axes = [axis if isinstance(axis, str) else axis.name for axis in specification.axes]
    if axes:
        words.append(f"Over {' and '.join(axes)}.")
    return "".join(f" {one}" for one in words)


def _several(wanted: object) -> str:
    values: Iterable[object] = wanted if isinstance(wanted, (tuple, list, set, frozenset)) else (wanted,)
    return " or ".join(_value(value, "") for value in values)


def _functions(host: ParameterHost) -> Iterator[FunctionRow]:
    for name, function in host.functions.items():
        arguments = ", ".join(one.describe() for one in function.arguments)
        yield FunctionRow(f"{name}({arguments})", function.__doc__ or "")
    for name, method in exported_methods(type(host)).items():
        if not method.__module__.startswith("luthier."):
            yield FunctionRow(f"{name}({_arguments(method)})", _sentence((method.__doc__ or "").partition("\n\n")[0]))


def _arguments(method: Any) -> str:
    from inspect import signature  # noqa: PLC0415 - only pages need it

    return ", ".join(name for name in signature(method).parameters if name != "self")


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", ":", "!", "?")) else f"{text}."
