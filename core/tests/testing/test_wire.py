from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import Instrument, ScpiInstrument, parameter
from luthier.errors import ClosedError, ConnectionLostError, InstrumentReportedError, ResponseTimeoutError, UsageError
from luthier.scpi import ArrayFormat, encode_block, read_block
from luthier.testing.wire import (
    DictTransport,
    Exchange,
    ScriptedTransport,
    WireFault,
    WireMismatchError,
    expected_exchanges,
    script,
)
from luthier.transport import Transport
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable


class Source(Instrument):
    """A source with one level."""

    voltage = parameter(
        float, get_cmd="SOUR:VOLT?", set_cmd="SOUR:VOLT {}", unit="V", validator=Numbers(-10, 10), doc="Level."
    )


class ScpiSource(ScpiInstrument):
    """A source with an error queue."""

    voltage = parameter(float, get_cmd="SOUR:VOLT?", set_cmd="SOUR:VOLT {}", unit="V", doc="Level.")


ONE_OF_EACH = [("SOUR:VOLT 1.5", None), ("SOUR:VOLT?", "1.5"), ("CURV?", b"#13\n\xff\0")]


def play(wire: Transport) -> None:
    """Send what ONE_OF_EACH expects."""
    wire.write(b"SOUR:VOLT 1.5")
    assert wire.query(b"SOUR:VOLT?") == b"1.5"
    wire.write(b"CURV?")
    assert read_block(wire) == b"\n\xff\0"


# Scripts


def test_a_script_is_read_from_text() -> None:
    exchanges = script("""
        # the level
        > SOUR:VOLT 1

        > SOUR:VOLT?
        < 1
        > READ?
        ! timeout
        > DATA?
        < 1
        <
    """)
    assert exchanges == [
        Exchange(b"SOUR:VOLT 1"),
        Exchange(b"SOUR:VOLT?", (b"1",)),
        Exchange(b"READ?", (WireFault.TIMEOUT,)),
        Exchange(b"DATA?", (b"1", b"")),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("< 1", 1), ("\n> A?\n! broken", 3), ("> A?\n1", 2), ("! timeout", 1), ("SOUR:VOLT 1", 1)],
)
def test_a_line_that_is_no_part_of_a_script_is_named(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=f"line {line} of the script"):
        script(text)


@given(st.lists(st.tuples(st.binary(min_size=1), st.none() | st.binary())))
def test_any_bytes_go_through_in_their_order(steps: list[tuple[bytes, bytes | None]]) -> None:
    with ScriptedTransport([Exchange(message, () if reply is None else (reply,)) for message, reply in steps]) as wire:
        for message, reply in steps:
            wire.write(message)
            if reply is not None:
                assert wire.read() == reply


# What fits


def test_both_are_transports() -> None:
    scripted: Transport = ScriptedTransport([])
    stored: Transport = DictTransport()
    assert isinstance(scripted, Transport)
    assert isinstance(stored, Transport)


def test_a_script_that_is_followed_passes_and_keeps_what_was_sent() -> None:
    with ScriptedTransport(ONE_OF_EACH) as wire:
        assert wire.sent == []
        play(wire)
    assert wire.sent == ["SOUR:VOLT 1.5", "SOUR:VOLT?", "CURV?"]


def test_a_message_may_have_several_replies() -> None:
    with ScriptedTransport([("DATA?", ["1", b"2"])]) as wire:
        wire.write(b"DATA?")
        assert [wire.read(), wire.read()] == [b"1", b"2"]


def test_a_reply_is_read_in_pieces_with_its_termination() -> None:
    with ScriptedTransport([("A?", "abc"), ("B?", "def")], read_termination="\r\n") as wire:
        wire.write(b"A?")
        assert wire.read_exactly(2) == b"ab"
        assert wire.read() == b"c"
        wire.write(b"B?")
        assert wire.read_exactly(3) == b"def"
        assert wire.read_exactly(2) == b"\r\n"


def test_a_reply_without_a_termination_ends_with_its_last_byte() -> None:
    with ScriptedTransport([("A?", "#13abc")], read_termination="") as wire:
        wire.write(b"A?")
        assert read_block(wire, terminated=False) == b"abc"


# What does not fit


def write_another(wire: ScriptedTransport) -> None:
    wire.write(b"SOUR:VOLT 2.5")


def write_too_much(wire: ScriptedTransport) -> None:
    play(wire)
    wire.write(b"*CLS")


def write_before_reading(wire: ScriptedTransport) -> None:
    wire.write(b"SOUR:VOLT 1.5")
    wire.write(b"SOUR:VOLT?")
    wire.write(b"CURV?")


def read_nothing(wire: ScriptedTransport) -> None:
    wire.read()


def read_too_much(wire: ScriptedTransport) -> None:
    wire.write(b"SOUR:VOLT 1.5")
    wire.read()


def read_too_many_bytes(wire: ScriptedTransport) -> None:
    wire.write(b"SOUR:VOLT 1.5")
    wire.write(b"SOUR:VOLT?")
    wire.read_exactly(2)
    wire.read_exactly(3)


