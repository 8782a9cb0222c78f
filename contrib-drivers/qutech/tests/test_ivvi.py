"""What the driver of the IVVI rack sends, that no output jumps, and its simulator."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import ScriptedTransport
from luthier_qutech.ivvi import Ivvi
from luthier_qutech.simulated.ivvi import SimulatedIvvi
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator

MIDDLE = bytes.fromhex("8000")


@pytest.fixture
def rack() -> Iterator[Ivvi]:
    reset_simulators()
    with luthier.open("qutech.ivvi", "sim://", name="rack", polarities=["bipolar", "positive"] * 2) as opened:
        yield opened
    reset_simulators()


def device_of(rack: Ivvi) -> SimulatedIvvi:
    device = device_at(str(rack.address))
    assert isinstance(device, SimulatedIvvi)
    return device


def reply(*codes: int) -> bytes:
    return bytes([2 + 2 * len(codes), 0]) + b"".join(code.to_bytes(2, "big") for code in codes)


def test_messages_are_those_of_the_protocol() -> None:
    ask = bytes.fromhex("04 00 0a 02")
    exchanges = [
        (ask, reply(0x8000, 0, 0xFFFF, 0x4000)),
        (ask, reply(0x8000, 0, 0xFFFF, 0x4000)),
        (bytes.fromhex("07 00 02 01 02 00 a4"), bytes.fromhex("02 00")),
        (bytes.fromhex("04 00 03 04"), bytes.fromhex("03 00 07")),
        (bytes.fromhex("04 00 02 06"), bytes.fromhex("02 00")),
    ]
    with (
        ScriptedTransport(exchanges, read_termination="") as wire,
        Ivvi("rack", transport=wire, dacs=4) as rack,
    ):
        assert rack.voltages() == pytest.approx([3.05e-5, -2, 2, -0.99998], abs=1e-5)
        rack.dac2.voltage(-1.99)
        assert rack.version() == 7
        rack.trigger()


def test_an_output_moves_in_steps_from_where_it_is(rack: Ivvi, caplog: pytest.LogCaptureFixture) -> None:
    device_of(rack).codes[0] = 0x9000
    with caplog.at_level(logging.DEBUG, logger="luthier.wire.rack"):
        rack.dac1.voltage(0.225)
    sent = [record.getMessage()[2:].encode("latin-1") for record in caplog.records]
    codes = [int.from_bytes(message[5:], "big") for message in sent if message[:4] == b"\x07\x00\x02\x01"]
    ways = [abs(after - before) for before, after in zip([0x9000, *codes], codes, strict=False)]
    assert len(codes) == 3
    assert codes[-1] == device_of(rack).codes[0] == round(2.225 / 4 * 65535)
    assert max(ways) <= 0.01 / 4 * 65535 + 1


def test_limits_and_codes_are_those_of_the_polarity(rack: Ivvi) -> None:
    device_of(rack).codes[4] = 0
    rack.dac5.voltage(0.005)
    assert device_of(rack).codes[4] == 82
    assert rack.dac5.polarity() == "positive"
    with pytest.raises(ValidationError, match="0 V to 4 V"):
        rack.dac5.voltage(-0.001)
    with pytest.raises(ValidationError, match="-2 V to 2 V"):
        rack.dac1.voltage(2.5)


def test_making_safe_takes_all_outputs_to_zero_together(rack: Ivvi) -> None:
    device = device_of(rack)
    device.codes[:] = [33500] * 4 + [500] * 4 + [32000] * 4 + [0] * 4
    rack.make_safe()
    assert device.codes == [32768] * 4 + [0] * 4 + [32768] * 4 + [0] * 4


def test_what_the_rack_reports_is_raised_and_a_reset_is_logged(rack: Ivvi, caplog: pytest.LogCaptureFixture) -> None:
    device = device_of(rack)
    device.errors = 0x44
    with pytest.raises(InstrumentReportedError, match="parity; this output does not exist") as raised:
        rack.voltages()
    assert raised.value.entries == ((0x04, "parity"), (0x40, "this output does not exist"))
    device.errors = 0x20
    assert len(rack.voltages()) == 16
    assert "watchdog has reset" in caplog.text


def test_a_reply_of_another_size_is_a_mistake_and_the_next_is_in_step() -> None:
    ask = bytes.fromhex("04 00 0a 02")
    exchanges = [(ask, bytes.fromhex("22 00") + MIDDLE * 16), (ask, reply(0, 0, 0, 0))]
    with (
        ScriptedTransport(exchanges, read_termination="") as wire,
        Ivvi("rack", transport=wire, dacs=4) as rack,
    ):
        with pytest.raises(ReplyError, match=r"the size 34; expected: 10.*dacs="):
            rack.voltages()
        assert rack.dac4.voltage() == -2


@pytest.mark.parametrize(
    "wrong",
    [{"dacs": 5}, {"dacs": 0}, {"polarities": "BIP"}, {"polarities": ["bipolar"]}, {"dacs": 4, "polarities": [3]}],
)
def test_a_rack_that_there_is_not_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"Nothing was opened"):
        luthier.open("qutech.ivvi", "sim://", name="rack", **wrong)


def test_the_simulator_refuses_what_does_not_exist() -> None:
    device = SimulatedIvvi()
    assert device.respond(bytes.fromhex("07 00 02 01 11 00 00")) == bytes.fromhex("02 40")
    assert device.respond(bytes.fromhex("04 00 02 09")) == bytes.fromhex("02 80")
    assert device.take_message(bytearray(b"\x04\x00\x22"), ended=False) is None
