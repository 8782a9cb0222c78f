"""What happens around the constructor of an instrument."""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from luthier import plugins
from luthier.instrument import living

if TYPE_CHECKING:
    from luthier.instrument.instrument import Instrument

__all__ = ["InstrumentType"]

T = TypeVar("T")


class InstrumentType(ABCMeta):
    """The class of instrument classes: a constructor that fails closes what it opened, one that succeeds is registered.

    With ``server_name`` the instrument is built by the servers plugin, in another process, and what is returned is its
    :class:`~luthier.server.RemoteInstrument`. Being an ``ABCMeta``, it lets drivers implement abstract families.
    """

    def __call__(cls: type[T], *args: Any, **options: Any) -> T:
        """Build the instrument here, or on a server."""
        server_name = options.pop("server_name", None)
        if server_name is not None:
            build: Any = plugins.registry("servers").load("local")
            return cast("T", build(cls, server_name, args, options))
        instrument: Any = cls.__new__(cls, *args, **options)
        instrument.opened_at = living.where_called()
        try:
            cls.__init__(instrument, *args, **options)
            instrument.require_constructed()
        except BaseException as error:
            _abandon(instrument, error)
            raise
        living.register(instrument)
        try:
            plugins.hooks.instrument_opened(instrument)
        except BaseException:
            instrument.close()
            raise
        return cast("T", instrument)


def _abandon(instrument: Instrument, error: BaseException) -> None:
    try:
        instrument.abandon()
    except Exception as second:  # noqa: BLE001 - what the constructor raised is what the user has to know
        error.add_note(f"closing the connection failed as well: {second}")
