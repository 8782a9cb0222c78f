"""What families state, and how instruments are compared with them."""

from __future__ import annotations

from typing import Any

import pytest
from luthier import Channel, ChannelList, Instrument, families, parameter
from luthier.errors import UsageError
from luthier.families import FAMILIES, Family, check
from luthier.validators import Enum

PROTOCOLS = {
    "multimeter": families.Multimeter,
    "source_measure_unit": families.SourceMeasureUnit,
    "signal_generator": families.SignalGenerator,
    "oscilloscope": families.Oscilloscope,
    "lock_in": families.LockIn,
    "network_analyzer": families.NetworkAnalyzer,
    "spectrum_analyzer": families.SpectrumAnalyzer,
    "power_supply": families.PowerSupply,
    "function_generator": families.FunctionGenerator,
    "temperature_monitor": families.TemperatureMonitor,
    "temperature_controller": families.TemperatureController,
    "magnet_supply": families.MagnetSupply,
    "gauge": families.Gauge,
    "flow_controller": families.FlowController,
}
OF_CHANNELS = {
    ("power_supply", "outputs"): families.PowerSupplyOutput,
    ("function_generator", "outputs"): families.FunctionGeneratorOutput,
    ("oscilloscope", "inputs"): families.OscilloscopeInput,
    ("temperature_monitor", "inputs"): families.TemperatureInput,
    ("temperature_controller", "inputs"): families.TemperatureInput,
    ("temperature_controller", "loops"): families.TemperatureLoop,
}
TYPES = {"array": "NDArray[Any]", "": "Any"}


def _members(protocol: Any) -> dict[str, str]:
    """The members of a protocol, and what their getters are annotated with."""
    return {
        name: member.fget.__annotations__["return"]
        for name, member in vars(protocol).items()
        if isinstance(member, property)
    }