def stop_early(wire: ScriptedTransport) -> None:
    wire.write(b"SOUR:VOLT 1.5")


def leave_a_reply(wire: ScriptedTransport) -> None:
    play(ScriptedTransport(ONE_OF_EACH))
    wire.write(b"SOUR:VOLT 1.5")
    wire.query(b"SOUR:VOLT?")
    wire.write(b"CURV?")


def leave_a_termination(wire: ScriptedTransport) -> None:
    leave_a_reply(wire)
    wire.read_exactly(6)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (write_another, r"message 1 of 3:\n +expected 'SOUR:VOLT 1\.5'\n +got +'SOUR:VOLT 2\.5'"),
        (write_too_much, r"'\*CLS' was sent after the last of the 3 messages"),
        (write_before_reading, r"message 3 of 3, 'CURV\?', was sent before all of the reply '1\.5' to 'SOUR:VOLT\?'"),
        (read_nothing, "a reply was to be read, but nothing was sent"),
        (read_too_much, r"nothing more in answer to 'SOUR:VOLT 1\.5'"),
        (read_too_many_bytes, r"3 bytes, with 2 left of '1\.5', was to be read"),
        (stop_early, r"2 of 3 messages were not sent:\n +'SOUR:VOLT\?'\n +'CURV\?'"),
        (leave_a_reply, r"before all of the reply b'#13.* to 'CURV\?' was read"),
        (leave_a_termination, r"before the termination of the reply b'#13.* to 'CURV\?' was read"),
    ],
)
def test_a_difference_to_the_script_is_named(behave: Callable[[ScriptedTransport], None], reason: str) -> None:
    with (
        pytest.raises(WireMismatchError, match=reason),
        ScriptedTransport(ONE_OF_EACH, address="scripted://smu") as wire,
    ):
        behave(wire)


def test_a_difference_that_was_swallowed_is_raised_at_the_end() -> None:
    wire = ScriptedTransport([("A", None), ("B", None)])
    for message in (b"X", b"A", b"B", b"Y"):
        try:
            wire.write(message)
        except AssertionError:
            continue
    with pytest.raises(WireMismatchError, match="expected 'A'"):
        wire.finish()


def test_the_error_of_the_test_itself_is_not_hidden_by_what_is_left_over() -> None:
    with pytest.raises(ZeroDivisionError), ScriptedTransport(ONE_OF_EACH):
        raise ZeroDivisionError


def test_a_fault_that_was_never_met_is_left_over() -> None:
    wire = ScriptedTransport([("A?", WireFault.TIMEOUT)])
    wire.write(b"A?")
    with pytest.raises(WireMismatchError, match="before the timeout after 'A"):
        wire.finish()


# Faults


def test_a_timeout_is_raised_as_a_real_one_and_leaves_the_connection_in_step() -> None:
    with ScriptedTransport([("A?", WireFault.TIMEOUT), ("B?", "2")], timeout=0.5, address="scripted://x") as wire:
        with pytest.raises(ResponseTimeoutError, match=r"no answer to 'A\?' within 0.5 s.*in step") as caught:
            wire.query(b"A?")
        assert (caught.value.command, caught.value.timeout, caught.value.address) == ("A?", 0.5, "scripted://x")
        assert caught.value.sent == "maybe"
        assert wire.query(b"B?") == b"2"


def test_a_message_that_is_no_query_meets_its_fault_at_once() -> None:
    with ScriptedTransport([("OUTP ON", WireFault.TIMEOUT)]) as wire, pytest.raises(ResponseTimeoutError):
        wire.write(b"OUTP ON")


def test_a_lost_connection_is_closed() -> None:
    wire = ScriptedTransport("> A?\n! lost")
    with pytest.raises(ConnectionLostError, match=r"after 'A\?'"):
        wire.query(b"A?")
    with pytest.raises(ClosedError):
        wire.query(b"B?")


@pytest.mark.parametrize("wire", [ScriptedTransport([("A?", "1")]), DictTransport({"A": "1"})])
def test_a_closed_transport_refuses(wire: Transport) -> None:
    wire.close()
    wire.close()
    calls: list[Callable[[], Any]] = [
        lambda: wire.write(b"A?"),
        wire.read,
        lambda: wire.query(b"A?"),
        lambda: wire.read_exactly(1),
        wire.clear,
    ]
    for call in calls:
        with pytest.raises(ClosedError):
            call()


def test_clearing_drops_what_was_not_read_and_is_counted() -> None:
    with ScriptedTransport([("A?", "123"), ("B?", "2")]) as wire:
        wire.write(b"A?")
        wire.read_exactly(1)
        wire.clear()
        assert wire.query(b"B?") == b"2"
        assert wire.clears == 1


# A driver on a script


