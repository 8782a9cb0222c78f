"""References: what travels in place of an instrument."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import attrs

from luthier.errors import UsageError

__all__ = ["InstrumentRef"]

_URI = re.compile(r"luthier\+([^:/?#\s]+)://([^:/?#\s]+)/([^:/?#\s]+)")


@attrs.frozen
class InstrumentRef:
    """Where an instrument lives: what travels in its place when it is given to a server.

    >>> ref = InstrumentRef("local", "foo", "one")
    >>> ref.uri
    'luthier+local://foo/one'
    >>> InstrumentRef.from_uri(ref.uri) == ref
    True
    """

    engine: str
    """The name of the servers plugin (``local`` is the embedded one)."""
    server: str
    instrument: str

    def __attrs_post_init__(self) -> None:
        """Refuse a reference to nothing."""
        if not (self.engine and self.server and self.instrument):
            raise UsageError(f"{self!r} refers to nothing: engine, server and instrument each need a name")

    @property
    def uri(self) -> str:
        """The reference as text, in ASCII."""
        engine, server, instrument = (quote(part, safe="") for part in (self.engine, self.server, self.instrument))
        return f"luthier+{engine}://{server}/{instrument}"

    @classmethod
    def from_uri(cls, uri: str) -> InstrumentRef:
        """Return the reference that ``uri`` is; :class:`~luthier.errors.UsageError` where it is none."""
        parts = _URI.fullmatch(uri)
        if parts is None:
            raise UsageError(f"{uri!r} is no reference to an instrument: allowed is luthier+ENGINE://SERVER/INSTRUMENT")
        return cls(*map(unquote, parts.groups()))
