"""Snapshots: what is known of an instrument, and bringing it back."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.instrument.host import ParameterHost
from luthier.parameter.relevance import is_relevant
from luthier.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luthier.instrument.instrument import Instrument
    from luthier.parameter import Parameter

__all__ = ["restore", "snapshot"]


def snapshot(instrument: Instrument, *, update: bool) -> dict[str, Any]:
    """Return everything known of ``instrument`` as plain JSON data; see :meth:`luthier.Instrument.snapshot`."""
    with instrument.monitor:
        return {
            "name": instrument.name,
            "class": instrument.kind,
            "address": instrument.address,
            "metadata": to_plain(instrument.metadata),
            **_host_snapshot(instrument, update=update),
        }


def restore(instrument: Instrument, recorded: Mapping[str, Any]) -> tuple[str, ...]:
    """Set what differs from ``recorded``; see :meth:`luthier.Instrument.restore`."""
    if not isinstance(recorded.get("parameters"), dict):
        raise UsageError(
            "cannot restore: this is no snapshot of an instrument (it has no 'parameters')",
            who=instrument.name,
            state="Nothing was sent.",
        )
    with instrument.monitor:
        wanted = [(parameter, parameter.check(value)) for parameter, value in _recorded(instrument, recorded)]
        done = []
        for parameter, value in wanted:
            if is_relevant(parameter) and _differs(parameter, value):
                parameter.set(value)
                done.append(parameter.full_name)
        return tuple(done)


def _host_snapshot(host: ParameterHost, *, update: bool) -> dict[str, Any]:
    parameters = {
        name: _parameter_snapshot(parameter, update=update)
        for name, parameter in host.parameters.items()
        if parameter.specification.snapshot and is_relevant(parameter, cached=not update)
    }
    channels = {
        name: _host_snapshot(channel, update=update)
        for name, channel in host.channels.items()
        if isinstance(channel, ParameterHost)
    }
    return {"parameters": parameters, **({"channels": channels} if channels else {})}


def _parameter_snapshot(parameter: Parameter[Any], *, update: bool) -> dict[str, Any]:
    try:
        return parameter.snapshot(update=update)
    except Exception as error:  # noqa: BLE001 - one reading that fails must not cost the whole snapshot
        return {**parameter.known(), "error": str(error)}


def _recorded(host: ParameterHost, recorded: Mapping[str, Any]) -> Iterator[tuple[Parameter[Any], Any]]:
    """Yield the parameters that can be set, with the values to set them to."""
    values = recorded.get("parameters", {})
    for name, parameter in host.parameters.items():
        value = values.get(name, {}).get("value")
        if value is not None and parameter.settable and parameter.specification.snapshot:
            enum = parameter.type if issubclass(parameter.type, Enum) else None
            yield parameter, from_plain(value, enum=enum)
    for name, channel in host.channels.items():
        if isinstance(channel, ParameterHost):
            yield from _recorded(channel, recorded.get("channels", {}).get(name, {}))


def _differs(parameter: Parameter[Any], value: object) -> bool:
    if parameter.gettable:
        present = parameter.get()
    elif parameter.cache.valid:
        present = parameter.cache.value
    else:
        return True
    return bool(to_plain(present) != to_plain(value))
