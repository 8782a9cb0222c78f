"""The names of a new distribution and of what is in it, derived from what people call maker and model."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from typing import TYPE_CHECKING, Final

import attrs
from luthier.plugins.install_hints import distribution_of_known_maker
from luthier.plugins.kinds import FIRST_PARTY
from luthier.plugins.naming import id_key

from luthier_cli.new_driver.free_text import ascii_of
from luthier_cli.new_driver.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Known", "Names", "derive_names", "maker_in", "namespace_of"]

LONGEST_NAMESPACE: Final = 24
LONGEST_DRIVER: Final = 20
"""With these, no line of the template becomes longer than 120 characters."""

_WORD: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WINDOWS: Final = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
_OWN: Final = frozenset({"simulated", "library", "documents", "conformance", "luthier"})
"""What else is in the folders that the module and its tests are in."""
_IMPORTED: Final = frozenset(
    {"Any", "Channel", "Enum", "Instrument", "Ints", "Numbers", "Output", "ScpiInstrument", "Strings", "Bool"}
    | {"LineDevice", "ScpiDevice", "DriverConformance", "AbstractContextManager", "ValidationError"}
)
"""Names that the template's modules have already."""


@attrs.frozen
class Known:
    """What there is already.

    Attributes
    ----------
    distributions
        Canonical names, installed or in the index.
    drivers
        Ids of drivers, each with its distribution.
    """

    distributions: Collection[str]
    drivers: Mapping[str, str]


@attrs.frozen
class Names:
    """The names of a new distribution.

    Attributes
    ----------
    namespace
        The first half of the driver's id, ``rohde-schwarz``.
    driver
        The second, ``fsv-7``.
    word
        The distribution's name without ``luthier-``: the namespace, or, where a distribution of that name exists, both.
    module
        The driver's module in the package, ``fsv_7``; the name of its pages and tests, too.
    class_name
        ``FSV7``.
    """

    namespace: str
    driver: str
    word: str
    module: str
    class_name: str

    @property
    def distribution(self) -> str:
        """``luthier-rohde-schwarz-fsv-7``."""
        return f"luthier-{self.word}"

    @property
    def package(self) -> str:
        """``luthier_rohde_schwarz_fsv_7``."""
        return self.distribution.replace("-", "_")

    @property
    def driver_id(self) -> str:
        """``rohde-schwarz.fsv-7``."""
        return f"{self.namespace}.{self.driver}"

    @property
    def scheme(self) -> str:
        """What addresses begin with where the maker's library makes the connection."""
        return f"sdk-{self.word}"


def maker_in(vendor: str) -> str:
    """Return the maker as people say it, of what instruments answer to ``*IDN?``: a known one, or all of it.

    >>> maker_in("KEITHLEY INSTRUMENTS INC."), maker_in("Acme Ltd")
    ('Keithley', 'Acme Ltd')
    """
    words = vendor.split()
    for count in range(len(words), 0, -1):
        said = " ".join(words[:count])
        if distribution_of_known_maker(_slug(said)):
            return said.title() if said.isupper() and len(said) > len("ABC") else said
    return vendor


def derive_names(maker: str, model: str, options: Mapping[str, str], known: Known) -> Names:
    """Derive all names.

    Parameters
    ----------
    maker, model
        As people type them, after :func:`~luthier_cli.new_driver.free_text.checked_text`.
    options
        Names that the user chose: ``namespace``, ``driver``, ``module``, ``class``.
    known
        What must not be taken a second time.

    Raises
    ------
    RefusedError
        A name cannot be derived, is not allowed, or is taken.
    """
    namespace = namespace_of(maker, options)
    driver = _driver(model, options)
    names = Names(
        namespace,
        driver,
        _word(namespace, driver, known),
        _module(driver, options),
        _class_name(model, options),
    )
    taken = known.drivers.get(id_key(names.driver_id))
    if taken:
        raise RefusedError(
            "model",
            f"there is a driver {names.driver_id} already, in {taken}. Use that one, or give yours another name "
            f"with --option driver={driver}-2",
        )
    return names


