"""One command of a list, and the code that a driver, its simulator and its tests have for it."""

from __future__ import annotations

import re
import textwrap
from typing import Any, Final, Literal

import attrs
from luthier.scpi import format_float

__all__ = ["Access", "ScpiCommand", "ValueKind", "is_header", "short_form"]

ValueKind = Literal["float", "int", "bool", "choice", "text"]
Access = Literal["both", "read", "write"]

_NODE: Final = r"[A-Z][A-Z_]*[a-z_]*\d*"
_NODES: Final = re.compile(rf"{_NODE}(:{_NODE})*")
_OPTIONAL: Final = re.compile(r"\[[^\]]*\]")
_WIDTH: Final = 100


def is_header(text: str) -> bool:
    """Tell whether a text is a header as manuals write it, with what may be left out in brackets.

    >>> is_header("[SOURce:]VOLTage[:LEVel]"), is_header("SOURce<n>:VOLTage"), is_header("[OUTPut]")
    (True, False, False)
    """
    inside = _OPTIONAL.findall(text)
    plain = _OPTIONAL.sub(lambda found: found[0][1:-1], text)
    parts = all(_NODES.fullmatch(part[1:-1].strip(":")) for part in inside)
    return bool(parts and _NODES.fullmatch(plain) and short_form(text))


def short_form(header: str) -> str:
    """Return the header as it is sent: without what may be left out, in capitals.

    >>> short_form("[SOURce:]VOLTage:RANGe[:UPPer]")
    'VOLT:RANG'
    """
    parts = _OPTIONAL.sub("", header).split(":")
    return ":".join(re.sub("[a-z]", "", part) for part in parts if part)


@attrs.frozen
class ScpiCommand:
    """A quantity that an instrument is told or asked.

    Attributes
    ----------
    name
        Of the parameter.
    header
        As manuals write it: ``[SOURce:]VOLTage[:LEVel]``.
    choices
        What may be set, as manuals write it: ``VOLTage``.
    minimum, maximum
        ``None``: no limit.
    doc
        A sentence.
    initial
        What the simulated instrument begins with, as Python code; empty: what its limits allow.
    """

    name: str
    header: str
    access: Access = "both"
    kind: ValueKind = "float"
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    doc: str = ""
    initial: str = ""

    @property
    def settable(self) -> bool:
        """Whether it can be set."""
        return self.access != "read"

    @property
    def message(self) -> str:
        """What is sent, without ``?`` and value."""
        return short_form(self.header)

    @property
    def switches_output(self) -> bool:
        """Whether it is the switch of an output, which has to be off for the instrument to be safe."""
        return self.kind == "bool" and self.settable and self.message.startswith("OUTP")

    def as_plain(self) -> dict[str, Any]:
        """Return what the template needs, as plain data."""
        value, sent, replied = self._sample()
        return {
            "name": self.name,
            "header": self.header,
            "message": self.message,
            "gettable": self.access != "write",
            "settable": self.settable,
            "kind": self.kind,
            "type": {"choice": "str", "text": "str"}.get(self.kind, self.kind),
            "unit": self.unit,
            "states_unit": self.kind == "float" or bool(self.unit),
            "minimum": _number(self.minimum, self.kind),
            "maximum": _number(self.maximum, self.kind),
            "choices": [[choice.lower(), re.sub("[a-z]", "", choice)] for choice in self.choices],
            "long_choices": list(self.choices),
            "initial": self.initial or self._initial(),
            "doc_lines": textwrap.wrap(self.doc or f"{self.header}.", _WIDTH, drop_whitespace=False),
            "allowed": self._allowed(),
            "value": value,
            "sent": sent,
            "replied": replied,
            "switches_output": self.switches_output,
        }

    def _allowed(self) -> str:
        if self.choices:
            return ", ".join(choice.lower() for choice in self.choices)
        if self.kind == "bool":
            return "on, off"
        if not self.settable or (self.minimum is None and self.maximum is None):
            return ""
        low, high = (("" if limit is None else f"{limit:g}") for limit in (self.minimum, self.maximum))
        return f"{low} to {high}".strip() if low and high else f"at least {low}" if low else f"at most {high}"

    def _initial(self) -> str:
        """Return the value that the simulated instrument begins with, as Python code."""
        if self.kind in {"float", "int"}:
            low = self.minimum if self.minimum is not None else min(0.0, self.maximum or 0.0)
            return _number(max(low, min(0.0, self.maximum) if self.maximum is not None else 0.0), self.kind)
        if self.kind == "choice":
            return f'"{re.sub("[a-z]", "", self.choices[0])}"'
        return {"bool": "False", "text": '""'}[self.kind]

    def _sample(self) -> tuple[str, str, str]:
        """Return a value as Python code, what is sent to set it, and what is replied then."""
        if self.kind in {"float", "int"}:
            number = next((limit for limit in (self.maximum, self.minimum) if limit is not None), 1.0)
            sent = str(int(number)) if self.kind == "int" else format_float(float(number))
            return _number(number, self.kind), sent, sent
        if self.kind == "choice":
            last = self.choices[-1]
            short = re.sub("[a-z]", "", last)
            return f'"{last.lower()}"', short, short
        return {"bool": ("True", "1", "1"), "text": ('"ready"', '"ready"', '"ready"')}[self.kind]


def _number(value: float | None, kind: str) -> str:
    if value is None:
        return "None"
    return str(int(value)) if kind == "int" else repr(float(value))
