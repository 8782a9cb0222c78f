from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pyvisa
from luthier.errors import (
    ClosedError,
    ConnectError,
    ConnectionLostError,
    OutOfStepError,
    ResponseTimeoutError,
    UsageError,
    ValidationError,
    WrongTypeError,
)
from luthier.transport import Transport
from luthier_visa import list_resources, open_visa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Send = Callable[[bytes], None]

SHORT = 0.1  # seconds
PY: dict[str, object] = {"backend": "@py"}


@contextmanager
def timing_out(transport: Transport, match: str | None = None) -> Iterator[pytest.ExceptionInfo[ResponseTimeoutError]]:
    """Expect a timeout, after a short one for this question only: other answers may be late on a busy computer."""
    usual = transport.timeout
    transport.timeout = SHORT
    with pytest.raises(ResponseTimeoutError, match=match) as caught:
        yield caught
    transport.timeout = usual


def test_a_query_over_a_serial_line_returns_the_reply(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    transport = opened(open_visa(instrument.address, options=PY))
    assert isinstance(transport, Transport)
    assert transport.query(b"VOLT?") == b"VOLT"
    assert transport.query("µ\xff?".encode("latin-1")) == b"\xb5\xff"
    assert instrument.received == [b"VOLT?", b"\xb5\xff?"]


@pytest.mark.parametrize("termination", ["\n", "\r\n", "\r", ">", "END"])
def test_any_read_termination_ends_a_reply(serial_instrument: Any, opened: Any, termination: str) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        send(message + termination.encode())

    transport = opened(open_visa(serial_instrument(behaviour).address, read_termination=termination, options=PY))
    assert transport.query(b"1.5E?") == b"1.5E?"
    assert transport.query(b"2.5E?") == b"2.5E?"


def test_a_block_is_read_byte_for_byte(serial_instrument: Any, opened: Any) -> None:
    data = bytes(range(256)) * 8

    def behaviour(_message: bytes, send: Send) -> None:
        send(b"#42048" + data + b"\nnext\n")

    transport = opened(open_visa(serial_instrument(behaviour).address, options=PY))
    transport.write(b"CURV?")
    assert transport.read_exactly(6) == b"#42048"
    assert transport.read_exactly(len(data)) == data
    assert (transport.read(), transport.read()) == (b"", b"next")


def late(answers: list[bytes]) -> Callable[[bytes, Send], None]:
    """Answer ``SLOW?`` only when the next question comes, before that one's answer."""

    def behaviour(message: bytes, send: Send) -> None:
        if message == b"SLOW?":
            answers.append(b"late\n")
        elif message.endswith(b"?"):
            while answers:
                send(answers.pop(0))
            send(message[:-1] + b"\n")

    return behaviour


def test_a_late_reply_is_never_taken_for_the_next_answer(serial_instrument: Any, opened: Any) -> None:
    transport = opened(open_visa(serial_instrument(late([])).address, timeout=0.5, options=PY))
    for timeouts in (1, 3):
        for _ in range(timeouts):
            with timing_out(transport, r"no reply within 0.1 s to 'SLOW\?'.*may still come") as caught:
                transport.query(b"SLOW?")
            assert caught.value.command == "SLOW?"
        assert transport.query(b"A?") == b"A"
        assert transport.query(b"B?") == b"B"


def test_a_command_after_a_timeout_is_not_held_up(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument(late([]))
    transport = opened(open_visa(instrument.address, timeout=0.5, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    transport.write(b"OUTP OFF")
    assert transport.query(b"A?") == b"A"
    assert instrument.received == [b"SLOW?", b"OUTP OFF", b"A?"]


def test_a_question_whose_answer_was_never_heard_does_not_shift_the_next_one(
    serial_instrument: Any, opened: Any
) -> None:
    transport = opened(open_visa(serial_instrument(late([])).address, options=PY))
    transport._dialogue.tell(b"SLOW?\n", SHORT, expecting=b"\n")  # and Ctrl-C before the reading began
    assert transport.query(b"A?") == b"A"
    assert transport.query(b"B?") == b"B"


def test_a_late_reply_that_came_meanwhile_is_thrown_away(
    serial_instrument: Any, opened: Any, until_bytes_wait: Any
) -> None:
    answers: list[bytes] = []
    instrument = serial_instrument(late(answers))
    transport = opened(open_visa(instrument.address, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    instrument.send(answers.pop())
    until_bytes_wait(transport)
    assert transport.query(b"A?") == b"A"
    assert transport._dialogue._overdue.count == 0


def test_reading_again_after_a_timeout_waits_on_for_the_same_reply(serial_instrument: Any, opened: Any) -> None:
    answers: list[bytes] = []
    instrument = serial_instrument(late(answers))
    transport = opened(open_visa(instrument.address, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    instrument.send(answers.pop())
    assert transport.read() == b"late"
    assert transport.query(b"A?") == b"A"


def test_an_instrument_that_never_answered_costs_a_longer_query_once(serial_instrument: Any, opened: Any) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        if message != b"UNKNOWN?":
            send(message + b"\n")

    transport = opened(open_visa(serial_instrument(behaviour).address, timeout=0.3, options=PY))
    with pytest.raises(ResponseTimeoutError):
        transport.query(b"UNKNOWN?")
    assert transport.query(b"A?") == b"A?"
    assert transport._dialogue._overdue.count == 0


def test_an_instrument_that_is_always_a_little_too_slow_is_never_misunderstood(
    serial_instrument: Any, opened: Any
) -> None:
    import queue  # noqa: PLC0415 - for this test alone
    import threading  # noqa: PLC0415 - the same

    questions: queue.Queue[bytes] = queue.Queue()
    stopped = threading.Event()

    def work() -> None:
        while (question := questions.get()) and not stopped.wait(0.26):
            instrument.send(question[:-1] + b"\n")

    def behaviour(message: bytes, _send: Send) -> None:
        questions.put(message)

    instrument = serial_instrument(behaviour)
    transport = opened(open_visa(instrument.address, timeout=0.2, options=PY))
    worker = threading.Thread(target=work)
    worker.start()
    answers = []
    try:
        for number in range(4):
            try:
                answers.append((b"Q%d" % number, transport.query(b"Q%d?" % number)))
            except ResponseTimeoutError:
                answers.append((b"", b""))
    finally:
        stopped.set()
        questions.put(b"")
        worker.join()
    assert all(question == answer for question, answer in answers)
    assert any(question for question, _ in answers)


def test_after_a_timeout_only_a_query_can_tell_which_reply_is_which(serial_instrument: Any, opened: Any) -> None:
    owed: list[bytes] = []

    def behaviour(message: bytes, send: Send) -> None:
        owed.append(message[:-1] + b"\n")
        if message == b"NOW?":
            for reply in owed:
                send(reply)
            owed.clear()

    transport = opened(open_visa(serial_instrument(behaviour).address, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    for question in (b"A?", b"AA?"):
        transport.write(question)
        with pytest.raises(OutOfStepError, match=r"earlier question.*query\(\)"):
            transport.read()
    assert transport.query(b"NOW?") == b"NOW"
    transport.write(b"NOW?")
    assert transport.read() == b"NOW"


def test_a_wrong_read_termination_shows_what_came(serial_instrument: Any, opened: Any) -> None:
    def behaviour(_message: bytes, send: Send) -> None:
        send(b"1.5\r")

    transport = opened(open_visa(serial_instrument(behaviour).address, options=PY))
    with timing_out(transport, r"4 bytes came without the read termination '\\n'.*'1.5\\r'"):
        transport.query(b"VOLT?")


def test_clear_waits_for_what_is_overdue_and_for_silence(serial_instrument: Any, opened: Any) -> None:
    answers: list[bytes] = []
    instrument = serial_instrument(late(answers))
    transport = opened(open_visa(instrument.address, options=PY))
    with timing_out(transport):
        transport.query(b"SLOW?")
    instrument.send(answers.pop())
    transport.clear()
    assert transport._dialogue._overdue.count == 0
    transport.write(b"CURV?")
    assert transport.read_exactly(5) == b"CURV\n"


def test_clear_gives_up_on_an_instrument_that_goes_on_sending(serial_instrument: Any, opened: Any) -> None:
    import threading  # noqa: PLC0415 - for this test alone

    instrument = serial_instrument()
    transport = opened(open_visa(instrument.address, timeout=SHORT, options=PY))
    enough = threading.Event()

    def babble() -> None:
        while not enough.wait(0.01):
            instrument.send(b"1.5\n")

    babbler = threading.Thread(target=babble)
    babbler.start()
    try:
        with pytest.raises(OutOfStepError, match="goes on sending"):
            transport.clear()
    finally:
        enough.set()
        babbler.join()


def test_bytes_that_nobody_asked_for_are_not_taken_for_the_answer(
    serial_instrument: Any, opened: Any, until_bytes_wait: Any
) -> None:
    instrument = serial_instrument()
    transport = opened(open_visa(instrument.address, options=PY))
    instrument.send(b"ALARM\n")
    until_bytes_wait(transport)
    with pytest.raises(OutOfStepError, match=r"had asked for were waiting before 'A\?' was sent: 'ALARM"):
        transport.query(b"A?")
    assert transport.query(b"A?") == b"A"


def test_an_adapter_that_is_unplugged_is_a_lost_connection(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    transport = opened(open_visa(instrument.address, options=PY))
    assert transport.query(b"A?") == b"A"
    instrument.unplug()
    with pytest.raises(ConnectionLostError, match=r"connection is lost.*open it again"):
        transport.query(b"A?")
    with pytest.raises(ConnectionLostError):
        transport.write(b"A")


def test_two_instruments_share_a_line_its_lock_and_its_step(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument(late([]))
    first = opened(open_visa(instrument.address, options=PY))
    second = opened(open_visa(instrument.address, timeout=1, write_termination="?\n", options=PY))
    assert first.lock is second.lock
    with timing_out(first):
        first.query(b"SLOW?")
    assert second.query(b"B") == b"B"
    first.close()
    assert second.query(b"C") == b"C"
    with pytest.raises(ClosedError):
        first.query(b"A?")


def test_all_instruments_on_a_line_that_is_lost_are_told(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    first, second = (opened(open_visa(instrument.address, options=PY)) for _ in range(2))
    instrument.unplug()
    with pytest.raises(ConnectionLostError, match="open it again"):
        first.query(b"A?")
    with pytest.raises(ConnectionLostError, match="another instrument on it lost the connection"):
        second.query(b"A?")


def test_a_shared_line_has_one_set_of_settings(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    first = opened(open_visa(instrument.address, options=PY | {"baud_rate": 19200}))
    with pytest.raises(UsageError, match=r"open already with baud_rate = 19200, and cannot have baud_rate = 9600"):
        open_visa(instrument.address, options=PY | {"baud_rate": 9600})
    assert opened(open_visa(instrument.address, options=PY | {"baud_rate": 19200})).lock is first.lock
    first.close()
    assert first.lock


def test_a_port_can_be_opened_again_with_other_settings_after_closing(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    open_visa(instrument.address, options=PY | {"baud_rate": 19200}).close()
    assert opened(open_visa(instrument.address, options=PY | {"baud_rate": 9600})).query(b"A?") == b"A"


def test_a_port_can_be_opened_again_after_it_was_lost(serial_instrument: Any, opened: Any) -> None:
    instrument = serial_instrument()
    lost = opened(open_visa(instrument.address, options=PY))
    instrument.unplug()
    with pytest.raises(ConnectionLostError):
        lost.query(b"A?")
    again = serial_instrument()
    assert opened(open_visa(again.address, options=PY)).query(b"A?") == b"A"


def test_closing_twice_is_fine_and_leaves_nothing_open(serial_instrument: Any) -> None:
    library: Any = pyvisa.ResourceManager("@py").visalib
    before = set(library.sessions)  # those of other tests of this process
    transport = open_visa(serial_instrument().address, options=PY)
    manager = transport._dialogue._connection._resource._resource._resource_manager  # type: ignore[attr-defined] # inside
    transport.close()
    transport.close()
    assert manager.list_opened_resources() == []
    left = [session for name, session in manager.visalib.sessions.items() if name not in before]
    assert [session for session in left if session is not manager.visalib] == []


# ------------------------------------------------------------------ settings and opening


def test_settings_that_were_asked_for_are_set_and_others_left_alone(serial_instrument: Any, opened: Any) -> None:
    options = PY | {"baud_rate": 115200, "stop_bits": 2, "flow_control": "xon_xoff"}
    transport = opened(open_visa(serial_instrument().address, options=options))
    port = transport._dialogue._connection._resource._resource
    assert (port.baud_rate, port.stop_bits.name, port.flow_control.name) == (115200, "two", "xon_xoff")
    assert (port.data_bits, port.parity.name) == (8, "none")
    assert transport.query(b"A?") == b"A"


def test_a_setting_that_the_port_refuses_is_named_and_the_port_closed(serial_instrument: Any) -> None:
    address = serial_instrument().address
    with pytest.raises(
        ConnectError, match=r"does not accept (data_bits = 5|parity = \w+).*closed again.*leave this option"
    ):
        open_visa(address, options=PY | {"data_bits": 5, "parity": "mark"})
    open_visa(address, options=PY).close()


@pytest.mark.parametrize(
    ("option", "error", "match"),
    [
        ({"baudrate": 9600}, UsageError, r"no option 'baudrate'.*Did you mean 'baud_rate'\?"),
        ({"baud_rate": 0}, ValidationError, "whole numbers from 1"),
        ({"baud_rate": 9600.0}, WrongTypeError, "whole number"),
        ({"baud_rate": True}, WrongTypeError, "whole number"),
        ({"data_bits": 9}, ValidationError, "allowed are 5, 6, 7, 8"),
        ({"parity": "evn"}, ValidationError, "allowed are 'none', 'odd', 'even', 'mark', 'space'"),
        ({"stop_bits": True}, ValidationError, "allowed are 1, 1.5, 2"),
        ({"flow_control": "RTS"}, ValidationError, "'none', 'xon_xoff', 'rts_cts', 'dtr_dsr'"),
        ({"backend": 3}, WrongTypeError, "backend must be text"),
    ],
)
def test_a_wrong_option_is_refused_before_the_port_is_looked_at(
    option: dict[str, object], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        open_visa("ASRL/dev/no-such-port::INSTR", options=PY | option)


def test_text_options_are_read_in_any_case(serial_instrument: Any, opened: Any) -> None:
    options = PY | {"parity": "None", "flow_control": "NONE"}
    assert opened(open_visa(serial_instrument().address, options=options)).query(b"A?") == b"A"


def test_serial_options_on_another_interface_are_refused() -> None:
    with pytest.raises(UsageError, match="not a serial line"):
        open_visa("TCPIP::127.0.0.1::INSTR", options=PY | {"baud_rate": 9600})


@pytest.mark.skipif(sys.platform == "win32", reason="serial ports have other names there")
def test_a_port_that_does_not_exist_is_said_to_be_absent() -> None:
    with pytest.raises(ConnectError, match="there is no such serial port") as caught:
        open_visa("ASRL/dev/no-such-port::INSTR", options=PY)
    assert caught.value.address == "ASRL/dev/no-such-port::INSTR"
    assert caught.value.__cause__ is not None


@pytest.mark.skipif(sys.platform == "win32", reason="serial ports have other names there")
def test_a_port_of_another_user_says_what_to_do(serial_instrument: Any) -> None:
    import os  # noqa: PLC0415 - for this test alone

    if os.geteuid() == 0:
        pytest.skip("the superuser may do everything")
    port = serial_instrument().port
    mode = os.stat(port).st_mode  # noqa: PTH116 - a device, not a file of ours
    os.chmod(port, 0)  # noqa: PTH101 - the same
    try:
        with pytest.raises(ConnectError, match=r"may not use the serial port.*dialout"):
            open_visa(f"ASRL{port}::INSTR", options=PY)
    finally:
        os.chmod(port, mode)  # noqa: PTH101 - the same


@pytest.mark.skipif(sys.platform == "win32", reason="there a port cannot be opened twice")
def test_a_port_in_use_by_another_process_is_said_to_be_busy(serial_instrument: Any) -> None:
    address = serial_instrument().address
    program = (
        "import sys; from luthier_visa import open_visa\n"
        f"transport = open_visa({address!r}, options={PY!r}); print('open', flush=True); sys.stdin.read()\n"
        "transport.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ConnectError, match=r"in use by somebody else.*Close the other program"):
            open_visa(address, options=PY)
        other.communicate("")
    open_visa(address, options=PY).close()


def test_serial_ports_are_listed_without_asking_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_VISA_BACKEND", "@py")
    assert all(name.startswith(("ASRL", "GPIB", "USB", "PRLGX")) for name in list_resources(lan=False))
