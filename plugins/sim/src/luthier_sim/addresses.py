"""Addresses of simulated instruments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote

import attrs
from luthier.errors import UsageError
from luthier.suggestions import nearest

__all__ = ["FileAddress", "PluginAddress", "parse_simulated_address"]

_SCHEME: Final = "sim://"
_DRIVE: Final = re.compile(r"/?[A-Za-z]:[\\/]")
_FILE_STARTS: Final = ("/", "./", "../", "~")
_QUESTIONS: Final = ("resource", "label")
_FORMS: Final = (
    "The forms are sim://keithley.2400, sim://keithley.2400/left, and, for a pyvisa-sim file of your own, "
    "sim:///home/me/lamp.yaml or sim://./lamp.yaml, with ?resource=GPIB0::1::INSTR and &label=left where needed."
)


@attrs.frozen
class PluginAddress:
    """A device that an installed simulator provides.

    Attributes
    ----------
    simulator
        Its id (``"keithley.2400"``).
    label
        Tells several devices of that kind apart; may be empty.
    """

    simulator: str
    label: str


@attrs.frozen
class FileAddress:
    """A device in a pyvisa-sim file.

    Attributes
    ----------
    file
        The file; absolute, without links.
    resource
        The VISA resource name that the file gives to the device; empty for the only one.
    label
        Tells several copies of the device apart; may be empty.
    """

    file: Path
    resource: str
    label: str


def parse_simulated_address(address: str) -> PluginAddress | FileAddress:
    """Read the address of a simulated instrument.

    What follows ``sim://`` is a file where it starts with ``/``, ``./``, ``../``, ``~`` or a drive letter, otherwise
    the id of a simulator and, after a slash, a label. A percent sign and two digits stand for a character, as in URLs.

    >>> parse_simulated_address("sim://keithley.2400/left")
    PluginAddress(simulator='keithley.2400', label='left')

    Raises
    ------
    UsageError
        The address has another form.
    """
    if not address.lower().startswith(_SCHEME):
        raise _malformed(address, "this is not the address of a simulated instrument")
    place, _, question = address[len(_SCHEME) :].partition("?")
    if not place.strip("/"):
        raise _malformed(address, "the address names no simulator")
    if place.startswith(_FILE_STARTS) or _DRIVE.match(place):
        return _file_address(address, unquote(place), question)
    simulator, _, label = place.partition("/")
    if question:
        raise _malformed(address, f"only the address of a file may ask for more (?{question})")
    return PluginAddress(unquote(simulator), unquote(label))


def _file_address(address: str, place: str, question: str) -> FileAddress:
    asked = parse_qs(question, keep_blank_values=True)
    for name, values in asked.items():
        if name not in _QUESTIONS:
            near = nearest(name, _QUESTIONS)
            raise _malformed(address, f"there is no {name!r} to ask for", f"Did you mean {near[0]!r}?" if near else "")
        if len(values) > 1:
            raise _malformed(address, f"{name!r} is given twice")
    path = place[1:] if _DRIVE.match(place) and place.startswith("/") else place
    file = Path(path).expanduser().resolve()
    return FileAddress(file, asked.get("resource", [""])[0], asked.get("label", [""])[0])


def _malformed(address: str, what: str, advice: str = "") -> UsageError:
    return UsageError(what, who=address, state="Nothing was opened.", advice=f"{advice} {_FORMS}".strip())
