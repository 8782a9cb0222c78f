"""A register table becomes parameters, and what is wrong with a table or on the wire is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier.errors import (
    ConfigurationError,
    InstrumentReportedError,
    OutOfStepError,
    ReplyError,
    StationError,
    UsageError,
    ValidationError,
)
from luthier_modbus.frames import RtuFrame, TcpFrame, checksum
from luthier_modbus.registers import SIZES, Layout, limits_of
from luthier_modbus.tables import read_table
from luthier_sim import device_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luthier_modbus.controller import ModbusController

OVEN = """
[controller]
title = "Tube oven"
numbering = "from 1"

[parameters.temperature]
area = "input"
address = 1
type = "int16"
scale = 0.1
unit = "°C"

[parameters.power]
area = "input"
address = 2
type = "float32"
word_order = "little"
unit = "%"

[parameters.setpoint]
address = 5
type = "int16"
scale = 0.1
unit = "°C"
writable = true
minimum = 20
maximum = 900

[parameters.mode]
address = 6
values = { off = 0, hold = 1, program = 3 }
writable = true

[parameters.cycles]
address = 7
type = "uint32"
unit = ""
writable = true
minimum = 0
maximum = 1000

[parameters.tag]
address = 9
type = "text"
length = 4
writable = true

[parameters.alarm]
address = 20
bit = 3

[parameters.fan]
area = "coil"
address = 1
writable = true

[parameters.door]
area = "discrete"
address = 3

