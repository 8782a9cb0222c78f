"""The simulated 2400: what it answers and refuses, asked as any program asks it."""

from __future__ import annotations

import shutil
import struct
import subprocess
from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
import pyvisa
from luthier.errors import InstrumentReportedError
from luthier_keithley.simulated.smu2400 import SimulatedSmu2400
from luthier_sim import Clock, device_at, reset_simulators, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier_keithley.smu2400 import Smu2400

    Ask = Callable[[str], str]


@pytest.fixture
def device() -> SimulatedSmu2400:
    return SimulatedSmu2400(clock=Clock(speed=0))


@pytest.fixture
def ask(device: SimulatedSmu2400) -> Ask:
    def answer(message: str) -> str:
        return (device.respond(message.encode()) or b"").decode("latin-1").removesuffix("\n")

    return answer


@pytest.fixture
def smu() -> Iterator[Smu2400]:
    with luthier.open("keithley.2400", "sim://", name="smu") as opened:
        yield opened
    reset_simulators()


def numbers(reply: str) -> list[float]:
    return [float(field) for field in reply.split(",")]


def errors(ask: Ask) -> list[int]:
    found: list[int] = []
    while (code := int(ask("SYST:ERR?").split(",")[0])) != 0:
        found.append(code)
    return found


@pytest.mark.parametrize("level", [0.0, 1.5, -100.0, 1e-6])
def test_it_reads_the_current_of_a_resistor_of_1_kiloohm(ask: Ask, level: float) -> None:
    ask(f":SOUR:VOLT {level!r};:SENS:CURR:PROT 0.1;:SENSE:FUNCTION:ON 'VOLT','RES';:OUTP ON")
    assert numbers(ask("SOUR1:VOLTAGE:LEVEL:IMMEDIATE:AMPLITUDE?")) == [pytest.approx(level, rel=1e-6)]
    for question in ("READ?", ":FETCh?"):
        voltage, current, resistance, time, status = numbers(ask(question))
        assert voltage == pytest.approx(level)
        assert current == pytest.approx(level / 1000)
        assert resistance == (pytest.approx(1000) if level else 9.9e37)
        assert time > 0
        assert int(status) & 1 << 14, "the bit that says that the voltage is sourced"
    assert errors(ask) == []


@pytest.mark.parametrize("level", [0.0, 1e-3, -0.02, 2e-9])
def test_in_current_mode_it_reads_the_voltage_at_that_resistor(ask: Ask, level: float) -> None:
    ask(f'SOUR:FUNC CURR;:SOUR:CURR {level!r};:SENS:FUNC "VOLT";:OUTP ON')
    voltage, current, _, _, status = numbers(ask("READ?"))
    assert voltage == pytest.approx(level * 1000)
    assert current == pytest.approx(level)
    assert int(status) & 1 << 15, "the bit that says that the current is sourced"


def test_compliance_holds_the_other_quantity_back(device: SimulatedSmu2400, ask: Ask) -> None:
    ask('SENS:FUNC "VOLT";:SENS:CURR:PROT 1 MA;:SOUR:VOLT 10')
    assert ask("SENS:CURR:PROT:TRIP?") == "0", "the output is off"
    ask("OUTP ON")
    voltage, current, _, _, status = numbers(ask("READ?"))
    assert (voltage, current) == (1.0, 1e-3)
    assert int(status) & 1 << 3
    assert ask("SENS:CURR:PROT:TRIP?;:SENS:VOLT:PROT:TRIP?") == "1;0"
    device.load = inf
    assert numbers(ask("READ?"))[:2] == [10.0, 0.0]
    ask("SOUR:FUNC CURR;:SOUR:CURR 1E-6;:SENS:VOLT:PROT 5;:OUTP ON")
    assert numbers(ask("READ?"))[0] == 5.0
    assert ask("SENS:VOLT:PROT:TRIP?") == "1"
    device.load = 0.0
    assert numbers(ask("READ?"))[:2] == [0.0, 1e-6]


