"""What the drivers of the gauge controllers send, how pressures become pascals, and their simulators."""

from __future__ import annotations

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.testing.wire import expected_exchanges
from luthier_pfeiffer.simulated.tpg26x import SimulatedTpg262
from luthier_pfeiffer.tpg26x import Tpg261, Tpg262
from luthier_sim import device_at, reset_simulators

Steps = list[tuple[str, str]]


def asked(command: str, reply: str) -> Steps:
    return [(f"{command}\r\n", "\x06"), ("\x05", reply)]


@pytest.mark.parametrize(("unit", "pascals"), [("0", 1.2e-4), ("1", 1.2e-6 * 133.32236842), ("2", 1.2e-6)])
def test_pressures_are_in_pascals_whatever_the_display_shows(unit: str, pascals: float) -> None:
    with expected_exchanges(Tpg262, asked("UNI", unit) + asked("PR2", "0,+1.2000E-06")) as vacuum:
        assert vacuum.gauge2.pressure() == pytest.approx(pascals, rel=1e-9)


def test_a_gauge_without_a_pressure_says_why() -> None:
    exchanges = asked("UNI", "0") + asked("PR1", "1,+5.0000E-09") + asked("PR1", "1,+5.0000E-09")
    with expected_exchanges(Tpg261, exchanges, name="vacuum") as vacuum:
        with pytest.raises(InstrumentReportedError, match=r"gauge1: .*'under range'.*vacuum\.gauge1\.state"):
            vacuum.gauge1.pressure()
        assert vacuum.gauge1.state() == "under range"


def test_settings_and_names_are_those_of_the_controller() -> None:
    exchanges = asked("UNI,2", "2") + asked("UNI", "2") + asked("TID", "PKR,CMR") + asked("PNR", "302-520-A")
    with expected_exchanges(Tpg262, exchanges) as vacuum:
        vacuum.display_unit("Pa")
        assert vacuum.display_unit() == "Pa"
        assert vacuum.gauge2.kind() == "CMR"
        assert (vacuum.idn.model, vacuum.idn.firmware) == ("TPG 262", "302-520-A")


@pytest.mark.parametrize(
    ("exchanges", "error", "text"),
    [
        ([("UNI\r\n", "\x15")], InstrumentReportedError, "refused 'UNI'"),
        ([("UNI\r\n", "1")], ReplyError, "expected: an acknowledgement"),
        (asked("UNI", "7"), ReplyError, "0 \\(mbar\\), 1 \\(Torr\\) or 2 \\(Pa\\)"),
        (asked("UNI", "0") + asked("PR1", "ok"), ReplyError, "a state and a number"),
    ],
)
def test_what_is_refused_or_nonsense_is_raised(exchanges: Steps, error: type[Exception], text: str) -> None:
    with expected_exchanges(Tpg262, exchanges) as vacuum, pytest.raises(error, match=text):
        vacuum.gauge1.pressure()


def test_changing_the_display_leaves_the_pressure() -> None:
    reset_simulators()
    with luthier.open("pfeiffer.tpg262", "sim://", name="vacuum") as vacuum:
        device = device_at(str(vacuum.address))
        assert isinstance(device, SimulatedTpg262)
        device.pressures[0] = 3.5
        for unit in ("Torr", "Pa", "mbar"):
            vacuum.display_unit(unit)
            assert vacuum.gauge1.pressure() == pytest.approx(3.5, rel=1e-4)
    reset_simulators()


def test_the_simulator_refuses_what_it_does_not_know() -> None:
    device = SimulatedTpg262()
    device.talks = False
    assert [device.respond(text) for text in (b"PR3", b"UNI,3", b"UNI, 1", b"\x05")] == [
        b"\x15\r\n",
        b"\x15\r\n",
        b"\x06\r\n",
        b"1\r\n",
    ]


def test_what_it_sends_by_itself_after_switching_on_is_skipped() -> None:
    reset_simulators()
    assert SimulatedTpg262().respond(b"UNI") == b"0,+1.2000E-06,0,+2.0000E-02\r\n\x06\r\n"
    with luthier.open("pfeiffer.tpg262", "sim://", name="vacuum") as vacuum:
        device = device_at(str(vacuum.address))
        assert isinstance(device, SimulatedTpg262)
        assert device.talks
        assert vacuum.gauge1.state() == "ok"
        assert vacuum.gauge2.pressure() == pytest.approx(2)
    reset_simulators()
