"""What the driver of ENA network analysers sends, what it makes of replies, and what the simulated one shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier.errors import InstrumentFaultError, IrrelevantParameterError, ReplyError, ValidationError
from luthier.scpi import encode_array
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keysight.ena import Ena
from luthier_keysight.simulated.ena import SimulatedEna
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

LIMITS = (("SERV:SWE:FREQ:MIN?", "+3.0E+05"), ("SERV:SWE:FREQ:MAX?", "+8.5E+09"))

# name, value, what is sent to set it, query, reply, and what is asked before; the reply is asked for again after a set
# that is looked at
SETTINGS = [
    ("sweep_type", "logarithmic", "SENS1:SWE:TYPE LOG", "SENS1:SWE:TYPE?", "LOG", ()),
    ("start", 1e9, "SENS1:FREQ:STAR 1000000000", "SENS1:FREQ:STAR?", "+1.00000000000E+009", LIMITS),
    ("stop", 2e9, "SENS1:FREQ:STOP 2000000000", "SENS1:FREQ:STOP?", "+2.00000000000E+009", LIMITS),
    ("center", 1.5e9, "SENS1:FREQ:CENT 1500000000", "SENS1:FREQ:CENT?", "+1.50000000000E+009", LIMITS),
    ("span", 1e6, "SENS1:FREQ:SPAN 1000000", "SENS1:FREQ:SPAN?", "+1.00000000000E+006", LIMITS),
    ("fixed_frequency", 3e9, "SENS1:FREQ 3000000000", "SENS1:FREQ?", "+3.00000000000E+009", LIMITS),
    ("points", 401, "SENS1:SWE:POIN 401", "SENS1:SWE:POIN?", "+401", ()),
    ("power", -25.5, "SOUR1:POW -25.5", "SOUR1:POW?", "-2.55000000000E+001", ()),
    ("power_coupled", False, "SOUR1:POW:PORT:COUP 0", "SOUR1:POW:PORT:COUP?", "0", ()),
    ("if_bandwidth", 1e3, "SENS1:BAND 1000", "SENS1:BAND?", "+1.00000000000E+003", ()),
    ("averaging", True, "SENS1:AVER 1", "SENS1:AVER?", "1", ()),
    ("averaging_count", 20, "SENS1:AVER:COUN 20", "SENS1:AVER:COUN?", "+20", ()),
    ("averaging_trigger", True, "TRIG:AVER 1", "TRIG:AVER?", "1", ()),
    ("sweep_time_auto", False, "SENS1:SWE:TIME:AUTO 0", "SENS1:SWE:TIME:AUTO?", "0", ()),
    ("continuous", False, "INIT1:CONT 0", "INIT1:CONT?", "0", ()),
    ("trigger_source", "bus", "TRIG:SOUR BUS", "TRIG:SOUR?", "BUS", ()),
    ("transfer_format", "float64", "FORM:DATA REAL", "FORM:DATA?", "REAL", ()),
    ("byte_order", "little", "FORM:BORD SWAP", "FORM:BORD?", "SWAP", ()),
    ("trace_count", 2, "CALC1:PAR:COUN 2", "CALC1:PAR:COUN?", "+2", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
]
LOOKED_AT = ("points", "power", "if_bandwidth", "averaging_count")


class TestEna(DriverConformance):
    driver = "keysight.ena"


def opened(exchanges: Any) -> AbstractContextManager[Ena]:
    return expected_exchanges(Ena, exchanges, name="vna", error_policy="never")


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_sources_say(row: Any) -> None:
    name, value, command, query, reply, before = row
    looks = [(query, reply)] if name in LOOKED_AT else []
    with opened([*before, (command, None), *looks, (query, reply)]) as vna:
        vna.set(name, value)
        assert vna.get(name) == value


def test_every_setting_is_in_this_table() -> None:
    with opened([]) as vna:
        assert {name for name, one in vna.parameters.items() if one.settable} == {row[0] for row in SETTINGS}


def test_what_is_not_possible_raises_with_what_it_took() -> None:
    steps = [("SENS1:BAND 1500", None), ("SENS1:BAND?", "2000"), ("SOUR1:POW -60", None), ("SOUR1:POW?", "-55")]
    with opened(steps) as vna:
        with pytest.raises(InstrumentFaultError, match="BAND 1500 Hz is not possible; the instrument took 2000 Hz"):
            vna.if_bandwidth(1500)
        with pytest.raises(InstrumentFaultError, match="took -55 dBm"):
            vna.power(-60)
        with pytest.raises(ValidationError):
            vna.power(11)


@pytest.mark.parametrize(("form", "dtype"), [("REAL32", "f4"), ("REAL", "f8")])
def test_a_trace_is_read_as_the_instrument_sends_it(form: str, dtype: Any) -> None:
    steps = [("CALC1:PAR:COUN?", "2"), *_asked(1, "S11"), *_asked(2, "S21")]
    with opened(
        [
            *steps,
            *steps,
            ("CALC1:PAR2:SEL", None),
            ("FORM:DATA?", form),
            ("FORM:BORD?", "SWAP"),
            ("CALC1:DATA:SDAT?", encode_array([0.5, -0.25, 1.0, 2.0], dtype, "little")),
            ("SENS1:SWE:POIN?", "+2"),
        ]
    ) as vna:
        assert vna.s21().tolist() == [0.5 - 0.25j, 1 + 2j]
        assert vna.s21.axes == (vna.frequencies,)


def _asked(number: int, quantity: str) -> list[tuple[str, str]]:
    return [("CALC1:PAR:COUN?", "2"), (f"CALC1:PAR{number}:DEF?", quantity)]


def test_what_no_trace_measures_is_irrelevant_and_odd_data_are_refused() -> None:
    one = [("CALC1:PAR:COUN?", "1"), ("CALC1:PAR:COUN?", "1"), ("CALC1:PAR1:DEF?", "S11")]
    data = [("CALC1:PAR1:SEL", None), ("FORM:DATA?", "ASC"), ("CALC1:DATA:SDAT?", "1,2,3")]
    with opened([*one, *one, *one, *data]) as vna:
        with pytest.raises(IrrelevantParameterError, match="S21"):
            vna.s21()
        with pytest.raises(ReplyError, match="3 numbers"):
            vna.s11()


def test_measuring_triggers_from_the_bus_and_waits_for_all_averages() -> None:
    steps = [
        ("TRIG:SOUR BUS", None),
        ("ABOR", None),
        ("INIT1:CONT 1", None),
        ("SENS1:AVER?", "1"),
        ("SENS1:AVER:COUN?", "16"),
        ("TRIG:AVER 1", None),
        ("SENS1:AVER:CLE", None),
        ("SENS1:SWE:TIME?", "+2.0E-002"),
        ("TRIG:SING", None),
        ("*OPC?", "1"),
    ]
    with opened(steps) as vna:
        vna.measure()


def test_on_the_simulator_the_resonator_is_seen_and_averages_are_quieter() -> None:
    with luthier.open("keysight.ena", "sim://", name="ena_resonator") as vna:
        device = device_at(vna.address)
        assert isinstance(device, SimulatedEna)
        vna.center(5e9)
        vna.span(100e6)
        vna.points(101)
        vna.transfer_format("float64")
        vna.trace_count(2)
        vna.trace2.quantity("S21")
        vna.measure()
        trace = vna.s21()
        assert trace.dtype == np.complex128
        assert vna.frequencies()[abs(trace).argmin()] == 5e9
        assert abs(trace).min() == pytest.approx(0.2)
        assert abs(vna.s11()).max() == pytest.approx(0.8)
        device.noise_level = 0.01
        vna.measure()
        noisy = np.std(vna.s21() - trace)
        vna.averaging(True)
        vna.averaging_count(64)
        vna.measure()
        assert np.std(vna.s21() - trace) < noisy / 4
        vna.make_safe()
        assert not vna.output()
