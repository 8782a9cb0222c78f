from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
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
from luthier_visa import open_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Send = Callable[[bytes], None]

SHORT = 0.1  # seconds


@contextmanager
def timing_out(transport: Transport, match: str | None = None) -> Iterator[pytest.ExceptionInfo[ResponseTimeoutError]]:
    """Expect a timeout, after a short one for this question only: other answers may be late on a busy computer."""
    usual = transport.timeout
    transport.timeout = SHORT
    with pytest.raises(ResponseTimeoutError, match=match) as caught:
        yield caught
    transport.timeout = usual


def test_a_query_returns_the_reply_without_its_termination(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address))
    assert isinstance(transport, Transport)
    assert transport.query(b"VOLT?") == b"VOLT"
    assert instrument.received == [b"VOLT?"]
    assert transport.address == instrument.address


def test_bytes_that_are_no_text_pass_through(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    assert transport.query("µΩ\xff?".encode()) == "µΩ\xff".encode()
    assert transport.query(b"\x00\x80\xfe?") == b"\x00\x80\xfe"


def test_several_replies_that_come_at_once_are_read_one_by_one(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(_message: bytes, send: Send) -> None:
        send(b"one\ntwo\n\nfour\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    transport.write(b"ALL?")
    assert [transport.read() for _ in range(4)] == [b"one", b"two", b"", b"four"]


def test_two_questions_written_before_reading_are_answered_in_order(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    transport.write(b"A?")
    transport.write(b"B?")
    assert (transport.read(), transport.read()) == (b"A", b"B")


@pytest.mark.parametrize("termination", ["\n", "\r\n", "\r", ">", "END"])
def test_any_read_termination_ends_a_reply(tcp_instrument: Any, opened: Any, termination: str) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        for byte in message[:-1] + termination.encode():  # one packet each, as far as possible
            send(bytes([byte]))

    transport = opened(open_socket(tcp_instrument(behaviour).address, read_termination=termination))
    assert transport.query(b"1.5\rE?") == (b"1.5" if termination == "\r" else b"1.5\rE")


def test_the_write_termination_is_sent_as_given(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address, write_termination="\r?\n"))
    assert transport.query(b"X") == b"X\r"
    assert instrument.received == [b"X\r?"]


def test_a_block_is_read_byte_for_byte(tcp_instrument: Any, opened: Any) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB with every byte that could be taken for a termination

    def behaviour(_message: bytes, send: Send) -> None:
        send(b"#71048576" + data + b"\nnext\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    transport.write(b"CURV?")
    assert transport.read_exactly(9) == b"#71048576"
    block = transport.read_exactly(len(data))
    assert isinstance(block, bytearray)
    assert block == data
    assert (transport.read(), transport.read()) == (b"", b"next")
    block.extend(b"the caller's own")


def test_reading_no_bytes_returns_at_once(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    assert transport.read_exactly(0) == b""


def test_a_long_text_reply_arrives_whole(tcp_instrument: Any, opened: Any) -> None:
    text = b",".join(b"%d" % number for number in range(100_000))

    def behaviour(message: bytes, send: Send) -> None:
        send((text if message == b"ALL?" else b"short") + b"\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    assert transport.query(b"ALL?") == text
    assert transport.query(b"ONE?") == b"short"


def test_a_long_message_is_sent_whole(tcp_instrument: Any, opened: Any) -> None:
    message = b"x" * 5_000_000 + b"?"
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address))
    assert transport.query(message) == message[:-1]
    assert instrument.received == [message]


def test_messages_go_out_without_delay(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    connection = transport._dialogue._connection._socket
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@settings(max_examples=30, deadline=None)
@given(
    replies=st.lists(st.binary(max_size=40_000).map(lambda reply: reply.replace(b"\r\n", b"")), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 60_000), max_size=6),
)
def test_replies_are_the_same_however_the_network_cuts_them(replies: list[bytes], cuts: list[int]) -> None:
    replies = [reply[:-1] if reply.endswith(b"\r") else reply for reply in replies]
    stream = b"".join(reply + b"\r\n" for reply in replies)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        transport = open_socket(f"tcp://127.0.0.1:{port}", read_termination="\r\n")
        client, _ = listener.accept()

        def send() -> None:
            start = 0
            for end in [*sorted(cuts), len(stream)]:
                client.sendall(stream[start:end])
                start = max(start, end)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            assert [transport.read() for _ in replies] == replies
        finally:
            sender.join()
            transport.close()
            client.close()


# ------------------------------------------------------------------ timeouts


def late(answers: list[tuple[Send, bytes]]) -> Callable[[bytes, Send], None]:
    """Answer ``SLOW?`` only when the next question comes, before that one's answer."""

    def behaviour(message: bytes, send: Send) -> None:
        if message == b"SLOW?":
            answers.append((send, b"late\n"))
            return
        while answers:
            reply, text = answers.pop(0)
            reply(text)
        send(message[:-1] + b"\n")

    return behaviour


@pytest.mark.parametrize("after", ["reconnect", "wait"])
def test_a_late_reply_is_never_taken_for_the_next_answer(tcp_instrument: Any, opened: Any, after: str) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address, options={"after_timeout": after}))
    for _ in range(3):
        with timing_out(transport):
            transport.query(b"SLOW?")
        assert transport.query(b"A?") == b"A"
        assert transport.query(b"B?") == b"B"


def test_a_timeout_says_what_was_asked_how_long_and_what_happens_next(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument(late([])).address))
    with timing_out(transport) as caught:
        transport.query(b"SLOW?")
    error = caught.value
    assert (error.command, error.timeout, error.address) == ("SLOW?", SHORT, transport.address)
    assert "no reply within 0.1 s to 'SLOW?'" in str(error)
    assert "opened anew before the next message" in error.state


def test_reading_again_after_a_timeout_waits_on_for_the_same_reply(tcp_instrument: Any, opened: Any) -> None:
    answers: list[tuple[Send, bytes]] = []
    transport = opened(open_socket(tcp_instrument(late(answers)).address))
    with timing_out(transport):
        transport.query(b"SLOW?")
    reply, text = answers.pop()
    reply(text)
    assert transport.read() == b"late"
    assert transport.query(b"A?") == b"A"


def test_after_a_timeout_the_old_connection_is_closed_before_the_new_one_is_opened(
    tcp_instrument: Any, opened: Any
) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address))
    with timing_out(transport):
        transport.query(b"SLOW?")
    assert len(instrument.clients) == 1
    assert transport.query(b"A?") == b"A"
    assert len(instrument.clients) == 2