[safe]
mode = "off"
setpoint = 20
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    file = tmp_path / "oven.toml"
    file.write_text(OVEN, "utf-8")
    return file


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return the address of a device that no other test has met."""
    return f"sim://modbus.table/{tmp_path.name}"


@pytest.fixture
def oven(written: Path, address: str) -> Iterator[Any]:
    with luthier.open("modbus.table", address, name="oven", table=written) as opened:
        yield opened


@pytest.fixture
def device(oven: ModbusController, address: str) -> Any:
    assert oven.address == address
    return device_at(address)


def test_values_are_read_as_the_table_says(oven: Any, device: Any) -> None:
    device.input |= {0: 0x10000 - 57, 1: 0, 2: 0x4148}
    device.holding |= {5: 3, 6: 1, 7: 2, 8: 0x4F76, 9: 0x656E, 19: 8}
    device.discrete[2] = 1
    assert oven.temperature() == -5.7
    assert (oven.temperature.unit, oven.power(), oven.mode(), oven.cycles()) == ("°C", 12.5, "program", 65538)
    assert (oven.tag(), oven.alarm(), oven.door(), oven.fan()) == ("Oven", True, True, False)
    device.holding[5] = 2
    with pytest.raises(ReplyError, match=r"holds 2, for which the register table has no text; it has 0 \(off\)"):
        oven.mode()


def test_values_are_set_as_the_table_says(oven: Any, device: Any) -> None:
    oven.setpoint(123.46)
    oven.mode("hold")
    oven.cycles(300)
    oven.tag("A1")
    oven.fan(True)
    assert device.holding == {4: 1235, 5: 1, 6: 0, 7: 300, 8: 0x4131, 9: 0, 10: 0, 11: 0}
    assert device.coil == {0: 1}
    assert (oven.setpoint(), oven.setpoint.cache.value) == (123.5, 123.5)
    oven.make_safe()
    assert (device.holding[4], device.holding[5]) == (200, 0)


def test_what_is_not_writable_or_beyond_its_limits_is_refused(oven: Any, device: Any) -> None:
    for parameter, value in ((oven.setpoint, 900.1), (oven.cycles, 1001), (oven.mode, "on"), (oven.tag, "Öfen")):
        with pytest.raises(ValidationError):
            parameter(value)
    for parameter in (oven.temperature, oven.alarm, oven.door):
        with pytest.raises(UsageError, match="cannot be set"):
            parameter.set(1)
    assert device.holding == {}
    for wrong in ([-1], [65536], [0.5], [float("nan")], ["1"], [None], []):
        with pytest.raises(UsageError):
            oven.write_registers(0, wrong)
    with pytest.raises(UsageError, match="1 to 125, at addresses 0 to 65535"):
        oven.read_registers(65535, 2)
    with pytest.raises(UsageError, match="'input' and 'holding'"):
        oven.read_registers(0, area="coil")


def test_neighbours_are_read_in_one_message(oven: Any, device: Any) -> None:
    asked: list[bytes] = []
    answer = device.respond

    def note(message: bytes) -> bytes | None:
        asked.append(message[7:])
        answered: bytes | None = answer(message)
        return answered

    device.respond = note
    device.holding |= {4: 500, 5: 1, 7: 5}
    values = oven.read_all()
    assert list(values) == ["temperature", "power", "setpoint", "mode", "cycles", "tag", "alarm", "fan", "door"]
    assert (values["setpoint"], values["mode"], values["cycles"]) == (50.0, "hold", 5)
    assert {(message[0], message[2], message[4]) for message in asked} == {
        (4, 0, 3),
        (3, 4, 8),
        (3, 19, 1),
        (1, 0, 1),
        (2, 2, 1),
    }
    assert len(asked) == 5


def test_exceptions_of_the_device_are_told(oven: Any, device: Any) -> None:
    device.lacking.add(4)
    with pytest.raises(InstrumentReportedError, match="exception 2, it has no such address") as caught:
        oven.setpoint(50)
    assert caught.value.entries == ((2, "it has no such address"),)
    assert "06 00 04 01 f4" in caught.value.command
    with pytest.raises(InstrumentReportedError, match="exception 1"):
        oven.exchange(b"\x2b\x0e\x01\x00")


MISTAKES = [
    ('[parameters.x]\naddress = 1\ntyp = "int16"', "oven.toml:3: parameter 'x' has no key 'typ'", "'type'"),
    ('[parameters.x]\naddress = 1\ntype = "int8"', "type = 'int8' of parameter 'x'", "int16, uint16, int32"),
    ('[parameters.x]\ntype = "int16"', "oven.toml:1: parameter 'x' has no address", ""),
    ("[parameters.x]\naddress = 65536", "address = 65536 does not exist where numbers count from 0", ""),
    ('[parameters.x]\naddress = 65535\ntype = "int32"', "its 2 registers go beyond the last address", ""),
    ("[parameters.x]\naddress = 1\nwritable = true", "it can be set, and has no limits", "minimum = and maximum ="),
    (
        "[parameters.x]\naddress = 1\nscale = 0.1\nwritable = true\nminimum = 0\nmaximum = 7000",
        "maximum = 7000 does not fit into uint16",
        "scale",
    ),
    ('[parameters.x]\narea = "input"\naddress = 1\nwritable = true', "an input register cannot be written", ""),
    ("[parameters.x]\naddress = 1\nbit = 2\nwritable = true", "a single bit of a register cannot be written", "15"),
    ("[parameters.x]\naddress = 1\nbit = 16", "bit = 16", "0 (the lowest) to 15"),
    ("[parameters.x]\naddress = 1\nminimum = 0", "minimum without writable = true", ""),
    ('[parameters.x]\narea = "coil"\naddress = 1\ntype = "int16"', "a coil is true or false", ""),
    ("[parameters.x]\naddress = 1\nvalues = { a = 1, b = 1 }", "values = {'a': 1, 'b': 1}", "0 to 65535"),
    ('[parameters.x]\naddress = 1\ntype = "text"', "length is for texts, and they need it", "1 to 123"),
    ("[parameters.x]\naddress = 1\nscale = 0", "scale not 0", ""),
    ('[parameters."a b"]\naddress = 1', "'a b' cannot be the name of a parameter", ""),
    ("[parameters.name]\naddress = 1", "'name' is taken: an instrument has it itself", ""),
    ("[parameters.unit]\naddress = 1", "'unit' is taken", ""),
    ('[controller]\nnumbering = "5 digits"\n[parameters.x]\naddress = 20001', "no number of 5 digits", "4 a holding"),
    ('[controller]\nnumbering = "1"', "numbering = '1'", "Allowed are: from 0"),
    ("[controller]\nunit = 256", "unit = 256", "0 to 255"),
    ("[safe]\nx = 1", "'x' is no parameter that can be set", ""),
    (
        "[parameters.x]\naddress = 1\nwritable = true\nminimum = 0\nmaximum = 9\n[safe]\nx = 10",
        "safe value of 'x'",
        "too large",
    ),
    ("[parameter.x]\naddress = 1", "the register table has no key 'parameter'", "'parameters'"),
]


@pytest.mark.parametrize(("text", "what", "advice"), MISTAKES)
def test_what_is_wrong_in_a_table_is_told_with_its_line(tmp_path: Path, text: str, what: str, advice: str) -> None:
    file = tmp_path / "oven.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(StationError) as caught:
        luthier.open("modbus.table", "sim://", name="oven", table=file)
    assert what in str(caught.value)
    assert advice in str(caught.value)
    assert "nothing was opened" in str(caught.value)


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "oven.toml").touch()
    with pytest.raises(ConfigurationError, match=r"there is no such file.*Did you mean oven\.toml"):
        luthier.open("modbus.table", "sim://", name="oven", table=tmp_path / "ofen.toml")


def test_numbers_of_five_digits_tell_area_and_address(tmp_path: Path) -> None:
    file = tmp_path / "meter.toml"
    numbers = {"a": 40001, "b": 30010, "c": 10100, "d": 9999}
    tables = "".join(f"[parameters.{name}]\naddress = {number}\n" for name, number in numbers.items())
    file.write_text(f'[controller]\nnumbering = "5 digits"\nunit = 3\n{tables}', "utf-8")
    table = read_table(file)
    assert [(entry.area, entry.address) for entry in table.entries] == [
        ("holding", 0),
        ("input", 9),
        ("discrete", 99),
        ("coil", 9998),
    ]
    assert table.unit == 3


@pytest.mark.parametrize("option", [{"unit": 256}, {"framing": "ascii"}])
def test_wrong_options_are_refused_before_anything_is_opened(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Nothing was opened"):
        luthier.open("modbus.table", "sim://", name="oven", **option)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_number_of_every_type_comes_back(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SIZES)))
    orders = st.sampled_from(["big", "little"])
    layout = Layout(name, data.draw(orders), data.draw(orders))  # type: ignore[arg-type]  # drawn from its names
    if name.startswith("float"):
        value: float = data.draw(st.floats(width=32 if name == "float32" else 64, allow_nan=False))
    else:
        value = data.draw(st.integers(*limits_of(name)))
    words = layout.encode(value)
    assert len(words) == SIZES[name]
    assert layout.decode(words) == value


class Bytes:
    """What has come on a line."""

    def __init__(self, octets: str) -> None:
        self._octets = bytearray.fromhex(octets)

    def read_exactly(self, count: int) -> bytearray:
        taken, self._octets = self._octets[:count], self._octets[count:]
        assert len(taken) == count
        return taken


def test_frames_are_told_apart_and_what_is_wrong_with_them_is_told() -> None:
    tcp, rtu = TcpFrame(unit=1, number=5), RtuFrame(unit=0x11)
    assert tcp.wrap(bytes.fromhex("03006b0003")).hex(" ") == "00 05 00 00 00 06 01 03 00 6b 00 03"
    late, mine = "0004 0000 0005 01 03020007", "0005 0000 0005 01 03020008"
    assert tcp.read(Bytes(late + mine)).hex() == "03020008"  # type: ignore[arg-type]  # all that it uses
    with pytest.raises(OutOfStepError, match="of unit 2, not of unit 1"):
        tcp.read(Bytes("0005 0000 0005 02 03020008"))  # type: ignore[arg-type]  # all that it uses
    with pytest.raises(ReplyError, match="no reply of Modbus: 48 54 54 50"):
        tcp.read(Bytes("48545450 2f312e31"))  # type: ignore[arg-type]  # all that it uses
    whole = bytes.fromhex("1103020008")
    assert rtu.read(Bytes((whole + checksum(whole)).hex())) == whole[1:]  # type: ignore[arg-type]  # all that it uses
    with pytest.raises(ReplyError, match="the checksum"):
        rtu.read(Bytes((whole + b"\0\0").hex()))  # type: ignore[arg-type]  # all that it uses
    refused = bytes.fromhex("118302")
    assert rtu.read(Bytes((refused + checksum(refused)).hex())).hex() == "8302"  # type: ignore[arg-type]  # all it uses