def test_a_driver_that_follows_the_script_passes_and_is_closed() -> None:
    with expected_exchanges(Source, "> SOUR:VOLT 1.5\n> SOUR:VOLT?\n< +1.5E+00", name="smu") as source:
        source.voltage.set(1.5)
        assert source.voltage.get() == 1.5
        assert source.name == "smu"
    assert source.closed


def test_a_driver_that_sends_something_else_fails_and_is_closed() -> None:
    difference = pytest.raises(WireMismatchError, match=r"got +'SOUR:VOLT 1\.5'")
    with difference, expected_exchanges(Source, [("SOUR:VOLT 1", None)]) as source:
        source.voltage.set(1.5)
    assert source.closed


def test_a_driver_that_leaves_exchanges_over_fails() -> None:
    difference = pytest.raises(WireMismatchError, match="1 of 2 messages were not sent")
    with difference, expected_exchanges(Source, "> SOUR:VOLT 1\n> SOUR:VOLT?\n< 1") as source:
        source.voltage.set(1)
    assert source.closed


def test_a_driver_that_refuses_a_value_has_sent_nothing() -> None:
    with expected_exchanges(Source, "") as source, pytest.raises(UsageError):
        source.voltage.set(11)


def test_options_reach_the_driver() -> None:
    with expected_exchanges(ScpiSource, "> SOUR:VOLT 1", error_policy="never") as source:
        source.voltage.set(1)


def test_a_script_holds_the_error_queue_too() -> None:
    exchanges = """
        > SOUR:VOLT 1000
        > SYST:ERR?
        < -222,"Data out of range"
        > SYST:ERR?
        < +0,"No error"
    """
    with expected_exchanges(ScpiSource, exchanges) as source, pytest.raises(InstrumentReportedError) as caught:
        source.voltage.set(1000)
    assert caught.value.entries == ((-222, "Data out of range"),)


def test_arrays_go_over_a_script() -> None:
    np = pytest.importorskip("numpy")
    block = encode_block(np.array([1.0, 2.5], dtype=">f8").tobytes())
    with expected_exchanges(Source, [("CURV?", block), (b"CURV " + block, None)]) as source:
        array = source.query_array("CURV?", ArrayFormat("f8"))
        assert array.tolist() == [1.0, 2.5]
        source.write_array("CURV ", array, ArrayFormat("f8"))


# The little instrument


@given(st.text("ABC:", min_size=1), st.text(st.characters(max_codepoint=255, exclude_characters="\n"), min_size=1))
def test_what_is_stored_is_answered(key: str, value: str) -> None:
    wire = DictTransport()
    wire.write(f"{key} {value}".encode("latin-1"))
    assert wire.query(f"{key}?".encode()) == value.encode("latin-1")
    assert wire.values == {key: value}
    assert wire.log == [f"{key} {value}", f"{key}?"]


def test_a_query_with_an_argument_is_answered_by_its_own_value_or_else_by_that_of_its_key() -> None:
    wire = DictTransport({"VOLT? MAX": "210", "VOLT": "1"})
    assert wire.query(b"VOLT? MAX") == b"210"
    assert wire.query(b"VOLT? (@1)") == b"1"


def test_replies_wait_in_the_order_of_their_queries() -> None:
    wire = DictTransport({"A": "1", "B": "2"})
    wire.write(b"A?")
    wire.write(b"B?")
    assert (wire.read(), wire.read()) == (b"1", b"2")


def test_a_query_for_an_unknown_key_is_never_answered() -> None:
    wire = DictTransport({"VOLT": "1"}, timeout=None)
    with pytest.raises(ResponseTimeoutError, match=r"no answer to 'CURR\?'\."):
        wire.query(b"CURR?")
    assert wire.query(b"VOLT?") == b"1"
    with pytest.raises(ResponseTimeoutError):
        wire.read()


def test_a_message_alone_is_only_logged() -> None:
    wire = DictTransport()
    wire.write(b"*RST")
    assert (wire.values, wire.log) == ({}, ["*RST"])


def test_a_fault_comes_with_its_message_and_only_then() -> None:
    wire = DictTransport({"VOLT": "1"}, faults={2: WireFault.TIMEOUT})
    assert wire.query(b"VOLT?") == b"1"
    with pytest.raises(ResponseTimeoutError):
        wire.query(b"VOLT?")
    assert wire.query(b"VOLT?") == b"1"
    wire.faults[len(wire.log) + 1] = WireFault.LOST
    with pytest.raises(ConnectionLostError):
        wire.write(b"VOLT 2")
    assert wire.values == {"VOLT": "1"}


def test_an_instrument_on_the_little_instrument_answers_many_threads_rightly() -> None:
    wire = DictTransport({f"CH{number}": str(number) for number in range(4)})
    start = threading.Barrier(4)

    def ask(number: int) -> list[str]:
        start.wait(10)
        return [instrument.query(f"CH{number}?") for _ in range(250)]

    with Instrument("fake", transport=wire) as instrument, ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert answers == [[str(number)] * 250 for number in range(4)]
    assert len(wire.log) == 1000
