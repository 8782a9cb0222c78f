"""What the drivers of the E36300 series send, and what they make of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, UnknownNameError, ValidationError
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_keysight.e36300 import E36311A, E36312A, E36313A, SupplyE36300

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MODELS: dict[str, type[SupplyE36300]] = {model.__name__: model for model in (E36311A, E36312A, E36313A)}
RANGES: dict[str, list[tuple[float, float, float]]] = {
    "E36311A": [(0, 6.18, 5.15), (0, 25.75, 1.03), (-25.75, 0, 1.03)],
    "E36312A": [(0, 6.18, 5.15), (0, 25.75, 1.03), (0, 25.75, 1.03)],
    "E36313A": [(0, 6.18, 10.3), (0, 25.75, 2.06), (0, 25.75, 2.06)],
}

# name, value, what is sent to set it, query, reply; {n} is the number of the output
OUTPUT_SETTINGS = [
    ("current_limit", 0.5, "CURR 0.5,(@{n})", "CURR? (@{n})", "+5.00000000E-01"),
    ("overvoltage_level", 5.5, "VOLT:PROT 5.5,(@{n})", "VOLT:PROT? (@{n})", "+5.50000000E+00"),
    ("overvoltage_protection", True, "VOLT:PROT:STAT 1,(@{n})", "VOLT:PROT:STAT? (@{n})", "1"),
    ("overcurrent_delay", 0.1, "CURR:PROT:DEL 0.1,(@{n})", "CURR:PROT:DEL? (@{n})", "+1.00000000E-01"),
    ("overcurrent_protection", False, "CURR:PROT:STAT 0,(@{n})", "CURR:PROT:STAT? (@{n})", "0"),
    ("rise_delay", 0.25, "OUTP:DEL:RISE 0.25,(@{n})", "OUTP:DEL:RISE? (@{n})", "+2.50000000E-01"),
    ("fall_delay", 0.0, "OUTP:DEL:FALL 0,(@{n})", "OUTP:DEL:FALL? (@{n})", "+0.00000000E+00"),
    ("voltage", 3.3, "VOLT 3.3,(@{n})", "VOLT? (@{n})", "+3.30000000E+00"),
    ("output", True, "OUTP 1,(@{n})", "OUTP? (@{n})", "1"),
    ("sense", "remote", "VOLT:SENS EXT,(@{n})", "VOLT:SENS? (@{n})", "EXT"),
]


def identity(model: str) -> tuple[str, str]:
    return "*IDN?", f"Keysight Technologies,{model},MY00000001,1.0.4-1.0.0-1.02"


def opened(exchanges: list[Any], model: str = "E36312A", **options: object) -> AbstractContextManager[Any]:
    steps = [identity(model), *exchanges]
    return expected_exchanges(MODELS[model], steps, name="psu", **{"error_policy": "never", **options})


@pytest.mark.parametrize(
    ("name", "value", "command", "query", "reply"), OUTPUT_SETTINGS, ids=[row[0] for row in OUTPUT_SETTINGS]
)
def test_a_setting_of_an_output_is_sent_and_read_as_the_guide_says(
    name: str, value: object, command: str, query: str, reply: str
) -> None:
    numbers = (1, 2, 3)
    steps = [((command.format(n=n), None), (query.format(n=n), reply)) for n in numbers]
    with opened([exchange for step in steps for exchange in step]) as psu:
        for n in numbers:
            psu.set(f"ch{n}.{name}", value)
            assert psu.get(f"ch{n}.{name}") == value


@pytest.mark.parametrize(
    ("name", "value", "command", "query", "reply"),
    [
        ("tracking", True, "OUTP:TRAC 1", "OUTP:TRAC?", "1"),
        ("pair", "series", "OUTP:PAIR SER", "OUTP:PAIR?", "SER"),
        ("pair", "none", "OUTP:PAIR OFF", "OUTP:PAIR?", "OFF"),
    ],
)
def test_a_setting_of_the_supply_is_sent_and_read_as_the_guide_says(
    name: str, value: object, command: str, query: str, reply: str
) -> None:
    with opened([(command, None), (query, reply)]) as psu:
        psu.set(name, value)
        assert psu.get(name) == value


@pytest.mark.parametrize("model", MODELS)
def test_opening_only_asks_who_it_is(model: str) -> None:
    with opened([], model) as psu:
        assert psu.idn.model == model


def test_another_model_is_refused_because_its_limits_differ() -> None:
    with (
        pytest.raises(IdentityError, match=r"psu .*: Keysight Technologies E36312A answers; expected: E36313A"),
        expected_exchanges(E36313A, [identity("E36312A")], name="psu"),
    ):
        pass
    assert "psu" not in luthier.instruments()


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("model", MODELS)
def test_each_output_keeps_to_the_range_of_its_model(model: str, number: int) -> None:
    low, high, current = RANGES[model][number - 1]
    sent = [f"VOLT {low:g},(@{number})", f"VOLT {high:g},(@{number})", f"CURR {current:g},(@{number})"]
    refused = [
        ("voltage", low - 0.01),
        ("voltage", high + 0.01),
        ("current_limit", current + 0.01),
        ("current_limit", -1),
    ]
    with opened([(command, None) for command in sent], model) as psu:
        output = psu.outputs[number - 1]
        output.voltage(low)
        output.voltage(high)
        output.current_limit(current)
        for name, value in refused:
            with pytest.raises(ValidationError, match=f"psu.ch{number}.{name}: cannot set"):
                output.set(name, value)
        assert output.voltage.limits == (low, high)


def test_a_protection_level_has_the_sign_of_its_output() -> None:
    with opened([("VOLT:PROT -27.5,(@3)", None), ("VOLT:PROT 27.5,(@2)", None)], "E36311A") as psu:
        psu.ch3.overvoltage_level(-27.5)
        psu.ch2.overvoltage_level(27.5)
        with pytest.raises(ValidationError, match=r"-27\.5 V to 0 V"):
            psu.ch3.overvoltage_level(5)


def test_the_small_model_has_neither_pairing_nor_remote_sensing() -> None:
    with opened([], "E36311A") as psu:
        with pytest.raises(UnknownNameError, match="pair"):
            psu.set("pair", "series")
        with pytest.raises(UnknownNameError, match="sense"):
            psu.set("ch1.sense", "remote")


def test_an_output_measures_itself_and_says_what_has_tripped() -> None:
    with opened(
        [
            ("MEAS:VOLT? (@2)", "+1.19980000E+01"),
            ("MEAS:CURR? (@2)", "-1.20000000E-05"),
            ("VOLT:PROT:TRIP? (@2)", "1"),
            ("CURR:PROT:TRIP? (@2)", "0"),
            ("OUTP:PROT:CLE (@2)", None),
        ]
    ) as psu:
        assert psu.ch2.measured_voltage() == 11.998
        assert psu.ch2.measured_current() == -1.2e-5
        assert psu.ch2.overvoltage_tripped() is True
        assert psu.ch2.overcurrent_tripped() is False
        psu.ch2.clear_protection()


def test_all_outputs_are_checked_before_the_first_is_set() -> None:
    with opened([(f"VOLT 0.5,(@{number})", None) for number in (1, 2, 3)]) as psu:
        psu.outputs.voltage.set(0.5)
        with pytest.raises(ValidationError, match="ch1"):
            psu.outputs.voltage.set([7.0, 1.0, 1.0])


def test_making_safe_switches_all_outputs_off_and_keeps_their_voltages() -> None:
    with opened([("OUTP 0,(@1)", None), ("OUTP 0,(@2)", None), ("OUTP 0,(@3)", None)]) as psu:
        psu.make_safe()
        assert [output.output.cache.value for output in psu.outputs] == [False, False, False]


def test_an_output_that_cannot_be_switched_off_does_not_keep_the_others_on() -> None:
    with (
        opened([("OUTP 0,(@1)", WireFault.TIMEOUT), ("OUTP 0,(@2)", None), ("OUTP 0,(@3)", None)]) as psu,
        pytest.raises(ExceptionGroup, match="1 of 3 outputs may still be on"),
    ):
        psu.make_safe()


def test_what_the_supply_reports_is_raised_with_its_texts() -> None:
    with (
        opened(
            [("OUTP 1,(@1)", None), ("SYST:ERR?", '-221,"Settings conflict"'), ("SYST:ERR?", '+0,"No error"')],
            error_policy="after-set",
        ) as psu,
        pytest.raises(InstrumentReportedError, match="Settings conflict"),
    ):
        psu.ch1.output(True)


def test_every_setting_is_in_these_tables() -> None:
    with opened([]) as psu:
        assert {name for name, one in psu.ch1.parameters.items() if one.settable} == {row[0] for row in OUTPUT_SETTINGS}
        assert {name for name, one in psu.parameters.items() if one.settable} == {"tracking", "pair"}


@pytest.mark.parametrize("model", MODELS)
def test_on_the_simulator_everything_can_be_read_and_set_to_what_it_is(model: str) -> None:
    with luthier.open(f"keysight.{model.lower()}", "sim://", name="psu_read_back") as psu:
        snapshot = psu.snapshot(update=True)
        hosts = {"": snapshot, **{f"{name}.": host for name, host in snapshot["channels"].items()}}
        failed = {p + n: e["error"] for p, host in hosts.items() for n, e in host["parameters"].items() if "error" in e}
        assert failed == {}
        for prefix, host in hosts.items():
            for name, entry in host["parameters"].items():
                psu.set(prefix + name, entry["value"])
        assert psu.errors() == ()


@pytest.mark.parametrize("model", MODELS)
def test_on_the_simulator_each_output_drives_its_resistor(model: str) -> None:
    with luthier.open(f"keysight.{model.lower()}", "sim://", name="psu_measures") as psu:
        psu.ch1.voltage(5)
        psu.ch2.voltage(12)
        psu.outputs.output.set(True)
        assert psu.outputs.output.get() == (True, True, True)
        assert psu.outputs.measured_current.get() == pytest.approx((5e-3, 12e-3, 0))
        psu.make_safe()
        assert psu.outputs.output.get() == (False, False, False)
