"""Families as types, so that a function of a script says which instruments it is for, and is checked.

A protocol has what every instrument of the family has. What some have in addition is reached by its name,
``smu["source_voltage_range"]``, or through the driver's own class. There is none for a family of which nothing is
required (``dc_source``). Those of signals are in :mod:`luthier.families.signal_protocols`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from luthier.parameter import Parameter

    # To a type checker a common parameter is declared like that of a driver: pyright compares declarations with
    # declarations, and mypy what is read from them.
    from luthier.parameter import parameter as common
else:
    common = property

__all__ = [
    "Channels",
    "FlowController",
    "Gauge",
    "MagnetSupply",
    "Member",
    "Multimeter",
    "PowerSupply",
    "PowerSupplyOutput",
    "SourceMeasureUnit",
    "TemperatureController",
    "TemperatureInput",
    "TemperatureLoop",
    "TemperatureMonitor",
    "common",
]

C_co = TypeVar("C_co", covariant=True)


class Channels(Protocol[C_co]):
    """What a family needs of a :class:`~luthier.ChannelList`; ``outputs.voltage`` is the vector of a parameter."""

    @overload
    def __getitem__(self, key: int | str, /) -> C_co: ...

    @overload
    def __getitem__(self, key: slice, /) -> Channels[C_co]: ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[C_co]: ...

    def __getattr__(self, name: str, /) -> Any: ...


class Member(Protocol):
    """What instruments and channels of every family have."""

    @property
    def name(self) -> str: ...

    @property
    def full_name(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Parameter[Any]]: ...

    def live(self, name: str) -> Parameter[Any]: ...

    def __getitem__(self, name: str) -> Parameter[Any]: ...

    def make_safe(self) -> None: ...


class Multimeter(Member, Protocol):
    """A multimeter."""

    @common
    def function(self) -> str: ...

    @common
    def reading(self) -> float: ...

    @common
    def voltage(self) -> float: ...


class PowerSupplyOutput(Member, Protocol):
    """One output of a power supply."""

    @common
    def voltage(self) -> float: ...

    @common
    def current_limit(self) -> float: ...

    @common
    def output(self) -> bool: ...

    @common
    def measured_voltage(self) -> float: ...

    @common
    def measured_current(self) -> float: ...


class PowerSupply(Member, Protocol):
    """A power supply."""

    @property
    def outputs(self) -> Channels[PowerSupplyOutput]: ...


class SourceMeasureUnit(Member, Protocol):
    """A source-measure unit, or one of its channels."""

    @common
    def source_function(self) -> str: ...

    @common
    def voltage(self) -> float: ...

    @common
    def current(self) -> float: ...

    @common
    def voltage_limit(self) -> float: ...

    @common
    def current_limit(self) -> float: ...

    @common
    def output(self) -> bool: ...

    @common
    def measured_voltage(self) -> float: ...

    @common
    def measured_current(self) -> float: ...


class TemperatureInput(Member, Protocol):
    """One input of a temperature monitor or controller."""

    @common
    def temperature(self) -> float: ...


class TemperatureMonitor(Member, Protocol):
    """A temperature monitor."""

    @property
    def inputs(self) -> Channels[TemperatureInput]: ...


class TemperatureLoop(Member, Protocol):
    """One loop of a temperature controller."""

    @common
    def setpoint(self) -> float: ...

    @common
    def heater_output(self) -> float: ...


class TemperatureController(Member, Protocol):
    """A temperature controller."""

    @property
    def inputs(self) -> Channels[TemperatureInput]: ...

    @property
    def loops(self) -> Channels[TemperatureLoop]: ...


class MagnetSupply(Member, Protocol):
    """A magnet supply."""

    @common
    def field(self) -> float: ...

    @common
    def field_setpoint(self) -> float: ...

    @common
    def current(self) -> float: ...

    @common
    def ramp_rate(self) -> float: ...

    @common
    def state(self) -> str: ...

    @property
    def ramp_to_setpoint(self) -> Callable[[], Any]: ...

    @property
    def hold(self) -> Callable[[], Any]: ...

    @property
    def zero(self) -> Callable[[], Any]: ...


class Gauge(Member, Protocol):
    """A pressure gauge, or one of its channels."""

    @common
    def pressure(self) -> float: ...


class FlowController(Member, Protocol):
    """A flow controller, or one of its channels."""

    @common
    def flow(self) -> float: ...

    @common
    def flow_setpoint(self) -> float: ...
