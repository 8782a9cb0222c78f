from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import UsageError
from luthier.server.values import Payload, to_wire
from luthier_servers import frames as frames_module
from luthier_servers import messages
from luthier_servers.frames import FrameError, FrameSocket, frame_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[FrameSocket, socket.socket]]:
    here, there = socket.socketpair()
    frames = FrameSocket(here)
    yield frames, there
    frames.close()
    there.close()


SET_FRAME = (
    "33000000 0000000000000000 86a26f70a3736574a26964cd0102a5737461636b9101"
    "a26f6ea36f6e65a470617468a178a576616c7565cb3fe0000000000000"
)
GOLDEN = {
    "get": (
        messages.Get(7, on="one", path="x"),
        "1a000000 0000000000000000 84a26f70a3676574a2696407a26f6ea36f6e65a470617468a178",
    ),
    "set": (
        messages.Set(258, stack=(1,), on="one", path="x", value=0.5),
        SET_FRAME,
    ),
    "reply": (messages.Reply(7, 25), "0c000000 0000000000000000 82a2696407a576616c756519"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_frames_are_the_bytes_that_the_reference_shows(name: str) -> None:
    message, golden = GOLDEN[name]
    encoded = messages.encode(message)
    assert frame_bytes(encoded).hex() == golden.replace(" ", "")
    decode = messages.decode_reply if name == "reply" else messages.decode_request
    assert decode(encoded) == message


def test_an_array_follows_the_message_as_it_is_in_memory(pair: tuple[FrameSocket, socket.socket]) -> None:
    frames, there = pair
    payload = Payload()
    reply = messages.Reply(1, to_wire(np.array([1.0, -2.0], "<f8"), payload))
    frames.send(messages.encode(reply), payload)
    sent = there.recv(1000)
    assert sent[4:12] == (16).to_bytes(8, "little")
    assert sent.endswith(bytes.fromhex("000000000000f03f00000000000000c0"))


def test_fields_that_are_not_known_are_ignored() -> None:
    future = msgspec.msgpack.encode({"op": "get", "id": 1, "on": "one", "path": "x", "colour": {"a": [1]}})
    assert messages.decode_request(future) == messages.Get(1, on="one", path="x")


@given(st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=300)), max_size=5), st.integers(1, 50))
def test_frames_arrive_whole_however_the_bytes_are_cut(sent: list[tuple[bytes, bytes]], size: int) -> None:
    here, there = socket.socketpair()
    frames = FrameSocket(there)
    stream = b"".join(frame_bytes(message, len(raw)) + raw for message, raw in sent)

    def dribble() -> None:
        for start in range(0, len(stream), size):
            here.sendall(stream[start : start + size])
        here.close()

    writer = threading.Thread(target=dribble)
    writer.start()
    try:
        for message, raw in sent:
            arrived = frames.receive()
            assert arrived is not None
            assert (bytes(arrived[0]), bytes(arrived[1])) == (message, raw)
        assert frames.receive() is None
    finally:
        writer.join()
        frames.close()


def test_a_large_payload_in_many_parts_is_sent_whole(pair: tuple[FrameSocket, socket.socket]) -> None:
    frames, there = pair
    receiver = FrameSocket(there)
    payload = Payload()
    arrays = [np.full(40_000, number, "<f8") for number in range(70)]
    wire = [to_wire(array, payload) for array in arrays]
    sender = threading.Thread(target=frames.send, args=(messages.encode(messages.Reply(1, wire)), payload))
    sender.start()
    arrived = receiver.receive()
    sender.join()
    assert arrived is not None
    assert len(arrived[1]) == payload.size


def test_lengths_beyond_the_limits_are_refused_before_anything_is_allocated(
    pair: tuple[FrameSocket, socket.socket],
) -> None:
    frames, there = pair
    there.sendall((2**31).to_bytes(4, "little") + bytes(8))
    with pytest.raises(FrameError, match="announced"):
        frames.receive()


def test_a_payload_beyond_the_limit_is_refused(pair: tuple[FrameSocket, socket.socket]) -> None:
    frames, there = pair
    there.sendall(bytes(4) + (2**62).to_bytes(8, "little"))
    with pytest.raises(FrameError, match="announced"):
        frames.receive()


def test_what_the_other_side_would_refuse_is_not_sent() -> None:
    with pytest.raises(UsageError, match="too long"):
        frame_bytes(b"", frames_module.MAX_PAYLOAD + 1)


def test_an_end_within_a_frame_is_no_end_of_the_conversation(pair: tuple[FrameSocket, socket.socket]) -> None:
    frames, there = pair
    there.sendall(frame_bytes(b"abc")[:-1])
    there.shutdown(socket.SHUT_WR)
    with pytest.raises(FrameError, match="within a frame"):
        frames.receive()
