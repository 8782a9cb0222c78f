"""Whether two messages mean the same to an instrument that speaks SCPI (SCPI-1999 volume 1, 5 to 7)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from luthier_sim.scpi.messages import units_of
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.tapes.masking import MASK

if TYPE_CHECKING:
    from luthier_sim.scpi.messages import Datum

__all__ = ["Meaning", "is_meant_by", "meaning_of"]

Meaning: TypeAlias = tuple[tuple[object, ...], ...]
"""What a message means; equal where the meaning is."""

_SHORT: Final = 4  # letters of a short form; one less where the last would be a vowel
_WORD: Final = re.compile(r"(\*?\w*?)(\d*)\Z", re.ASCII)


def meaning_of(message: bytes) -> Meaning | None:
    """Return what a message means; ``None`` where it is not written by the rules of SCPI.

    Headers and words in their short or long form, in capitals or small letters, with or without a leading colon and
    with or without the suffix 1 are the same; so are numbers of one value, and strings in either kind of quotes. What
    only the instrument knows is not looked into: nodes that may be left out, units, and other names of values (``ON``
    for 1).

    >>> meaning_of(b":source1:voltage 1.50E0") == meaning_of(b"SOUR:VOLT 1.5")
    True
    """
    found: list[tuple[object, ...]] = []
    path: tuple[str, ...] = ()
    try:
        for unit in units_of(message):
            if unit.header.startswith("*"):
                nodes: tuple[str, ...] = (unit.header.upper(),)
            else:
                base = () if unit.header.startswith(":") else path
                nodes = (*base, *map(_short, unit.header.removeprefix(":").split(":")))
                path = nodes[:-1]
            found.append((nodes, unit.is_query, *map(_datum, unit.data)))
    except Refusal:
        return None
    return tuple(found)


def is_meant_by(recorded: bytes, sent: bytes) -> bool:
    """Tell whether the message `sent` means what the one on a tape does; ``***`` on the tape stands for anything.

    >>> is_meant_by(b'SYST:PASS "***"', b'SYST:PASS "sesame"'), is_meant_by(b"VOLT 1", b"VOLT 2")
    (True, False)
    """
    if recorded == sent:
        return True
    if MASK in recorded:
        return re.fullmatch(b".*".join(map(re.escape, recorded.split(MASK))), sent, re.DOTALL) is not None
    meaning = meaning_of(recorded)
    return meaning is not None and meaning == meaning_of(sent)


def _short(word: str) -> str:
    found = _WORD.match(word.upper())
    assert found is not None  # it matches everything that a header is made of
    letters, suffix = found.groups()
    if len(letters) > _SHORT:
        letters = letters[: _SHORT - (letters[_SHORT - 1] in "AEIOU")]
    return letters + ("" if suffix == "1" else suffix)


def _datum(datum: Datum) -> tuple[object, ...]:
    if datum.form == "number":
        return "number", Decimal(datum.text), datum.suffix
    if datum.form == "word":
        return "word", _short(datum.text) if ":" not in datum.text else datum.text
    if datum.form == "expression":
        return datum.form, "".join(datum.text.split())
    return datum.form, datum.text
