"""Tapes as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import ConfigurationError, UsageError
from luthier.testing.wire import script
from luthier_sim.tapes.escapes import as_bytes, as_line
from luthier_sim.tapes.files import head_lines, line_of, parse_tape, read_tape
from luthier_sim.tapes.masking import masks
from luthier_sim.tapes.tape import Entry, Mark, Tape

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = st.one_of(
    st.binary(max_size=200), st.text(st.characters(max_codepoint=255)).map(lambda t: t.encode("latin-1"))
)
MESSAGES = st.builds(
    Entry, st.sampled_from([Mark.SENT, Mark.REPLY, Mark.PART]), CONTENT, st.none() | st.integers(0, 10**9).map(float)
)


@given(CONTENT)
def test_whatever_passes_a_wire_comes_back_from_one_printable_line(content: bytes) -> None:
    line = as_line(content)
    assert as_bytes(line) == content
    assert line.isascii()
    assert line == "" or line.isprintable()


@given(st.lists(MESSAGES, max_size=5), st.dictionaries(st.sampled_from(["instrument", "a"]), st.text("aµ \n:#\\")))
def test_a_tape_is_read_as_it_was_written(entries: list[Entry], facts: dict[str, str]) -> None:
    text = head_lines(facts) + "".join(map(line_of, entries))
    assert parse_tape(text) == Tape(facts, tuple(entries))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("luthier tape 2\n\n> A", 1, "format 2"),
        ("luthier tape 1\ninstrument smu\n\n> A", 2, "the head"),
        ("> A\nvoltage", 2, "no line of a tape"),
        ("> A\n! tired", 2, "no fault"),
        ("* sneezed", 1, "no event"),
        ("= voltage set 1,5", 1, "nothing of a parameter"),
        (r"> A\q", 1, r"\\q is no escape"),
        ("> base64:A", 1, "base64|padding|characters"),
        ("> ☃", 1, "latin-1"),
    ],
)
def test_a_line_that_means_nothing_is_named(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        parse_tape(text, "smu.tape")
    assert (caught.value.file, caught.value.line) == ("smu.tape", line)


def test_what_is_no_tape_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_tape(tmp_path / "nowhere.tape")
    picture = tmp_path / "picture.tape"
    picture.write_bytes(b"\x89PNG\xff")
    with pytest.raises(ConfigurationError, match="not text"):
        read_tape(picture)


def test_a_script_for_a_wire_test_is_a_tape() -> None:
    text = "# how it begins\n> *IDN?\n< ACME,100,7,1.0\n\n> SLOW?\n! timeout\n"
    exchanges = parse_tape(text).exchanges
    assert [exchange.message for exchange in exchanges] == [exchange.message for exchange in script(text)]
    assert [exchange.replies for exchange in exchanges] == [(b"ACME,100,7,1.0",), ()]
    assert [exchange.fault for exchange in exchanges] == ["", "timeout"]


def test_secrets_that_a_pattern_has_found_are_known_elsewhere() -> None:
    masked = masks([r'PASS "(.*?)"(?:,"(.*?)")?', "token=[a-z]+"])
    assert masked(b'PASS "sesame";:ID?') == b'PASS "***";:ID?'
    assert masked(b'PASS "a b","c"') == b'PASS "***","***"'
    assert masked(b"GET token=abc") == b"GET ***"
    assert masked.in_text(b"no reply to 'PASS sesame'") == b"no reply to 'PASS ***'"
    assert masked.finds(b'"sesame"')
    assert not masked.finds(b'"open"')
    with pytest.raises(UsageError, match="no regular expression"):
        masks(["("])
