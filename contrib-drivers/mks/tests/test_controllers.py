"""What the drivers of the controllers send, what becomes of their replies, and their simulators."""

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
from luthier_mks.controllers import Mks937b, Mks946
from luthier_mks.simulated.controllers import Simulated937b, Simulated946
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator

Steps = list[tuple[str, str]]


def asked(*pairs: tuple[str, str]) -> Steps:
    """Return exchanges that are acknowledged."""
    return [(f"@253{message}", f"@253ACK{reply}") for message, reply in pairs]


KINDS = ("STA?", "CC,PR")


@pytest.fixture
def gas() -> Iterator[tuple[Mks946, Simulated946]]:
    reset_simulators()
    with luthier.open("mks.946", "sim://", name="gas") as controller:
        device = device_at(str(controller.address))
        assert isinstance(controller, Mks946)
        assert isinstance(device, Simulated946)
        yield controller, device


@pytest.mark.parametrize(
    ("unit", "pascals"),
    [("Torr", 1.333223684), ("MBAR", 1.0), ("mBAR", 1.0), ("PASCAL", 0.01), ("Micron", 0.001333223684)],
)
def test_pressures_are_in_pascals_whatever_the_display_shows(unit: str, pascals: float) -> None:
    with expected_exchanges(Mks937b, asked(KINDS, ("U?", unit), ("PR2?", "1.000E-2"))) as vacuum:
        assert vacuum.gauge2.pressure() == pytest.approx(pascals, rel=1e-9)


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("LO<E-11", "under range"),
        ("ATM", "atmosphere"),
        (">1.0E+03", "over range"),
        ("RP_OFF", "off by the rear panel"),
        ("LowEmis", "low emission"),
        ("NO_GAUGE", "no gauge"),
    ],
)
def test_a_gauge_without_a_pressure_says_why(reply: str, state: str) -> None:
    exchanges = asked(KINDS, ("U?", "Torr"), ("PR1?", reply), ("PR1?", reply))
    with expected_exchanges(Mks937b, exchanges, name="vacuum") as vacuum:
        with pytest.raises(InstrumentReportedError, match=r"gauge1: there is no pressure.*gauge1\.state"):
            vacuum.gauge1.pressure()
        assert vacuum.gauge1.state() == state


@pytest.mark.parametrize(
    ("path", "value", "exchanges"),
    [
        ("display_unit", "mbar", [("U!MBAR", "MBAR"), ("U?", "MBAR")]),
        ("panel_locked", True, [("LOCK!ON", "ON"), ("LOCK?", "ON")]),
        ("relay12.mode", "enable", [("EN12!ENABLE", "ENABLE"), ("EN12?", "ENABLE")]),
        ("relay1.direction", "above", [("SD1!ABOVE", "ABOVE"), ("SD1?", "ABOVE")]),
        ("flow3.flow_setpoint", 12.5, [("QSP3!1.25E+01", "1.25E+01"), ("QSP3?", "1.25E+01")]),
        ("flow4.mode", "setpoint", [("QMD4!SETPOINT", "SETPOINT"), ("QMD4?", "Setpoint")]),
        ("pressure_control", False, [("PID!OFF", "OFF"), ("PID?", "OFF")]),
        ("recipe", 8, [("RCP!8", "8"), ("RCP?", "8")]),
        ("ratio_recipe", 4, [("RRCP!4", "4"), ("RRCP?", "4")]),
    ],
)
def test_settings_are_sent_and_read(path: str, value: Any, exchanges: Steps) -> None:
    with expected_exchanges(Mks946, asked(*exchanges)) as controller:
        controller.set(path, value)
        assert controller.get(path) == value


@pytest.mark.parametrize(
    ("path", "exchanges", "value"),
    [
        ("relay2.setpoint", [("U?", "MBAR"), ("SP2?", "2.00E-05")], 0.002),
        ("relay2.hysteresis", [("U?", "PASCAL"), ("SH2?", "3.00E-05")], 3e-5),
        ("relay2.active", [("SS2?", "SET")], True),
        ("flow3.flow", [("FR3?", "4.99E+01")], 49.9),
        ("flow3.full_scale", [("RNG3?", "1.00E+02")], 100),
        ("flow3.scale_factor", [("QSF3?", "1.39E+00")], 1.39),
        ("flow3.mode", [("QMD3?", "PCTRL")], "pressure control"),
        ("gauge2.kind", [("STA?", "CCPR")], "PR"),
        ("modules", [("MT?", "CC,FC,NC,PC")], "CC,FC,NC,PC"),
    ],
)
def test_readings(path: str, exchanges: Steps, value: Any) -> None:
    with expected_exchanges(Mks946, asked(*exchanges)) as controller:
        assert controller.get(path) == value