def test_half_a_reply_is_shown_and_does_not_run_into_the_next_one(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        send(b"1.2" if message == b"HALF?" else b"3.4\n")

    for after in ("reconnect", "wait"):
        transport = opened(
            open_socket(tcp_instrument(behaviour).address, timeout=0.3, options={"after_timeout": after})
        )
        with timing_out(transport, r"3 bytes came without the read termination '\\n'.*'1.2'"):
            transport.query(b"HALF?")
        assert transport.query(b"VOLT?") == b"3.4"


def test_a_wrong_read_termination_is_named_in_the_timeout(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(_message: bytes, send: Send) -> None:
        send(b"1.5\r")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    with timing_out(transport, r"read termination '\\n'.*'1.5\\r'.*read_termination"):
        transport.query(b"VOLT?")


def test_a_short_block_times_out_with_its_counts_and_the_next_query_is_in_step(
    tcp_instrument: Any, opened: Any
) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        send(b"12345" if message == b"CURV?" else b"ok\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    transport.write(b"CURV?")
    with timing_out(transport, "5 of 10 bytes"):
        transport.read_exactly(10)
    assert transport.read_exactly(5) == b"12345"
    transport.write(b"CURV?")
    with timing_out(transport, "5 of 10 bytes"):
        transport.read_exactly(10)
    assert transport.query(b"OK?") == b"ok"


def test_a_block_after_an_overdue_reply_is_refused_until_cleared(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address, options={"after_timeout": "wait"}))
    with timing_out(transport):
        transport.query(b"SLOW?")
    transport.write(b"CURV?")
    with pytest.raises(OutOfStepError, match=r"earlier question.*clear\(\)"):
        transport.read_exactly(4)
    transport.clear()
    transport.write(b"CURV?")
    assert transport.read_exactly(4) == b"CURV"


def test_several_timeouts_in_a_row_leave_the_next_query_in_step(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address, options={"after_timeout": "wait"}))
    for _ in range(3):
        with timing_out(transport, r"up to|may still come"):
            transport.query(b"SLOW?")
    assert transport.query(b"A?") == b"A"
    assert transport.query(b"B?") == b"B"


def test_a_timeout_of_zero_takes_only_what_is_there(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address))
    transport.write(b"A?")
    assert transport.read() == b"A"
    transport.timeout = 0
    with pytest.raises(ResponseTimeoutError, match="within 0 s"):
        transport.query(b"SLOW?")


