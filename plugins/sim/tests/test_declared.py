"""Devices that are made from what a driver declares."""

from __future__ import annotations

import enum
import socket
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from luthier import Asked, Channel, ChannelList, Instrument, ScpiInstrument, group, parameter
from luthier.errors import InstrumentReportedError, ResponseTimeoutError, UsageError
from luthier.scpi import ArrayFormat, parse_string
from luthier.testing.strategies import valid_values
from luthier.validators import Enum, Ints, Numbers, Strings
from luthier_sim import DeclaredDevice, connect, query, serve, simulator_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Speed(enum.Enum):
    FAST = "FAS"
    SLOW = "SLO"


class Output(Channel):
    """One output."""

    level = parameter(
        float, get_cmd="LEV? (@{number})", set_cmd="LEV {},(@{number})", unit="V", validator=Numbers(-1, 1)
    )

    def __init__(self, parent: Instrument, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.add_function("clear", "CLE (@{number})", doc="Clear.")


class Source(ScpiInstrument):
    """A source with everything that can be declared."""

    power = parameter(float, get_cmd=":SOUR:POW?", set_cmd=":SOUR:POW {}", unit="W", validator=Numbers(0, 100))
    millis = parameter(float, get_cmd="MILL?", set_cmd="MILL {}", scale=1000.0, unit="A", validator=Numbers(-2, 2))
    count = parameter(int, get_cmd="COUN?", set_cmd="COUN  {}", validator=Ints(1, 9))
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}")
    speed = parameter(Speed, get_cmd="SPE?", set_cmd="SPE {}")
    mode = parameter(str, get_cmd="MODE?", set_cmd="MODE {}", mapping={"volts": "VOLT", "amperes": "CURR"})
    function = parameter(
        str, get_cmd="FUNC?", set_cmd='FUNC "{}"', get_parser=parse_string, validator=Enum("VOLT:DC", "RES")
    )
    text = parameter(
        str, get_cmd="DISP?", set_cmd='DISP "{}"', get_parser=parse_string, validator=Strings(1, 9, pattern="[a-z;]+")
    )
    ratio = parameter(complex, get_cmd="RAT?", set_cmd="RAT {}")
    x = parameter(float, group="both", validator=Numbers(0, 5))
    y = parameter(float, group="both", validator=Numbers(0, 5))
    both = group("x", "y", get_cmd="APPL?", set_cmd="APPL {x}, {y}")
    top = parameter(float, get_cmd="TOP?", set_cmd="TOP {}", validator=Numbers(0, 10))
    below = parameter(float, get_cmd="BEL?", set_cmd="BEL {}", validator=Numbers(0, None), maximum="top")
    low = parameter(float, get_cmd="LOW?", set_cmd="LOW {}", validator=Numbers(-5, 5), maximum=lambda s: s.high())
    high = parameter(float, get_cmd="HIGH?", set_cmd="HIGH {}", validator=Numbers(-5, 5), minimum=lambda s: s.low())
    asked = parameter(float, get_cmd="ASK?", set_cmd="ASK {}", minimum=Asked("ASK? MIN"), validator=Numbers(-3, 8))
    wave = parameter(np.ndarray, get_cmd="WAV?", set_cmd="WAV {}", array=ArrayFormat("f8"), shape=("count",))
    reading = parameter(float, get_cmd="READ?", unit="V")
    status = parameter(int, get_cmd="STAT?", get_parser=lambda text: int(text, 16))
    by_code = parameter(float, get_cmd=lambda source: float(source.query("CODE?")))

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.serial = self.idn.serial
        self.option = self.query("OPT:COUN?")
        self.outputs = ChannelList(self, "outputs", [Output(self, number) for number in (1, 2)])
        self.add_function("start", "INIT", doc="Start.")
        self.add_function("wait", "WAIT {}", arguments=(Numbers(0, 1),), doc="Wait.")


@pytest.fixture
def source() -> Iterator[Source]:
    with Source("source", transport=connect(simulator_of(Source)())) as opened:
        yield opened


BACK = ["power", "millis", "count", "output", "speed", "mode", "function", "text", "ratio", "top", "asked", "x"]