def test_power_is_switched_where_there_is_some() -> None:
    exchanges = asked(KINDS, ("CP1!ON", "ON"), ("CP1?", "ON"), ("STB?", "CM,CM"))
    with expected_exchanges(Mks937b, exchanges, gauges=(1, 3)) as vacuum:
        vacuum.gauge1.power_on(True)
        assert vacuum.gauge1.power_on() is True
        with pytest.raises(IrrelevantParameterError, match="CC, HC, PR or CP"):
            vacuum.gauge3.power_on(True)


@pytest.mark.parametrize(("reply", "number"), [("NAK166", 166), ("NAKPID_IN_PROGRESS", 166), ("NAK999", 999)])
def test_what_is_refused_is_raised(reply: str, number: int) -> None:
    exchanges = [("@253RCP!2", f"@253{reply}")]
    with expected_exchanges(Mks946, exchanges) as controller, pytest.raises(InstrumentReportedError) as caught:
        controller.recipe(2)
    assert caught.value.entries[0][0] == number
    assert ("pressure_control(False)" in str(caught.value)) == (number == 166)


@pytest.mark.parametrize("reply", ["@254ACKON", "ON", ""])
def test_another_controllers_reply_is_a_mistake(reply: str) -> None:
    with expected_exchanges(Mks937b, [("@253LOCK?", reply)]) as vacuum, pytest.raises(ReplyError, match="@253ACK"):
        vacuum.panel_locked()


@pytest.mark.parametrize(
    "options",
    [{"gauges": (7,)}, {"gauges": ()}, {"controllers": (2,)}, {"controllers": (3, 3)}, {"unit_address": 254}],
)
def test_other_channels_are_refused_before_anything_is_opened(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="allowed"):
        Mks946("gas", "sim://mks.946", **options)


def test_the_identity_is_asked_for_in_three_messages() -> None:
    exchanges = [("@002MD?", "@002ACK937B"), ("@002SN?", "@002ACK0937100042"), ("@002FV6?", "@002ACK1.21")]
    with expected_exchanges(Mks937b, exchanges, unit_address=2) as vacuum:
        assert (vacuum.idn.model, vacuum.idn.serial, vacuum.idn.firmware) == ("937B", "0937100042", "1.21")


def test_a_setpoint_above_the_largest_flow_is_not_sent() -> None:
    with expected_exchanges(Mks946, [], largest_flow=50.0) as controller, pytest.raises(ValidationError):
        controller.flow3.flow_setpoint(51)


def test_functions_send_their_commands() -> None:
    with expected_exchanges(Mks946, asked(("QZ3!", "OK"))) as controller:
        controller.flow3.functions["zero"]()


def test_changing_the_display_leaves_the_pressure(gas: tuple[Mks946, Simulated946]) -> None:
    controller, device = gas
    device.pressures[2] = 35.0
    for unit in ("Torr", "Pa", "mbar", "micron"):
        controller.display_unit(unit)
        assert controller.gauge2.pressure() == pytest.approx(35, rel=1e-3)


def test_gas_flows_by_mode_and_is_made_safe(gas: tuple[Mks946, Simulated946]) -> None:
    controller, device = gas
    controller.flow4.flow_setpoint(200)
    assert controller.flow4.flow() == 0, "setting it opens nothing"
    controller.flow4.mode("setpoint")
    assert controller.flow4.flow() == 200
    with pytest.raises(InstrumentReportedError, match="VALUE_OUT_OF_RANGE"):
        controller.flow3.flow_setpoint(111)
    controller.pressure_control(True)
    with pytest.raises(InstrumentReportedError, match="PID_IN_PROGRESS"):
        controller.flow4.mode("closed")
    controller.make_safe()
    assert not device.control
    assert device.modes == {3: "CLOSE", 4: "CLOSE"}


def test_a_relay_follows_its_gauge(gas: tuple[Mks946, Simulated946]) -> None:
    controller, device = gas
    controller.relay1.mode("enable")
    assert controller.relay1.active()
    device.pressures[1] = 10.0
    assert not controller.relay1.active()
    controller.relay1.mode("set")
    assert controller.relay1.active()


def test_the_simulator_answers_its_address_and_the_one_for_all() -> None:
    device = Simulated937b()
    assert device.respond(b"@001PR1?") is None
    assert device.respond(b"@254cp1!on") == b"@253ACKON;FF"
    assert device.respond(b"@253XYZ?") == b"@253NAK160;FF"
    assert device.respond(b"@253PR7?") == b"@253NAK163;FF"
    assert device.respond(b"@253PRZ?") == b"@253ACK1.875E-07 9.001E-04 1.200E-02 7.126E+02 OFF 2.250E-03;FF"
