"""The pyvisa-sim definitions, asked with nothing but PyVISA."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import pyvisa
from luthier_keithley import simulators
from pyvisa.resources import MessageBasedResource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.simulation import PyvisaSimDefinition


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
def smu() -> Iterator[MessageBasedResource]:
    yield from opened(simulators.SMU_2400)


@pytest.fixture
def multimeter() -> Iterator[MessageBasedResource]:
    yield from opened(simulators.MULTIMETER_2000)


def numbers(reply: str) -> list[float]:
    return [float(field) for field in reply.split(",")]


def test_both_say_who_they_are_and_answer_the_common_commands(
    smu: MessageBasedResource, multimeter: MessageBasedResource
) -> None:
    for instrument, model in ((smu, "MODEL 2400"), (multimeter, "MODEL 2000")):
        assert instrument.query("*IDN?").split(",")[1] == model
        instrument.write("*RST")
        instrument.write("*CLS")
        assert instrument.query("*OPC?") == "1"
        assert instrument.query("SYST:ERR?") == '0,"No error"'


@pytest.mark.parametrize("level", [0.0, 1.5, -210.0, 1e-6])
def test_the_smu_reads_the_current_of_a_resistor_of_1_kiloohm(smu: MessageBasedResource, level: float) -> None:
    smu.write(f"SOUR:VOLT {level!r}")

    assert float(smu.query("SOUR:VOLT?")) == pytest.approx(level, rel=1e-6)
    for question in ("READ?", "FETC?"):
        voltage, current, resistance, _, status = numbers(smu.query(question))
        assert voltage == pytest.approx(level, rel=1e-6)
        assert current == pytest.approx(level / 1000, rel=1e-6, abs=1e-12)
        assert resistance == 9.91e37
        assert int(status) & 1 << 14, "the bit that says that the voltage is sourced"


@pytest.mark.parametrize("level", [0.0, 1e-3, -0.21, 2e-9])
def test_in_current_mode_the_smu_reads_the_voltage_at_that_resistor(smu: MessageBasedResource, level: float) -> None:
    smu.write("SOUR:FUNC CURR")
    smu.write(f"SOUR:CURR {level!r}")

    assert float(smu.query("SOUR:CURR?")) == pytest.approx(level, rel=1e-6)
    voltage, current, _, _, status = numbers(smu.query("READ?"))
    assert current == pytest.approx(level, rel=1e-6)
    assert voltage == pytest.approx(level * 1000, rel=1e-6, abs=1e-6)
    assert int(status) & 1 << 15, "the bit that says that the current is sourced"


@pytest.mark.parametrize(
    ("setting", "question", "before"),
    [
        ("SOUR:VOLT 210.1", "SOUR:VOLT?", 0.0),
        ("SENS:CURR:PROT 1.06", "SENS:CURR:PROT?", 1.05e-4),
        ("SENS:CURR:NPLC 0.001", "SENS:CURR:NPLC?", 1.0),
        ("TRAC:POIN 2501", "TRAC:POIN?", 100.0),
        ("OUTP 2", "OUTP?", 0.0),
    ],
)
def test_a_setting_out_of_range_changes_nothing_and_is_reported_once(
    smu: MessageBasedResource, setting: str, question: str, before: float
) -> None:
    smu.write(setting)

    assert float(smu.query(question)) == before
    assert smu.query("SYST:ERR?") == '-100,"Command error"'
    assert smu.query("SYST:ERR?") == '0,"No error"'


def test_the_buffer_of_the_smu_holds_as_many_readings_as_it_says(smu: MessageBasedResource) -> None:
    assert len(numbers(smu.query("TRAC:DATA?"))) == 5 * int(smu.query("TRAC:POIN:ACT?"))


@pytest.mark.parametrize(
    ("function", "about", "within"),
    [
        ("VOLT:DC", 1.0, 1e-3),
        ("VOLT:AC", 0.707, 1e-3),
        ("CURR:DC", 1e-3, 1e-4),
        ("RES", 1e3, 1.0),
        ("FREQ", 50.0, 0.1),
        ("TEMP", 23.0, 0.5),
    ],
)
def test_the_multimeter_reads_what_its_function_says_with_noise(
    multimeter: MessageBasedResource, function: str, about: float, within: float
) -> None:
    multimeter.write(f'FUNC "{function}"')
    assert multimeter.query("FUNC?") == f'"{function}"'

    readings = [float(multimeter.query("READ?")) for _ in range(5)]
    assert readings == pytest.approx([about] * 5, abs=within)
    assert len(set(readings)) > 1


def test_each_function_of_the_multimeter_keeps_its_own_settings(multimeter: MessageBasedResource) -> None:
    multimeter.write("RES:NPLC 0.1")
    multimeter.write("RES:RANG 2000")
    multimeter.write("VOLT:DC:NPLC 11")
    multimeter.write("VOLT:DC:RANG 1011")

    assert float(multimeter.query("RES:NPLC?")) == 0.1
    assert float(multimeter.query("RES:RANG?")) == 2000
    assert float(multimeter.query("VOLT:DC:NPLC?")) == 1
    assert float(multimeter.query("VOLT:DC:RANG?")) == 1000
    assert [multimeter.query("SYST:ERR?")[0] for _ in range(3)] == ["-", "-", "0"]


def test_the_buffer_of_the_multimeter_holds_ten_readings(multimeter: MessageBasedResource) -> None:
    assert numbers(multimeter.query("TRAC:DATA?")) == pytest.approx([1.0] * 10, abs=1e-3)
