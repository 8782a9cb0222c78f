"""What every message of an error is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read_aloud", "told"]


def read_aloud(message: str, *words: str) -> str:
    """Make sure that a message is one line of whole sentences, and holds those words; return it."""
    assert "\n" not in message
    assert message.endswith((".", "?", "!")), message
    for word in words:
        assert word in message, message
    return message


def told(kind: type[Exception], what: Callable[[], object], *words: str) -> str:
    """Return the one message that ``what`` raises, which has to hold those words and read as sentences."""
    with pytest.raises(kind) as caught:
        what()
    return read_aloud(str(caught.value), *words)