def test_the_timeout_can_be_changed_and_none_waits(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address, timeout=None))
    assert transport.timeout is None
    assert transport.query(b"A?") == b"A"
    transport.timeout = 2
    assert transport.timeout == 2.0
    assert transport.query(b"B?") == b"B"
    transport.timeout = None
    assert transport.query(b"C?") == b"C"


@pytest.mark.parametrize("bad", [-1, float("nan"), float("inf"), 1e9])
def test_a_timeout_out_of_range_is_refused(tcp_instrument: Any, opened: Any, bad: float) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    with pytest.raises(ValidationError, match="0 to 2,000,000 s"):
        transport.timeout = bad
    assert transport.timeout == 5.0


@pytest.mark.parametrize("bad", [True, "5", [1]])
def test_a_timeout_that_is_no_number_is_refused(tcp_instrument: Any, opened: Any, bad: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    with pytest.raises(WrongTypeError):
        transport.timeout = bad


def test_an_instrument_that_takes_nothing_times_out_the_writing(opened: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = opened(open_socket(f"tcp://127.0.0.1:{listener.getsockname()[1]}", timeout=SHORT))
        client, _ = listener.accept()
        with client, pytest.raises(ResponseTimeoutError, match=r"did not take the whole of 'xxx.*Part of it"):
            transport.write(b"x" * 50_000_000)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(manners=st.lists(st.sampled_from(["now", "late", "never", "half", "in halves"]), min_size=2, max_size=6))
@pytest.mark.parametrize("after", ["reconnect", "wait"])
def test_no_question_gets_the_answer_of_another(
    tcp_instrument: Any, opened: Any, after: str, manners: list[str]
) -> None:
    """However an instrument falls silent, and whatever it sends afterwards before it answers again."""
    owed: list[tuple[Send, bytes]] = []

    def behaviour(message: bytes, send: Send) -> None:
        number, manner = message.rstrip(b"?").split(b" ", 1)
        reply = b"answer " + number
        if manner == b"now":
            owed.append((send, reply + b"\n"))
            for client, replies in groupby(owed, key=itemgetter(0)):
                client(b"".join(data for _, data in replies))
            owed.clear()
        elif manner == b"late":
            owed.append((send, reply + b"\n"))
        elif manner in {b"half", b"in halves"}:
            send(reply[:4])
            if manner == b"in halves":
                owed.append((send, reply[4:] + b"\n"))

    transport = opened(open_socket(tcp_instrument(behaviour).address, timeout=0.05, options={"after_timeout": after}))
    for number, manner in enumerate([*manners, "now"]):
        try:
            reply = transport.query(f"{number} {manner}?".encode())
        except ResponseTimeoutError:
            continue
        assert (reply, manner) == (b"answer %d" % number, "now")


# ------------------------------------------------------------------ bytes that nobody asked for


def test_an_unread_reply_is_not_taken_for_the_answer(tcp_instrument: Any, opened: Any, until_bytes_wait: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    transport.write(b"A?")
    transport.write(b"B?")
    assert transport.read() == b"A"
    until_bytes_wait(transport)
    with pytest.raises(
        OutOfStepError, match=r"2 bytes that nobody had asked for .* before 'C\?' was sent: 'B"
    ) as caught:
        transport.query(b"C?")
    assert caught.value.sent == "no"
    assert transport.query(b"C?") == b"C"


def test_a_lone_termination_before_a_question_is_passed_over(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        send(b"1234\n" if message == b"CURV?" else b"ok\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    transport.write(b"CURV?")
    assert transport.read_exactly(4) == b"1234"
    assert transport.query(b"OK?") == b"ok"


def test_a_greeting_can_be_read_first(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument(greeting=b"Welcome\n").address))
    assert transport.read() == b"Welcome"
    assert transport.query(b"A?") == b"A"


def test_a_stream_without_end_is_given_up(tcp_instrument: Any, opened: Any) -> None:
    def behaviour(message: bytes, send: Send) -> None:
        if message == b"NOISE?":
            for _ in range(200):
                send(b"\xa5" * 1024 * 1024)
        else:
            send(b"ok\n")

    transport = opened(open_socket(tcp_instrument(behaviour).address))
    with pytest.raises(OutOfStepError, match="more than 67,108,864 bytes came without the read termination"):
        transport.query(b"NOISE?")
    with pytest.raises(OutOfStepError, match="Ask again"):
        transport.read()
    assert transport.query(b"OK?") == b"ok"


# ------------------------------------------------------------------ lost and closed connections


def test_a_connection_cut_before_the_command_is_found_before_anything_is_sent(
    tcp_instrument: Any, opened: Any, until_bytes_wait: Any
) -> None:
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address))
    assert transport.query(b"A?") == b"A"
    instrument.hang_up()
    until_bytes_wait(transport)
    with pytest.raises(ConnectionLostError, match=r"Nothing was sent\. The connection is closed") as caught:
        transport.write(b"VOLT 5")
    assert caught.value.sent == "no"
    assert instrument.received == [b"A?"]
    with pytest.raises(ConnectionLostError, match="open it again"):
        transport.query(b"A?")
    transport.close()
    with pytest.raises(ClosedError):
        transport.query(b"A?")


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_connection_cut_after_the_command_says_that_it_may_have_arrived(
    tcp_instrument: Any, opened: Any, how: str
) -> None:
    def behaviour(_message: bytes, _send: Send) -> None:
        getattr(instrument, how)()

    instrument = tcp_instrument(behaviour)
    transport = opened(open_socket(instrument.address))
    with pytest.raises(ConnectionLostError, match=r"Whether the instrument got 'A\?' is not known") as caught:
        transport.query(b"A?")
    assert caught.value.sent == "maybe"
    with pytest.raises(ConnectionLostError) as again:
        transport.read()
    assert again.value is not caught.value


def test_a_connection_that_cannot_be_opened_anew_is_lost(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument(late([]))
    transport = opened(open_socket(instrument.address))
    with timing_out(transport):
        transport.query(b"SLOW?")
    instrument.stop_listening()
    with pytest.raises(ConnectionLostError, match="could not be opened anew") as caught:
        transport.query(b"A?")
    assert caught.value.sent == "no"


def test_closing_twice_is_fine_and_everything_after_it_is_refused(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    transport.close()
    transport.close()
    for use in (
        lambda: transport.write(b"A"),
        transport.read,
        lambda: transport.query(b"A?"),
        lambda: transport.read_exactly(1),
        transport.clear,
    ):
        with pytest.raises(ClosedError, match="Nothing was sent"):
            use()
    assert "closed" in repr(transport)


def test_closing_from_another_thread_ends_a_waiting(tcp_instrument: Any, opened: Any) -> None:
    asked = threading.Event()

    def behaviour(_message: bytes, _send: Send) -> None:
        asked.set()

    transport = opened(open_socket(tcp_instrument(behaviour).address, timeout=None))
    failures: list[BaseException] = []

    def wait() -> None:
        try:
            transport.query(b"FOREVER?")
        except ClosedError as error:
            failures.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert asked.wait(10)
    transport.close()
    thread.join(10)
    assert len(failures) == 1


def test_clear_opens_the_connection_anew(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address))
    transport.write(b"A?")
    transport.clear()
    assert transport.query(b"B?") == b"B"
    assert len(instrument.clients) == 2


def test_two_threads_get_their_own_answers(tcp_instrument: Any, opened: Any) -> None:
    transport = opened(open_socket(tcp_instrument().address))
    wrong: list[tuple[bytes, bytes]] = []

    def ask(name: bytes) -> None:
        for number in range(1000):
            text = b"%s%d" % (name, number)
            if (reply := transport.query(text + b"?")) != text:
                wrong.append((text, reply))

    threads = [threading.Thread(target=ask, args=(name,)) for name in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_interrupted_reading_leaves_the_next_query_in_step(tcp_instrument: Any, opened: Any) -> None:
    import signal  # noqa: PLC0415 - for this test alone

    if not hasattr(signal, "pthread_kill"):
        pytest.skip("this system cannot send a signal to a thread")
    main = threading.main_thread().ident
    assert main is not None

    def behaviour(message: bytes, send: Send) -> None:
        if message == b"SLOW?":
            signal.pthread_kill(main, signal.SIGINT)
        else:
            send(b"late\n" if message == b"SLOW?" else message[:-1] + b"\n")

    for after in ("reconnect", "wait"):
        transport = opened(open_socket(tcp_instrument(behaviour).address, timeout=1, options={"after_timeout": after}))
        with pytest.raises(KeyboardInterrupt):
            transport.query(b"SLOW?")
        with pytest.raises(OutOfStepError, match="broken off"):
            transport.read()
        assert transport.query(b"A?") == b"A"


@pytest.mark.parametrize("after", ["reconnect", "wait"])
def test_a_question_whose_answer_was_never_heard_does_not_shift_the_next_one(
    tcp_instrument: Any, opened: Any, after: str
) -> None:
    transport = opened(open_socket(tcp_instrument(late([])).address, options={"after_timeout": after}))
    transport._dialogue.tell(b"SLOW?\n", SHORT, expecting=b"\n")  # and Ctrl-C before the reading began
    assert transport.query(b"A?") == b"A"
    assert transport.query(b"B?") == b"B"


# ------------------------------------------------------------------ opening


def test_a_refused_port_says_what_to_look_at(tcp_instrument: Any) -> None:
    instrument = tcp_instrument()
    instrument.stop_listening()
    with pytest.raises(ConnectError, match=r"127.0.0.1 is there, but refuses .* LAN interface .* 5025") as caught:
        open_socket(instrument.address)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)
    assert caught.value.address == instrument.address


def test_a_name_that_is_not_known_is_said_to_be_so() -> None:
    with pytest.raises(ConnectError, match=r"the name 'no-such-host\.invalid' is not known"):
        open_socket("TCPIP::no-such-host.invalid::5025::SOCKET")


def test_a_full_queue_of_connections_times_out() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        fillers = []
        try:
            for _ in range(4):
                filler = socket.socket()
                fillers.append(filler)
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
            with pytest.raises(ConnectError, match=r"did not answer on port \d+ within 0.05 s.*ping 127.0.0.1"):
                open_socket(address, options={"connect_timeout": 0.05})
        finally:
            for filler in fillers:
                filler.close()


def test_ipv6_addresses_are_understood(tcp_instrument: Any, opened: Any) -> None:
    try:
        instrument = tcp_instrument(family=socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    for address in (
        f"TCPIP0::::1::{instrument.port}::SOCKET",
        f"TCPIP::[::1]::{instrument.port}::SOCKET",
        f"tcp://[::1]:{instrument.port}",
    ):
        assert opened(open_socket(address)).query(b"A?") == b"A"


@pytest.mark.parametrize(
    "address",
    ["TCPIP0::host::SOCKET", "TCPIP0::host::http::SOCKET", "tcp://host", "tcp://::1:5025", "GPIB0::1::INSTR", ""],
)
def test_an_address_of_another_form_is_refused_with_the_forms(address: str) -> None:
    with pytest.raises(UsageError, match=r"TCPIP::host::port::SOCKET and tcp://host:port"):
        open_socket(address)


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="ports are 1 to 65535"):
        open_socket("tcp://127.0.0.1:70000")


def test_a_misspelt_option_is_refused_with_a_guess() -> None:
    with pytest.raises(UsageError, match=r"no option 'conect_timeout'.*Did you mean 'connect_timeout'\?"):
        open_socket("tcp://127.0.0.1:1", options={"conect_timeout": 1})


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"after_timeout": "drain"}, "allowed are 'reconnect', 'wait'"),
        ({"after_timeout": True}, "allowed are 'reconnect', 'wait'"),
        ({"after_timeout": ["wait"]}, "allowed are 'reconnect', 'wait'"),
        ({"connect_timeout": -1}, "the connect_timeout cannot be -1 s"),
        ({"connect_timeout": "fast"}, "the connect_timeout must be a number"),
    ],
)
def test_an_option_with_a_wrong_value_is_refused(options: dict[str, object], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        open_socket("tcp://127.0.0.1:1", options=options)


def test_without_a_read_termination_only_blocks_can_be_read(tcp_instrument: Any, opened: Any) -> None:
    instrument = tcp_instrument()
    transport = opened(open_socket(instrument.address, read_termination=""))
    for use in (transport.read, lambda: transport.query(b"A?")):
        with pytest.raises(UsageError, match="read_termination is empty"):
            use()
    assert instrument.received == []
    transport.write(b"A?")
    assert transport.read_exactly(2) == b"A\n"


@pytest.mark.parametrize("name", ["read_termination", "write_termination"])
def test_a_termination_that_cannot_be_sent_is_refused(tcp_instrument: Any, name: str) -> None:
    instrument = tcp_instrument()
    with pytest.raises(ValidationError, match=f"{name} cannot be"):
        open_socket(instrument.address, **{name: "→"})  # type: ignore[arg-type] # the name is a parameter
    with pytest.raises(WrongTypeError, match=f"{name} must be text"):
        open_socket(instrument.address, **{name: b"\n"})  # type: ignore[arg-type] # that is the point
    assert instrument.clients == []
