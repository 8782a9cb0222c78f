"""What the drivers of the N6700 and N5700 series send, and what they make of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import luthier
import pytest
from luthier.errors import IdentityError, IrrelevantParameterError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_keysight.n5700 import RATINGS, SupplyN5700
from luthier_keysight.n6700 import PowerSystemN6700
from luthier_keysight.simulated.n5700 import SimulatedN5749A
from luthier_keysight.simulated.supplies import SimulatedN6705B
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

N6705 = [("*IDN?", "Agilent Technologies,N6705B,MY50000001,D.01.08"), ("SYST:CHAN?", "2")]
N5749 = [("*IDN?", "Agilent Technologies,N5749A,US00000001,A.00.01")]
# name, value, what is sent to set it, query without its channels, reply; limits are asked for where the row says so
MODULE: list[tuple[str, Any, str, str, str, bool]] = [
    ("current_limit", 0.05, "CURR 0.05,(@2)", "CURR?", "5.000000E-02", True),
    ("overvoltage_level", 20.0, "VOLT:PROT 20,(@2)", "VOLT:PROT?", "2.000000E+01", True),
    ("overcurrent_delay", 0.1, "CURR:PROT:DEL 0.1,(@2)", "CURR:PROT:DEL?", "1.000000E-01", True),
    ("overcurrent_protection", True, "CURR:PROT:STAT 1,(@2)", "CURR:PROT:STAT?", "1", False),
    ("rise_delay", 1.0, "OUTP:DEL:RISE 1,(@2)", "OUTP:DEL:RISE?", "1.000000E+00", False),
    ("fall_delay", 0.0, "OUTP:DEL:FALL 0,(@2)", "OUTP:DEL:FALL?", "0.000000E+00", False),
    ("voltage", 12.5, "VOLT 12.5,(@2)", "VOLT?", "1.250000E+01", True),
    ("output", True, "OUTP 1,(@2)", "OUTP?", "1", False),
]
SINGLE: list[tuple[str, Any, str, str, str, bool]] = [
    ("current_limit", 2.5, "CURR 2.5", "CURR?", "+2.50000E+00", True),
    ("overcurrent_protection", False, "CURR:PROT:STAT 0", "CURR:PROT:STAT?", "0", False),
    ("voltage", 12.5, "VOLT 12.5", "VOLT?", "+1.25000E+01", True),
    ("overvoltage_level", 20.0, "VOLT:PROT:LEV 20", "VOLT:PROT:LEV?", "+2.00000E+01", True),
    ("low_limit", 5.0, "VOLT:LIM:LOW 5", "VOLT:LIM:LOW?", "+5.00000E+00", True),
    ("output", True, "OUTP 1", "OUTP?", "1", False),
]


class TestN6700(DriverConformance):
    driver = "keysight.n6700"


class TestN5700(DriverConformance):
    driver = "keysight.n5700"


def modular(exchanges: list[Any]) -> AbstractContextManager[PowerSystemN6700]:
    return expected_exchanges(PowerSystemN6700, [*N6705, *exchanges], name="psu", error_policy="never")


def single(exchanges: list[Any]) -> AbstractContextManager[SupplyN5700]:
    return expected_exchanges(SupplyN5700, [*N5749, *exchanges], name="psu", error_policy="never")


@pytest.mark.parametrize("row", MODULE, ids=[row[0] for row in MODULE])
def test_a_setting_of_a_module_is_sent_and_read(row: Any) -> None:
    name, value, command, query, reply, asked = row
    before = [(f"{query} MIN,(@2)", "0"), (f"{query} MAX,(@2)", "25")] if asked else []
    with modular([*before, (command, None), (f"{query} (@2)", reply)]) as psu:
        psu.outputs[1].set(name, value)
        assert psu.outputs[1].get(name) == value


@pytest.mark.parametrize("row", SINGLE, ids=[row[0] for row in SINGLE])
def test_a_setting_of_an_n5700_is_sent_and_read_as_the_guide_says(row: Any) -> None:
    name, value, command, query, reply, asked = row
    before = [(f"{query} MIN", "0"), (f"{query} MAX", "25")] if asked else []
    with single([*before, (command, None), (query, reply)]) as psu:
        psu.ch1.set(name, value)
        assert psu.ch1.get(name) == value


def test_every_setting_is_in_these_tables_and_the_output_is_restored_last() -> None:
    with modular([]) as psu:
        assert [name for name, one in psu.outputs[0].parameters.items() if one.settable] == [row[0] for row in MODULE]
    with single([]) as supply:
        assert [name for name, one in supply.ch1.parameters.items() if one.settable] == [row[0] for row in SINGLE]
    assert MODULE[-1][0] == SINGLE[-1][0] == "output"


def test_a_module_says_its_limits_and_what_has_tripped() -> None:
    with modular(
        [
            ("VOLT? MIN,(@1)", "0"),
            ("VOLT? MAX,(@1)", "5.1"),
            ("MEAS:VOLT? (@1)", "4.9"),
            ("MEAS:CURR? (@1)", "-0.1"),
            ("STAT:QUES:COND? (@1)", "2"),
            ("STAT:QUES:COND? (@1)", "3"),
            ("OUTP:PROT:CLE (@1)", None),
        ]
    ) as psu:
        output = psu.outputs[0]
        with pytest.raises(ValidationError, match=r"0 V to 5\.1 V"):
            output.voltage(5.2)
        assert (output.measured_voltage(), output.measured_current()) == (4.9, -0.1)
        assert not output.overvoltage_tripped()
        assert output.overcurrent_tripped()
        output.functions["clear_protection"]()


def test_a_range_stays_while_the_output_is_on() -> None:
    refused = pytest.raises(IrrelevantParameterError, match="cannot change ranges: the output is on")
    with modular([("OUTP? (@1)", "1")]) as psu, refused:
        psu.outputs[0].choose_range(volts=5)


def test_an_output_that_cannot_be_switched_off_does_not_keep_the_other_on() -> None:
    steps = [("OUTP 0,(@1)", WireFault.TIMEOUT), ("OUTP 0,(@2)", None)]
    with modular(steps) as psu, pytest.raises(ExceptionGroup, match="1 of 2 outputs may still be on"):
        psu.make_safe()


@pytest.mark.parametrize("driver", [PowerSystemN6700, SupplyN5700])
def test_something_else_is_refused(driver: Any) -> None:
    steps = [("*IDN?", "Keysight Technologies,E36312A,MY1,1.0")]
    with pytest.raises(IdentityError, match="E36312A answers"), expected_exchanges(driver, steps, name="psu"):
        pass


def test_ratings_are_750_and_1500_watts() -> None:
    assert len(RATINGS) == 24
    for model, rating in RATINGS.items():
        most = 750 if model < "N5760A" else 1500
        assert 0.7 * most < rating.voltage * rating.current <= 1.05 * most, model


def test_simulated_modules_hold_their_limits_and_trip() -> None:
    with cast("PowerSystemN6700", luthier.open("keysight.n6700", "sim://", name="modules")) as psu:
        assert [output.model() for output in psu.outputs] == ["N6731B", "N6733B", "N6762A", "N6762A"]
        output = psu.outputs[2]
        output.current_limit(5e-3)
        output.voltage(10)
        output.output(True)
        assert (output.measured_voltage(), output.measured_current()) == (5.0, 5e-3)
        output.overcurrent_protection(True)
        assert not output.output()
        assert output.overcurrent_tripped()
        output.functions["clear_protection"]()
        output.voltage(5)
        output.choose_range(volts=5, amperes=0.1)
        assert (output.voltage_range(), output.current_range()) == (5.5, 0.1)
        with pytest.raises(ValidationError, match=r"0\.102 A"):
            output.current_limit(0.2)
        psu.make_safe()
        device = device_at(str(psu.address))
        assert isinstance(device, SimulatedN6705B)
        assert device.respond(
            b"SOUR:VOLT:LEV:IMM:AMPL 3, (@1,2);:VOLT? (@1:2);:OUTP:STAT ON,(@2);:MEAS:VOLT? (@1,2)"
        ) == (b"+3.00000000E+00,+3.00000000E+00;+0.00000000E+00,+3.00000000E+00\n")


def test_a_simulated_n5700_keeps_5_percent_between_its_levels() -> None:
    with cast("SupplyN5700", luthier.open("keysight.n5700", "sim://", name="single")) as psu:
        psu.ch1.voltage(20)
        with pytest.raises(ValidationError, match="21 V to 110 V"):
            psu.ch1.overvoltage_level(20.5)
        psu.ch1.overvoltage_level(21)
        with pytest.raises(ValidationError, match="0 V to 20 V"):
            psu.ch1.voltage(20.5)
        psu.ch1.current_limit(0.01)
        psu.ch1.output(True)
        assert psu.ch1.measured_voltage() == pytest.approx(10)
        psu.ch1.overcurrent_protection(True)
        assert psu.ch1.overcurrent_tripped()
        device = device_at(str(psu.address))
        assert isinstance(device, SimulatedN5749A)
        assert device.output is False
