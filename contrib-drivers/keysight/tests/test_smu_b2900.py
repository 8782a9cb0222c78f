"""What the driver of the B2900 source-measure units sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING, Any, cast

import luthier
import numpy as np
import pytest
from luthier.errors import IdentityError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.simulated.smu_b2900 import SimulatedB2902A, SimulatedB2912A
from luthier_keysight.smu_b2900 import SmuB2900
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "Keysight Technologies,B2912A,MY51140001,3.4.2011.5100")
OFF, ON = ("OUTP1?", "0"), ("OUTP1?", "1")
FIXED = ("SOUR1:VOLT:RANG:AUTO?", "0")
VOLTAGE, CURRENT = ("SOUR1:FUNC:MODE?", "VOLT"), ("SOUR1:FUNC:MODE?", "CURR")
# name, value, what is sent to set it, query, reply, and what is asked before
SETTINGS: list[tuple[str, Any, str, str, str, tuple[Any, ...]]] = [
    ("remote_sense", True, "SENS1:REM 1", "SENS1:REM?", "1", ()),
    ("output_off_state", "high impedance", "OUTP1:OFF:MODE HIZ", "OUTP1:OFF:MODE?", "HIZ", (OFF,)),
    ("auto_output_on", False, "OUTP1:ON:AUTO 0", "OUTP1:ON:AUTO?", "0", ()),
    ("overload_protection", True, "OUTP1:PROT 1", "OUTP1:PROT?", "1", ()),
    ("source_function", "current", "SOUR1:FUNC:MODE CURR", "SOUR1:FUNC:MODE?", "CURR", (OFF,)),
    ("current_limit", 0.1, "SENS1:CURR:PROT 0.1", "SENS1:CURR:PROT?", "+1.00000000E-01", ()),
    ("voltage_limit", 20.0, "SENS1:VOLT:PROT 20", "SENS1:VOLT:PROT?", "+2.00000000E+01", ()),
    ("source_voltage_range", 20.0, "SOUR1:VOLT:RANG 20", "SOUR1:VOLT:RANG?", "+2.00000000E+01", (CURRENT,)),
    ("source_voltage_auto_range", False, "SOUR1:VOLT:RANG:AUTO 0", "SOUR1:VOLT:RANG:AUTO?", "0", ()),
    ("source_current_range", 1e-8, "SOUR1:CURR:RANG 1E-08", "SOUR1:CURR:RANG?", "+1.00000000E-08", (VOLTAGE,)),
    ("source_current_auto_range", True, "SOUR1:CURR:RANG:AUTO 1", "SOUR1:CURR:RANG:AUTO?", "1", ()),
    (
        "voltage",
        -1.5,
        "SOUR1:VOLT -1.5",
        "SOUR1:VOLT?",
        "-1.50000000E+00",
        (VOLTAGE, FIXED, ("SOUR1:VOLT:RANG?", "+2.00000000E+00"), FIXED),
    ),
    (
        "current",
        1e-3,
        "SOUR1:CURR 0.001",
        "SOUR1:CURR?",
        "+1.00000000E-03",
        (CURRENT, ("SOUR1:CURR:RANG:AUTO?", "1")),
    ),
    ("voltage_auto_range", True, "SENS1:VOLT:RANG:AUTO 1", "SENS1:VOLT:RANG:AUTO?", "1", ()),
    ("current_auto_range", False, "SENS1:CURR:RANG:AUTO 0", "SENS1:CURR:RANG:AUTO?", "0", ()),
    ("nplc", 10.0, "SENS1:CURR:NPLC 10", "SENS1:CURR:NPLC?", "+1.00000000E+01", ()),
    ("measurement_wait", False, "SENS1:WAIT 0", "SENS1:WAIT?", "0", ()),
    ("output", True, "OUTP1 1", "OUTP1?", "1", ()),
]


class TestSmuB2900(DriverConformance):
    driver = "keysight.b2900"


def opened(exchanges: list[Any]) -> AbstractContextManager[SmuB2900]:
    return expected_exchanges(SmuB2900, [IDENTITY, *exchanges], name="smu", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    name, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as smu:
        smu.ch1.set(name, value)
        assert smu.ch1.get(name) == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as smu:
        own = [name for name, one in smu.ch2.parameters.items() if one.settable]
    assert own == [row[0] for row in SETTINGS]
    assert own[-1] == "output"


def test_readings_say_which_channel() -> None:
    steps = [("OUTP2?", "1"), ("MEAS:VOLT? (@2)", "+1.5E+00"), ("MEAS:CURR? (@2)", "+9.9E+37")]
    with opened([*steps, ("SOUR2:FUNC:MODE?", "VOLT"), ("SENS2:CURR:PROT:TRIP?", "1")]) as smu:
        assert smu.ch2.measured_voltage() == 1.5
        assert smu.ch2.measured_current() == inf
        assert smu.ch2.in_current_limit()


def test_with_the_output_off_nothing_is_measured_because_that_would_switch_it_on() -> None:
    with opened([OFF]) as smu:
        for read in (smu.ch1.measured_voltage, smu.ch1.measured_current, smu.ch1.sweep.record):
            with pytest.raises(IrrelevantParameterError, match="output is off"):
                read()


def test_function_and_off_state_stay_while_the_output_is_on() -> None:
    with opened([ON, ON]) as smu:
        with pytest.raises(IrrelevantParameterError, match="cannot change source_function: the output is on"):
            smu.ch1.source_function("current")
        with pytest.raises(IrrelevantParameterError, match="cannot change output_off_state"):
            smu.ch1.output_off_state("zero")


def test_a_range_that_does_not_hold_the_level_is_refused() -> None:
    steps = [VOLTAGE, ("SOUR1:VOLT?", "+5.0E+00")]
    with opened(steps) as smu, pytest.raises(ValidationError, match=r"level is 5 V, and the range ends at 2\.1 V"):
        smu.ch1.source_voltage_range(2.0)


@pytest.mark.parametrize(
    ("name", "value", "steps"),
    [
        ("voltage", 2.2, [VOLTAGE, FIXED, ("SOUR1:VOLT:RANG?", "2"), FIXED]),
        ("voltage", 211.0, [VOLTAGE]),
        (
            "current",
            1.52,
            [CURRENT, ("SOUR1:CURR:RANG:AUTO?", "0"), ("SOUR1:CURR:RANG?", "1.5"), ("SOUR1:CURR:RANG:AUTO?", "0")],
        ),
        ("current_limit", 3.04, []),
        ("voltage_limit", 0.0, []),
        ("source_voltage_range", 10.0, []),
    ],
)
def test_what_the_instrument_would_refuse_is_not_sent(name: str, value: float, steps: list[Any]) -> None:
    with opened(steps) as smu, pytest.raises(ValidationError):
        smu.ch1.set(name, value)


def test_a_b2901_has_one_channel_and_no_range_of_10_na() -> None:
    steps = [("*IDN?", "Agilent Technologies,B2901A,MY1,1.0")]
    with expected_exchanges(SmuB2900, steps, name="smu", error_policy="never") as smu:
        assert len(smu.outputs) == 1
        with pytest.raises(ValidationError, match="1e-07 A"):
            smu.ch1.source_current_range(1e-8)


def test_another_model_is_refused() -> None:
    steps = [("*IDN?", "Keysight Technologies,B2962A,MY1,1.0")]
    with pytest.raises(IdentityError, match="B2962A answers"), expected_exchanges(SmuB2900, steps, name="smu"):
        pass


def test_a_long_list_is_sent_in_parts_and_the_sweep_is_read() -> None:
    levels = np.arange(101) / 100
    texts = [f"{level:g}" for level in levels]
    column = ",".join(["+1.0E+00"] * 101)
    with opened(
        [
            VOLTAGE,
            ("SOUR1:LIST:VOLT " + ",".join(texts[:100]), None),
            ("SOUR1:LIST:VOLT:APP 1", None),
            ('SENS1:FUNC "VOLT","CURR"', None),
            ("TRIG1:SOUR AINT", None),
            ("TRIG1:COUN 101", None),
            ("SOUR1:VOLT:MODE LIST", None),
            ON,
            ("SOUR1:LIST:VOLT:POIN?", "101"),
            ("INIT (@1)", None),
            ("*OPC?", "1"),
            ("FETC:ARR:VOLT? (@1)", column),
            ("FETC:ARR:CURR? (@1)", column.replace("+1.0E+00", "+9.91E+37", 1)),
            ("FETC:ARR:TIME? (@1)", column),
            ("SOUR1:VOLT:MODE FIX", None),
            ("TRIG1:COUN 1", None),
        ]
    ) as smu:
        smu.ch1.sweep.load(levels)
        record = smu.ch1.sweep.record()
        smu.ch1.sweep.end()
    assert record["voltages"].shape == (101,)
    assert isnan(record["currents"][0])


def test_a_list_that_does_not_fit_is_not_sent() -> None:
    with opened([VOLTAGE]) as smu:
        for levels in ([], np.zeros(2501), [0.0, 211.0], [float("nan")]):
            with pytest.raises(ValidationError):
                smu.ch1.sweep.load(levels)


def test_another_number_of_readings_than_levels_is_said() -> None:
    steps = [ON, VOLTAGE, ("SOUR1:LIST:VOLT:POIN?", "3"), ("INIT (@1)", None), ("*OPC?", "1")]
    steps.append(("FETC:ARR:VOLT? (@1)", "1.0"))
    with opened(steps) as smu, pytest.raises(ReplyError, match=r"answered by 1 numbers; expected: 3.*load"):
        smu.ch1.sweep.record()


def test_a_simulated_sweep_runs_into_its_limit() -> None:
    with cast("SmuB2900", luthier.open("keysight.b2900", "sim://", name="swept")) as smu:
        smu.ch2.current_limit(1e-3)
        smu.ch2.sweep.load([0.0, 0.5, 1.0, 2.0])
        smu.ch2.output(True)
        record = smu.ch2.sweep.record()
        assert smu.ch2.sweep.levels().tolist() == [0.0, 0.5, 1.0, 2.0]
        assert np.allclose(record["currents"], [0, 5e-4, 1e-3, 1e-3])
        assert np.allclose(record["voltages"], [0, 0.5, 1.0, 1.0])
        assert np.all(np.diff(record["times"]) > 0)
        smu.ch2.sweep.end()
        smu.make_safe()
        device = device_at(str(smu.address))
        assert isinstance(device, SimulatedB2912A)
        assert device.output == {1: False, 2: False}


def test_the_simulator_knows_what_others_send() -> None:
    device = SimulatedB2902A()
    assert (
        device.respond(b":SENS:VOLT:DC:PROT:LEV 10;:SOURCE2:CURR:LEV 0.001;:SOUR2:FUNC:MODE CURR;:OUTP2:STAT ON")
        is None
    )
    assert device.respond(b":FORM:ELEM:SENS CURR,SOUR;:MEAS? (@1,2)") == (
        b"+0.00000000E+00,+0.00000000E+00,+1.00000000E-03,+1.00000000E-03\n"
    )
    assert device.output[1], "the instrument switches on to measure"
    assert device.respond(b"SOUR:CURR:RANG 5E-9;RANG?;:SOUR:VOLT 3;:SOUR:VOLT:RANG 2;:SYST:ERR?") == (
        b'+1.00000000E-07;-221,"Settings conflict"\n'
    )


def test_protection_switches_off_at_the_limit() -> None:
    device = SimulatedB2912A()
    assert device.respond(b"OUTP:PROT ON;:SENS:CURR:PROT 1E-3;:SOUR:VOLT 0.5;:OUTP ON;:OUTP?") == b"1\n"
    assert device.respond(b"SOUR:VOLT 5;:OUTP?") == b"0\n"
