"""What the driver of the DM3058 sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_rigol.dm3058 import FUNCTIONS, Dm3058
from luthier_rigol.simulated.dm3058 import SimulatedDm3058
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# channel: how its function is answered, header, a range, its number, whether it has a speed
CHANNELS = {
    "dc_voltage": ("DCV", "VOLT:DC", 1000.0, "4", True),
    "ac_voltage": ("ACV", "VOLT:AC", 750.0, "4", True),
    "dc_current": ("DCI", "CURR:DC", 2e-4, "0", True),
    "ac_current": ("ACI", "CURR:AC", 0.02, "0", True),
    "two_wire_resistance": ("2WR", "RES", 1e6, "4", True),
    "four_wire_resistance": ("4WR", "FRES", 1e8, "6", True),
    "capacitor": ("CAP", "CAP", 2e-4, "4", False),
    "frequency_counter": ("FREQ", "FREQ", 2.0, "1", False),
    "period_counter": ("PERI", "PER", 20.0, "2", False),
}

# path, value, what is sent to set it, query, reply
SETTINGS = [
    *((("function", name, f"FUNC:{header}", "FUNC?", answer)) for name, (header, answer) in FUNCTIONS.items()),
    ("trigger_source", "single", "TRIG:SOUR SINGLE", "TRIG:SOUR?", "SINGLE"),
    ("sample_count", 2000, "TRIG:SING 2000", "TRIG:SING?", "2000"),
    ("external_trigger", "falling", "TRIG:EXT FALL", "TRIG:EXT?", "FALL"),
    ("hold", True, "TRIG:AUTO:HOLD ON", "TRIG:AUTO:HOLD?", "ON"),
    ("hold_sensitivity", 0.1, "TRIG:AUTO:HOLD:SENS 1", "TRIG:AUTO:HOLD:SENS?", "1"),
    ("complete_polarity", "negative", "TRIG:VMC:POLA NEG", "TRIG:VMC:POLA?", "NEG"),
    ("complete_width", 0.007, "TRIG:VMC:PULS 7", "TRIG:VMC:PULS?", "7ms"),
    ("calculation", "all", "CALC:FUNC TOTAL", "CALC:FUNC?", "TOTAL"),
    ("beeper", False, "SYST:BEEP:STAT OFF", "SYST:BEEP:STAT?", "OFF"),
    ("brightness", 32, "SYST:DISP:BRIG 32", "SYST:DISP:BRIG?", "32"),
]


class TestDm3058(DriverConformance):
    driver = "rigol.dm3058"


def opened(exchanges: list[Any]) -> AbstractContextManager[Dm3058]:
    return expected_exchanges(Dm3058, exchanges, name="dmm", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}-{row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    path, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as dmm:
        dmm.set(path, value)
        assert dmm.get(path) == value


@pytest.mark.parametrize("name", CHANNELS)
def test_a_range_and_a_speed_are_those_of_the_function_that_is_measured(name: str) -> None:
    answer, header, value, number, fast = CHANNELS[name]
    exchanges = [
        ("FUNC?", answer),
        (f"MEAS:{header} {number}", None),
        (f"MEAS:{header}:RANG?", number),
    ]
    if fast:
        exchanges += [(f"RATE:{header} F", None), (f"RATE:{header}?", "F")]
    with opened(exchanges) as dmm:
        dmm.set(f"{name}.range", value)
        assert dmm.get(f"{name}.range") == value
        if fast:
            dmm.set(f"{name}.speed", "fast")
            assert dmm.get(f"{name}.speed") == "fast"


def test_what_it_does_not_tell_is_set_all_the_same() -> None:
    with opened([("MEAS MANU", None), ("MEAS:CONT 1000", None), ("TRIG:SING:TRIG", None)]) as dmm:
        dmm.automatic_range(False)
        dmm.continuity_threshold(1000)
        dmm.trigger()


def test_a_reading_is_that_of_the_function() -> None:
    exchanges = [
        ("FUNC?", "4WR"),
        ("MEAS:FRES?", "9.876000e+03"),
        ("MEAS:FRES?", "9.9e37"),
        ("MEAS?", "TRUE"),
        ("CALC:STAT:COUN?", "2.520000e+02"),
    ]
    with opened(exchanges) as dmm:
        assert dmm.resistance() == 9876.0
        assert dmm.reading() == inf
        assert dmm.new_reading() is True
        assert dmm.statistics_count() == 252


def test_a_multimeter_that_takes_other_commands_is_told() -> None:
    with opened([("FUNC?", '"VOLT"'), ("CMDSET?", "AGILENT")]) as dmm:
        with pytest.raises(ReplyError, match="CMDSET RIGOL"):
            dmm.function()
        assert dmm.command_set() == "Agilent"


@pytest.mark.parametrize(
    ("path", "value"),
    [("function", "temperature"), ("sample_count", 2001), ("complete_width", 0.4), ("continuity_threshold", 0)],
)
def test_what_the_guide_does_not_allow_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as dmm, pytest.raises(ValidationError, match=f"dmm.{path}"):
        dmm.set(path, value)


def test_on_the_simulator_a_range_ends_automatic_ranging_and_statistics_are_kept() -> None:
    with luthier.open("rigol.dm3058", "sim://", name="dmm_sim") as dmm:
        device = device_at(dmm.address)
        assert isinstance(device, SimulatedDm3058)
        dmm.calculation("all")
        readings = [dmm.voltage() for _ in range(3)]
        assert (dmm.minimum(), dmm.maximum()) == pytest.approx((min(readings), max(readings)), rel=1e-6)
        assert dmm.statistics_count() == 3
        with pytest.raises(IrrelevantParameterError, match="write it to function first"):
            dmm.ac_voltage.range(2)
        dmm.dc_voltage.range(0.2)
        dmm.dc_voltage.high_impedance(True)
        assert dmm.voltage() == inf
        dmm.automatic_range(True)
        assert dmm.voltage() == pytest.approx(1.0, rel=1e-4)
        dmm.dc_voltage.range(200)
        assert not dmm.dc_voltage.high_impedance()
        with pytest.raises(InstrumentReportedError, match="-221"):
            dmm.dc_voltage.high_impedance(True)
        assert not device.automatic


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedDm3058()
    device.respond(b":FUNCTION:RESISTANCE;:MEASURE:RESISTANCE MIN;:RATE:RESISTANCE F;:TRIGGER:SINGLE 5")
    assert device.respond(b":FUNC?;:MEAS:RES:RANG?;:RATE:RES?;:TRIG:SING?") == b"2WR;0;F;5\n"
    for message in (b":MEAS:RES 7", b":FUNC:TEMP", b":RATE:RES X", b":MEAS:VOLT:DC?", b":TRIG:SING 0"):
        device.respond(message)
    assert [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(6)] == [
        *(-222, -113, -141, -221, -222, 0)
    ]
