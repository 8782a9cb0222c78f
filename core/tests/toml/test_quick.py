from __future__ import annotations

import tomllib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from luthier.toml.quick import loads, plain

_KEYS = st.sampled_from(["a", "b-1", '"x.y"', "'q'", "c.d", '"a"', "1"])
_VALUES = st.sampled_from(
    [
        *('"text"', "'it''s'", "'x # y'", '"""a"""', "true", "0x05e6", "007", "1_000", "-3", "2.5", "[]", '["a", "b"]'),
        *(
            '[\n  "a", # first\n]',
            "[\n  \"a\",\n  'b',\n]",
            "[1]",
            "{x = 1}",
            '"a\\n"',
            "1979-05-27",
            '[""]',
            '["a" "b"]',
        ),
    ]
)
_HEADERS = st.lists(_KEYS, min_size=1, max_size=3).map(".".join)
_LINES = st.one_of(
    st.builds("{} = {}".format, _KEYS, _VALUES),
    st.builds("[{}]".format, _HEADERS),
    st.builds("[[{}]]".format, _HEADERS),
    st.sampled_from(["", "# words", "  ", "a = ", "[a", "x", "\t[a] # words", "\x07", "é = 1", "# é"]),
)


@given(st.lists(_LINES, max_size=8).map("\n".join))
@example("[a]\n[[a]]")
@example("[[a]]\n[a]")
@example("a = []\n[[a]]")
@example('a = ["x"]\n[[a]]')
@example("[a.b]\n[a]\n")
@example("[[a]]\n[a.b]\n[[a]]\n[a.b]")
def test_what_is_read_quickly_is_what_the_standard_library_reads(text: str) -> None:
    quick = plain(text)
    if quick is None:
        return
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        pytest.fail(f"{text!r} was read, and is wrong: {error}")
    assert quick == expected


def test_a_manifest_is_read_quickly() -> None:
    text = """# of a maker
schema = 1
[drivers."acme.x"]  # the first
vendor = 'Acme'
models = [
    "X",
    "X-1",
]
[[drivers."acme.x".usb]]
vendor = 0x05e6
[[drivers."acme.x".usb]]
vendor = 1
"""
    assert plain(text) == tomllib.loads(text)


def test_what_is_not_plain_is_read_all_the_same_and_what_is_wrong_is_refused() -> None:
    assert plain("a.b = 2.5") is None
    assert loads("a.b = 2.5") == {"a": {"b": 2.5}}
    with pytest.raises(tomllib.TOMLDecodeError):
        loads("a = 1\na = 2")
