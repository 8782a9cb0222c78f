"""Devices that do not speak SCPI, one small example of each family, on the same base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import DeclarationError, OutOfStepError, ResponseTimeoutError
from luthier_sim import Clock, Device, LineDevice, answers, held
from luthier_sim.device_dialogue import DeviceDialogue
from luthier_visa import MessageTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Thermometer(LineDevice):
    """As Lake Shore's controllers: queries with a question mark, parameters after a space, nothing else answered."""

    terminator = b"\r\n"
    setpoint = held("SETP? 1", "SETP 1,{}", 300.0, minimum=0.0, maximum=400.0, form="{:+08.3f}")
    heater = held("RANGE?", "RANGE {}", 0, minimum=0, maximum=3)
    name = held("INNAME? A", "INNAME A,{}", "sample")
    kelvins: dict[str, float]

    def reset(self) -> None:
        self.kelvins = {"A": 4.2, "B": 300.0}

    @answers("*IDN?")
    def identify(self) -> str:
        return "LSCI,MODEL336,1,1.0"

    @answers("KRDG? {channel}")
    def kelvin(self, channel: str) -> str:
        return f"{self.kelvins.get(channel.upper(), 0.0):+.3f}"


class Itc(LineDevice):
    """As Oxford's ISOBUS instruments: one letter, echoed; ``@n`` is an address, ``$`` asks for silence."""

    terminator = b"\r"
    ignores_case = False
    number = 3

    def reset(self) -> None:
        self.target = 0.0

    def answer(self, line: str) -> str | None:
        quiet = line.startswith("$")
        line = line.removeprefix("$")
        if line.startswith("@"):
            if line[1:2] != str(self.number):
                return None
            line = line[2:]
        reply = super().answer(line)
        return None if quiet else reply

    @answers("V")
    def version(self) -> str:
        return "ITC503 Version 1.11 (c) OXFORD 1997"

    @answers("T{kelvin:g}")
    def set_target(self, kelvin: float) -> str:
        if kelvin > 300:
            raise ValueError(kelvin)
        self.target = kelvin
        return "T"

    @answers("R{channel:d}")
    def read(self, channel: int) -> str:
        return f"R{self.target + channel:+.1f}"

    def unknown(self, line: str) -> str:
        return f"?{line}"


class Rack(Device):
    """As the IVVI rack: frames with their length in front, and a status byte back."""

    def switch_on(self) -> None:
        self.dacs = [0x8000] * 16

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:  # noqa: ARG002 - the length says it
        if not buffer or len(buffer) < buffer[0]:
            return None
        length = max(1, buffer[0])
        frame = bytes(buffer[:length])
        del buffer[:length]
        return frame

    def respond(self, message: bytes) -> bytes | None:
        if len(message) < 5 or sum(message[:-1]) & 0xFF != message[-1]:
            return bytes([2, 0x20])
        action, number, *data = message[1:-1]
        if action == 1 and number < 16 and len(data) == 2:
            self.dacs[number] = int.from_bytes(data, "big")
            return bytes([2, 0])
        return bytes([2 + 32, 0]) + b"".join(value.to_bytes(2, "big") for value in self.dacs)


@pytest.fixture
def wired() -> Iterator[Callable[..., MessageTransport]]:
    opened: list[MessageTransport] = []

    def wire(device: Device, end: str) -> MessageTransport:
        transport = MessageTransport(
            "sim://x", DeviceDialogue(device), timeout=0.5, write_termination=end, read_termination=end
        )
        opened.append(transport)
        return transport

    yield wire
    for transport in opened:
        transport.close()


def test_a_line_device_holds_values_and_answers(wired: Any) -> None:
    wire = wired(Thermometer(clock=Clock(speed=0)), "\r\n")
    assert wire.query(b"*idn?") == b"LSCI,MODEL336,1,1.0"
    assert (wire.query(b"KRDG? A"), wire.query(b"krdg?  b")) == (b"+4.200", b"+300.000")
    wire.write(b"SETP 1,4.25")
    wire.write(b"RANGE 2")
    wire.write(b"INNAME A,probe 1")
    assert [wire.query(ask) for ask in (b"SETP? 1", b"RANGE?", b"INNAME? A")] == [b"+004.250", b"2", b"probe 1"]
    for refused in (b"SETP 1,401", b"RANGE 4", b"RANGE 1.5", b"SETP 1,inf", b"SETP 1,1_0"):
        wire.write(refused)
    assert [wire.query(ask) for ask in (b"SETP? 1", b"RANGE?")] == [b"+004.250", b"2"]


def test_a_line_that_is_not_known_is_not_answered_and_the_next_query_is_in_step(wired: Any) -> None:
    wire = wired(Thermometer(clock=Clock(speed=0)), "\r\n")
    with pytest.raises(ResponseTimeoutError):
        wire.query(b"NOTHING?")
    assert wire.query(b"RANGE?") == b"0"


def test_a_reply_that_nobody_read_is_found_by_the_next_query_as_on_a_serial_line(wired: Any) -> None:
    wire = wired(Thermometer(), "\r\n")
    wire.write(b"RANGE?")
    with pytest.raises(OutOfStepError, match="waiting before"):
        wire.query(b"*IDN?")
    assert wire.query(b"RANGE?") == b"0"


def test_a_wrong_line_end_is_never_answered(wired: Any) -> None:
    wire = wired(Thermometer(clock=Clock(speed=0)), "\n")
    with pytest.raises(ResponseTimeoutError, match="write_termination"):
        wire.query(b"RANGE?")


def test_a_device_may_take_addresses_off_its_lines_and_keep_quiet(wired: Any) -> None:
    wire = wired(Itc(clock=Clock(speed=0)), "\r")
    assert wire.query(b"V").startswith(b"ITC503")
    assert (wire.query(b"@3T4.2"), wire.query(b"@3R1"), wire.query(b"T301"), wire.query(b"v")) == (
        b"T",
        b"R+5.2",
        b"?T301",
        b"?v",
    )
    wire.write(b"$T7")
    assert wire.query(b"R0") == b"R+7.0"
    with pytest.raises(ResponseTimeoutError):
        wire.query(b"@4V")


def test_a_device_may_speak_in_frames_with_checksums(wired: Any) -> None:
    wire = wired(Rack(), "")

    def send(*body: int) -> None:
        frame = bytes([len(body) + 2, *body])
        wire.write(frame + bytes([sum(frame) & 0xFF]))

    send(1, 5, 0x12, 0x34)
    assert wire.read_exactly(2) == b"\x02\x00"
    send(2, 0, 0)
    assert wire.read_exactly(34)[2 + 10 : 2 + 12] == b"\x12\x34"
    wire.write(bytes([5, 1, 5, 0, 0]))
    assert wire.read_exactly(2) == b"\x02\x20"


@pytest.mark.parametrize("make", [lambda: answers("SETP {x!r}"), lambda: held("A?", "A", 1.0)])
def test_a_pattern_that_cannot_work_is_refused_where_it_is_written(make: Any) -> None:
    with pytest.raises(DeclarationError):
        make()(print)
