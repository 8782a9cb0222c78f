"""The pyvisa-sim definition, asked with nothing but PyVISA."""

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
def multimeter() -> Iterator[MessageBasedResource]:
    yield from opened(simulators.MULTIMETER_2000)


def numbers(reply: str) -> list[float]:
    return [float(field) for field in reply.split(",")]


def test_it_says_who_it_is_and_answers_the_common_commands(multimeter: MessageBasedResource) -> None:
    assert multimeter.query("*IDN?").split(",")[1] == "MODEL 2000"
    multimeter.write("*RST")
    multimeter.write("*CLS")
    assert multimeter.query("*OPC?") == "1"
    assert multimeter.query("SYST:ERR?") == '0,"No error"'


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
