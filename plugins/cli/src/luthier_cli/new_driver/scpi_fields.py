"""What a list says about one command, checked."""

from __future__ import annotations

import keyword
import math
import re
from typing import TYPE_CHECKING, Any, Final, get_args

from luthier_cli.new_driver.free_text import in_docstring
from luthier_cli.new_driver.scpi_commands import Access, ScpiCommand, ValueKind, is_header

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COLUMNS", "command_of"]

COLUMNS: Final = ("name", "command", "unit", "minimum", "maximum", "type", "choices", "access", "doc")

_LONGEST_MNEMONIC: Final = 12
_LONGEST_NAME: Final = 40
_LONGEST_HEADER: Final = 60
_LONGEST_DOC: Final = 400
_LONGEST_UNIT: Final = 12


def command_of(fields: Mapping[str, Any]) -> ScpiCommand:
    """Check the fields of one command, and return it.

    Raises ``ValueError`` with a sentence for whatever is not allowed.
    """
    written = str(fields.get("command", "")).strip()
    header = _header(written)
    choices = _choices(fields.get("choices", ()))
    kind = _kind(fields, choices)
    access = _access(fields, written)
    low, high = (_limit(fields, name) for name in ("minimum", "maximum"))
    if (low, high) != (None, None) and kind not in {"float", "int"}:
        raise ValueError(f"limits are for numbers, and its type is {kind}")
    if low is not None and high is not None and low > high:
        raise ValueError(f"its minimum, {low:g}, is above its maximum, {high:g}")
    if kind == "int" and any(limit is not None and not limit.is_integer() for limit in (low, high)):
        raise ValueError("the limits of an int have to be whole numbers")
    return ScpiCommand(
        _name(fields, header), header, access, kind, _unit(fields, kind), low, high, choices, _doc(fields)
    )


def _header(written: str) -> str:
    header = written.removesuffix("?").removeprefix(":")
    nodes = [node.upper() if node.islower() else node for node in re.split(r"([:\[\]])", header)]
    header = "".join(nodes)
    if not is_header(header) or len(header) > _LONGEST_HEADER:
        raise ValueError(
            f"{written!r} is no command as manuals write it: SOURce:VOLTage[:LEVel], with ? where "
            "it can only be asked. Channels (<n>) have to be written into the driver by hand"
        )
    for node in re.findall(r"[A-Za-z_]+", header):
        if len(node) > _LONGEST_MNEMONIC:
            raise ValueError(f"{node!r} in {written!r} has more than the {_LONGEST_MNEMONIC} letters that SCPI allows")
    return header


def _name(fields: Mapping[str, Any], header: str) -> str:
    given = str(fields.get("name", "")).strip()
    name = given or "_".join(re.findall(r"\w+", re.sub(r"\[[^\]]*\]", "", header))).lower()
    if not re.fullmatch("[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or len(name) > _LONGEST_NAME:
        raise ValueError(
            f"{name!r} cannot be the name of a parameter; allowed are small letters, digits and _, a letter first, at "
            f"most {_LONGEST_NAME}, no word of Python's"
        )
    return name


def _choices(given: Any) -> tuple[str, ...]:
    texts = given.split("|") if isinstance(given, str) else list(given)
    found = tuple(str(text).strip() for text in texts if str(text).strip())
    for text in found:
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*[a-z]*\d*", text):
            raise ValueError(f"the choice {text!r} is no word as manuals write it: VOLTage, or VOLT")
    for form in (str.lower, lambda text: re.sub("[a-z]", "", text)):
        if len({form(text) for text in found}) < len(found):
            raise ValueError(f"of its choices, {'|'.join(found)}, two are the same")
    return found


def _kind(fields: Mapping[str, Any], choices: tuple[str, ...]) -> ValueKind:
    given = str(fields.get("type", "")).strip().lower()
    if not given:
        return "choice" if choices else "float"
    found = [kind for kind in get_args(ValueKind) if kind == given]
    if not found:
        raise ValueError(f"its type is {given!r}; allowed are {', '.join(get_args(ValueKind))}")
    if (found[0] == "choice") != bool(choices):
        raise ValueError(f"its type is {given}, and it has {'' if choices else 'no '}choices")
    kind: ValueKind = found[0]
    return kind


def _access(fields: Mapping[str, Any], written: str) -> Access:
    given = str(fields.get("access", "")).strip().lower()
    asked = written.endswith("?")
    if asked and given in {"both", "write"}:
        raise ValueError(f"{written!r} can only be asked, and access says {given!r}")
    for access in get_args(Access):
        if given == access:
            found: Access = access
            return found
    if given:
        raise ValueError(f"its access is {given!r}; allowed are {', '.join(get_args(Access))}")
    return "read" if asked else "both"


def _limit(fields: Mapping[str, Any], name: str) -> float | None:
    given = fields.get(name)
    if given is None or given == "":
        return None
    try:
        found = float(given)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found) or isinstance(given, bool):
        raise ValueError(f"its {name} is {given!r}, and no number")
    return found


def _unit(fields: Mapping[str, Any], kind: str) -> str:
    unit = str(fields.get("unit", "")).strip()
    if not unit.isprintable() or len(unit) > _LONGEST_UNIT or re.search(r"[\"'\\{}]", unit):
        raise ValueError(
            f"its unit is {unit!r}; allowed are SI units such as V, mA, Ω, at most {_LONGEST_UNIT} characters"
        )
    if unit and kind not in {"float", "int"}:
        raise ValueError(f"units are for numbers, and its type is {kind}")
    return unit


def _doc(fields: Mapping[str, Any]) -> str:
    doc = in_docstring(" ".join(str(fields.get("doc", "")).split()))
    if not doc.isprintable() or len(doc) > _LONGEST_DOC or re.search(r"\{[{%#]|[}%#]\}", doc):
        raise ValueError(f"what it is has to be a sentence of at most {_LONGEST_DOC} characters that can be seen")
    return doc
