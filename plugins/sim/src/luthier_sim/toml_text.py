"""Data that came from a TOML file, as TOML again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isinf, isnan
from typing import Any, Final

__all__ = ["as_toml"]

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(data: Mapping[str, Any]) -> str:
    """Return tables as the text of a TOML file; whatever :mod:`tomllib` gives can be written.

    >>> smu = {"driver": "keithley.2400", "limits": {"voltage": [-1.0, 1.0]}}
    >>> print(as_toml({"instruments": {"smu": smu}}), end="")
    [instruments.smu]
    driver = "keithley.2400"
    limits = {voltage = [-1.0, 1.0]}
    """
    lines = [f"{_key(key)} = {_value(value)}" for key, value in data.items() if not isinstance(value, Mapping)]
    for name, table in data.items():
        if name == "instruments":
            for inner, entry in table.items():
                lines += _table(f"instruments.{_key(inner)}", entry)
        elif isinstance(table, Mapping):
            lines += _table(_key(name), table)
    return "\n".join(lines).lstrip("\n") + "\n"


def _table(name: str, table: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "nan" if isnan(value) else ("inf" if value > 0 else "-inf") if isinf(value) else repr(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
