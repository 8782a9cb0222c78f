"""What the driver of the 2600 series sends, and what it makes of the replies."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, ReplyError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_keithley.simulated.smu2600 import SimulatedSmu2602B
from luthier_keithley.smu2600 import Smu2600
from luthier_keithley.smu2600_models import MODELS
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

IDENTITY = ("*IDN?", "Keithley Instruments Inc., Model 2636B, 1398687, 3.2.2")
VOLTAGE = ("print(smub.source.func)", "1.00000e+00")
CURRENT = ("print(smub.source.func)", "0.00000e+00")

# name, value, attribute, the value as sent, the reply, and what is asked before
SETTINGS = [
    ("sense", "remote", "sense", "1", "1.00000e+00", ()),
    ("output_off_state", "high impedance", "source.offmode", "2", "2.00000e+00", ()),
    ("source_function", "current", "source.func", "0", "0.00000e+00", ()),
    ("current_limit", 0.01, "source.limiti", "0.01", "1.00000e-02", ()),
    ("voltage_limit", 21.0, "source.limitv", "21", "2.10000e+01", ()),
    ("source_voltage_range", 20.0, "source.rangev", "20", "2.00000e+01", ()),
    ("source_voltage_auto_range", True, "source.autorangev", "1", "1.00000e+00", ()),
    ("source_current_range", 1e-9, "source.rangei", "1E-09", "1.00000e-09", ()),
    ("source_current_auto_range", False, "source.autorangei", "0", "0.00000e+00", ()),
    (
        "voltage",
        -150.5,
        "source.levelv",
        "-150.5",
        "-1.50500e+02",
        (VOLTAGE, ("print(smub.source.autorangev)", "1.00000e+00")),
    ),
    (
        "current",
        1e-6,
        "source.leveli",
        "1E-06",
        "1.00000e-06",
        (CURRENT, ("print(smub.source.autorangei)", "1.00000e+00")),
    ),
    ("voltage_range", 0.2, "measure.rangev", "0.2", "2.00000e-01", ()),
    ("voltage_auto_range", False, "measure.autorangev", "0", "0.00000e+00", ()),
    ("current_range", 1e-10, "measure.rangei", "1E-10", "1.00000e-10", ()),
    ("current_auto_range", True, "measure.autorangei", "1", "1.00000e+00", ()),
    ("nplc", 0.001, "measure.nplc", "0.001", "1.00000e-03", ()),
    ("averaging_type", "median", "measure.filter.type", "2", "2.00000e+00", ()),
    ("averaging_count", 20, "measure.filter.count", "20", "2.00000e+01", ()),
    ("averaging", True, "measure.filter.enable", "1", "1.00000e+00", ()),
    ("output", True, "source.output", "1", "1.00000e+00", ()),
]


class TestSmu2600(DriverConformance):
    driver = "keithley.2600"


def opened(exchanges: list[Any], identity: Any = IDENTITY, policy: str = "never") -> AbstractContextManager[Smu2600]:
    return expected_exchanges(Smu2600, [identity, *exchanges], name="smu", error_policy=policy)


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_manual_says(row: Any) -> None:
    name, value, attribute, sent, reply, before = row
    with opened([*before, (f"smub.{attribute}={sent}", None), (f"print(smub.{attribute})", reply)]) as smu:
        smu.smub[name].set(value)
        assert smu.smub[name].get() == value


def test_every_setting_is_in_this_table_and_the_output_is_restored_last() -> None:
    with opened([]) as smu:
        assert [name for name, one in smu.smua.parameters.items() if one.settable] == [row[0] for row in SETTINGS]


@pytest.mark.parametrize("model", MODELS)
def test_channels_and_limits_are_those_of_the_model(model: str) -> None:
    with opened([], ("*IDN?", f"Keithley Instruments Inc., Model {model}A, 1, 2.2.6")) as smu:
        assert len(smu.outputs) == (1 if model in ("2601", "2611", "2635") else 2)
        high = model >= "2611"
        with pytest.raises(ValidationError):
            smu.smua.voltage_limit(201.0 if high else 41.0)
        with pytest.raises(ValidationError):
            smu.smua.source_voltage_range(6.0 if high else 20.0)
        with pytest.raises(ValidationError):
            smu.smua.current_limit(1.6 if high else 3.1)


def test_another_instrument_is_refused() -> None:
    with (
        pytest.raises(IdentityError, match="MODEL 2400"),
        opened([], ("*IDN?", "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1,C33")),
    ):
        pass


def test_one_reading_is_current_and_voltage() -> None:
    query = "print(smua.measure.iv())"
    with opened([(query, "2.00000e-03\t9.91000e+37"), (query, "9.90000e+37\t1"), (query, "2.00000e-03")]) as smu:
        assert smu.smua.get("reading") == {"measured_voltage": inf, "measured_current": 2e-3}
        assert smu.smua.get("reading") == {"measured_voltage": 1, "measured_current": inf}
        with pytest.raises(ReplyError, match="1 numbers"):
            smu.smua.measured_voltage()


def test_what_is_in_the_error_queue_is_reported_after_a_set() -> None:
    query = Smu2600.error_query
    steps = [
        ("smua.measure.nplc=1", None),
        (query, "-2.22000e+02,Parameter data out of range"),
        (query, "0.00000e+00,Queue Is Empty"),
    ]
    with (
        opened(steps, policy="after-set") as smu,
        pytest.raises(InstrumentReportedError, match="-222, Parameter data out of range"),
    ):
        smu.smua.nplc(1)


def test_making_safe_goes_on_where_one_channel_fails() -> None:
    steps: list[Any] = [("smua.source.output=0", WireFault.TIMEOUT), ("smub.source.output=0", None)]
    with opened(steps) as smu, pytest.raises(ExceptionGroup, match="1 outputs may still be on"):
        smu.make_safe()


def test_a_channel_is_reset_alone() -> None:
    with opened([("smub.reset()", None)]) as smu:
        smu.smub.functions["reset_channel"]()


def test_on_the_simulator_the_limit_holds_and_channels_are_independent() -> None:
    with luthier.open("keithley.2600", "sim://", name="smu2600_sim") as smu:
        device = device_at(smu.address)
        assert isinstance(device, SimulatedSmu2602B)
        device.loads["b"] = 100.0
        smu.smub.current_limit(1e-3)
        smu.smub.voltage(2)
        smu.smub.output(True)
        assert smu.smub.in_limit()
        assert smu.smub.get("reading") == pytest.approx({"measured_voltage": 0.1, "measured_current": 1e-3})
        assert smu.smua.measured_current() == 0
        smu.smub.current_range(1e-4)
        assert smu.smub.measured_current() == inf
        smu.smub.source_function("current")
        smu.smub.voltage_limit(20)
        smu.smub.current(0.1)
        assert smu.smub.get("reading") == pytest.approx({"measured_voltage": 10, "measured_current": 0.1})
        with pytest.raises(InstrumentReportedError, match="-221"):
            smu.smub.source_current_range(1e-3)
        smu.make_safe()
        assert smu.outputs.output.get() == (False, False)


def test_on_the_simulator_a_range_measures_to_102_percent() -> None:
    with luthier.open("keithley.2600", "sim://", name="smu2600_full_scale") as smu:
        smu.smua.current_limit(1e-3)
        smu.smua.output(True)
        smu.smua.current_range(1e-4)
        smu.smua.voltage(0.1015)
        assert smu.smua.measured_current() == pytest.approx(1.015e-4)
        smu.smua.voltage(0.103)
        assert smu.smua.measured_current() == inf


@pytest.mark.parametrize(
    ("model", "voltage", "current"), [("2602", 0.01, 1e-8), ("2612", 0.02, 1e-8), ("2634", 0.02, 1e-10)]
)
def test_a_limit_goes_down_to_a_tenth_of_the_lowest_range(model: str, voltage: float, current: float) -> None:
    identity = ("*IDN?", f"Keithley Instruments Inc., Model {model}B, 1, 3.2.2")
    steps = [(f"smua.source.limitv={voltage:g}", None), (f"smua.source.limiti={current:.0E}", None)]
    with opened(steps, identity) as smu:
        smu.smua.voltage_limit(voltage)
        smu.smua.current_limit(current)
        for limit, lowest in ((smu.smua.voltage_limit, voltage), (smu.smua.current_limit, current)):
            with pytest.raises(ValidationError):
                limit(lowest / 2)


def test_after_another_source_function_the_output_is_asked_anew() -> None:
    output = ("print(smua.source.output)", "1.00000e+00")
    with opened([output, ("smua.source.func=0", None), output]) as smu:
        assert smu.smua.output()
        smu.smua.source_function("current")
        assert not smu.smua.output.cache.valid
        assert smu.smua.output()


def test_the_simulator_takes_names_for_numbers_and_refuses_the_rest() -> None:
    device = SimulatedSmu2602B()
    device.respond(
        b"smua.source.func = smua.OUTPUT_DCAMPS smua.source.leveli = 2e-3 smua.source.output = smua.OUTPUT_ON"
    )
    assert device.respond(b"print(smua.measure.r(), smua.source.compliance, smua.source.rangei)") == (
        b"1.00000e+03\tfalse\t1.00000e-02\n"
    )
    device.respond(b"smua.source.levelv = 41")
    device.respond(b"smua.source.func = 2")
    device.respond(b"smuc.reset()")
    assert device.respond(b"print(errorqueue.count)") == b"3.00000e+00\n"
    device.respond(b"smua.reset()")
    assert device.at_terminals("a") == (0.0, 0.0, False)
