from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Channel, ChannelList, Instrument, parameter
from luthier.server.descriptor import describe, enum_classes, exported_methods, exported_properties, outline
from luthier.validators import Numbers, from_data

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mode(Enum):
    DC = 1


class Output(Channel):
    level = parameter(float, validator=Numbers(0, 5), unit="V")

    def ramp_down(self) -> None:
        """Go to zero."""


class Source(Instrument):
    """A source."""

    voltage = parameter(float, unit="V", validator=Numbers(-1, 1), doc="The level.")
    mode = parameter(Mode)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        outputs = [Output(self, f"ch{number}") for number in (1, 2)]
        ChannelList(self, "outputs", outputs)
        self.add_function("trigger", lambda level: level, arguments=(Numbers(0, 1),), doc="Fire.")

    @property
    def temperature(self) -> float:
        """Of the coil."""
        return 4.2

    def measure(self, count: int, *, fast: bool = False) -> list[int]:
        """Measure."""
        return [count, fast]

    def _secret(self) -> None: ...

    def close(self) -> None:
        """Close in this driver's own way."""
        super().close()


@pytest.fixture
def source() -> Iterator[Source]:
    with Source("src") as opened:
        yield opened


def test_the_description_is_plain_data_and_asks_nothing(source: Source) -> None:
    found = describe(source)
    assert json.loads(json.dumps(found)) == found
    assert source.voltage.cache.origin is None


def test_it_says_what_a_proxy_needs(source: Source) -> None:
    found = describe(source)
    voltage, mode = found["parameters"]
    assert (voltage["name"], voltage["unit"], voltage["doc"], voltage["type"]) == (
        "voltage",
        "V",
        "The level.",
        "float",
    )
    assert from_data(voltage["validator"]) == Numbers(-1, 1)
    assert mode["enum"]["members"] == {"DC": 1}
    assert [channel["name"] for channel in found["channels"]] == ["ch1", "ch2"]
    assert found["lists"] == [{"name": "outputs", "members": ["ch1", "ch2"]}]
    assert [function["name"] for function in found["functions"]] == ["trigger"]
    (measure,) = [method for method in found["methods"] if method["name"] == "measure"]
    assert [(one["name"], one["kind"], one["default"]) for one in measure["arguments"]] == [
        ("count", "POSITIONAL_OR_KEYWORD", None),
        ("fast", "KEYWORD_ONLY", "False"),
    ]


def test_private_names_and_what_luthier_needs_for_itself_are_not_exported() -> None:
    methods = exported_methods(Source)
    assert {"measure", "query", "make_safe", "restore"} <= set(methods)
    assert not {"_secret", "close", "add_parameter", "abandon", "live", "find", "__init__", "adopt"} & set(methods)
    assert set(exported_properties(Source)) == {"temperature", "idn", "timeout"}
    assert set(exported_methods(Output)) >= {"ramp_down"}


def test_additions_change_the_outline(source: Source) -> None:
    before = outline(source)
    added: Any = source.channels["ch1"]
    added.add_parameter("extra")
    assert outline(source) != before


def test_the_enum_classes_of_all_parameters_are_known(source: Source) -> None:
    assert enum_classes(source) == {"Mode": Mode}
