"""Instruments that live in another process: references to them, and the protocol of the plugins that host them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import quote, unquote, urlsplit

import attrs

from luthier.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from luthier.instrument import Instrument

__all__ = ["InstrumentRef", "ServerPlugin"]


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

    @property
    def uri(self) -> str:
        """The reference as text."""
        return f"luthier+{self.engine}://{quote(self.server, safe='')}/{quote(self.instrument, safe='')}"

    @classmethod
    def from_uri(cls, uri: str) -> InstrumentRef:
        """Return the reference that ``uri`` is; :class:`~luthier.errors.UsageError` where it is none."""
        parts = urlsplit(uri)
        scheme, _, engine = parts.scheme.partition("+")
        instrument = parts.path.removeprefix("/")
        if scheme != "luthier" or not engine or not parts.netloc or not instrument or "/" in instrument:
            raise UsageError(f"{uri!r} is no reference to an instrument: allowed is luthier+ENGINE://SERVER/INSTRUMENT")
        return cls(engine, unquote(parts.netloc), unquote(instrument))


@runtime_checkable
class ServerPlugin(Protocol):
    """What an entry point of the group ``luthier.servers`` refers to."""

    def __call__(
        self,
        kind: type[Instrument],
        server_name: str,
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Any:
        """Build ``kind(*args, **options)`` on the server of that name, starting it where it does not run.

        Returns the proxy of the instrument.
        """
        ...
