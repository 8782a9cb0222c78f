"""What the driver of the 3706A sends, and what relays and multimeter do on the simulator."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import (
    IdentityError,
    InstrumentReportedError,
    IrrelevantParameterError,
    ReplyError,
    ValidationError,
)
from luthier.testing import DriverConformance
from luthier.testing.wire import expected_exchanges
from luthier_keithley.simulated.switch3706a import SimulatedSwitch3706A
from luthier_keithley.switch3706a import Switch3706A
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "KEITHLEY INSTRUMENTS INC.,MODEL 3706A,04349716,01.55a")
RANGE = "print(dmm.range)"

# name, value, the command, the query, the reply, and the function that is asked for before
SETTINGS = [
    ("connect_rule", "make before break", "channel.connectrule=2", "print(channel.connectrule)", "2.000000000e+00", ""),
    ("connect_sequentially", True, "channel.connectsequential=1", "print(channel.connectsequential)", "1", ""),
    ("dmm.function", "four-wire resistance", 'dmm.func="fourwireohms"', "print(dmm.func)", "fourwireohms", ""),
    ("dmm.voltage_range", 10.0, "dmm.range=10", RANGE, "1.000000000e+01", "acvolts"),
    ("dmm.current_range", 1e-5, "dmm.range=1E-05", RANGE, "1.000000000e-05", "dccurrent"),
    ("dmm.resistance_range", 1.0, "dmm.range=1", RANGE, "1.000000000e+00", "fourwireohms"),
    ("dmm.auto_range", False, "dmm.autorange=0", "print(dmm.autorange)", "0.000000000e+00", "dcvolts"),
    ("dmm.auto_delay", "once", "dmm.autodelay=2", "print(dmm.autodelay)", "2.000000000e+00", "period"),
    ("dmm.averaging_count", 30, "dmm.filter.count=30", "print(dmm.filter.count)", "3.000000000e+01", "temperature"),
    ("dmm.averaging", True, "dmm.filter.enable=1", "print(dmm.filter.enable)", "1.000000000e+00", "dcvolts"),
]

# name, arguments, what is sent
ACTIONS = [
    ("close_channels", ("1001:1005, 3003, Chans",), 'channel.close("1001:1005, 3003, Chans")'),
    ("open_channels", ("allslots",), 'channel.open("allslots")'),
    ("close_exclusively", ("3003,3913",), 'channel.exclusiveclose("3003,3913")'),
    ("close_exclusively_in_slots", ("1005,2005",), 'channel.exclusiveslotclose("1005,2005")'),
    ("open_all", (), 'channel.exclusiveclose("")'),
    ("make_safe", (), 'channel.exclusiveclose("")'),
    ("forbid", ("2002,2004",), 'channel.setforbidden("2002,2004")'),
    ("allow", ("2002",), 'channel.clearforbidden("2002")'),
    ("set_backplane", ("2002", "2913,2914"), 'channel.setbackplane("2002","2913,2914")'),
    ("set_poles", ("slot5", 4), 'channel.setpole("slot5",4)'),
    ("define_pattern", ("Path", "2003,2005,2915"), 'channel.pattern.setimage("2003,2005,2915","Path")'),
    ("store_closed_as_pattern", ("Path",), 'channel.pattern.snapshot("Path")'),
    ("delete_pattern", ("Path",), 'channel.pattern.delete("Path")'),
    ("dmm.store_configuration", ("mydcvolts",), 'dmm.configure.set("mydcvolts")'),
    ("dmm.configure_channels", ("4001:4010", "mydcvolts"), 'dmm.setconfig("4001:4010","mydcvolts")'),
    ("dmm.connect_channel", ("1003",), 'dmm.close("1003")'),
    ("dmm.disconnect_channel", ("1003",), 'dmm.open("1003")'),
    ("slot6.open_all", (), 'channel.open("slot6")'),
]


class TestSwitch3706A(DriverConformance):
    driver = "keithley.3706a"


def opened(exchanges: list[Any], identity: Any = IDENTITY) -> AbstractContextManager[Switch3706A]:
    return expected_exchanges(Switch3706A, [identity, *exchanges], name="mux", error_policy="never")


def place(mux: Any, name: str) -> Any:
    for part in name.split("."):
        mux = getattr(mux, part)
    return mux


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    name, value, command, query, reply, function = row
    before = [("print(dmm.func)", function)] if function else []
    low = [("print(dmm.func)", function)] if name.endswith(("current_range", "resistance_range")) else []
    with opened([*before, *low, (command, None), (query, reply)]) as mux:
        place(mux, name).set(value)
        assert place(mux, name).get() == value


@pytest.mark.parametrize("row", ACTIONS, ids=[row[0] for row in ACTIONS])
def test_an_action_is_sent_as_the_manual_says(row: Any) -> None:
    name, arguments, command = row
    with opened([(command, None)]) as mux:
        place(mux, name)(*arguments)


def test_lists_are_read_with_commas_and_without_second_halves() -> None:
    query = 'print(channel.getclose("allslots"))'
    with opened(
        [
            (query, "2001(2021);2003(2023);2915;2925"),
            (query, "nil"),
            ('print(channel.getforbidden("allslots"))', "3003,3005,3925"),
            ('print(channel.getcount("2001:2003"))', "672,495,547"),
            ('print(channel.getcount("2001"))', "many"),
            ('print(channel.pattern.getimage("Path"))', "2003,2005,2915"),
            ("print(slot[3].idn)", "3723,Dual 1x30 Reed Multiplexer,01.40e,1243657"),
        ]
    ) as mux:
        assert mux.closed_channels() == "2001,2003,2915,2925"
        assert mux.closed_channels() == ""
        assert mux.forbidden_channels() == "3003,3005,3925"
        assert mux.closure_counts("2001:2003") == [672, 495, 547]
        with pytest.raises(ReplyError, match="many"):
            mux.closure_counts("2001")
        assert mux.channels_of_pattern("Path") == "2003,2005,2915"
        assert mux.slots[2].card().startswith("3723")


@pytest.mark.parametrize("channels", ["", '1001") reset() channel.open("1002', "1001\n"])
def test_what_is_no_list_of_channels_is_not_sent(channels: str) -> None:
    with opened([]) as mux, pytest.raises(ValidationError):
        mux.close_channels(channels)


def test_an_empty_slot_of_a_list_cannot_slip_into_a_name() -> None:
    with opened([]) as mux, pytest.raises(ValidationError):
        mux.define_pattern("1path", "1001")


def test_ranges_are_those_of_the_function_and_nil_is_no_reading() -> None:
    asked = ("print(dmm.func)", "accurrent")
    with opened([asked, asked, ("print(dmm.measure())", "9.900000000e+37"), ("print(dmm.measure())", "nil")]) as mux:
        with pytest.raises(ValidationError):
            mux.dmm.current_range(1e-4)
        assert mux.dmm.reading() == inf
        with pytest.raises(ReplyError, match="nil"):
            mux.dmm.reading()


def test_integration_times_end_by_the_mains() -> None:
    mains = [("print(dmm.func)", "dcvolts"), ("print(localnode.linefreq)", "5.000000000e+01")]
    with opened(mains) as mux, pytest.raises(ValidationError):
        mux.dmm.nplc(13.0)


@pytest.mark.parametrize("model", ["3706A-S", "3706A-SNFP"])
def test_a_mainframe_without_a_multimeter_has_no_dmm(model: str) -> None:
    with opened([], ("*IDN?", f"KEITHLEY INSTRUMENTS INC.,MODEL {model},1,01.56")) as mux:
        assert not hasattr(mux, "dmm")
        assert len(mux.slots) == 6


def test_another_instrument_is_refused() -> None:
    identity = ("*IDN?", "Keithley Instruments Inc., Model 2636B, 1398687, 3.2.2")
    with pytest.raises(IdentityError, match="2636B"), opened([], identity):
        pass


def test_on_the_simulator_relays_close_open_and_are_forbidden() -> None:
    with luthier.open("keithley.3706a", "sim://", name="relays3706a") as mux:
        mux.close_channels("1001:1003")
        mux.close_channels("2005, 2911")
        assert mux.closed_channels() == "1001,1002,1003,2005,2911"
        mux.close_exclusively_in_slots("1002,1010")
        assert mux.closed_channels() == "1002,1010,2005,2911"
        mux.define_pattern("Route", "1004,1911")
        mux.forbid("1002")
        with pytest.raises(InstrumentReportedError, match="forbidden"):
            mux.close_exclusively("1002,1003")
        assert mux.closed_channels() == "1002,1010,2005,2911"
        mux.close_exclusively("Route")
        assert mux.closed_channels() == "1004,1911"
        mux.forbid("1004")
        assert mux.channels_of_pattern("Route") == ""
        assert mux.forbidden_channels() == "1002,1004"
        mux.allow("slot1")
        assert mux.closure_counts("1002:1004") == [1, 1, 1]
        with pytest.raises(InstrumentReportedError):
            mux.close_channels("3001")
        mux.make_safe()
        assert mux.closed_channels() == ""


def test_on_the_simulator_four_poles_take_a_second_channel() -> None:
    with luthier.open("keithley.3706a", "sim://", name="poles3706a") as mux:
        device = device_at(mux.address)
        assert isinstance(device, SimulatedSwitch3706A)
        mux.set_poles("1003", 4)
        mux.set_backplane("1003", "1911,1922")
        mux.close_channels("1003")
        assert device.respond(b'print(channel.getclose("allslots"))') == b"1003(1033);1911;1922\n"
        assert mux.closed_channels() == "1003,1911,1922"
        with pytest.raises(InstrumentReportedError, match="paired"):
            mux.close_channels("1033")


def test_on_the_simulator_a_channel_is_measured_by_its_configuration() -> None:
    with luthier.open("keithley.3706a", "sim://", name="meter3706a") as mux:
        device = device_at(mux.address)
        assert isinstance(device, SimulatedSwitch3706A)
        device.channel_signals["1003", "dcvolts"] = 0.25
        mux.dmm.voltage_range(0.1)
        mux.dmm.nplc(0.5)
        mux.dmm.store_configuration("fine")
        mux.dmm.function("resistance")
        assert mux.dmm.nplc() == 1.0
        with pytest.raises(IrrelevantParameterError):
            mux.dmm.voltage_range(1.0)
        with pytest.raises(InstrumentReportedError):
            mux.dmm.connect_channel("1003")
        mux.dmm.configure_channels("1003", "fine")
        mux.dmm.connect_channel("1003")
        assert mux.dmm.function() == "DC voltage"
        assert mux.dmm.nplc() == 0.5
        assert mux.dmm.voltage() == inf
        mux.dmm.auto_range(True)
        assert mux.dmm.voltage() == 0.25
        mux.dmm.disconnect_channel("1003")
        assert mux.dmm.voltage() == 1.0
        mux.dmm.function("none")
        with pytest.raises(IrrelevantParameterError):
            mux.dmm.reading()
