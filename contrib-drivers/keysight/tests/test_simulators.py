"""The pyvisa-sim definitions, asked with nothing but PyVISA."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import pyvisa
from luthier_keysight import simulators
from pyvisa.resources import MessageBasedResource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.simulation import PyvisaSimDefinition

SUPPLIES: dict[str, tuple[PyvisaSimDefinition, list[tuple[float, float, float]]]] = {
    "E36311A": (simulators.E36311A, [(0, 6.18, 5.15), (0, 25.75, 1.03), (-25.75, 0, 1.03)]),
    "E36312A": (simulators.E36312A, [(0, 6.18, 5.15), (0, 25.75, 1.03), (0, 25.75, 1.03)]),
    "E36313A": (simulators.E36313A, [(0, 6.18, 10.3), (0, 25.75, 2.06), (0, 25.75, 2.06)]),
}


def opened(definition: PyvisaSimDefinition) -> Iterator[MessageBasedResource]:
    manager = pyvisa.ResourceManager(f"{files(definition.package).joinpath(definition.file)}@sim")
    resource = manager.open_resource(definition.resource)
    assert isinstance(resource, MessageBasedResource)
    resource.read_termination = resource.write_termination = "\n"
    resource.timeout = 1000
    try:
        yield resource
    finally:
        manager.close()


@pytest.fixture
def multimeter() -> Iterator[MessageBasedResource]:
    yield from opened(simulators.TRUEVOLT_34461A)


@pytest.fixture(params=list(SUPPLIES))
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def supply(model: str) -> Iterator[MessageBasedResource]:
    yield from opened(SUPPLIES[model][0])


def test_the_multimeter_says_who_it_is(multimeter: MessageBasedResource) -> None:
    assert multimeter.query("*IDN?").split(",")[:2] == ["Keysight Technologies", "34461A"]
    multimeter.write("*RST")
    multimeter.write("*CLS")
    assert multimeter.query("*OPC?") == "1"
    assert multimeter.query("SYST:ERR?") == '+0,"No error"'


@pytest.mark.parametrize(
    ("function", "about", "within"),
    [("VOLT", 1.0, 1e-3), ("VOLT:AC", 0.707, 1e-3), ("CURR", 1e-3, 1e-4), ("FRES", 1e3, 1.0), ("CAP", 1e-9, 1e-10)],
)
def test_the_multimeter_reads_what_its_function_says(
    multimeter: MessageBasedResource, function: str, about: float, within: float
) -> None:
    multimeter.write(f'FUNC "{function}"')

    assert multimeter.query("FUNC?") == f'"{function}"'
    assert float(multimeter.query("READ?")) == pytest.approx(about, abs=within)


def test_the_memory_of_the_multimeter_holds_as_many_readings_as_it_says(multimeter: MessageBasedResource) -> None:
    readings = [float(field) for field in multimeter.query("FETC?").split(",")]

    assert len(readings) == int(multimeter.query("DATA:POIN?"))
    assert readings == pytest.approx([1.0] * len(readings), abs=1e-3)


@pytest.mark.parametrize("setting", ["VOLT:DC:NPLC 0.3", "VOLT:DC:RANG 1001", "TRIG:SOUR INT", "SAMP:COUN 0"])
def test_a_setting_out_of_range_is_reported_once(multimeter: MessageBasedResource, setting: str) -> None:
    multimeter.write(setting)

    assert multimeter.query("SYST:ERR?") == '-100,"Command error"'
    assert multimeter.query("SYST:ERR?") == '+0,"No error"'


def test_each_supply_says_who_it_is(supply: MessageBasedResource, model: str) -> None:
    assert supply.query("*IDN?").split(",")[:2] == ["Keysight Technologies", model]
    assert supply.query("*OPC?") == "1"


@pytest.mark.parametrize("output", [1, 2, 3])
def test_each_output_has_the_range_of_its_model(supply: MessageBasedResource, model: str, output: int) -> None:
    low, high, current = SUPPLIES[model][1][output - 1]
    for setting in (f"VOLT {low},(@{output})", f"VOLT {high},(@{output})", f"CURR {current},(@{output})"):
        supply.write(setting)
        assert supply.query("SYST:ERR?") == '+0,"No error"'
    for setting in (
        f"VOLT {low - 0.01},(@{output})",
        f"VOLT {high + 0.01},(@{output})",
        f"CURR {current + 0.01},(@{output})",
    ):
        supply.write(setting)
        assert supply.query("SYST:ERR?") == '-100,"Command error"'
    assert float(supply.query(f"VOLT? (@{output})")) == high
    assert float(supply.query(f"CURR? (@{output})")) == current


def test_each_output_measures_its_own_resistor_of_1_kiloohm(supply: MessageBasedResource, model: str) -> None:
    levels = [5.0, 12.0, -15.0 if model == "E36311A" else 15.0]
    for output, level in enumerate(levels, 1):
        supply.write(f"VOLT {level},(@{output})")

    assert [float(supply.query(f"MEAS:VOLT? (@{output})")) for output in (1, 2, 3)] == levels
    assert [float(supply.query(f"MEAS:CURR? (@{output})")) for output in (1, 2, 3)] == pytest.approx(
        [level / 1000 for level in levels]
    )


def test_outputs_are_switched_one_by_one(supply: MessageBasedResource) -> None:
    supply.write("OUTP 1,(@2)")

    assert [supply.query(f"OUTP? (@{output})") for output in (1, 2, 3)] == ["0", "1", "0"]


def test_only_the_larger_models_know_pairing_and_remote_sensing(supply: MessageBasedResource, model: str) -> None:
    expected = '-100,"Command error"' if model == "E36311A" else '+0,"No error"'
    for setting in ("OUTP:PAIR SER", "VOLT:SENS EXT,(@1)"):
        supply.write(setting)
        assert supply.query("SYST:ERR?") == expected
