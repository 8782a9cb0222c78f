"""Values as response data (IEEE 488.2-1992, 8)."""

from __future__ import annotations

from collections.abc import Iterable
from math import isinf, isnan

from luthier.scpi import INFINITY, NOT_A_NUMBER, encode_block, format_float, format_string

__all__ = ["as_number", "as_reply", "quoted"]

_BYTES = (bytes, bytearray, memoryview)


def as_number(value: float, form: str = "") -> str:
    """Return a number as text: with every digit, or as `form` (``"{:+.6E}"``) says; infinities as SCPI writes them."""
    if isnan(value):
        value = NOT_A_NUMBER
    elif isinf(value):
        value = INFINITY if value > 0 else -INFINITY
    return form.format(value) if form else format_float(value)


def quoted(text: str) -> str:
    """Return text in quotes; what would end a message is left out of it."""
    return format_string(text.translate(_NO_ENDS))


def as_reply(value: object, form: str = "") -> str:
    """Return what a method of a device returned, as the text of a reply, one character for each byte.

    Text as it is, booleans as 0 and 1, numbers as :func:`as_number` writes them, bytes as a block of definite length,
    what can be gone through (lists, arrays) separated by commas.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return as_number(value, form)
    if isinstance(value, _BYTES):
        return encode_block(value).decode("latin-1")
    if hasattr(value, "tolist"):  # numpy's numbers and arrays
        return as_reply(value.tolist(), form)
    if isinstance(value, Iterable):
        return ",".join(as_reply(item, form) for item in value)
    return str(value)


_NO_ENDS = str.maketrans("", "", "\n\r\0")
