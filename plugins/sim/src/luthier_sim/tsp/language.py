"""The part of Lua that programs send line by line: assignments, calls, and arithmetic.

What a line says is taken apart here and carried out by a device over what it declares; nothing is ever handed to an
interpreter. Loops, conditions and functions are refused.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

import attrs

__all__ = [
    "Assignment",
    "Binary",
    "Call",
    "Expression",
    "Literal",
    "Path",
    "Single",
    "Statement",
    "SyntaxFault",
    "parse",
]

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<comment>--[^\n]*)"
    r"|(?P<number>0[xX][0-9a-fA-F]{1,16}|(?:\d{1,300}\.?\d{0,300}|\.\d{1,300})(?:[eE][+-]?\d{1,4})?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<mark>\.\.|==|~=|<=|>=|[-+*/^=,;().<>\[\]]))",
    re.ASCII,
)
_NOT_SIMULATED: Final = frozenset(
    ("and", "break", "do", "else", "elseif", "end", "for", "function", "if", "in", "or", "repeat", "return", "then")
) | {"until", "while"}
_WORDS: Final = {"true": True, "false": False, "nil": None}
_LEVELS: Final = (frozenset({"==", "~=", "<", ">", "<=", ">="}), {".."}, {"+", "-"}, {"*", "/"})
"""Operators of two values, those that bind least first."""
_DEEPEST: Final = 40
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


class SyntaxFault(Exception):  # noqa: N818 - what the instrument calls it
    """A line is none that is understood; says near what."""


@attrs.frozen
class Literal:
    """A value that stands there."""

    value: float | str | bool | None


@attrs.frozen
class Path:
    """A name, or several with dots between (``smua.source.levelv``); each may have an index (``slot[1].idn``)."""

    name: str


@attrs.frozen
class Call:
    """A call of what a path names."""

    path: Path
    arguments: tuple[Expression, ...]


@attrs.frozen
class Binary:
    """Two values with an operator between; a minus sign alone has 0 before it, and ``not`` the value twice."""

    operator: str
    left: Expression
    right: Expression


@attrs.frozen
class Single:
    """The first value of what stands in parentheses."""

    inner: Expression


Expression: TypeAlias = Literal | Path | Call | Binary | Single


@attrs.frozen
class Assignment:
    """Paths that are given values."""

    targets: tuple[Path, ...]
    values: tuple[Expression, ...]


Statement: TypeAlias = Assignment | Call


def parse(text: str) -> tuple[Statement, ...]:
    """Return the statements of a line.

    >>> parse("smua.source.levelv = 2 * 0.5")  # doctest: +NORMALIZE_WHITESPACE
    (Assignment(targets=(Path(name='smua.source.levelv'),),
                values=(Binary(operator='*', left=Literal(value=2.0), right=Literal(value=0.5)),)),)

    Raises
    ------
    SyntaxFault
        It is no such line.
    """
    return _Reader(_tokens(text)).statements()


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].strip()
            if not rest:
                break
            raise SyntaxFault(rest[:20])
        place = match.end()
        kind = match.lastgroup or ""
        if kind != "comment":
            found.append((kind, match[kind]))
    return found


class _Reader:
    """One way through the tokens of a line."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        while self._at < len(self._tokens):
            if not self._take(";"):
                found.append(self._statement())
        return tuple(found)

    def _statement(self) -> Statement:
        if self._peek() == ("name", "local"):
            self._at += 1
        first = self._path()
        if self._take("("):
            return Call(first, self._list(")"))
        targets = [first]
        while self._take(","):
            targets.append(self._path())
        self._expect("=")
        values = [self._expression()]
        while self._take(","):
            values.append(self._expression())
        return Assignment(tuple(targets), tuple(values))

    def _path(self) -> Path:
        names = [self._name()]
        while self._take("."):
            names.append(self._name())
        return Path(".".join(names))

    def _name(self) -> str:
        kind, text = self._peek()
        if kind != "name" or text in _NOT_SIMULATED or text in _WORDS or text == "not":
            raise SyntaxFault(text or "<eof>")
        self._at += 1
        return f"{text}[{self._index()}]" if self._take("[") else text

    def _index(self) -> int:
        kind, text = self._peek()
        if kind != "number" or not text.isdecimal():
            raise SyntaxFault(text or "<eof>")
        self._at += 1
        self._expect("]")
        return int(text)

    def _list(self, end: str) -> tuple[Expression, ...]:
        if self._take(end):
            return ()
        found = [self._expression()]
        while self._take(","):
            found.append(self._expression())
        self._expect(end)
        return tuple(found)

    def _expression(self, level: int = 0) -> Expression:
        if level == len(_LEVELS):
            return self._unary()
        left = self._expression(level + 1)
        while (operator := self._peek()[1]) in _LEVELS[level] and self._peek()[0] == "mark":
            self._at += 1
            left = Binary(operator, left, self._expression(level + 1))
        return left

    def _unary(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxFault("too many levels")
        try:
            if self._take("-"):
                return Binary("-", Literal(0.0), self._unary())
            if self._peek() == ("name", "not"):
                self._at += 1
                value = self._unary()
                return Binary("not", value, value)
            base = self._primary()
            return Binary("^", base, self._unary()) if self._take("^") else base
        finally:
            self._depth -= 1

    def _primary(self) -> Expression:
        kind, text = self._peek()
        if kind == "number":
            self._at += 1
            return Literal(float(int(text, 16)) if text[:2] in ("0x", "0X") else float(text))
        if kind == "text":
            self._at += 1
            return Literal(_ESCAPE.sub(r"\1", text[1:-1]))
        if kind == "name" and text in _WORDS:
            self._at += 1
            return Literal(_WORDS[text])
        if self._take("("):
            inner = self._expression()
            self._expect(")")
            return Single(inner)
        path = self._path()
        return Call(path, self._list(")")) if self._take("(") else path

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self, mark: str) -> bool:
        if self._peek() == ("mark", mark):
            self._at += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise SyntaxFault(self._peek()[1] or "<eof>")
