"""Vendor, models and families of very many drivers at once, for lists.

The manifests are not checked: a list of three hundred distributions has no time for it. In one that is written as they
all are, only the lines are looked at that are listed; any other is parsed. Whatever is not as it has to be is left out
of the list; ``luthier plugins doctor`` says what it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from luthier.errors import ManifestError
from luthier.plugins.manifests.locating import content_of
from luthier.plugins.manifests.reading import LARGEST, parsed
from luthier.plugins.naming import id_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from luthier.plugins.entry import Distribution

__all__ = ["Label", "Labels", "read_labels"]

_HEADER = re.compile(r'\[drivers\."([^"]*)"(\..*)?\][ \t]*(?:#.*)?')
_VENDOR = re.compile(r'vendor = "([^"]*)"[ \t]*(?:#.*)?')
_LIST = re.compile(r'(models|families) = \[((?:"[^"]*"(?:, ?|(?=\])))*)\][ \t]*(?:#.*)?')
_TEXT = re.compile(r'"([^"]*)"')
_KEYS = ("vendor", "models", "families")
_ODD = ("[", *(f"{quote}{key}" for quote in ("", '"', "'") for key in (*_KEYS, "drivers")))
"""What a line that is not written in the usual way may begin with, behind blanks or not."""


class Label(NamedTuple):
    """What a driver is for: the maker, empty where it is not stated, the models, and the ids of the families."""

    vendor: str = ""
    models: tuple[str, ...] = ()
    families: tuple[str, ...] = ()


class Labels(NamedTuple):
    """The labels by canonical distribution and ``id_key``, and the manifests that could not be read, as sentences."""

    drivers: Mapping[tuple[str, str], Label]
    remarks: tuple[str, ...]


def read_labels(distributions: Iterable[Distribution]) -> Labels:
    """Read the labels of the drivers of `distributions`. Nothing is imported, and nothing is raised."""
    found: dict[tuple[str, str], Label] = {}
    remarks: list[str] = []
    for distribution in distributions:
        if not distribution.manifest:
            continue
        try:
            content, path = content_of(distribution)
            quick = _glanced(content)
            labels = quick.items() if quick else _labels(parsed(content, distribution.name, path))
        except ManifestError as error:
            remarks.append(str(error))
            continue
        found.update(((distribution.name, id_key(name)), label) for name, label in labels)
    return Labels(found, tuple(remarks))


def _glanced(content: bytes) -> dict[str, Label]:
    """Pick the labels out of a manifest without parsing it; nothing where it is not written as they usually are.

    Texts over several lines and escapes are what could make a line look like another one: these are unusual.
    """
    if len(content) > LARGEST or any(mark in content for mark in (b"\\", b"\r", b'"""', b"'''")):
        return {}
    found: dict[str, Label] = {}
    name = ""
    for line in content.decode(errors="replace").split("\n"):
        if line.startswith('[drivers."'):
            header = _HEADER.fullmatch(line)
            if header is None or (header[2] is None and header[1] in found):
                return {}
            name = header[1] if header[2] is None else ""
            if name:
                found[name] = Label()
        elif line.startswith("[") and not line.startswith(("[drivers", "[ ", "[\t", "['", '["')):
            name = ""
        elif line.lstrip().startswith(_ODD) and (name or not line.startswith(_KEYS)):
            stated = _stated(line)
            if not name or not stated:
                return {}
            found[name] = found[name]._replace(**stated)
    return found


def _stated(line: str) -> dict[str, Any]:
    """Return the field of a label that a line states; nothing where it is not written in the usual way."""
    if vendor := _VENDOR.fullmatch(line):
        return {"vendor": vendor[1]}
    several = _LIST.fullmatch(line)
    return {several[1]: tuple(_TEXT.findall(several[2]))} if several else {}


def _labels(data: Mapping[str, Any]) -> Iterator[tuple[str, Label]]:
    drivers = data.get("drivers")
    for name, table in drivers.items() if isinstance(drivers, dict) else ():
        if isinstance(table, dict):
            vendor = table.get("vendor")
            models, families = _texts(table.get("models")), _texts(table.get("families"))
            yield name, Label(vendor if isinstance(vendor, str) else "", models, families)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
