"""Tapes that stand for their instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import luthier
import numpy as np
import pytest
from luthier import Instrument, parameter
from luthier.errors import (
    ConfigurationError,
    ConnectionFaultError,
    ConnectionLostError,
    OutOfStepError,
    ResponseTimeoutError,
    UsageError,
)
from luthier.scpi import ArrayFormat
from luthier_sim import TapeMismatchError, record, replay
from luthier_sim.tapes.files import parse_tape

if TYPE_CHECKING:
    from pathlib import Path

TAPE = """\
> *IDN?
< ACME,100,7,1.0
> SOUR:VOLT 1.5
> SOUR:VOLT?
< 1.5
> SOUR:VOLT?
< 1.6
"""


class Source(Instrument):
    """Sets and reads a voltage, and a trace."""

    voltage = parameter(float, get_cmd=":source:voltage?", set_cmd=":source:voltage {}", unit="V")
    trace = parameter(np.ndarray, get_cmd="CURV?", array=ArrayFormat("u1"), shape=(3,))


def test_a_driver_is_played_what_was_recorded(tmp_path: Path) -> None:
    file = tmp_path / "source.tape"
    file.write_text(TAPE)
    with luthier.open(Source, f"tape://{file}", name="source") as source:
        assert source.idn.vendor == "ACME"
        source.voltage.set(1.50)
        assert source.voltage.get() == 1.5
        assert source.voltage.get() == 1.6


def test_recording_a_replay_gives_the_same_tape() -> None:
    tape = parse_tape(TAPE + "> CURV?\n< #13abc\n> CURV?\n<+ #13\n! timeout no more\n")
    with Source("source", transport=replay(tape)) as source, record(source) as recording:
        source.query("*IDN?")
        source.voltage.set(1.5)
        source.voltage.get()
        source.voltage.get()
        assert bytes(source.trace.get()) == b"abc"
        with pytest.raises(ResponseTimeoutError):
            source.trace.get()
    assert [each.replies for each in recording.exchanges] == [each.replies for each in tape.exchanges]
    assert [each.fault for each in recording.exchanges] == [each.fault for each in tape.exchanges]


def test_the_first_difference_raises_and_is_raised_again_at_the_end() -> None:
    wire = replay(parse_tape(TAPE))
    with pytest.raises(
        TapeMismatchError, match=r"message 1 of 4 \(line 1\)(.|\n)*expected '\*IDN\?'(.|\n)*got +'VOLT\?'"
    ):
        wire.query(b"VOLT?")
    with pytest.raises(TapeMismatchError, match="message 1 of 4"):
        wire.close()
    wire.close()


def test_what_is_left_over_raises_at_the_end_unless_something_else_has() -> None:
    wire = replay(parse_tape(TAPE))
    wire.query(b"*IDN?")
    with pytest.raises(TapeMismatchError, match=r"3 of 4 messages were not sent(.|\n)*'SOUR:VOLT 1\.5'"):
        wire.close()
    with pytest.raises(ZeroDivisionError), Source("source", transport=replay(parse_tape(TAPE))):
        _ = 1 / 0


@pytest.mark.parametrize(
    ("tape", "words"),
    [
        ("> A?\n< 1\n> B?\n< 2", "before the reply to 'A\\?'"),
        ("> A?\n> B?\n< 2", "none any more to 'A\\?'"),
    ],
)
def test_replies_are_read_as_they_were(tape: str, words: str) -> None:
    wire = replay(parse_tape(tape))
    with pytest.raises(TapeMismatchError, match=words):  # noqa: PT012 - one tape fails at the second write, one at the read
        wire.write(b"A?")
        if "none" in words:
            wire.read()
        wire.write(b"B?")


def test_reading_before_anything_was_sent_and_sending_more_than_there_is_are_differences() -> None:
    with pytest.raises(TapeMismatchError, match="nothing was sent"):
        replay(parse_tape("> A")).read()
    wire = replay(parse_tape("> A"))
    wire.write(b"A")
    with pytest.raises(TapeMismatchError, match="after the last of its 1"):
        wire.write(b"A")


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("timeout", ResponseTimeoutError),
        ("lost", ConnectionLostError),
        ("out-of-step", OutOfStepError),
        ("failed", ConnectionFaultError),
    ],
)
def test_what_went_wrong_goes_wrong_again_at_once(word: str, error: type[Exception]) -> None:
    wire = replay(parse_tape(f"> A?\n! {word} it was late\n"), timeout=1000.0)
    with pytest.raises(error):
        wire.query(b"A?")


def test_bytes_are_compared_as_they_are_where_that_is_asked_for() -> None:
    tape = parse_tape("> SOUR:VOLT 1.5")
    with pytest.raises(TapeMismatchError):
        replay(tape, compare="exact").write(b"SOUR:VOLT 1.50")
    replay(tape).write(b"SOUR:VOLT 1.50")


def test_leniently_each_question_has_its_answers() -> None:
    wire = replay(parse_tape(TAPE + '> PASS? "***"\n< 1\n'), mode="lenient")
    assert wire.query(b":SOURCE:VOLTAGE?") == b"1.5"
    assert wire.query(b"SOUR:VOLT?") == b"1.6"
    assert wire.query(b"SOUR:VOLT?") == b"1.6"
    assert wire.query(b"*IDN?") == b"ACME,100,7,1.0"
    assert wire.query(b'PASS? "sesame"') == b"1"
    wire.write(b"SOMETHING:ELSE 1")
    with pytest.raises(TapeMismatchError, match="no answer to 'CURR\\?'; it answers '\\*IDN\\?', 'SOUR:VOLT\\?'"):
        wire.query(b"CURR?")
    wire.close()


def test_addresses_say_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b.tape").write_text(TAPE)
    with luthier.open(Source, "tape://a%20b.tape?mode=lenient&compare=exact", name="source") as source:
        assert source.query("SOUR:VOLT?") == "1.5"
    options = {"mode": "lenient"}
    with luthier.open(Source, "tape://./a b.tape", name="source", transport_options=options) as source:
        assert source.voltage.get() == 1.5
    for address, error in {
        "tape://": UsageError,
        "tape://a b.tape?mode=loose": UsageError,
        "tape://a b.tape?speed=1": UsageError,
        "tape://nowhere.tape": ConfigurationError,
    }.items():
        with pytest.raises(error):
            luthier.open(Source, address, name="source")
