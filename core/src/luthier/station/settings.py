"""The limits and initial values of a station: all are checked before the first is set."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import LuthierError, NotSettableError, UnknownNameError, UsageError, ValidationError
from luthier.instrument import ChannelList, ParameterHost
from luthier.parameter.messages import unknown_name
from luthier.parameter.quantity import in_unit
from luthier.plain import from_plain
from luthier.station.sections import INSTRUMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from luthier.instrument import Instrument
    from luthier.parameter import Parameter
    from luthier.station.description import InstrumentEntry
    from luthier.station.document import TomlDocument
    from luthier.station.mistakes import Mistakes
    from luthier.toml.positions import KeyPath

__all__ = ["Setting", "Settings"]


@attrs.frozen
class Setting:
    """A parameter, and what the file says of it at ``path``."""

    parameter: Parameter[Any]
    value: Any
    path: KeyPath

    def set(self) -> None:
        """Set the parameter."""
        self.parameter.set(from_plain(self.value))


class Settings:
    """What the file says of the parameters of open instruments; what cannot be done is kept in ``mistakes``."""

    def __init__(self, document: TomlDocument, mistakes: Mistakes) -> None:
        self._document = document
        self._mistakes = mistakes
        self._own_limits: dict[str, tuple[float | None, float | None]] = {}

    def narrow(self, entry: InstrumentEntry, instrument: Instrument) -> None:
        """Narrow the limits of the parameters of ``instrument``."""
        for setting in self._in_file_order(entry.limits, instrument, (INSTRUMENTS, entry.name, "limits")):
            parameter = setting.parameter
            try:
                _require_limitable(parameter)
                low, high = (_bound(parameter, limit) for limit in setting.value)
                parameter.narrow(low, high)
            except Exception as error:  # noqa: BLE001 - limits may be asked from the instrument
                self._refuse(setting, "limits", error)
            else:
                self._own_limits[parameter.full_name] = low, high

    def initial(self, entry: InstrumentEntry, instrument: Instrument) -> Iterator[Setting]:
        """Yield the initial values of ``instrument``, in the order of the file, each checked as a set would.

        Parameters that limits depend on may be read. What only such limits refuse is left to the set, unless it is the
        first: the values set before it may change the limits.
        """
        path = (INSTRUMENTS, entry.name, "initial")
        for position, setting in enumerate(self._in_file_order(entry.initial, instrument, path)):
            try:
                _check(setting)
            except Exception as error:  # noqa: BLE001 - limits may be asked from the instrument
                if position == 0 or not self._may_change(setting.parameter, error):
                    self._refuse(setting, "initial value", error)
                    continue
            yield setting

    def _refuse(self, setting: Setting, what: str, error: Exception) -> None:
        reason = error.what if isinstance(error, LuthierError) else f"{type(error).__name__}: {error}"
        advice = getattr(error, "advice", "")
        self._mistakes.add(setting.path, f"{what} of {setting.parameter.full_name}: {reason}", advice, cause=error)

    def _may_change(self, parameter: Parameter[Any], error: Exception) -> bool:
        """Tell whether only limits that depend on the instrument's state refused the value."""
        if not isinstance(error, ValidationError) or error.data.get("limits") is None:
            return False
        value, specification = error.value, parameter.specification
        bounds = (specification.minimum, specification.maximum)
        depends = any(bound is not None and not isinstance(bound, int | float) for bound in bounds)
        low, high = self._own_limits.get(parameter.full_name, (None, None))
        if not depends or not isinstance(value, int | float):
            return False
        return (low is None or value >= low) and (high is None or value <= high)

    def _in_file_order(self, table: Mapping[str, Any], host: ParameterHost, path: KeyPath) -> list[Setting]:
        return sorted(self._found(table, host, path), key=lambda setting: self._document.offset(setting.path))

    def _found(self, table: Mapping[str, Any], host: ParameterHost, path: KeyPath) -> Iterator[Setting]:
        for key, value in table.items():
            place = (*path, key)
            try:
                found = list(_named(key, host, table_means_channels=isinstance(value, dict)))
            except UnknownNameError as error:
                self._mistakes.add(place, f"{error.who} {error.what}", error.advice, cause=error)
                continue
            for one in found:
                if isinstance(one, ParameterHost):
                    yield from self._found(value, one, place)
                else:
                    yield Setting(one, value, place)


def _named(path: str, host: ParameterHost, *, table_means_channels: bool) -> Iterator[ParameterHost | Parameter[Any]]:
    """Yield the parameter of that path, of every channel where the path goes through a list of channels.

    Where the value is a table, and no parameter has the name, yield the channels of that name, which the table is for.
    """
    name, _, rest = path.partition(".")
    if rest:
        for channel in _channels(name, host, "channel"):
            yield from _named(rest, channel, table_means_channels=table_means_channels)
    elif table_means_channels and name not in host.parameters:
        yield from _channels(name, host, "channel or parameter")
    else:
        yield host.find(name)


def _channels(name: str, host: ParameterHost, kind: str) -> tuple[ParameterHost, ...]:
    found = host.channels.get(name)
    if found is None:
        known = host.channels if kind == "channel" else (*host.channels, *host.parameters)
        raise unknown_name(kind, name, known, who=host.full_name)
    return tuple(found) if isinstance(found, ChannelList) else (found,)


def _check(setting: Setting) -> None:
    if not setting.parameter.settable:
        raise NotSettableError("it cannot be set")
    setting.parameter.check(from_plain(setting.value))


def _require_limitable(parameter: Parameter[Any]) -> None:
    if not parameter.settable:
        raise UsageError("it cannot be set, so that limits have no meaning")
    if parameter.type not in (float, int) and not hasattr(parameter.validator, "minimum"):
        raise UsageError("its values are no numbers, so that limits have no meaning")


def _bound(parameter: Parameter[Any], limit: float | str) -> float | None:
    number = in_unit(limit, parameter.unit) if isinstance(limit, str) else limit
    return None if isinf(number) else number
