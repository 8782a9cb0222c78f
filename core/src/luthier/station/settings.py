"""The limits and initial values of a station: all are checked before the first is set."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import LuthierError, NotSettableError, UnknownNameError, UsageError, ValidationError
from luthier.instrument import ParameterHost
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
    from luthier.station.positions import KeyPath

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
                found = _named(key, host) if isinstance(value, dict) else host.find(key)
            except UnknownNameError as error:
                self._mistakes.add(place, f"{error.who} {error.what}", error.advice, cause=error)
                continue
            if isinstance(found, ParameterHost):
                yield from self._found(value, found, place)
            else:
                yield Setting(found, value, place)


def _named(path: str, host: ParameterHost) -> ParameterHost | Parameter[Any]:
    """Return the channel of that path; or the parameter, where its values are tables."""
    *way, last = path.split(".")
    for name in way:
        channel = host.channels.get(name)
        if not isinstance(channel, ParameterHost):
            raise unknown_name("channel", name, host.channels, who=host.full_name)
        host = channel
    channel = host.channels.get(last)
    if isinstance(channel, ParameterHost):
        return channel
    if last in host.parameters:
        return host.parameters[last]
    raise unknown_name("channel or parameter", last, (*host.channels, *host.parameters), who=host.full_name)


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
