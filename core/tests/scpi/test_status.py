from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import ReplyError
from luthier.scpi import EventStatus, StatusByte, describe_status, parse_event_status, parse_status_byte


@given(st.integers(0, 255))
def test_every_status_byte_is_described_bit_by_bit(number: int) -> None:
    status = parse_status_byte(f"+{number}")
    assert status == number
    assert isinstance(status, StatusByte)
    assert len(describe_status(status)) == number.bit_count()


@given(st.integers(0, 255))
def test_every_event_status_is_described_bit_by_bit(number: int) -> None:
    status = parse_event_status(str(number))
    assert status == number
    assert isinstance(status, EventStatus)
    assert len(set(describe_status(status))) == number.bit_count()


@pytest.mark.parametrize("parse", [parse_status_byte, parse_event_status])
@pytest.mark.parametrize("reply", ["", "256", "-1", "1.5", "ON"])
def test_a_reply_that_is_no_status_is_refused(parse: type, reply: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse(reply)
    assert caught.value.reply == reply


def test_bits_are_where_the_standard_has_them() -> None:
    assert StatusByte.MESSAGE_AVAILABLE == 1 << 4
    assert StatusByte.EVENT_STATUS == 1 << 5
    assert StatusByte.REQUEST_SERVICE == 1 << 6
    assert EventStatus.OPERATION_COMPLETE == 1 << 0
    assert EventStatus.QUERY_ERROR == 1 << 2
    assert EventStatus.COMMAND_ERROR == 1 << 5
    assert EventStatus.POWER_ON == 1 << 7


def test_the_two_registers_are_described_in_their_own_words() -> None:
    assert describe_status(StatusByte.ERROR_QUEUE) != describe_status(EventStatus.QUERY_ERROR)
    assert describe_status(StatusByte(0)) == ()
