"""The five answers that a new distribution is made of, and what is left to options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, get_args

import attrs

from luthier_cli.new_driver.free_text import checked_text
from luthier_cli.new_driver.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["INTERFACES", "LICENCES", "LONGEST", "OPTIONS", "Answers", "Interface", "checked_options"]

Interface = Literal["visa", "tcp", "serial", "sdk"]

INTERFACES: Final[tuple[Interface, ...]] = get_args(Interface)

LICENCES: Final = ("MIT", "BSD-3-Clause", "Apache-2.0", "GPL-3.0-or-later", "LicenseRef-Proprietary")
"""By their SPDX names; the last one: all rights reserved."""

LONGEST: Final = {"maker": 60, "model": 40, "author": 80, "title": 50, "email": 80, "homepage": 120}
"""Characters. With these no line of the template's modules becomes longer than 120."""

OPTIONS: Final = {
    "namespace": "the first half of the driver's id, by default from the maker",
    "driver": "the second half, by default from the model",
    "module": "the driver's module",
    "class": "the driver's class",
    "title": "what the instrument is, in a few words: 'X100 source'",
    "email": "the author's address; by default git's",
    "homepage": "where the distribution is at home, https://…",
    "library": "for sdk: the module of the maker's library",
    "template": "where Luthier's repository is, for cruft update",
    "year": "of the copyright; by default this one",
}
"""What ``--option`` takes."""


@attrs.frozen
class Answers:
    """Who made the instrument, how it is reached, and who writes the driver; all checked.

    Attributes
    ----------
    interface
        ``visa``, ``tcp``, ``serial``, or ``sdk``: a library of the maker's.
    licence
        One of :data:`LICENCES`.
    options
        Of :data:`OPTIONS`.
    """

    maker: str
    model: str
    interface: Interface
    author: str
    licence: str
    options: Mapping[str, str]


def checked_options(given: Mapping[str, str]) -> dict[str, str]:
    """Return options whose values can be taken, apart from the names, which are checked where they are derived.

    Raises :class:`RefusedError`, which names the option.
    """
    found = dict(given)
    for name in LONGEST.keys() & given.keys():
        found[name] = checked_text(given[name], name, LONGEST[name])
    _check("email", found, r"[^@\s<>,;]+@[^@\s<>,;]+", "ada@example.com")
    _check("homepage", found, r"https?://[^\s\"\\]+", "https://example.com/acme")
    _check("year", found, r"\d{4}", "2026")
    _check("library", found, r"[A-Za-z_][A-Za-z0-9_]{0,39}", "acme_sdk")
    return found


def _check(name: str, options: Mapping[str, str], pattern: str, example: str) -> None:
    if name in options and not re.fullmatch(pattern, options[name], re.ASCII if name != "email" else 0):
        raise RefusedError(name, f"{options[name]!r} is not of the form of {example!r}")
