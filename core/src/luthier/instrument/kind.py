"""What happens around the constructor of an instrument."""

from __future__ import annotations

from typing import Any, TypeVar

from luthier import plugins
from luthier.instrument import living

__all__ = ["InstrumentType"]

T = TypeVar("T")


class InstrumentType(type):
    """The class of instrument classes: a constructor that fails closes what it opened, one that succeeds is registered.

    With ``server_name`` the instrument is built by the servers plugin, in another process, and what is returned is its
    :class:`~luthier.server.RemoteInstrument`.
    """

    def __call__(cls: type[T], *args: Any, **options: Any) -> T:
        """Build the instrument here, or on a server."""
        server_name = options.pop("server_name", None)
        if server_name is not None:
            build: Any = plugins.registry("servers").load("local")
            return build(cls, server_name, args, options)
        instrument: Any = cls.__new__(cls, *args, **options)  # type: ignore[arg-type]  # cls is a class, not a kind
        try:
            cls.__init__(instrument, *args, **options)  # type: ignore[misc]  # the instance is of this very class
            instrument.require_constructed()
        except BaseException:
            instrument.abandon()
            raise
        living.register(instrument)
        try:
            plugins.hooks.instrument_opened(instrument)
        except BaseException:
            instrument.close()
            raise
        return instrument