@pytest.mark.parametrize("name", [*BACK, "outputs.level"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_value_that_the_driver_may_set_is_read_back(name: str, data: st.DataObject) -> None:
    with Source("source", transport=connect(simulator_of(Source)())) as source:
        chosen = source.outputs[1].level if name == "outputs.level" else source[name]
        assert chosen.validator is not None
        value = data.draw(valid_values(chosen.validator))
        assume(
            not isinstance(value, complex) or max(abs(value.real), abs(value.imag)) < 1e37
        )  # where SCPI's signs for infinity and NaN begin
        chosen.set(value)
        source.forget()
        assert chosen.get() == chosen.check(value)
        assert source.errors() == ()
        if name == "outputs.level":
            assert source.outputs[0].level() == 0.0


def test_what_was_never_set_is_zero_off_or_the_first_word(source: Source) -> None:
    first = [source[name].get() for name in ("power", "count", "output", "speed", "mode", "function", "reading")]
    assert first == [0.0, 1, False, Speed.FAST, "volts", "VOLT:DC", 0.0]
    assert source.status() == 0
    assert source.wave().tolist() == [0.0]
    assert source.both() == {"x": 0.0, "y": 0.0}
    assert (source.serial, source.option) == ("0", "0")


def test_groups_and_arrays_are_set_and_read(source: Source) -> None:
    source.both({"x": 1.5, "y": 2.0})
    source.x(3.0)
    assert source.both() == {"x": 3.0, "y": 2.0}
    source.count(3)
    source.wave(np.array([1.0, 2.0, 0.1]))
    assert source.wave().tolist() == [1.0, 2.0, 0.1]


def test_limits_that_depend_on_each_other_are_kept(source: Source) -> None:
    assert (source.low(), source.high()) == (0.0, 0.0)
    source.high(3.0)
    source.low(2.0)
    source.write("HIGH 1")
    with pytest.raises(InstrumentReportedError, match="Data out of range"):
        source.check_errors()


def test_functions_are_taken_and_do_nothing(source: Source) -> None:
    source.start()
    source.wait(0.5)
    source.outputs[0].clear()
    assert source.errors() == ()


def test_what_the_driver_would_refuse_is_refused_to_others() -> None:
    device = simulator_of(Source)()
    assert device.respond(b"SOUR:POW 20;POW?;:sour:pow?;POW 101;POW?;:MODE RES;MODE?") == b"20;20;20;VOLT\n"
    assert device.respond(b"SYST:ERR?;:SYST:ERR?") == b'-222,"Data out of range";-224,"Illegal parameter value"\n'
    assert (
        device.respond(b"TOP 4;BEL 4;BEL 5;BEL?;BEL? MAX;BEL MAX;BEL?;SYST:ERR?") == b'4;4;4;-222,"Data out of range"\n'
    )
    assert device.respond(b"LEV 0.5,(@2);LEV? (@2);LEV? (@1);LEV 2,(@1);LEV? (@3)") == b"0.5;0\n"
    assert device.respond(b"SYST:ERR:ALL?") == b'-222,"Data out of range",-113,"Undefined header"\n'
    assert device.respond(b"COUN few;:SYST:ERR?") is None  # the message ends there
    assert device.respond(b"SYST:ERR?") == b'-104,"Data type error"\n'
    assert device.respond(b"SOUR:POW 5;*RST;:SOUR:POW?") == b"0\n"


def test_what_code_reads_is_named_and_not_answered(source: Source) -> None:
    assert simulator_of(Source)().unknown_parameters == ("by_code",)  # type: ignore[attr-defined]  # of declared ones
    source.timeout = 0.0
    with pytest.raises(ResponseTimeoutError):
        source.by_code()
    with pytest.raises(InstrumentReportedError, match="Undefined header"):
        source.check_errors()


def test_the_driver_that_the_device_learns_from_is_nobody_s_instrument(source: Source) -> None:
    source.power(1.0)
    assert list(luthier.instruments()) == ["source"]


def test_what_a_class_declares_by_hand_comes_first() -> None:
    class Better(DeclaredDevice):
        driver = Source
        identity = "ACME,S,7,1"

        @query("READ?")
        def read(self) -> float:
            return 4.2

    with Source("source", transport=connect(Better())) as source:
        source.power(2.0)
        assert (source.reading(), source.power(), source.serial) == (4.2, 2.0, "7")


class Kelvin(Instrument):
    """Speaks lines, with other endings each way."""

    write_termination = "\r"
    read_termination = "\r\n"

    setpoint = parameter(float, get_cmd="R0", set_cmd="T{}", unit="K", validator=Numbers(0, 300))
    heater = parameter(str, get_cmd="X", set_cmd="A{}", mapping={"off": "0", "on": "1"})


def test_a_driver_that_is_not_scpi_becomes_a_device_of_lines() -> None:
    device = simulator_of(Kelvin, identity="ACME,K,1,2")()
    with Kelvin("kelvin", transport=connect(device)) as kelvin:
        kelvin.setpoint(4.25)
        kelvin.heater("on")
        assert (kelvin.setpoint(), kelvin.heater(), kelvin.idn.model) == (4.25, "on", "K")
    assert device.respond(b"T301") is None
    assert device.respond(b"r0") == b"4.25\r\n"


def test_the_class_of_a_driver_is_served_over_a_socket() -> None:
    with serve(Source, port=0) as served, socket.create_connection(("127.0.0.1", served.port)) as client:
        client.settimeout(5)
        client.sendall(b"COUN 7;COUN?\n")
        assert client.recv(100) == b"7\n"


def test_a_driver_that_cannot_be_opened_says_why() -> None:
    class Fussy(ScpiInstrument):
        """Wants to be an A1."""

        def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
            super().__init__(name, address, **options)
            if self.idn.model != "A1":
                raise ValueError("this is no A1")

        gain = parameter(float, get_cmd="GAIN?", set_cmd="GAIN {}")

    with pytest.raises(
        UsageError, match=r"Fussy cannot be opened on what it declares: this is no A1.*Give the identity"
    ):
        simulator_of(Fussy)().respond(b"GAIN?")
    assert simulator_of(Fussy, identity="ACME,A1,1,1")().respond(b"GAIN?") == b"0\n"
