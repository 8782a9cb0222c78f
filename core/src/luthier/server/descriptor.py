"""What an instrument offers, as plain data: proxies are built from it, and nothing else exists for the wire."""

from __future__ import annotations

from enum import Enum
from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PARAMETER_METHODS", "describe", "enum_classes", "exported_methods", "exported_properties", "outline"]

_OWN_METHODS = frozenset(
    {
        "check_errors",
        "clear",
        "clear_status",
        "connect_message",
        "errors",
        "event_status",
        "forget",
        "make_safe",
        "query",
        "reset",
        "restore",
        "status_byte",
        "wait_complete",
        "write",
    }
)
"""Of the methods that Luthier's own classes have, those that mean something from elsewhere."""

_OWN_PROPERTIES = frozenset({"idn", "timeout"})

PARAMETER_METHODS = frozenset({"limit_motion", "narrow", "stop"})
"""What may be called of a parameter, beside being read and set."""


def describe(instrument: Any) -> dict[str, Any]:
    """Return what ``instrument`` offers: parameters, functions, channels, public methods and properties.

    Asks the instrument nothing.
    """
    return {
        "name": instrument.name,
        "kind": instrument.kind,
        "address": instrument.address,
        "doc": type(instrument).__doc__ or "",
        **_host(instrument),
    }


def outline(host: Any) -> tuple[int, ...]:
    """Return what changes when something is added to ``host``: how many of each kind there are."""
    counts = [len(host.parameters), len(host.functions), len(host.channels)]
    for channel in host.channels.values():
        if hasattr(channel, "parameters"):
            counts.extend(outline(channel))
    return tuple(counts)


def exported_methods(kind: type) -> dict[str, FunctionType]:
    """Return the methods of a class of instruments or channels that may be called from elsewhere."""
    return {name: value for name, value in _public(kind, _OWN_METHODS) if isinstance(value, FunctionType)}


def exported_properties(kind: type) -> dict[str, property]:
    """Return the properties of a class that may be read from elsewhere."""
    return {name: value for name, value in _public(kind, _OWN_PROPERTIES) if isinstance(value, property)}


def enum_classes(host: Any) -> dict[str, type[Enum]]:
    """Return the enum classes that parameters of ``host`` and of its channels use, by qualified name."""
    found: dict[str, type[Enum]] = {}
    for name in host.parameters:
        parameter = host.live(name)
        kinds = [parameter.type, *(type(value) for value in getattr(parameter.validator, "values", ()))]
        found |= {kind.__qualname__: kind for kind in kinds if issubclass(kind, Enum)}
    for channel in host.channels.values():
        if hasattr(channel, "parameters"):
            found |= enum_classes(channel)
    return found


def _public(kind: type, own: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """Yield public names with what they are: all of a driver's classes, and ``own`` of Luthier's."""
    seen: set[str] = set()
    for base in kind.__mro__:
        ours = base.__module__.partition(".")[0] == "luthier" or base is object
        for name, value in vars(base).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            infrastructure = _is_infrastructure(kind, name)
            if name in own or not (ours or infrastructure):
                yield name, value


def _is_infrastructure(kind: type, name: str) -> bool:
    """Whether one of Luthier's classes has the name for its own purposes, as ``close`` or ``add_parameter``."""
    return any(base.__module__.partition(".")[0] == "luthier" and name in vars(base) for base in kind.__mro__)


def _host(host: Any) -> dict[str, Any]:
    kind = type(host)
    channels = host.channels
    return {
        "parameters": [_parameter(host.live(name)) for name in host.parameters],
        "functions": [_function(function) for function in host.functions.values()],
        "channels": [
            {
                "name": name,
                "kind": f"{type(channel).__module__}.{type(channel).__qualname__}",
                "doc": type(channel).__doc__ or "",
                **_host(channel),
            }
            for name, channel in channels.items()
            if hasattr(channel, "parameters")
        ],
        "lists": [
            {"name": name, "members": [member.name for member in members]}
            for name, members in channels.items()
            if not hasattr(members, "parameters")
        ],
        "methods": [_method(name, function) for name, function in exported_methods(kind).items()],
        "properties": [
            {"name": name, "doc": found.__doc__ or "", "settable": found.fset is not None}
            for name, found in exported_properties(kind).items()
        ],
    }


def _parameter(parameter: Any) -> dict[str, Any]:
    specification = parameter.specification
    validator = parameter.validator
    constant = all(isinstance(length, int) for length in specification.shape)
    return {
        "name": parameter.name,
        "type": parameter.type.__name__,
        "enum": _enum(parameter.type),
        "unit": parameter.unit,
        "label": parameter.label,
        "doc": parameter.doc,
        "gettable": parameter.gettable,
        "settable": parameter.settable,
        "snapshot": specification.snapshot,
        "validator": None if validator is None else validator.to_data(),
        "max_age": specification.max_age,
        "shape": list(specification.shape) if constant else None,
        "axes": [axis if isinstance(axis, str) else axis.name for axis in specification.axes],
        "dynamic": bool(parameter.limits_are_dynamic),
        "step": parameter.bounds_of_motion[0],
        "rate": parameter.bounds_of_motion[1],
    }


def _enum(kind: type) -> dict[str, Any] | None:
    """Name and members, where their values are plain, so that a stranger can show what they mean."""
    if not issubclass(kind, Enum):
        return None
    plain = (bool, int, float, str)
    members = {name: member.value for name, member in kind.__members__.items() if isinstance(member.value, plain)}
    return {"name": kind.__qualname__, "members": members if len(members) == len(kind.__members__) else {}}


def _function(function: Any) -> dict[str, Any]:
    return {
        "name": function.name,
        "doc": function.__doc__ or "",
        "arguments": [validator.to_data() for validator in function.arguments],
    }


def _method(name: str, function: FunctionType) -> dict[str, Any]:
    import inspect  # noqa: PLC0415 - slow to import, and only needed on servers

    arguments = list(inspect.signature(function).parameters.values())[1:]
    return {
        "name": name,
        "doc": function.__doc__ or "",
        "arguments": [
            {
                "name": argument.name,
                "kind": argument.kind.name,
                "default": None if argument.default is argument.empty else repr(argument.default),
            }
            for argument in arguments
        ],
    }
