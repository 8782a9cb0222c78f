"""What the drivers of the supplies send, and what they make of the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import IdentityError, InstrumentReportedError, ValidationError
from luthier.testing import DriverConformance
from luthier.testing.wire import WireFault, expected_exchanges
from luthier_rohde_schwarz.simulated.supplies import SimulatedHmc8043, SimulatedHmp4040, SimulatedNgp814
from luthier_rohde_schwarz.supplies import Hmc804x, Hmp, Ngp800
from luthier_sim import device_at

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

DRIVERS = {"NGP802": Ngp800, "NGP804": Ngp800, "NGP814": Ngp800, "HMP2020": Hmp, "HMP4040": Hmp, "HMC8043": Hmc804x}
CURRENTS = (("CURR? MIN", "0.0005"), ("CURR? MAX", "10.0100"))

# name, value, what is sent to set it, query, reply, and what is asked before, because limits depend on it
SHARED = [
    ("current_limit", 0.25, "CURR 0.25", "CURR?", "0.2500", CURRENTS),
    ("voltage", 3.3, "VOLT 3.3", "VOLT?", "3.300", (("VOLT? MAX", "32.050"),)),
]
SWITCHED = [
    *SHARED,
    ("selected", True, "OUTP:SEL 1", "OUTP:SEL?", "1", ()),
    ("output", True, "OUTP 1", "OUTP?", "1", ()),
]
OVERVOLTAGE = (("VOLT:PROT? MIN", "0.000"), ("VOLT:PROT? MAX", "32.050"))
HMP = [("overvoltage_level", 5.5, "VOLT:PROT 5.5", "VOLT:PROT?", "5.500", OVERVOLTAGE), *SWITCHED]
NGP = [
    (
        "overvoltage_level",
        5.5,
        "VOLT:PROT:LEV 5.5",
        "VOLT:PROT:LEV?",
        "5.500",
        (("VOLT:PROT:LEV? MIN", "0.000"), ("VOLT:PROT:LEV? MAX", "64.050")),
    ),
    ("overvoltage_protection", True, "VOLT:PROT 1", "VOLT:PROT?", "1", ()),
    ("overpower_level", 50.0, "POW:PROT:LEV 50", "POW:PROT:LEV?", "50.00", ()),
    ("overpower_protection", True, "POW:PROT 1", "POW:PROT?", "1", ()),
    ("fuse", True, "FUSE 1", "FUSE?", "1", ()),
    ("ramp", True, "VOLT:RAMP 1", "VOLT:RAMP?", "1", ()),
    ("ramp_duration", 1.5, "VOLT:RAMP:DUR 1.5", "VOLT:RAMP:DUR?", "1.500", ()),
    ("output_delay", True, "OUTP:DEL 1", "OUTP:DEL?", "1", ()),
    ("output_delay_duration", 0.25, "OUTP:DEL:DUR 0.25", "OUTP:DEL:DUR?", "0.250", ()),
    *SWITCHED,
]
OVERPOWER = (("POW:PROT:LEV? MIN", "0.00"), ("POW:PROT:LEV? MAX", "33.00"))
HMC = [
    *(row for row in NGP[:7] if row[0] != "overpower_level"),
    ("overpower_level", 20.0, "POW:PROT:LEV 20", "POW:PROT:LEV?", "20.00", OVERPOWER),
    *SHARED,
    ("output", True, "OUTP:CHAN 1", "OUTP:CHAN?", "1", ()),
]
READINGS = [("measured_voltage", "MEAS:VOLT?"), ("measured_current", "MEAS:CURR?")]
MORE_READINGS = [
    ("measured_power", "MEAS:POW?"),
    ("overvoltage_tripped", "VOLT:PROT:TRIP?"),
    ("overpower_tripped", "POW:PROT:TRIP?"),
    ("fuse_tripped", "FUSE:TRIP?"),
]
ROWS = [("NGP814", row) for row in NGP] + [("HMP4040", row) for row in HMP] + [("HMC8043", row) for row in HMC]


class TestNgp800(DriverConformance):
    driver = "rohde_schwarz.ngp800"


class TestHmc804x(DriverConformance):
    driver = "rohde_schwarz.hmc804x"


def opened(model: str, exchanges: list[Any], **options: object) -> AbstractContextManager[Any]:
    steps = [("*IDN?", f"Rohde&Schwarz,{model},100001,1.00"), *exchanges]
    return expected_exchanges(DRIVERS[model], steps, name="psu", **{"error_policy": "never", **options})


@pytest.mark.parametrize(("model", "row"), ROWS, ids=[f"{model}.{row[0]}" for model, row in ROWS])
def test_a_setting_is_sent_to_the_output_that_was_selected_before(model: str, row: Any) -> None:
    name, value, command, query, reply, before = row
    select = ("INST:NSEL 2", None)
    steps = [step for exchange in (*before, (command, None), (query, reply)) for step in (select, exchange)]
    with opened(model, steps) as psu:
        psu.ch2[name].set(value)
        assert psu.ch2[name].get() == value


@pytest.mark.parametrize(("name", "query"), READINGS + MORE_READINGS)
def test_a_reading_is_asked_of_the_output_that_was_selected_before(name: str, query: str) -> None:
    with opened("NGP814", [("INST:NSEL 4", None), (query, "1")]) as psu:
        assert psu.ch4[name].get() == 1


@pytest.mark.parametrize(("model", "rows"), [("NGP814", NGP), ("HMP4040", HMP), ("HMC8043", HMC)])
def test_every_setting_is_in_these_tables_and_is_restored_with_the_output_last(model: str, rows: list[Any]) -> None:
    with opened(model, []) as psu:
        settings = [name for name, one in psu.ch1.parameters.items() if one.settable]
    assert set(settings) == {row[0] for row in rows}
    assert settings[-1] == "output"
    if model == "NGP814":
        assert settings.index("overvoltage_protection") < settings.index("voltage")


@pytest.mark.parametrize(("model", "count"), [("NGP802", 2), ("NGP804", 4), ("HMP2020", 2), ("HMC8043", 3)])
def test_the_number_of_outputs_is_that_of_the_model(model: str, count: int) -> None:
    with opened(model, []) as psu:
        assert len(psu.outputs) == count


def test_a_model_that_is_not_known_is_not_opened() -> None:
    steps = [("*IDN?", "Rohde&Schwarz,NGE103B,100001,1.00")]
    with pytest.raises(IdentityError, match="NGP802"), expected_exchanges(Ngp800, steps, name="psu"):
        pass


@pytest.mark.parametrize(("model", "command"), [("HMP2020", "OUTP:GEN"), ("HMC8043", "OUTP:MAST")])
def test_all_outputs_have_one_switch(model: str, command: str) -> None:
    with opened(model, [(f"{command} 1", None), (f"{command}?", "1")]) as psu:
        psu.outputs_enabled(True)
        assert psu.outputs_enabled() is True


def test_the_largest_current_is_asked_again_after_the_voltage_was_set() -> None:
    select = ("INST:NSEL 1", None)
    with opened(
        "NGP814",
        [
            *(step for exchange in (*CURRENTS, ("CURR 10", None)) for step in (select, exchange)),
            *(step for exchange in (("VOLT? MAX", "64.050"), ("VOLT 40", None)) for step in (select, exchange)),
            *(step for exchange in (("CURR? MIN", "0.0005"), ("CURR? MAX", "5.0000")) for step in (select, exchange)),
        ],
    ) as psu:
        psu.ch1.current_limit(10)
        psu.ch1.voltage(40)
        with pytest.raises(ValidationError, match=r"0\.0005 A to 5 A"):
            psu.ch1.current_limit(10)


@pytest.mark.parametrize(
    ("name", "command"),
    [("clear_overvoltage", "VOLT:PROT:CLE"), ("clear_overpower", "POW:PROT:CLE"), ("clear_fuse", "FUSE:TRIP:CLE")],
)
def test_a_protection_is_cleared_on_its_output(name: str, command: str) -> None:
    with opened("NGP814", [("INST:NSEL 3", None), (command, None)]) as psu:
        psu.ch3.functions[name]()


def test_making_safe_goes_on_where_one_output_fails() -> None:
    with (
        opened(
            "HMP2020",
            [
                ("OUTP:GEN 0", WireFault.TIMEOUT),
                ("INST:NSEL 1", None),
                ("OUTP 0", None),
                ("INST:NSEL 2", None),
                ("OUTP 0", None),
            ],
        ) as psu,
        pytest.raises(ExceptionGroup, match="may still be on"),
    ):
        psu.make_safe()


def test_on_the_simulator_each_output_drives_its_own_resistor() -> None:
    with luthier.open("rohde_schwarz.hmp", "sim://", name="psu_hmp") as psu:
        device = device_at(psu.address)
        assert isinstance(device, SimulatedHmp4040)
        device.outputs[1].load = 10.0
        psu.outputs.voltage.set([1.0, 5.0, 0.0, 12.0])
        psu.ch2.current_limit(0.25)
        psu.ch2.selected(True)
        assert psu.outputs.output.get() == (False, False, False, False)
        psu.ch1.output(True)
        assert psu.outputs.output.get() == (True, True, False, False), "what was selected comes on too"
        assert psu.outputs.measured_voltage.get() == (1.0, 2.5, 0.0, 0.0)
        psu.make_safe()
        assert psu.outputs.measured_voltage.get() == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("driver", ["rohde_schwarz.hmp", "rohde_schwarz.hmc804x"])
def test_on_the_simulator_too_high_a_voltage_trips_until_it_is_cleared(driver: str) -> None:
    with luthier.open(driver, "sim://", name="psu_overvoltage") as psu:
        psu.ch2.overvoltage_level(5)
        if driver == "rohde_schwarz.hmc804x":  # an HMP has no switch for it
            psu.ch2.overvoltage_protection(True)
        psu.outputs_enabled(True)
        psu.ch2.voltage(6)
        psu.ch2.output(True)
        assert (psu.ch2.overvoltage_tripped(), psu.ch1.overvoltage_tripped(), psu.ch2.output()) == (True, False, False)
        psu.ch2.voltage(4)
        psu.ch2.functions["clear_overvoltage"]()
        psu.ch2.output(True)
        assert psu.ch2.measured_voltage() == 4.0


def test_on_the_simulator_protections_trip_and_are_cleared() -> None:
    with luthier.open("rohde_schwarz.ngp800", "sim://", name="psu_ngp") as psu:
        assert isinstance(device_at(psu.address), SimulatedNgp814)
        psu.ch1.overvoltage_level(5)
        psu.ch1.overvoltage_protection(True)
        psu.ch1.voltage(6)
        psu.ch1.output(True)
        assert (psu.ch1.overvoltage_tripped(), psu.ch1.output()) == (True, False)
        with pytest.raises(InstrumentReportedError, match="-221"):
            psu.ch1.output(True)
        psu.ch1.voltage(4)
        psu.ch1.functions["clear_overvoltage"]()
        psu.ch1.output(True)
        assert psu.ch1.output() is True
        psu.ch2.fuse(True)
        psu.ch2.current_limit(0.01)
        psu.ch2.voltage(5)
        psu.ch2.output(True)
        assert psu.ch2.fuse_tripped() is True
        psu.ch3.voltage(40)
        assert psu.ch3.current_limit.limits == (0.0005, 5.0)


def test_on_the_simulator_an_output_needs_both_switches_of_an_hmc() -> None:
    with luthier.open("rohde_schwarz.hmc804x", "sim://", name="psu_hmc") as psu:
        psu.ch3.voltage(5)
        psu.ch3.output(True)
        assert psu.ch3.measured_voltage() == 0
        psu.outputs_enabled(True)
        assert psu.ch3.measured_voltage() == 5


def test_the_simulators_take_every_spelling_and_refuse_the_rest() -> None:
    device = SimulatedHmc8043()
    device.respond(b"INSTRUMENT:SELECT OUT2;:SOURCE:VOLTAGE:LEVEL:IMMEDIATE:AMPLITUDE 1500 mV;:CURR MAX")
    assert device.respond(b"INST:NSEL?;:VOLT?;:CURR?;:VOLT? MAX") == b"2;1.500;3.0000;32.050\n"
    for message in (b"INST:NSEL 4", b"VOLT 33", b"CURR 3.1", b"OUTP:SEL 1"):
        device.respond(message)
    codes = [int((device.respond(b"SYST:ERR?") or b"").split(b",")[0]) for _ in range(5)]
    assert codes == [-222, -222, -222, -113, 0]
