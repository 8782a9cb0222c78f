"""What the driver of the DP800 sends, and what it makes of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_rigol.dp800 import Dp800
from luthier_rigol.simulated.dp800 import SimulatedDp832
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# name, value, what is sent to set it, query, reply
SETTINGS = [
    ("overvoltage_level", 4.5, "OUTP:OVP:VAL CH2,4.5", "OUTP:OVP:VAL? CH2", "4.500"),
    ("overvoltage_protection", True, "OUTP:OVP CH2,ON", "OUTP:OVP? CH2", "ON"),
    ("overcurrent_level", 1.5, "OUTP:OCP:VAL CH2,1.5", "OUTP:OCP:VAL? CH2", "1.5000"),
    ("overcurrent_protection", False, "OUTP:OCP CH2,OFF", "OUTP:OCP? CH2", "OFF"),
    ("current_limit", 0.25, "SOUR2:CURR 0.25", "SOUR2:CURR?", "0.2500"),
    ("voltage", 3.3, "SOUR2:VOLT 3.3", "SOUR2:VOLT?", "3.300"),
    ("output", True, "OUTP CH2,ON", "OUTP? CH2", "ON"),
]
READINGS = [
    ("measured_voltage", "MEAS? CH1", "2.0000", 2.0),
    ("measured_current", "MEAS:CURR? CH1", "0.0500", 0.05),
    ("measured_power", "MEAS:POWE? CH1", "0.100", 0.1),
    ("mode", "OUTP:MODE? CH1", "CC", "constant current"),
    ("overvoltage_tripped", "OUTP:OVP:QUES? CH1", "YES", True),
    ("overcurrent_tripped", "OUTP:OCP:QUES? CH1", "NO", False),
]


class TestDp800(DriverConformance):
    driver = "rigol.dp800"


def opened(exchanges: list[Any], model: str = "DP832", **options: object) -> AbstractContextManager[Any]:
    steps = [("*IDN?", f"RIGOL TECHNOLOGIES,{model},DP8C000000001,00.01.16"), *exchanges]
    return expected_exchanges(Dp800, steps, name="psu", **{"error_policy": "never", **options})


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    name, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as psu:
        psu.ch2[name].set(value)
        assert psu.ch2[name].get() == value


@pytest.mark.parametrize("row", READINGS, ids=[row[0] for row in READINGS])
def test_a_reading_is_understood(row: Any) -> None:
    name, query, reply, value = row
    with opened([(query, reply)]) as psu:
        assert psu.ch1[name].get() == value


def test_every_parameter_is_in_these_tables_and_the_output_is_restored_last() -> None:
    with opened([]) as psu:
        settings = [name for name, one in psu.ch1.parameters.items() if one.settable]
        assert settings == [row[0] for row in SETTINGS]
        assert {*psu.ch1.parameters} - {*settings} == {row[0] for row in READINGS}


@pytest.mark.parametrize(
    ("model", "limits"),
    [
        ("DP821A", [(0, 63), (0, 8.4)]),
        ("DP831", [(0, 8.4), (0, 32), (-32, 0)]),
        ("DP832A", [(0, 32), (0, 32), (0, 5.3)]),
    ],
)
def test_the_limits_are_those_of_the_model(model: str, limits: list[tuple[float, float]]) -> None:
    with opened([], model) as psu:
        assert [output.voltage.limits for output in psu.outputs] == limits


def test_an_output_of_negative_voltage_refuses_positive_ones() -> None:
    with opened([("SOUR3:VOLT -12", None), ("OUTP:OVP:VAL CH3,-13", None)], "DP831A") as psu:
        psu.ch3.voltage(-12)
        psu.ch3.overvoltage_level(-13)
        with pytest.raises(ValidationError, match="-32 V to 0 V"):
            psu.ch3.voltage(12)
        with pytest.raises(ValidationError):
            psu.ch3.overvoltage_level(13)


def test_a_model_with_one_output_and_two_ranges_is_not_opened() -> None:
    with pytest.raises(IdentityError, match="DP811A answers"), opened([], "DP811A"):
        pass


@pytest.mark.parametrize(
    ("name", "command"), [("clear_overvoltage", "OUTP:OVP:CLEAR CH3"), ("clear_overcurrent", "OUTP:OCP:CLEAR CH3")]
)
def test_a_protection_is_cleared_without_switching_the_output_on(name: str, command: str) -> None:
    with opened([(command, None)]) as psu:
        psu.ch3.functions[name]()


def test_an_output_that_cannot_be_switched_off_does_not_keep_the_others_on() -> None:
    steps: list[Any] = [("OUTP CH1,OFF", WireFault.TIMEOUT), ("OUTP CH2,OFF", None), ("OUTP CH3,OFF", None)]
    with opened(steps) as psu, pytest.raises(ExceptionGroup, match="1 outputs may still be on"):
        psu.make_safe()


def test_on_the_simulator_outputs_drive_their_resistors_until_a_protection_trips() -> None:
    with luthier.open("rigol.dp800", "sim://", name="psu_sim") as psu:
        device = device_at(psu.address)
        assert isinstance(device, SimulatedDp832)
        device.outputs[1].load = 10.0
        psu.outputs.voltage.set([5.0, 12.0, 1.0])
        psu.ch2.current_limit(0.5)
        psu.outputs.output.set(True)
        assert psu.outputs.measured_current.get() == (0.05, 0.5, 0.01)
        assert psu.outputs.mode.get() == ("constant voltage", "constant current", "constant voltage")
        psu.ch1.overvoltage_level(6)
        psu.ch1.overvoltage_protection(True)
        psu.ch1.voltage(7)
        assert (psu.ch1.output(), psu.ch1.overvoltage_tripped()) == (False, True)
        with pytest.raises(InstrumentReportedError, match="-221"):
            psu.ch1.output(True)
        psu.ch1.functions["clear_overvoltage"]()
        psu.make_safe()
        assert psu.outputs.output.get() == (False, False, False)


def test_the_simulator_takes_every_spelling_and_the_selected_channel() -> None:
    device = SimulatedDp832()
    device.respond(b":APPL CH3,5,1;:OUTPUT:STATE ON;:OUTP:OVP:VAL 5.2;:OUTP:OVP ON")
    assert device.respond(b":APPL? CH3;:OUTP?;:OUTP? CH1;:OUTP:OVP:VAL? CH3;:MEAS:ALL?") == (
        b"CH3,5.000,1.0000;ON;OFF;5.200;5.0000,0.0500,0.250\n"
    )
    for message in (b":SOUR3:VOLT 6", b":APPL CH4,1", b":OUTP CH1", b":OUTP:OCP:VAL CH1,4"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -141, -109, -222, 0]


def test_the_simulator_takes_a_header_without_a_number_for_the_selected_output() -> None:
    device = SimulatedDp832()
    device.respond(b":INST:NSEL 2;:SOUR:VOLT 5;:VOLT:PROT 6;:VOLT:PROT:STAT ON;:SOUR3:CURR:PROT:LEV 1")
    assert device.respond(b":SOUR2:VOLT?;:SOUR1:VOLT?;:OUTP:OVP:VAL? CH2;:OUTP:OVP?;:OUTP:OCP:VAL? CH3") == (
        b"5.000;0.000;6.000;ON;1.0000\n"
    )