def namespace_of(maker: str, options: Mapping[str, str]) -> str:
    """Return the first half of the ids of a maker's drivers.

    Raises :class:`~luthier_cli.new_driver.refusal.RefusedError` where none can be made, or it is a part of Luthier.
    """
    if "namespace" in options:
        chosen = _checked_word("namespace", options["namespace"], LONGEST_NAMESPACE)
        if f"luthier-{chosen}" in FIRST_PARTY:
            raise RefusedError("namespace", f"luthier-{chosen} is a part of Luthier")
        return chosen
    known = distribution_of_known_maker(_slug(maker)).removeprefix("luthier-")
    found = known or _cut(_slug(maker), LONGEST_NAMESPACE)
    if f"luthier-{found}" in FIRST_PARTY:
        raise RefusedError(
            "maker", f"luthier-{found} is a part of Luthier. Give another with --option namespace={found}-instruments"
        )
    if not found:
        raise RefusedError(
            "maker",
            f"no name can be made of {maker!r}: it has neither Latin letters nor digits. Give one with "
            "--option namespace=acme",
        )
    return found


def _driver(model: str, options: Mapping[str, str]) -> str:
    if "driver" in options:
        return _checked_word("driver", options["driver"], LONGEST_DRIVER)
    found = _cut(_slug(model), LONGEST_DRIVER)
    if not found:
        raise RefusedError(
            "model",
            f"no name can be made of {model!r}: it has neither Latin letters nor digits. Give one with "
            "--option driver=x100",
        )
    return found


def _word(namespace: str, driver: str, known: Known) -> str:
    if f"luthier-{namespace}" not in known.distributions and not distribution_of_known_maker(namespace):
        return namespace
    both = f"{namespace}-{driver}"
    if f"luthier-{both}" in known.distributions:
        raise RefusedError(
            "model",
            f"there is a distribution luthier-{both} already. Add your driver to it, or give yours another name with "
            f"--option driver={driver}-2",
        )
    return both


def _module(driver: str, options: Mapping[str, str]) -> str:
    if "module" in options:
        chosen = options["module"]
        longest = len("model_") + LONGEST_DRIVER
        if not re.fullmatch("[a-z][a-z0-9_]*", chosen) or len(chosen) > longest or _is_reserved_module(chosen):
            raise RefusedError(
                "module",
                f"{chosen!r} cannot be the name of a module; allowed are small letters, digits and _, at most "
                f"{longest}, no keyword, no name of a module of Python or a device of Windows",
            )
        return chosen
    found = re.sub("[-+]", "_", driver)
    return f"model_{found}" if found[0].isdigit() or _is_reserved_module(found) else found


def _is_reserved_module(name: str) -> bool:
    return keyword.iskeyword(name) or name in sys.stdlib_module_names | _WINDOWS | _OWN


def _class_name(model: str, options: Mapping[str, str]) -> str:
    longest = len("Model") + LONGEST_DRIVER
    if "class" in options:
        chosen = options["class"]
        if not re.fullmatch("[A-Z][A-Za-z0-9]*", chosen) or len(chosen) > longest or _is_reserved_class(chosen):
            raise RefusedError(
                "class",
                f"{chosen!r} cannot be the name of a class here; allowed are letters and digits, a capital first, at "
                f"most {longest}, no name of Python's or Luthier's",
            )
        return chosen
    parts = re.findall("[A-Za-z0-9]+", _without_ampersand(ascii_of(model)))
    found = "".join(part[0].upper() + part[1:] for part in parts)[:LONGEST_DRIVER]
    plain = found or "".join(part.capitalize() for part in options.get("driver", "").split("-"))[:LONGEST_DRIVER]
    return f"Model{plain}" if plain[:1].isdigit() or _is_reserved_class(plain) else plain


def _is_reserved_class(name: str) -> bool:
    return not name or keyword.iskeyword(name) or name in _IMPORTED or hasattr(builtins, name)


def _checked_word(option: str, text: str, longest: int) -> str:
    if not _WORD.fullmatch(text) or len(text) > longest:
        raise RefusedError(
            option, f"{text!r}: allowed are small letters and digits, words joined by -, at most {longest} characters"
        )
    return text


def _slug(text: str) -> str:
    """Return words of small letters and digits, joined by ``-``."""
    return "-".join(re.findall("[a-z0-9]+", _without_ampersand(ascii_of(text)).lower()))


def _without_ampersand(text: str) -> str:
    """Join what ``&`` and apostrophes join without spaces: R&S is RS, Rohde & Schwarz are two words."""
    return re.sub(r"(?<=\w)[&'](?=\w)", "", text)


def _cut(slug: str, longest: int) -> str:
    """Leave out words at the end, so that it is not too long; where the first one is, its end."""
    while len(slug) > longest and "-" in slug:
        slug = slug.rpartition("-")[0]
    return slug[:longest]