def _stated(family: Family, protocol: Any, place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in family.places:
        if one.name == place or (one.or_itself and not place):
            found |= {each.name: TYPES.get(each.type, each.type) for each in one.parameters if each.required}
            found |= {each.name: "Callable[[], Any]" for each in one.functions}
        elif one.required and not place:
            found[one.name] = f"Channels[{OF_CHANNELS[family.id, one.name].__name__}]"
    assert found, protocol
    return found


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_has_what_its_family_requires(name: str) -> None:
    assert _members(PROTOCOLS[name]) == _stated(FAMILIES[name], PROTOCOLS[name], "")


@pytest.mark.parametrize(("name", "place"), OF_CHANNELS)
def test_a_protocol_of_channels_has_what_the_family_requires_of_them(name: str, place: str) -> None:
    protocol = OF_CHANNELS[name, place]
    assert _members(protocol) == _stated(FAMILIES[name], protocol, place)


def test_every_family_that_requires_something_has_a_protocol() -> None:
    requiring = {
        name
        for name, family in FAMILIES.items()
        if any(each.required for place in family.places if place.required for each in place.parameters)
    }
    assert requiring == PROTOCOLS.keys()


def test_one_of_and_names_refer_to_what_is_stated() -> None:
    for family in FAMILIES.values():
        for place in family.places:
            names = [each.name for each in place.parameters] + [each.name for each in place.functions]
            assert len(names) == len(set(names)), family
            assert set(place.one_of) <= set(names), family
            axes = {each.axis for each in place.parameters} - {""}
            assert axes <= {*names, "times"}, family


def test_an_unknown_family_is_refused_with_what_was_meant() -> None:
    with pytest.raises(UsageError, match="Did you mean 'lock_in'"):
        check(Instrument, "lockin")


class Output(Channel):
    voltage = parameter(float, unit="V")
    current_limit = parameter(float, unit="A")
    output = parameter(bool)
    measured_voltage = parameter(float, get_cmd=lambda _: 0.0, unit="V")
    measured_current = parameter(float, get_cmd=lambda _: 0.0, unit="A")


class Supply(Instrument):
    output_class: type[Channel] = Output

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.outputs = ChannelList(self, "outputs", [self.output_class(self, f"ch{one}") for one in (1, 2)])


def _problems(instrument: Instrument, family: str) -> list[str]:
    with instrument:
        return [str(one) for one in check(instrument, family)]


def test_an_instrument_of_a_family_has_nothing_against_it() -> None:
    assert _problems(Supply("psu"), "power_supply") == []


class Backwards(Channel):
    voltage = parameter(str, unit="V")
    current_limit = parameter(float, set_cmd="I {}", unit="mA")
    output = parameter(int)
    measured_voltage = parameter(bool, get_cmd=lambda _: True, unit="V")
    measured_current = parameter(float, get_cmd=lambda _: 0.0, unit="A")


def test_what_is_wrong_with_all_channels_is_told_once() -> None:
    class Wrong(Supply):
        output_class = Backwards

    assert _problems(Wrong("psu"), "power_supply") == [
        "ch1.voltage: its type is str; power_supply has float",
        "ch1.current_limit: its unit is 'mA'; power_supply has it in 'A'",
        "ch1.current_limit: it cannot be read; in power_supply it can",
        "ch1.output: its type is int; power_supply has bool",
        "ch1.measured_voltage: its type is bool; power_supply has float",
    ]


def test_channels_that_are_missing_or_alone_are_told() -> None:
    class One(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.outputs = Output(self, "outputs")

    class Empty(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.outputs = ChannelList[Output](self, "outputs", [])

    assert _problems(One("one"), "power_supply") == ["outputs: it is a Output; power_supply has a ChannelList there"]
    assert _problems(Empty("empty"), "power_supply") == ["outputs: it is empty"]
    assert _problems(Instrument("none"), "power_supply") == [
        "outputs: it is missing; power_supply has a ChannelList of that name"
    ]


class Head(Channel):
    pressure = parameter(float, get_cmd=lambda _: 1.0, unit="Pa")


def test_channels_or_the_instrument_itself_may_have_what_is_stated() -> None:
    class Single(Instrument):
        pressure = parameter(float, get_cmd=lambda _: 1.0, unit="mbar")

    class Double(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            self.heads = ChannelList(self, "gauges" if name == "right" else "heads", [Head(self, "a")])

    assert _problems(Single("gauge"), "gauge") == ["pressure: its unit is 'mbar'; gauge has it in 'Pa'"]
    assert _problems(Double("right"), "gauge") == []
    assert _problems(Double("wrong"), "gauge") == ["pressure: it is missing (float, in Pa)"]


def test_words_axes_and_methods_are_compared() -> None:
    class Source(Instrument):
        source_function = parameter(str, validator=Enum("VOLT", "CURR"))

    class Magnet(Instrument):
        hold = parameter(float, unit="s")

        def zero(self) -> None:
            """Ramp."""

    assert _problems(Source("source"), "dc_source") == [
        "source_function: it accepts none of the words of dc_source: 'voltage', 'current'",
        "it has none of voltage, current",
    ]
    told = _problems(Magnet("magnet"), "magnet_supply")
    assert "ramp_to_setpoint: it is missing (magnet_supply has a method of that name)" in told
    assert "hold: it is missing (magnet_supply has a method of that name)" in told
    assert not [one for one in told if one.startswith("zero")]


def test_the_axis_of_an_array_is_the_stated_one() -> None:
    import numpy as np  # noqa: PLC0415 - only here

    class Analyser(Instrument):
        points = parameter(int)
        bins = parameter(np.ndarray, get_cmd=lambda _: np.zeros(3), shape=(3,))
        frequencies = parameter(np.ndarray, get_cmd=lambda _: np.zeros(3), shape=(3,), unit="Hz")
        s21 = parameter(np.ndarray, get_cmd=lambda _: np.zeros(3), shape=(3,), axes=("frequencies",))
        s11 = parameter(np.ndarray, get_cmd=lambda _: np.zeros(3), shape=(3,), axes=("bins",))

    wrong = "s11: its axes are bins; network_analyzer has the axis frequencies"
    assert [one for one in _problems(Analyser("vna"), "network_analyzer") if "axes" in one] == [wrong]
    assert [str(one) for one in check(Analyser, "network_analyzer") if "axes" in str(one)] == [wrong]


def test_of_a_class_what_it_declares_is_compared() -> None:
    class Sine(Instrument):
        frequency = parameter(float, unit="Hz")
        power = parameter(float, delegate="level", unit="dBm")
        level = parameter(float, get_cmd="L?", unit="dBm")
        output = parameter(bool)

    assert [str(one) for one in check(Sine, "signal_generator")] == [
        "power: it cannot be set; in signal_generator it can"
    ]
    assert check(Supply, "power_supply") == ()
