"""The docstring of a driver as paragraphs of Markdown."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["paragraphs"]

_ROLE = re.compile(r":[a-z]+:`(?:[^`<]*<)?~?([^`>]+)>?`")
_LITERAL = re.compile(r"``([^`]+)``")
_SECTION = re.compile(r"^[A-Z]\w*( \w+)?\n-{3,}$", re.MULTILINE)
_SAID_ELSEWHERE = ("Manual:", "Verified", ">>>")


def paragraphs(docstring: str) -> Iterator[str]:
    """Yield the paragraphs, without what the manifest says, the examples, and the sections of numpy's style."""
    text = cleandoc(docstring)
    section = _SECTION.search(text)
    for paragraph in text[: section.start() if section else None].split("\n\n"):
        if paragraph.strip() and not paragraph.lstrip().startswith(_SAID_ELSEWHERE):
            literal = paragraph if paragraph.lstrip().startswith(("- ", "* ")) else " ".join(paragraph.split())
            yield _LITERAL.sub(r"`\1`", _ROLE.sub(_target, literal)).rstrip()


def _target(role: re.Match[str]) -> str:
    return f"`{role[1].rpartition('.')[2]}`"
