"""Quoted strings and mnemonics."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from luthier.errors import ReplyError, ValidationError
from luthier.scpi import format_string, mnemonic_matches, parse_string, parse_strings

texts = st.text(st.characters(exclude_characters="\n\r\0"))


@given(texts)
def test_a_string_is_read_back(text: str) -> None:
    assert parse_string(format_string(text)) == text


@given(texts)
def test_a_string_in_single_quotes_is_read_back(text: str) -> None:
    assert parse_string("'" + text.replace("'", "''") + "'") == text


@given(st.lists(texts, min_size=1))
def test_strings_are_read_back_whatever_commas_and_quotes_they_hold(items: list[str]) -> None:
    assert parse_strings(", ".join(map(format_string, items))) == items


@pytest.mark.parametrize("text", ["a\nb", "a\r", "\0"])
def test_a_string_that_would_end_the_message_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="end a message") as caught:
        format_string(text)
    assert caught.value.value == text


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (' "VOLT:DC" ', "VOLT:DC"),
        ("VOLT", "VOLT"),
        (" VOLT ", "VOLT"),
        ("", ""),
        ('""', ""),
        ('"it\'s"', "it's"),
        ("it's", "it's"),
    ],
)
def test_a_reply_is_read_as_text(reply: str, text: str) -> None:
    assert parse_string(reply) == text


@pytest.mark.parametrize("reply", ['"abc', 'abc"', '"a"b"', '"a","b"', "'abc", "'a'b'"])
def test_quotes_that_do_not_pair_are_refused(reply: str) -> None:
    with pytest.raises(ReplyError, match="do not pair") as caught:
        parse_string(reply)
    assert caught.value.reply == reply


@pytest.mark.parametrize(
    ("reply", "items"),
    [
        ("", []),
        ("  ", []),
        ("VOLT", ["VOLT"]),
        ("\"A, B\", C ,'D'", ["A, B", "C", "D"]),
        ("A,,B", ["A", "", "B"]),
        ("A,", ["A", ""]),
        ('"",""', ["", ""]),
        ("A B,C", ["A B", "C"]),
    ],
)
def test_a_reply_is_read_as_texts(reply: str, items: list[str]) -> None:
    assert parse_strings(reply) == items


@pytest.mark.parametrize("reply", ['"a,b', '"a"b,c', 'a"b",c', '"a" "b"', "'"])
def test_a_list_whose_quotes_do_not_pair_is_refused(reply: str) -> None:
    with pytest.raises(ReplyError) as caught:
        parse_strings(reply)
    assert caught.value.reply == reply


@pytest.mark.timeout(20)  # what backtracks takes minutes
@pytest.mark.parametrize(
    "reply", ['"' + "a" * 200_000, "a" + " " * 200_000 + '"', '"' + '""' * 100_000, "'a' " * 60_000]
)
def test_a_damaged_long_reply_is_refused_without_delay(reply: str) -> None:
    with pytest.raises(ReplyError):
        parse_strings(reply)


@pytest.mark.parametrize("text", ["volt", "VOLT", "Voltage", " VOLTAGE "])
def test_short_and_long_form_match_in_any_case(text: str) -> None:
    assert mnemonic_matches("VOLTage", text)


@pytest.mark.parametrize("text", ["VOLTA", "VOL", "VOLTAGES", "", "CURR", "VOLT:DC", ":VOLT"])
def test_nothing_between_or_beside_the_two_forms_matches(text: str) -> None:
    assert not mnemonic_matches("VOLTage", text)


def test_a_path_matches_part_by_part_and_numbers_belong_to_the_form() -> None:
    assert mnemonic_matches("SOURce2:VOLTage", "sour2:voltage")
    assert mnemonic_matches("SOURce2:VOLTage", "SOURCE2:VOLT")
    assert not mnemonic_matches("SOURce2:VOLTage", "SOUR:VOLT")


@given(
    st.from_regex(r"[A-Z]{1,4}[a-z]{0,6}[0-9]{0,2}", fullmatch=True), st.from_regex(r"[A-Z0-9]{1,12}", fullmatch=True)
)
def test_only_the_two_forms_match(pattern: str, text: str) -> None:
    forms = {pattern.upper(), "".join(character for character in pattern if not character.islower())}
    assume(text not in forms)
    assert not mnemonic_matches(pattern, text)
    assert all(mnemonic_matches(pattern, form) for form in forms)
