"""Snapshots: what is known of an instrument, and bringing it back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError, UsageError
from luthier.instrument.host import ParameterHost
from luthier.parameter.relevance import is_relevant
from luthier.plain import from_plain, is_complete, to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.instrument.instrument import Instrument
    from luthier.parameter import Parameter

__all__ = ["restore", "snapshot"]

_log = logging.getLogger("luthier.instrument")

_IDN = ("vendor", "model", "serial", "firmware")


def snapshot(instrument: Instrument, *, update: bool) -> dict[str, Any]:
    """Return everything known of ``instrument`` as plain JSON data; see :meth:`luthier.Instrument.snapshot`."""
    if not update:
        return _instrument_snapshot(instrument, update=False)
    with instrument.monitor:
        instrument.require_open()
        return _instrument_snapshot(instrument, update=True)


def restore(instrument: Instrument, recorded: object) -> tuple[str, ...]:
    """Set what differs from ``recorded``; see :meth:`luthier.Instrument.restore`."""
    record = _require_snapshot(instrument, recorded)
    with instrument.monitor:
        instrument.require_open()
        # Limits that depend on the instrument's state, which others restored before may change, are left to the set.
        wanted = [
            (parameter, parameter.check(value, in_any_state=True)) for parameter, value in _recorded(instrument, record)
        ]
        done: list[str] = []
        for parameter, value in wanted:
            try:
                if is_relevant(parameter) and _differs(parameter, value):
                    parameter.set(value)
                    done.append(parameter.full_name)
            except Exception as error:
                error.add_note(f"restored before: {', '.join(done) or 'nothing'}; nothing after {parameter.full_name}")
                raise
        return tuple(done)


def _instrument_snapshot(instrument: Instrument, *, update: bool) -> dict[str, Any]:
    idn = instrument.known_idn
    return {
        "name": instrument.name,
        "class": instrument.kind,
        "address": instrument.address,
        **({} if idn is None else {"idn": {field: getattr(idn, field) for field in _IDN}}),
        "metadata": to_plain(instrument.metadata),
        **_host_snapshot(instrument, update=update),
    }


def _host_snapshot(host: ParameterHost, *, update: bool) -> dict[str, Any]:
    entries = {
        name: _parameter_snapshot(parameter, update=update)
        for name, parameter in host.parameters.items()
        if parameter.specification.snapshot
    }
    parameters = {name: entry for name, entry in entries.items() if entry is not None}
    channels = {
        name: _host_snapshot(channel, update=update)
        for name, channel in host.channels.items()
        if isinstance(channel, ParameterHost)
    }
    return {"parameters": parameters, **({"channels": channels} if channels else {})}


def _parameter_snapshot(parameter: Parameter[Any], *, update: bool) -> dict[str, Any] | None:
    """Return what is known of ``parameter``; ``None`` where it means nothing at present."""
    try:
        return parameter.snapshot(update=update) if is_relevant(parameter, cached=not update) else None
    except Exception as error:  # noqa: BLE001 - one reading that fails must not cost the whole snapshot
        return {**parameter.known(), "error": str(error)}


def _require_snapshot(instrument: Instrument, recorded: object) -> Mapping[str, Any]:
    """Return ``recorded`` where it is a snapshot of an instrument of this class."""
    record = recorded if isinstance(recorded, Mapping) else {}
    kind = record.get("class", instrument.kind)
    if not isinstance(record.get("parameters"), Mapping):
        what = "this is no snapshot of an instrument (it has no 'parameters')"
    elif not isinstance(kind, str) or kind.rpartition(".")[2] != type(instrument).__name__:
        what = f"this is the snapshot of {record.get('name')!r}, an instrument of another class ({kind})"
    else:
        return record
    raise UsageError(
        f"cannot restore: {what}",
        who=instrument.name,
        state="Nothing was sent.",
        advice=f"Give what {instrument.name}.snapshot() returned.",
    )


def _recorded(host: ParameterHost, record: Mapping[str, Any]) -> Iterator[tuple[Parameter[Any], Any]]:
    """Yield the parameters that can be set, with the values to set them to."""
    entries = _section(host, record, "parameters", host.parameters)
    for name, parameter in host.parameters.items():
        entry = entries.get(name, {})
        if entry.get("value") is None or not (parameter.settable and parameter.specification.snapshot):
            continue
        if entry.get("valid", True) and is_complete(entry["value"]):
            yield parameter, _value(parameter, entry["value"])
        else:
            why = "was not known for certain" if is_complete(entry["value"]) else "is not in the snapshot as a whole"
            _log.warning("%s: not restored, as its value %s", parameter.full_name, why)
    sections = _section(host, record, "channels", host.channels)
    for name, channel in host.channels.items():
        if isinstance(channel, ParameterHost):
            yield from _recorded(channel, sections.get(name, {}))


def _section(
    host: ParameterHost, record: Mapping[str, Any], key: str, known: Mapping[str, Any]
) -> Mapping[str, Mapping[str, Any]]:
    section = record.get(key, {})
    if not isinstance(section, Mapping) or not all(isinstance(entry, Mapping) for entry in section.values()):
        raise UsageError(
            f"cannot restore: {key!r} in the snapshot is {section!r}, which is no dictionary of dictionaries",
            who=host.full_name,
            state="Nothing was sent.",
        )
    strange = [name for name in section if name not in known]
    if strange:
        _log.warning("%s: not restored, as it has none of these %s: %s", host.full_name, key, ", ".join(strange))
    return section


def _value(parameter: Parameter[Any], data: Any) -> Any:
    try:
        return from_plain(data, enum=parameter.type if issubclass(parameter.type, Enum) else None)
    except LuthierError as error:
        error.complete(who=parameter.full_name, state="Nothing was sent.")
        raise


def _differs(parameter: Parameter[Any], value: object) -> bool:
    if parameter.gettable:
        present = parameter.get()
    elif parameter.cache.valid:
        present = parameter.cache.value
    else:
        return True
    return bool(to_plain(present) != to_plain(value))
