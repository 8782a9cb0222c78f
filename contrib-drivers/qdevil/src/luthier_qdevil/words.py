"""Words in the replies of the QDAC-II."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import ReplyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["word_of"]


def word_of(words: Mapping[Any, str]) -> Callable[[str], str]:
    """Return what reads a word in its short or long form, in small or capital letters."""

    def read(reply: str) -> str:
        given = reply.strip().upper()
        for word in words.values():
            if given.startswith(word):
                return word
        raise ReplyError(
            f"the reply {reply!r} is none of {', '.join(words.values())}",
            command="",
            reply=reply,
            expected=", ".join(words.values()),
        )

    return read
