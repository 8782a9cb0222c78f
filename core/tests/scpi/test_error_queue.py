from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import InstrumentReportedError, ReplyError
from luthier.scpi import STANDARD_ERRORS, ErrorEntry, drain, error_class, parse_error


class Queue:
    """An instrument's error queue, which answers as IEEE 488.2 instruments do."""

    def __init__(self, *replies: str, empty: str = '+0,"No error"') -> None:
        self.replies = deque(replies)
        self.empty = empty
        self.asked: list[str] = []

    def query(self, command: str) -> str:
        self.asked.append(command)
        return self.replies.popleft() if self.replies else self.empty


@pytest.mark.parametrize(
    ("reply", "entry"),
    [
        ('-113,"Undefined header;SOUR:FOO 1"', (-113, "Undefined header;SOUR:FOO 1")),
        ('+0,"No error"', (0, "No error")),
        ("0,No error", (0, "No error")),
        ("0", (0, "No error")),
        ("-222", (-222, "Data out of range")),
        ('-222,""', (-222, "Data out of range")),
        ('42,""', (42, "")),
        ('-350 , "Queue overflow" ', (-350, "Queue overflow")),
        ("-113,'Undefined header'", (-113, "Undefined header")),
        ('-151,"Invalid string ""x"""', (-151, 'Invalid string "x"')),
        ('-151,"Invalid "x" here"', (-151, 'Invalid "x" here')),
        ('-222,"Out of range, 5 to 7"', (-222, "Out of range, 5 to 7")),
        ('-200,"', (-200, '"')),
    ],
)
def test_an_entry_is_read(reply: str, entry: tuple[int, str]) -> None:
    assert parse_error(reply) == entry


@given(st.integers(-32768, 32767), st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Zs"]), min_size=1))
def test_any_entry_in_quotes_is_read_back(code: int, text: str) -> None:
    doubled = text.replace('"', '""')
    assert parse_error(f'{code:+d},"{doubled}"') == ErrorEntry(code, text)


@pytest.mark.parametrize("reply", ["", "No error", '"No error",0', "1.5,x", ",", "ERR -113"])
def test_a_reply_that_is_no_entry_is_refused(reply: str) -> None:
    with pytest.raises(ReplyError, match="error queue") as caught:
        parse_error(reply)
    assert caught.value.reply == reply


def test_the_queue_is_read_until_it_is_empty() -> None:
    queue = Queue('-113,"Undefined header"', '-222,"Data out of range"')
    assert drain(queue.query) == ((-113, "Undefined header"), (-222, "Data out of range"))
    assert queue.asked == ["SYST:ERR?"] * 3


def test_an_empty_queue_is_asked_once() -> None:
    queue = Queue(empty="0")
    assert drain(queue.query, "ERR?") == ()
    assert queue.asked == ["ERR?"]


def test_a_queue_that_never_becomes_empty_is_an_error_that_holds_what_was_read() -> None:
    queue = Queue(empty='-350,"Queue overflow"')
    with pytest.raises(
        InstrumentReportedError, match=r'in 5 queries of SYST:ERR\?.*-350 "Queue overflow".*\*CLS'
    ) as caught:
        drain(queue.query, limit=5)
    assert caught.value.entries == ((-350, "Queue overflow"),) * 5
    assert len(queue.asked) == 5


def test_a_queue_of_exactly_the_limit_leaves_the_last_question_unasked() -> None:
    queue = Queue('1,"a"', '2,"b"')
    assert [entry.code for entry in drain(queue.query, limit=3)] == [1, 2]


def test_a_reply_in_the_middle_that_is_no_entry_keeps_what_was_read() -> None:
    queue = Queue('-113,"Undefined header"', "nonsense")
    with pytest.raises(ReplyError, match="nonsense") as caught:
        drain(queue.query)
    assert caught.value.command == "SYST:ERR?"
    assert caught.value.data["entries"] == ((-113, "Undefined header"),)


def test_a_connection_that_fails_in_the_middle_is_passed_on() -> None:
    failure = TimeoutError()

    def query(_command: str) -> str:
        raise failure

    with pytest.raises(TimeoutError) as caught:
        drain(query)
    assert caught.value is failure


def test_an_entry_reads_as_people_write_it() -> None:
    assert str(ErrorEntry(-113, "Undefined header")) == '-113 "Undefined header"'


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0, "no error"),
        (-100, "command error"),
        (-199, "command error"),
        (-200, "execution error"),
        (-350, "device-specific error"),
        (7, "device-specific error"),
        (-440, "query error"),
        (-500, "power on event"),
        (-800, "operation complete event"),
        (-1, "reserved"),
        (-99, "reserved"),
        (-900, "reserved"),
    ],
)
def test_a_number_tells_its_class(code: int, name: str) -> None:
    assert error_class(code) == name


def test_every_standard_error_belongs_to_a_class() -> None:
    assert len(STANDARD_ERRORS) > 100
    assert all(error_class(code) != "reserved" for code in STANDARD_ERRORS)
    assert all(text and len(text) <= 255 for text in STANDARD_ERRORS.values())
