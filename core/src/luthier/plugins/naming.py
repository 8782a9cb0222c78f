"""Which spellings are one name, and which distribution owns a name."""

from __future__ import annotations

import re

from luthier.plugins.kinds import FIRST_PARTY

__all__ = ["canonical", "id_key", "is_id", "needs_namespace", "ownership_rank"]

_SEPARATORS = re.compile(r"[-_.]+")
_ID = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*", re.ASCII)


def canonical(distribution: str) -> str:
    """Write the name of a distribution in its one canonical form (PEP 503).

    >>> canonical("Luthier_Rohde.Schwarz")
    'luthier-rohde-schwarz'
    """
    return _SEPARATORS.sub("-", distribution.strip()).lower()


def id_key(plugin_id: str) -> str:
    """Return what all accepted spellings of an id have in common: case does not matter, nor ``-`` against ``_``.

    >>> id_key("Rohde-Schwarz.SGS100A")
    'rohde_schwarz.sgs100a'
    """
    return plugin_id.lower().replace("-", "_")


def is_id(text: str) -> bool:
    """Tell whether `text` can be an id: words of ASCII letters, digits, ``_``, ``-`` and ``+``, joined by dots."""
    return _ID.fullmatch(text) is not None


def needs_namespace(kind: str) -> bool:
    """Tell whether ids of this kind must be ``<namespace>.<name>``.

    Transports, servers, storage formats and commands are also known by one word (``visa``, ``sim``, ``demo``).
    """
    return kind in {"drivers", "simulators", "duts"}


def ownership_rank(distribution: str, plugin_id: str) -> int:
    """Say how good the claim of a distribution on an id is; the lowest rank wins.

    For ``keithley.2400``: the distribution ``luthier-keithley`` owns it (0); then come first-party distributions (1), a
    distribution that is called ``keithley`` (2), and all others (3). A name without a namespace (``visa``) belongs to
    first-party distributions (0), then to ``luthier-visa`` (1), to ``visa`` (2), and to others (3).

    Parameters
    ----------
    distribution
        Its canonical name.
    plugin_id
        The id, in any spelling.
    """
    namespace, dot, _ = plugin_id.partition(".")
    word = canonical(namespace)
    owner, first_party = distribution == f"luthier-{word}", distribution in FIRST_PARTY
    claims = (
        (owner, first_party, distribution == word, True) if dot else (first_party, owner, distribution == word, True)
    )
    return claims.index(True)
