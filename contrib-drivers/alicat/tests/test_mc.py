"""What the driver of the MC controllers sends, what it makes of frames, and its simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    UsageError,
    ValidationError,
)
from luthier.testing.wire import expected_exchanges
from luthier_alicat.mc import Mc
from luthier_alicat.simulated.mc import SimulatedMc
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

FRAME = "A +014.70 +025.00 +02.003 +02.004 +02.500 N2"
BY_FLOW = ("AR122", "A   122 = 37")


def opened(exchanges: list[Any], **options: Any) -> AbstractContextManager[Mc]:
    return expected_exchanges(Mc, exchanges, name="gas", **options)


def test_readings_are_the_parts_of_a_frame() -> None:
    with opened([("A", FRAME)] * 6 + [BY_FLOW, ("A", FRAME)]) as gas:
        assert (gas.flow(), gas.volumetric_flow(), gas.temperature()) == (2.004, 2.003, 25.0)
        assert gas.pressure() == pytest.approx(101_353, abs=1)
        assert (gas.gas(), gas.flags()) == ("N2", "")
        assert gas.flow_setpoint() == 2.5


@pytest.mark.parametrize(
    ("reply", "gas", "flags"),
    [
        (f"{FRAME} HLD LCK", "N2", "HLD LCK"),
        ("A +014.70 +025.00 +02.003 +02.004 +02.500 +00012.3 Ar MOV", "Ar", "MOV"),
        ("A +014.70 +025.00 +02.003 -00.004 +02.500 My Mix", "My Mix", ""),
    ],
)
def test_a_frame_may_have_a_total_and_flags(reply: str, gas: str, flags: str) -> None:
    with opened([("A", reply)] * 2) as controller:
        assert (controller.gas(), controller.flags()) == (gas, flags)


@pytest.mark.parametrize(
    "reply",
    [
        "A +014.70 +025.00 +02.003 +02.004 N2",
        "A +014.70 +025.00 +02.003 +02.004 +02.500",
        "A +014.70 --- +02.003 +02.004 +02.500 N2",
        "B +014.70 +025.00 +02.003 +02.004 +02.500 N2",
        "",
    ],
)
def test_a_frame_of_a_meter_or_of_another_controller_is_a_mistake(reply: str) -> None:
    with opened([("A", reply)]) as gas, pytest.raises(ReplyError):
        gas.flow()


def test_settings_are_sent_behind_the_letter() -> None:
    frame = FRAME.replace("A ", "C ", 1)
    exchanges = [("CR122", "C   122 = 37"), ("CS0.00001", frame), ("CG8", frame)]
    with opened(exchanges, unit_id="C") as gas:
        gas.flow_setpoint(1e-5)
        gas.gas("N2")
        with pytest.raises(ValidationError):
            gas.gas("Coffee")
        with pytest.raises(ValidationError):
            gas.flow_setpoint(-1)


def test_units_of_the_display_are_converted() -> None:
    frame = "A +1.0000 +077.00 +500.00 +250.00 +100.00 Air"
    exchanges = [("A", frame)] * 3 + [BY_FLOW, ("AS1500", frame), ("A", frame)]
    with opened(exchanges, flow_unit="SCCM", pressure_unit="atm", temperature_unit="°F") as gas:
        assert (gas.flow(), gas.pressure(), gas.temperature()) == (0.25, 101_325, 25)
        gas.flow_setpoint(1.5)
        assert gas.flow_setpoint() == 0.1


@pytest.mark.parametrize(
    "options", [{"flow_unit": "SLM"}, {"pressure_unit": "PSI"}, {"temperature_unit": "C"}, {"unit_id": "AB"}]
)
def test_another_unit_is_refused_before_anything_is_opened(options: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="allowed are"):
        Mc("gas", "sim://alicat.mc", **options)  # type: ignore[arg-type] # one of several options


def test_a_flow_is_never_taken_for_a_pressure() -> None:
    with (
        opened([("AR122", "A   122 = 34")]) as gas,
        pytest.raises(IrrelevantParameterError, match="control_variable is 'mass flow'"),
    ):
        gas.flow_setpoint(2)


def test_a_setpoint_above_the_largest_flow_is_not_sent() -> None:
    with opened([BY_FLOW], largest_flow=2.0) as gas, pytest.raises(ValidationError):
        gas.flow_setpoint(2.1)


def test_what_the_controller_refuses_is_an_error() -> None:
    with opened([BY_FLOW, ("AS99", "?")]) as gas, pytest.raises(InstrumentReportedError, match="refused 'AS99'"):
        gas.flow_setpoint(99)


def test_functions_send_their_commands() -> None:
    exchanges = [(f"A{command}", FRAME) for command in ("V", "HP", "HC", "C")]
    with opened(exchanges) as gas:
        for name in ("tare", "hold_valve", "close_valve", "release_valve"):
            gas.functions[name]()


def test_a_register_without_a_value_is_a_mistake() -> None:
    with opened([("AR122", "A ?")]) as gas, pytest.raises(ReplyError, match="a register"):
        gas.control_variable()


def test_the_firmware_is_the_identity() -> None:
    with opened([("AVE", "A 10v05 2021-05-19")]) as gas:
        assert gas.idn.firmware == "10v05"


def test_on_the_simulator_a_held_valve_is_made_safe_too() -> None:
    with luthier.open("alicat.mc", "sim://", name="gas_sim") as gas:
        device = device_at(gas.address)
        assert isinstance(device, SimulatedMc)
        gas.flow_setpoint(4)
        assert gas.flow() == 4
        gas.functions["hold_valve"]()
        gas.flow_setpoint(1)
        assert device.flow == 4, "a held valve does not follow"
        gas.make_safe()
        assert (device.setpoint, device.flow, gas.flags()) == (0, 0, "HLD")
        gas.functions["release_valve"]()
        gas.flow_setpoint(3)
        gas.make_safe()
        assert (device.flow, gas.flags()) == (0, "")
        with pytest.raises(InstrumentReportedError):
            gas.flow_setpoint(11)


def test_the_simulator_answers_nobody_elses_line() -> None:
    device = SimulatedMc()
    assert device.respond(b"B") is None
    assert device.respond(b"axyz") == b"?\r"
    assert device.respond(b"ag206") == b"A +014.70 +025.00 +00.0000 +00.0000 +00.0000 P-10\r"
