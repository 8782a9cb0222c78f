"""Options that mean another instrument of the station: ``"@psu"``, ``"@psu.ch1"``, ``"@psu.ch1.voltage"``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from luthier.instrument import ChannelList, ParameterHost
from luthier.parameter.messages import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.toml.positions import KeyPath

__all__ = ["references_in", "resolved"]

_MARK = "@"


def references_in(value: Any, path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    """Yield the references in ``value``, which stands at ``path``, without their mark, and where each stands."""
    if isinstance(value, str) and value.startswith(_MARK) and not value.startswith(2 * _MARK):
        yield value[1:], path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from references_in(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from references_in(item, (*path, index))


def resolved(value: Any, instruments: Mapping[str, Any]) -> Any:
    """Return ``value`` with what its references mean in their place; ``@@`` at the beginning of a text becomes ``@``.

    Raises :class:`~luthier.errors.UnknownNameError` where an instrument has no such channel or parameter.
    """
    if isinstance(value, str) and value.startswith(_MARK):
        return value[1:] if value.startswith(2 * _MARK) else _meant(value[1:], instruments)
    if isinstance(value, Mapping):
        return {key: resolved(item, instruments) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved(item, instruments) for item in value]
    return value


def _meant(reference: str, instruments: Mapping[str, Any]) -> Any:
    name, *parts = reference.split(".")
    found = instruments[name]
    for part in parts:
        found = _part_of(found, part)
    return found


def _part_of(whole: Any, name: str) -> Any:
    if isinstance(whole, ChannelList):
        return whole[name]
    parameters = whole.parameters if isinstance(whole, ParameterHost) else {}
    channels = whole.channels if isinstance(whole, ParameterHost) else {}
    if name in parameters:
        return parameters[name]
    if name in channels:
        return channels[name]
    raise unknown_name("parameter or channel", name, (*parameters, *channels), who=whole.full_name)