@pytest.mark.parametrize(
    ("message", "code", "question", "unchanged"),
    [
        ("SOUR:VOLT 210.1", -222, "SOUR:VOLT?", 0.0),
        ("SOUR:VOLT:RANG 2;:SOUR:VOLT 2.2", -222, "SOUR:VOLT?", 0.0),
        ("SOUR:VOLT 20;VOLT:RANG 2", -221, "SOUR:VOLT:RANG?", 21.0),
        ("SENS:CURR:PROT 1.06", -222, "SENS:CURR:PROT?", 1.05e-4),
        ("SENS:CURR:PROT 0.5;:SOUR:VOLT 30", 826, "SOUR:VOLT?", 0.0),
        ("SENS:CURR:RANG 1", 824, "SENS:CURR:RANG?", 1.05e-4),
        ("SENS:CURR:NPLC 0.001", -222, "SENS:VOLT:NPLC?", 1.0),
        ("TRAC:POIN 2501", -222, "TRAC:POIN?", 100.0),
        ("ARM:COUN 50;:TRIG:COUN 51", -221, "TRIG:COUN?", 1.0),
        ("OUTP MAYBE", -141, "OUTP?", 0.0),
        ("READ?", 803, "OUTP?", 0.0),
        ("INIT", 803, "TRAC:POIN:ACT?", 0.0),
        ("FETC?", -230, "OUTP?", 0.0),
        ("TRAC:DATA?", -230, "OUTP?", 0.0),
        ("SOUR:FUNC POW", -141, "OUTP?", 0.0),
        ("SENS:FUNC 'TEMP'", -224, "OUTP?", 0.0),
        ("FORM ASC,32", -108, "OUTP?", 0.0),
        ("VOLT 1", -113, "SOUR:VOLT?", 0.0),
    ],
)
def test_what_it_refuses_changes_nothing_and_is_reported_once(
    ask: Ask, message: str, code: int, question: str, unchanged: float
) -> None:
    assert ask(message) == ""
    assert errors(ask) == [code]
    assert float(ask(question)) == unchanged


def test_what_switches_the_output_off(ask: Ask) -> None:
    for command in ("ROUT:TERM REAR", "SYST:RSEN ON", "SOUR:FUNC CURR", "SOUR:CLE", "*RST"):
        ask("OUTP ON")
        assert ask("OUTP?") == "1"
        ask(command)
        assert ask("OUTP?") == "0", command


def test_ranges_follow_levels_until_they_are_set(ask: Ask) -> None:
    ask("SOUR:VOLT 0.1")
    assert float(ask("SOUR:VOLT:RANG?")) == 0.21
    ask("SOUR:VOLT:RANG 15")
    assert ask("SOUR:VOLT:RANG?;RANG:AUTO?") == "+2.100000E+01;0"
    ask("SOUR:VOLT:RANG:AUTO ON")
    assert float(ask("SOUR:VOLT:RANG?")) == 0.21
    ask("SENS:CURR:PROT 0.1;RANG 1E-3")
    assert ask("SENS:CURR:RANG?;RANG:AUTO?") == "+1.050000E-03;0"
    ask("OUTP ON;:SOUR:VOLT 20")
    voltage, current, _, _, status = numbers(ask("READ?"))
    assert (voltage, current, int(status) & 1) == (20.0, 9.9e37, 1), "20 mA is beyond the range"


def test_a_sweep_and_the_buffer_through_the_driver(smu: Smu2400) -> None:
    device: Any = device_at(smu.address or "")
    device.load = 50.0
    smu.current_limit(0.01)
    smu.output(True)
    smu.sweep.voltage_mode("sweep")
    smu.sweep.voltage_start(-1.0)
    smu.sweep.voltage_stop(1.0)
    smu.sweep.points(5)
    smu.trigger_count(5)
    record = smu.sweep.record()
    assert record["voltages"].tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert record["currents"].tolist() == [-0.01, -0.01, 0.0, 0.01, 0.01]
    assert np.diff(record["times"]) == pytest.approx([0.06] * 4, abs=1e-5)
    smu.buffer.functions["clear"]()
    smu.buffer.points(7)
    smu.buffer.control("next")
    smu.start()
    assert (smu.buffer.count(), smu.buffer.control()) == (5, "next")
    smu.start()
    assert (smu.buffer.count(), smu.buffer.control()) == (7, "never")
    assert smu.buffer.record()["voltages"].tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0, -1.0, -0.5]


