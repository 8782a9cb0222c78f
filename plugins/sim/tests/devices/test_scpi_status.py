"""Status registers, operations that take time, and the conversation in process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier.errors import ConnectionLostError, ResponseTimeoutError
from luthier_sim import Clock, ScpiDevice, command, query, setting
from luthier_sim.device_dialogue import DeviceDialogue
from luthier_visa import MessageTransport

if TYPE_CHECKING:
    from collections.abc import Iterator


class Meter(ScpiDevice):
    """Takes half a second for a reading, and ten for a sweep."""

    aperture = setting("SENSe:APERture", 0.5)

    @query("READ?")
    def read(self) -> float:
        self.spend(self.aperture)
        return self.now

    @command("INITiate")
    def initiate(self) -> None:
        self.begin(10.0)


@pytest.fixture
def meter() -> Meter:
    return Meter(clock=Clock(speed=0))


@pytest.fixture
def wire(meter: Meter) -> Iterator[MessageTransport]:
    transport = MessageTransport("sim://meter", DeviceDialogue(meter), lock=meter.lock, timeout=2.0)
    yield transport
    transport.close()


def ask(wire: MessageTransport, message: str) -> str:
    return wire.query(message.encode()).decode()


def test_errors_set_bits_which_reading_and_clearing_take_back(wire: MessageTransport) -> None:
    assert ask(wire, "*ESR?;*ESR?") == "128;0"
    wire.write(b"FOO;BAR")
    wire.write(b"SENS:APER 'x'")
    wire.write(b"*TRG")
    assert ask(wire, "*STB?") == "4"
    assert ask(wire, "*ESE 48;*ESE?;*SRE 36;*SRE?;*STB?") == "48;36;116"
    assert ask(wire, "*ESR?") == "48"
    assert ask(wire, "*CLS;*STB?;:SYST:ERR:ALL?") == '0;0,"No error"'
    assert ask(wire, "SYST:VERS?;:SYST:ERR:COUN?;*TST?") == "1999.0;0;0"


def test_the_status_groups_turn_changes_of_conditions_into_events(meter: Meter, wire: MessageTransport) -> None:
    wire.write(b"STAT:QUES:ENAB 1;:STAT:OPER:NTR 16;ENAB 16;PTR 0")
    meter.questionable.condition = 3
    meter.operation.condition = 16
    assert ask(wire, "*STB?") == "8"
    meter.operation.condition = 0
    assert ask(wire, "*STB?") == "136"
    assert ask(wire, "STAT:QUES:COND?;EVEN?;EVEN?;:STAT:OPER:EVEN?;ENAB?") == "3;3;0;16;16"
    assert ask(wire, "STAT:PRES;OPER:ENAB?;PTR?;NTR?") == "0;32767;0"


def test_what_takes_time_is_seen_later_and_without_any_waiting(meter: Meter, wire: MessageTransport) -> None:
    start = meter.clock.now()
    assert float(ask(wire, "READ?")) - start == 0.5
    assert float(ask(wire, "READ?;READ?").split(";")[1]) - start == 1.5
    assert meter.clock.now() - start == 1.5


def test_operations_are_waited_for_by_the_commands_that_are_there_for_it(meter: Meter, wire: MessageTransport) -> None:
    wire.write(b"*CLS;INIT;*OPC")
    assert ask(wire, "*ESR?") == "0"
    meter.clock.advance(10.0)
    assert ask(wire, "*ESR?") == "1"
    wire.timeout = 20.0
    before = meter.clock.now()
    assert ask(wire, "INIT;*OPC?") == "1"
    assert meter.clock.now() - before == 10.0
    assert float(ask(wire, "INIT;*WAI;READ?")) - before == 20.5
    wire.write(b"INIT;*OPC;*RST")
    meter.clock.advance(20.0)
    assert ask(wire, "*ESR?") == "0"


def test_a_reply_that_comes_too_late_times_out_and_the_next_query_is_in_step(wire: MessageTransport) -> None:
    wire.write(b"SENS:APER 5")
    with pytest.raises(ResponseTimeoutError, match="no reply within 2 s"):
        ask(wire, "READ?")
    assert ask(wire, "*IDN?") == Meter.identity
    assert ask(wire, "SYST:ERR?") == '0,"No error"'


def test_a_device_with_latency_answers_later(meter: Meter, wire: MessageTransport) -> None:
    meter.latency = 0.25
    before = meter.clock.now()
    ask(wire, "*IDN?")
    assert meter.clock.now() - before == 0.25


def test_a_reply_that_was_not_read_is_interrupted_by_the_next_message(wire: MessageTransport) -> None:
    wire.write(b"*IDN?")
    assert ask(wire, "SENS:APER?") == "0.5"
    assert ask(wire, "SYST:ERR?") == '-410,"Query INTERRUPTED"'


def test_reading_without_a_question_is_unterminated(wire: MessageTransport) -> None:
    with pytest.raises(ResponseTimeoutError):
        wire.read()
    assert ask(wire, "SYST:ERR?") == '-420,"Query UNTERMINATED"'


def test_whatever_ends_a_message_on_the_interface_ends_it(meter: Meter) -> None:
    transport = MessageTransport("sim://meter", DeviceDialogue(meter), write_termination="")
    assert transport.query(b"*IDN?") == Meter.identity.encode()
    transport.close()


def test_a_message_that_is_too_long_is_thrown_away_and_reported() -> None:
    class Small(Meter):
        largest_message = 25

    wire = MessageTransport("sim://small", DeviceDialogue(Small(clock=Clock(speed=0))))
    wire.write(b"SENS:APER " + b"1" * 20)
    assert ask(wire, "SYST:ERR?;:SENS:APER?") == '-363,"Input buffer overrun";0.5'
    wire.close()


def test_a_device_that_is_gone_loses_its_connections(meter: Meter, wire: MessageTransport) -> None:
    meter.cut_connections()
    with pytest.raises(ConnectionLostError, match="is gone"):
        ask(wire, "*IDN?")


def test_noise_is_the_same_in_every_run_and_another_for_every_device() -> None:
    def drawn(label: str, seed: int | None = None) -> list[float]:
        device = Meter(label, seed=seed)
        return [device.noise(1.0) for _ in range(3)]

    assert drawn("left") == drawn("left")
    assert drawn("left") != drawn("right")
    assert drawn("left", seed=1) == drawn("right", seed=1)
    assert Meter().noise(0.0) == 0.0


def test_a_clock_runs_as_fast_as_it_is_told_and_waiting_can_be_given_up() -> None:
    clock = Clock(speed=1e6)
    before: Any = clock.now()
    assert clock.wait_until(before + 3600.0)
    assert clock.now() - before >= 3600.0
    clock.speed = 1.0
    assert not clock.wait_until(float("inf"), given_up=lambda: True)
    clock.freeze()
    still = clock.now()
    assert clock.now() == still
    assert clock.wait_until(still + 5)
    assert clock.now() == still + 5
