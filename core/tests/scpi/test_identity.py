from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.errors import ReplyError
from luthier.scpi import Identity, parse_identity

fields = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",:\"'*"), min_size=1)


@given(fields, fields, fields, fields)
def test_four_fields_are_read_back(vendor: str, model: str, serial: str, firmware: str) -> None:
    assert parse_identity(f"{vendor}, {model} ,{serial},{firmware}\n") == Identity(vendor, model, serial, firmware)


@pytest.mark.parametrize(
    ("reply", "identity"),
    [
        ("Acme,100,7,1.0", Identity("Acme", "100", "7", "1.0")),
        ('"Acme","100","7","1.0"', Identity("Acme", "100", "7", "1.0")),
        ('"Acme,100,7,1.0"', Identity("Acme", "100", "7", "1.0")),
        ("Acme:100:7:1.0", Identity("Acme", "100", "7", "1.0")),
        ("Acme,100,7,boot:1,main:2", Identity("Acme", "100", "7", "boot:1,main:2")),
        ("Acme,100,7", Identity("Acme", "100", "7")),
        ("Acme,100", Identity("Acme", "100")),
        ("Acme,100,,1.0", Identity("Acme", "100", "", "1.0")),
        ("Acme,100,0,0", Identity("Acme", "100", "0", "0")),
        ("HP3458A", Identity(model="HP3458A")),
        ("*IDN LECROY,WM8500,LCRY1,4.1.1", Identity("LECROY", "WM8500", "LCRY1", "4.1.1")),
        (":IDN Acme,100,7,1.0", Identity("Acme", "100", "7", "1.0")),
        ("  Acme Inc. , Model 100 ,7,1.0\r\n", Identity("Acme Inc.", "Model 100", "7", "1.0")),
    ],
)
def test_replies_of_real_instruments_are_read(reply: str, identity: Identity) -> None:
    assert parse_identity(reply) == identity


@pytest.mark.parametrize("reply", ["", "  ", ",,,", '""', ":::", "\n"])
def test_a_reply_that_names_nothing_is_refused(reply: str) -> None:
    with pytest.raises(ReplyError, match="names no instrument") as caught:
        parse_identity(reply)
    assert caught.value.reply == reply
    assert caught.value.command == "*IDN?"


def test_a_pattern_per_field_matches_in_any_case() -> None:
    identity = Identity("Keysight Technologies", "34461A", "MY5", "A.02.14")
    assert identity.matches()
    assert identity.matches(vendor="*keysight*", model="3446[015]a", serial="MY?", firmware="A.*")
    assert not identity.matches(vendor="keysight")
    assert not identity.matches(vendor="*keysight*", model="34470A")
    assert not identity.matches(serial="")


def test_an_identity_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Identity("Acme").vendor = "Other"  # type: ignore[misc]  # that is the point