def test_every_parameter_is_read_and_set_back_by_the_driver(smu: Smu2400) -> None:
    for function in ("voltage", "current"):
        smu.source_function(function)
        smu.restore(smu.snapshot(update=True))
    smu.source_function("voltage")
    smu.current_limit(1.0)
    with pytest.raises(InstrumentReportedError, match="826, Attempt to exceed power limit"):
        smu.voltage(200.0)


def test_readings_come_as_binary_blocks_in_either_order(ask: Ask) -> None:
    ask("SENS:CURR:PROT 1E-3;:OUTP ON;:SOUR:VOLT 0.1;:FORM:ELEM CURR,VOLT;:FORM REAL,32")
    assert ask("FORM:ELEM?;:FORM?") == "VOLT,CURR;REAL,32"
    for order, sign in (("NORM", ">"), ("SWAP", "<")):
        ask(f"FORM:BORD {order}")
        reply = ask("READ?").encode("latin-1")
        assert reply[:2] == b"#0"
        assert struct.unpack(f"{sign}2f", reply[2:]) == (np.float32(0.1), np.float32(1e-4))


def test_a_paced_measurement_takes_as_long_as_it_does_with_the_instrument(device: SimulatedSmu2400, ask: Ask) -> None:
    device.paced = True
    before = device.now
    ask("OUTP ON;:SENS:VOLT:NPLC 10;:TRIG:COUN 5;:READ?")
    assert device.now - before == pytest.approx(5 * 10 * 3 / 50)
    ask("*CLS;INIT;*OPC")
    assert ask("*ESR?") == "0"
    device.clock.advance(10.0)
    assert ask("*ESR?") == "1"


def test_reset_keeps_the_buffer_and_takes_the_rest_back(ask: Ask) -> None:
    ask("TRAC:POIN 7;:SOUR:VOLT 5;:SENS:FUNC 'RES';:SENS:FUNC:CONC OFF;:SYST:AZER ONCE;*RST")
    assert ask("TRAC:POIN?;:SOUR:VOLT?;:SENS:FUNC?;:SYST:AZER?") == '7;+0.000000E+00;"CURR:DC";1'


def test_pyvisa_and_lxi_hold_a_conversation_that_is_right_to_the_error_queue() -> None:
    with serve("keithley.2400", hislip=0, port=0, label="for others") as served:
        manager = pyvisa.ResourceManager("@py")
        for address in served.addresses:
            resource: Any = manager.open_resource(address)
            resource.read_termination = resource.write_termination = "\n"
            assert resource.query("*IDN?").startswith("KEITHLEY INSTRUMENTS INC.,MODEL 2400")
            resource.write("*RST;:SENS:CURR:PROT 10 uA;:SOUR:VOLT:RANG 20")
            resource.write(":SOUR:VOLT 500 mV;:OUTP ON")
            values = resource.query_ascii_values("READ?")
            assert values[1] == 1e-5
            resource.write("SOUR:VOLT 22")
            resource.write("SOUR:VLOT 1")
            assert resource.query("SYST:ERR?") == '-222,"Parameter data out of range"'
            assert resource.query("SYST:ERR?") == '-113,"Undefined header"'
            assert resource.query("SYST:ERR?") == '0,"No error"'
            resource.close()
        manager.close()
        if shutil.which("lxi"):
            command = ["lxi", "scpi", "-a", "127.0.0.1", "-r", "-p", str(served.port)]
            said = [
                subprocess.run([*command, text], capture_output=True, text=True, timeout=20, check=True).stdout
                for text in ("SOUR:VOLT?", "SOUR:VOLT 300", "SYST:ERR?")
            ]
            assert said == ["+5.000000E-01\n", "", '-222,"Parameter data out of range"\n']
    reset_simulators()
