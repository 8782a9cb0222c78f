"""Reading plain TOML at several times the speed of the standard library's parser.

Programs that list what is installed read very many small files, all written alike. What is not written in the plain way
is left to :mod:`tomllib`, so that nobody has to know of the difference.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["loads", "plain"]

_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_STRING = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_STATEMENT = re.compile(
    rf"""[ \t]*(?:
        (?P<key>{_KEY})[ \t]*=[ \t]*(?:
            (?P<string>{_STRING})
          | (?P<array>\[\s*(?:{_STRING}\s*,\s*)*(?:{_STRING}\s*)?\])
          | (?P<whole>0x[0-9A-Fa-f]+|0|[1-9][0-9]*)
          | (?P<truth>true|false)
        )
      | \[\[[ \t]*(?P<member>{_KEY}(?:\.{_KEY})*)[ \t]*\]\]
      | \[[ \t]*(?P<table>{_KEY}(?:\.{_KEY})*)[ \t]*\]
    )?[ \t]*(?:\#[^\n]*)?(?:\n|\Z)""",
    re.VERBOSE,
)
_PARTS = re.compile(_KEY)
_STRINGS = re.compile(_STRING)
_NOT_PLAIN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\\]|\"\"\"|'''")


def loads(text: str) -> dict[str, Any]:
    r"""Read TOML. Lines have to end with ``\n``. Raises :class:`tomllib.TOMLDecodeError` as :func:`tomllib.loads`."""
    data = plain(text)
    if data is not None:
        return data
    import tomllib  # noqa: PLC0415 - most files are plain

    return tomllib.loads(text)


def plain(text: str) -> dict[str, Any] | None:
    """Read TOML that has only tables, text, whole numbers, truth values and arrays of text; ``None`` for all other.

    Whatever is doubtful is taken as other, also what is wrong: only :mod:`tomllib` refuses.
    """
    if _NOT_PLAIN.search(text):
        return None
    root: dict[str, Any] = {}
    table: dict[str, Any] | None = root
    end, at = len(text), 0
    while at < end:
        found = _STATEMENT.match(text, at)
        if found is None:
            return None
        at = found.end()
        kind = found.lastgroup
        if kind is None:
            continue
        if kind in {"member", "table"}:
            table = _opened(root, found[kind], listed=kind == "member")
            if table is None:
                return None
            continue
        key = _bare(found["key"])
        if table is None or key in table:
            return None
        table[key] = _value(kind, found[kind])
    return root


def _value(kind: str, written: str) -> Any:
    match kind:
        case "string":
            return written[1:-1]
        case "array":
            return [one[1:-1] for one in _STRINGS.findall(written)]
        case "whole":
            return int(written, 0)
    return written == "true"


def _opened(root: dict[str, Any], header: str, *, listed: bool) -> dict[str, Any] | None:
    """Make the table of a header; ``None`` where it, or something in its place, is there already."""
    *way, last = map(_bare, _PARTS.findall(header))
    table = root
    for part in way:
        inner = table.setdefault(part, {})
        if isinstance(inner, list) and inner:
            inner = inner[-1]
        if not isinstance(inner, dict):
            return None
        table = inner
    new: dict[str, Any] = {}
    if listed:
        members = table.setdefault(last, [new])
        if not isinstance(members, list) or not members or not isinstance(members[0], dict):
            return None
        if members[0] is not new:
            members.append(new)
    elif table.setdefault(last, new) is not new:
        return None
    return new


def _bare(key: str) -> str:
    return key[1:-1] if key[0] in "\"'" else key
