"""The groups of Luthier's in the text of an ``entry_points.txt``.

Source: Python Packaging User Guide, "Entry points specification" (sections, ``name = value``, lines starting with ``#``
or ``;`` are comments). Only Luthier's own groups are looked at; what others wrote wrongly is not our business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from luthier.plugins.kinds import GROUP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Declaration", "declarations"]

_VALUE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*(?::\s*([\w.-]+(?:/[\w.-]+)*))?\s*(?:\[[^\]]*\])?")


class Declaration(NamedTuple):
    """One line of a group: a name and what it refers to, or what is wrong with the line."""

    group: str
    name: str
    value: str
    fault: str = ""


def declarations(text: str) -> Iterator[Declaration]:
    """Yield what `text` declares in groups whose names start with ``luthier.``, in order, faulty lines included."""
    group = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            group = line.strip("[]").strip()
        elif group.startswith(GROUP_PREFIX):
            yield _declaration(group, line, number)


def _declaration(group: str, line: str, number: int) -> Declaration:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        return Declaration(group, name, "", f"line {number} of its entry_points.txt is not 'name = module:object'")
    parsed = _VALUE.fullmatch(value)
    if not name or parsed is None:
        wrong = f"{value!r} is not 'module:object'" if name else "there is no name before '='"
        return Declaration(group, name, value, f"in line {number} of its entry_points.txt {wrong}")
    module, attribute = parsed.groups()
    return Declaration(group, name, f"{module}:{attribute}" if attribute else module)
