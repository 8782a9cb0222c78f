"""What the driver of the SPD3303X sends, and what it makes of the replies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, NotGettableError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_siglent.simulated.spd3303x import SimulatedSpd3303x
from luthier_siglent.spd3303x import Spd3303x
from luthier_sim import Bench, device_at
from luthier_sim.duts import Resistor

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply
SETTINGS = [
    ("tracking", "series", "OUTP:TRACK 1", "SYST:STAT?", "0x0c"),
    ("tracking", "parallel", "OUTP:TRACK 2", "SYST:STAT?", "0x08"),
    ("tracking", "independent", "OUTP:TRACK 0", "SYST:STAT?", "0x0224"),
    ("ch2.current_limit", 0.5, "CH2:CURR 0.5", "CH2:CURR?", "0.500"),
    ("ch2.voltage", 3.3, "CH2:VOLT 3.3", "CH2:VOLT?", "3.300"),
    ("ch1.output", True, "OUTP CH1,ON", "SYST:STAT?", "0x14"),
    ("ch2.output", False, "OUTP CH2,OFF", "SYST:STAT?", "0x14"),
]
READINGS = [
    ("measured_voltage", "MEAS:VOLT? CH1", "2.000", 2.0),
    ("measured_current", "MEAS:CURR? CH1", "0.050", 0.05),
    ("measured_power", "MEAS:POWE? CH1", "0.100", 0.1),
    ("mode", "SYST:STAT?", "0x15", "constant current"),
    ("mode", "SYST:STAT?", "0x16", "constant voltage"),
]


class TestSpd3303x(DriverConformance):
    driver = "siglent.spd3303x"


def opened(exchanges: list[Any], **options: object) -> AbstractContextManager[Spd3303x]:
    return expected_exchanges(
        Spd3303x, exchanges, name="psu", **{"error_policy": "never", "command_interval": 0.0, **options}
    )


def test_a_command_that_switches_off_is_given_time_so_that_the_next_is_not_lost() -> None:
    exchanges: list[Any] = [("OUTP CH1,OFF", None), ("OUTP CH2,OFF", None), ("OUTP CH3,OFF", None)]
    with opened(exchanges, command_interval=0.02) as psu:
        assert Spd3303x.command_interval == 0.1
        began = time.monotonic()
        psu.make_safe()
        assert time.monotonic() - began >= 0.04


@pytest.mark.parametrize("row", SETTINGS, ids=[f"{row[0]}-{row[1]}" for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    path, value, command, query, reply = row
    with opened([(command, None), (query, reply)]) as psu:
        psu.set(path, value)
        assert psu.get(path) == value


@pytest.mark.parametrize("row", READINGS, ids=[f"{row[0]}-{row[3]}" for row in READINGS])
def test_a_reading_is_understood(row: Any) -> None:
    name, query, reply, value = row
    with opened([(query, reply)]) as psu:
        assert psu.ch1[name].get() == value


def test_every_parameter_is_in_these_tables_and_the_output_is_restored_last() -> None:
    with opened([]) as psu:
        settings = [name for name, one in psu.ch1.parameters.items() if one.settable]
        assert settings == ["current_limit", "voltage", "output"]
        assert {*psu.ch1.parameters} - {*settings} == {row[0] for row in READINGS}


def test_the_fixed_output_can_be_switched_and_says_nothing() -> None:
    with opened([("OUTP CH3,ON", None)]) as psu:
        psu.ch3.output(True)
        assert psu.ch3.output.cache.value is True
        with pytest.raises(NotGettableError):
            psu.ch3.output()


@pytest.mark.parametrize("reply", ["ON", "0x", "0x00"])
def test_a_status_that_is_none_is_told(reply: str) -> None:
    with opened([("SYST:STAT?", reply)]) as psu, pytest.raises(ReplyError, match="SYST:STAT"):
        psu.tracking()


def test_an_entry_of_the_error_queue_is_understood_without_its_comma() -> None:
    with (
        opened(
            [("CH1:VOLT 5", None), ("SYST:ERR?", "4  Command keywords missing"), ("SYST:ERR?", "0  No Error")],
            error_policy="after-set",
        ) as psu,
        pytest.raises(InstrumentReportedError) as caught,
    ):
        psu.ch1.voltage(5)
    assert caught.value.entries == ((4, "Command keywords missing"),)


@pytest.mark.parametrize(("path", "value"), [("ch1.voltage", 32.1), ("ch2.current_limit", 3.3), ("tracking", "both")])
def test_what_the_manual_does_not_allow_is_refused_before_anything_is_sent(path: str, value: object) -> None:
    with opened([]) as psu, pytest.raises(ValidationError):
        psu.set(path, value)


def test_an_output_that_cannot_be_switched_off_does_not_keep_the_others_on() -> None:
    steps: list[Any] = [("OUTP CH1,OFF", WireFault.TIMEOUT), ("OUTP CH2,OFF", None), ("OUTP CH3,OFF", None)]
    with opened(steps) as psu, pytest.raises(ExceptionGroup, match="1 of 3 outputs may still be on"):
        psu.make_safe()


def test_on_the_simulator_outputs_drive_their_resistors_and_track() -> None:
    with luthier.open("siglent.spd3303x", "sim://", name="psu_sim") as psu:
        device = device_at(psu.address)
        assert isinstance(device, SimulatedSpd3303x)
        device.outputs[1].load = 1.0
        psu.outputs.voltage.set(5.0)
        psu.outputs.output.set(True)
        assert psu.outputs.measured_current.get() == (0.05, 3.2)
        assert psu.outputs.mode.get() == ("constant voltage", "constant current")
        psu.tracking("series")
        psu.ch1.voltage(7)
        assert psu.ch2.voltage() == 7
        with pytest.raises(InstrumentReportedError, match="-221"):
            psu.ch2.voltage(1)
        psu.ch3.output(True)
        assert device.fixed_on
        psu.make_safe()
        assert psu.outputs.output.get() == (False, False)
        assert not device.fixed_on


def test_the_simulator_takes_every_spelling_and_refuses_the_rest() -> None:
    device = SimulatedSpd3303x()
    device.respond(b"INSTRUMENT CH2;:VOLTAGE 5 V;:CURR 500 mA;:OUTPUT CH2,ON")
    assert device.respond(b"CH2:VOLT?;:CH2:CURR?;:MEASURE:VOLTAGE?;:SYSTEM:STATUS?") == b"5.000;0.500;5.000;0x24\n"
    for message in (b"CH1:VOLT 33", b"OUTP CH4,ON", b"OUTP CH1", b"OUTP? CH1"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split()[0]) for _ in range(5)]
    assert codes == [-222, -141, -109, -113, 0]


def test_on_a_bench_an_output_drives_what_is_connected_up_to_its_limit_and_a_multimeter_sees_it() -> None:
    with (
        luthier.open("siglent.spd3303x", "sim://", name="psu_bench") as psu,
        luthier.open("siglent.sdm3055", "sim://", name="dmm_bench") as dmm,
        Bench(
            {"load": Resistor(resistance=10.0)},
            {"psu": psu.address, "dmm": dmm.address},
            {"load.voltage": "psu.voltage2", "psu.current2": "load.current", "dmm.voltage": "psu.voltage2"},
        ),
    ):
        psu.ch2.current_limit(0.3)
        psu.ch2.voltage(2)
        psu.ch2.output(True)
        assert (psu.ch2.measured_current(), psu.ch2.mode()) == (0.2, "constant voltage")
        psu.ch2.voltage(20)
        assert (psu.ch2.measured_current(), psu.ch2.mode()) == (0.3, "constant current")
        assert dmm.voltage() == pytest.approx(3.0, rel=1e-4)
