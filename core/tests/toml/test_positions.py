from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.toml.positions import find_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.toml.positions import KeyPath

# Texts that look like something else to whoever looks at characters only.
CONTENTS = [
    "",
    "plain",
    "[table]",
    "a = 1",
    "# no comment",
    "}",
    "],",
    '"',
    "'",
    '\\"',
    "\\",
    "x\ny",
    "'''",
    '"""',
    "é",
]


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line of each key, the defining place where there are several."""
    lines: dict[KeyPath, int] = {}
    for path, offset, explicit in find_keys(text):
        if explicit or path not in lines:
            lines[path] = text.count("\n", 0, offset) + 1
    return lines


def paths_in(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the path of every key, as the standard library's parser has them."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(value, dict):
            yield (*path, key)
        yield from paths_in(item, (*path, key))


class Writer:
    """Writes TOML in every style; each key is a text of its own, so that its line can be looked up."""

    def __init__(self, data: st.DataObject) -> None:
        self._draw = data.draw
        self._count = 0

    def one_of(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def yes(self) -> bool:
        return bool(self._draw(st.booleans()))

    def key(self) -> str:
        self._count += 1
        name = f"key{self._count}e"
        return str(self.one_of(name, name, f'"{name} [x]"', f"'{name}.#'", f'"{name}\\"\\u00e9"'))

    def dotted(self) -> str:
        dot = self.one_of(".", " . ", "\t.")
        return str(dot.join(self.key() for _ in range(self.one_of(1, 1, 2, 3))))

    def comment(self) -> str:
        return str(self.one_of("", "", " # [no.table]", "# = \"'''"))

    def gap(self) -> str:
        return str(self.one_of("", " ", "\n", "\n  # a = [1]\n\t", "\n\n"))

    def text(self) -> str:
        content = self.one_of(*CONTENTS)
        if self.yes() and "'" not in content:
            return f"'''{content}'''" if "\n" in content or self.yes() else f"'{content}'"
        if self.yes():
            escaped = content.replace("\\", "\\\\").replace('"""', '\\"""')
            return f'"""{escaped}"""' if not escaped.endswith('"') else f'"""{escaped[:-1]}x"""""'
        return json.dumps(content)

    def value(self, depth: int = 2) -> str:
        kinds = ["text", "scalar"] + (["array", "inline"] if depth else [])
        kind = self.one_of(*kinds)
        if kind == "text":
            return self.text()
        if kind == "scalar":
            return str(self.one_of("1", "0x1F", "1e-3", "true", "inf", "1979-05-27 07:32:00", "1979-05-27"))
        if kind == "array":
            items = [f"{self.gap()}{self.value(depth - 1)}{self.gap()}" for _ in range(self.one_of(0, 1, 3))]
            return f"[{','.join(items)}{',' if items and self.yes() else ''}{self.gap()}]"
        return "{" + ", ".join(f"{self.dotted()} = {self.value(depth - 1)}" for _ in range(self.one_of(0, 1, 2))) + "}"

    def document(self) -> str:
        lines = [f"{self.dotted()} = {self.value()}{self.comment()}" for _ in range(self.one_of(0, 2))]
        for _ in range(self.one_of(0, 1, 3)):
            if self.yes():
                name, blank = self.dotted(), self.one_of("", " ")
                header = [f"[{blank}{name}{blank}]{self.comment()}"]
            else:
                name = self.key()
                header = [f"[[{name}]]", *([f"[[{name}]]"] if self.yes() else [])]
                header += [f"[{name}.{self.dotted()}]"] if self.yes() else []
            pairs = [f"{self.one_of('', '  ')}{self.dotted()}={self.value()}" for _ in range(self.one_of(0, 1, 2))]
            lines += [self.comment(), *header, *pairs]
        return "\n".join(lines) + str(self.one_of("", "\n"))


@given(st.data())
def test_exactly_the_keys_that_the_parser_knows_are_found_each_on_its_line(data: st.DataObject) -> None:
    text = Writer(data).document()
    found = lines_of(text)
    assert {path for path in found if isinstance(path[-1], str)} == set(paths_in(tomllib.loads(text)))
    lines = text.split("\n")
    for path, line in found.items():
        if isinstance(path[-1], str):
            assert path[-1][: path[-1].index("e", 3) + 1] in lines[line - 1]


@given(st.text(alphabet="ab.=[]{}\"'\\#, \n1-", max_size=60))
def test_what_is_not_toml_is_gone_through_without_end_or_failure_of_its_own(text: str) -> None:
    found = list(find_keys(text))
    assert all(0 <= key.offset <= len(text) for key in found)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert {key.path for key in found if isinstance(key.path[-1], str)} == set(paths_in(data))


def test_the_header_of_a_table_counts_more_than_its_mention_on_the_way() -> None:
    text = "[a.b.c]\nx = 1\n\n[a.b]\ny = 2\n[a]\n"
    assert lines_of(text) == {("a",): 6, ("a", "b"): 4, ("a", "b", "c"): 1, ("a", "b", "c", "x"): 2, ("a", "b", "y"): 5}


@pytest.mark.parametrize("quotes", ['"""', "'''"])
def test_keys_after_a_text_of_several_lines_have_the_right_line(quotes: str) -> None:
    text = f"a = {quotes}\n[b]\nc = 1\n{quotes}\nd = 2\n"
    assert lines_of(text) == {("a",): 1, ("d",): 5}


def test_tables_of_a_list_are_told_apart_by_their_position() -> None:
    text = "[[a]]\nx = 1\n[[a]]\nx = 2\n[a.b]\ny = 3\n"
    lines = lines_of(text)
    assert (lines["a", 0, "x"], lines["a", 1, "x"], lines["a", 1, "b", "y"]) == (2, 4, 6)
