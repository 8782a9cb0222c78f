"""Messages of every kind, right and wrong: a served simulator survives them, and answers the next client.

For as long as one likes: ``tests/benchmarks/test_simulators.py`` with ``LUTHIER_FUZZ_SECONDS``.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier_sim import Clock, serve
from luthier_sim.conversation import Conversation

from .devices import Supply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_sim import Served

PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            *(b"VOLT", b"SOUR:VOLT?", b":SOURCE:VOLTAGE", b"DATA", b"TABL?", b"SLOW?", b"*IDN?", b"*RST", b"*STB?"),
            *(b"SYST:ERR?", b"SYST:ERR:ALL?", b"STAT:OPER:ENAB", b"*ESE", b"BROK", b"FOO?", b"*WAI", b"*OPC?"),
            *(b" ", b";", b",", b"\n", b"\r\n", b":", b"?", b"#", b"#0", b"#15ab", b"#9999999999", b"#H", b'"', b"'"),
            *(b"(@1:9)", b"(@", b"1E", b"1E99999", b"-", b"MAX", b"DEF", b" 5 mV", b"1" * 300, b"A" * 300),
        ]
    ),
)
MESSAGES = st.lists(PIECES, max_size=12).map(b"".join)


@given(chunks=st.lists(MESSAGES, max_size=5), ends=st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_bytes_make_a_device_fail_and_the_next_message_is_understood(chunks: list[bytes], ends: bool) -> None:
    device = Supply(clock=Clock(speed=0))
    conversation = Conversation(device, watched=ends)
    for chunk in chunks:
        conversation.receive(chunk.replace(b"BROK?", b""), ended=ends)
    conversation.clear()
    conversation.receive(b"*CLS;*IDN?\n")
    reply = conversation.next_reply()
    assert reply is not None
    assert reply[1] == b"ACME,SUPPLY,1,0\n"
    assert 0 <= device.voltage <= 30


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serve(Supply(clock=Clock(speed=0)), port=0, hislip=0) as serving:
        yield serving


@given(chunks=st.lists(MESSAGES, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_bytes_wedge_a_served_device(served: Served, chunks: list[bytes]) -> None:
    assert served.port
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as rude:
        for chunk in chunks:
            rude.sendall(chunk.replace(b"BROK?", b""))
        with socket.create_connection(("127.0.0.1", served.port), timeout=20) as polite:
            polite.sendall(b"*IDN?\n")
            assert polite.recv(100) == b"ACME,SUPPLY,1,0\n"


HISLIP = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda kind, control, parameter, payload, more: (
            b"HS"
            + bytes([kind, control])
            + parameter.to_bytes(4, "big")
            + (len(payload) + more).to_bytes(8, "big")
            + payload
        ),
        st.integers(0, 30),
        st.integers(0, 255),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=20),
        st.sampled_from([0, 0, 0, 1, 2**20, 2**62]),
    ),
)
GREETING = b"HS\x00\x00\x01\x00xx" + (7).to_bytes(8, "big") + b"hislip0"


@given(messages=st.lists(HISLIP, min_size=1, max_size=4), greets=st.booleans())
@settings(max_examples=60, deadline=None)
def test_no_bytes_wedge_a_hislip_server(served: Served, messages: list[bytes], greets: bool) -> None:
    assert served.hislip_port
    with socket.create_connection(("127.0.0.1", served.hislip_port), timeout=20) as rude:
        with suppress(ConnectionError):  # the server may have hung up on it already
            rude.sendall(GREETING * greets + b"".join(messages))
        with socket.create_connection(("127.0.0.1", served.hislip_port), timeout=20) as polite:
            polite.sendall(GREETING)
            assert polite.recv(16)[:3] == b"HS\x01"
