from __future__ import annotations

import mmap
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import OutOfStepError, ReplyError, ValidationError
from luthier.scpi import DEFAULT_MAX_BYTES, BlockSource, decode_block, encode_block, read_block

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.define
class SocketSource:
    """The reading half of a transport on a stream: no end of message but the line feed."""

    stream: socket.socket
    address: str = "test"
    asked: list[int] = attrs.Factory(list)

    def read_exactly(self, count: int) -> bytearray:
        self.asked.append(count)
        octets = bytearray(count)
        view = memoryview(octets)
        done = 0
        while done < count:
            received = self.stream.recv_into(view[done:])
            assert received, "the peer has nothing more to send"
            done += received
        return octets

    def read(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            line += self.read_exactly(1)
        return bytes(line[:-1])


@attrs.define
class MessageSource:
    """The reading half of a transport that marks the end of a message."""

    message: bytes
    address: str = "test"

    def read_exactly(self, count: int) -> bytearray:
        taken, self.message = self.message[:count], self.message[count:]
        assert len(taken) == count
        return bytearray(taken)

    def read(self) -> bytes:
        rest, self.message = self.message, b""
        return rest


@contextmanager
def stream_of(sent: bytes) -> Iterator[SocketSource]:
    """Connect to a peer that has sent these bytes and goes on listening."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.sendall(sent)
        yield SocketSource(ours)


blocks = st.binary(max_size=300) | st.sampled_from([b"\n", b"#", b"\n" * 12, bytes(range(256)) * 5, b"\r\n"])


@given(blocks)
def test_a_block_of_definite_length_is_decoded_again(data: bytes) -> None:
    assert decode_block(encode_block(data)) == data


@given(blocks)
def test_a_block_of_indefinite_length_is_decoded_again(data: bytes) -> None:
    assert encode_block(data, indefinite=True) == b"#0" + data
    assert decode_block(encode_block(data, indefinite=True)) == data


@given(blocks, blocks)
def test_a_block_is_read_from_a_stream_and_the_next_reply_is_in_step(data: bytes, other: bytes) -> None:
    with stream_of(encode_block(data) + b"\n" + encode_block(other) + b"\r\n1.5\n") as source:
        assert read_block(source) == data
        assert read_block(source) == other
        assert source.read() == b"1.5"


@given(blocks)
def test_a_block_of_indefinite_length_is_read_up_to_the_end_of_the_message(data: bytes) -> None:
    assert read_block(MessageSource(encode_block(data, indefinite=True))) == data


def test_a_block_without_a_termination_is_read_where_that_is_said() -> None:
    with stream_of(encode_block(b"abc") + encode_block(b"def")) as source:
        assert read_block(source, terminated=False) == b"abc"
        assert read_block(source, terminated=False) == b"def"


def test_a_large_block_is_asked_for_in_one_piece() -> None:
    data = bytes(10_000)
    with stream_of(encode_block(data) + b"\n") as source:
        assert read_block(source) == data
        assert source.asked == [2, 5, 10_000, 1]


def test_the_bytes_of_a_view_of_any_shape_are_sent() -> None:
    numbers = memoryview(bytes(range(16)))
    assert encode_block(numbers.cast("d")) == b"#216" + bytes(range(16))
    assert encode_block(numbers.cast("b", (4, 4))) == b"#216" + bytes(range(16))
    assert encode_block(numbers[::2]) == b"#18" + bytes(range(0, 16, 2))
    assert encode_block(bytearray(b"abc")) == b"#13abc"


def test_decoding_copies_nothing() -> None:
    reply = bytearray(b"#13abc")
    inside = decode_block(reply)
    reply[3:] = b"xyz"
    assert bytes(inside) == b"xyz"


@pytest.mark.parametrize("reply", [b"#13abc\n", b"#13abc\r\n", b"#13abc\r", b"#3003abc"])
def test_what_is_left_of_a_termination_does_not_count(reply: bytes) -> None:
    assert bytes(decode_block(reply)) == b"abc"


def test_length_has_no_room_for_more_than_nine_digits() -> None:
    with (
        mmap.mmap(-1, 1_000_000_000) as never_touched,
        memoryview(never_touched) as too_large,
        pytest.raises(ValidationError, match=r"1,000,000,000 bytes: allowed are at most 999,999,999"),
    ):
        encode_block(too_large)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"", "starts with b''"),
        (b"#", "starts with b'#'"),
        (b"1.5", "starts with b'1.5'"),
        (b"#A3abc", "starts with"),
        (b"#2+3abc", "starts with"),
        (b"# 3abc", "starts with"),
        (b"#3 3abc", "starts with"),
        (b"#21", "starts with"),
        (b"#15abc", "announces 5 bytes, but only 3 follow"),
        (b"#13abcd", "1 more bytes follow the 3"),
        (b"#13abc\r\n\n", "3 more bytes follow the 3"),
        (b"#(12)abc", "starts with"),
    ],
)
def test_a_reply_that_is_no_block_is_refused(reply: bytes, reason: str) -> None:
    with pytest.raises(ReplyError) as caught:
        decode_block(reply)
    assert reason in str(caught.value)
    assert caught.value.reply == reply
    assert "block" in caught.value.expected


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(b"1.5\n", b"1."), (b"#A123\n", b"#A"), (b"#2x5abcde\n", b"#2x5"), (b"\n\n", b"\n\n"), (b"#3-12abc\n", b"#3-12")],
)
def test_a_malformed_header_says_that_the_connection_must_be_cleared(sent: bytes, kept: bytes) -> None:
    with stream_of(sent) as source, pytest.raises(OutOfStepError, match=r"clear\(\)") as caught:
        read_block(source)
    assert caught.value.data["reply"] == kept
    assert caught.value.address == "test"
    assert "may still be on its way" in str(caught.value)


def test_a_reply_that_goes_on_after_the_block_says_that_the_connection_must_be_cleared() -> None:
    with stream_of(b"#13abc;7\n") as source, pytest.raises(OutOfStepError, match=r"follow the 3 .*clear\(\)") as caught:
        read_block(source)
    assert caught.value.data["reply"] == b";7"


def test_a_block_that_is_too_large_is_refused_before_memory_is_taken_for_it() -> None:
    with stream_of(b"#9999999999") as source:
        with pytest.raises(OutOfStepError, match=r"999,999,999 bytes; allowed are at most 1,000 bytes \(max_bytes\)"):
            read_block(source, max_bytes=1000)
        assert source.asked == [2, 9]


def test_a_block_of_exactly_the_largest_size_is_read() -> None:
    with stream_of(b"#14abcd\n#15abcde\n") as source:
        assert read_block(source, max_bytes=4) == b"abcd"
        with pytest.raises(OutOfStepError):
            read_block(source, max_bytes=4)


def test_an_indefinite_block_that_is_too_large_is_refused() -> None:
    with pytest.raises(OutOfStepError, match="dropped"):
        read_block(MessageSource(b"#0abcde"), max_bytes=4)


def test_every_definite_block_is_below_the_default_limit() -> None:
    assert DEFAULT_MAX_BYTES >= 999_999_999


def test_a_transport_is_a_source_of_blocks() -> None:
    source: BlockSource = MessageSource(b"#13abc")
    assert read_block(source) == b"abc"
