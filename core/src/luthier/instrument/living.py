"""The instruments of this process that are open, by name."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
from typing import TYPE_CHECKING

from luthier.errors import NameClashError, UsageError

if TYPE_CHECKING:
    from luthier.instrument.instrument import Instrument

__all__ = ["claim", "close_all", "instruments", "register", "release", "where_called"]

_log = logging.getLogger("luthier.instrument")

_living: dict[str, Instrument] = {}
_constructing: dict[str, Instrument] = {}
_lock = threading.Lock()


def instruments() -> dict[str, Instrument]:
    """Return the open instruments of this process by name, in the order in which they were opened."""
    with _lock:
        return dict(_living)


def claim(instrument: Instrument) -> None:
    """Reserve the name of ``instrument``, which is about to be opened.

    A living instrument of the same name, class and address is closed: a notebook cell was run again. Raises
    :class:`~luthier.errors.NameClashError` where a living instrument of another class or address has the name, or
    another thread is opening one.
    """
    name = instrument.name
    with _lock:
        living = _living.get(name)
        if living is not None and (living.kind, living.address) != (instrument.kind, instrument.address):
            raise NameClashError(
                f"the name {name!r} is in use by {living.kind.rpartition('.')[2]} at {living.address or 'no address'}, "
                f"opened at {living.opened_at}",
                state="Nothing was opened; the living instrument is as it was.",
                advice=f"Choose another name, or close that one first: luthier.instruments()[{name!r}].close().",
                name=name,
                opened_at=living.opened_at,
            )
        _require_unclaimed(instrument)
        _constructing[name] = instrument
    if living is not None:
        living.reopen_advice = f"{name} was opened again at {instrument.opened_at}: use that one."
        _close_surely(living)


def _require_unclaimed(instrument: Instrument) -> None:
    name = instrument.name
    other = _constructing.get(name)
    if other is instrument:
        raise UsageError(
            "its __init__ calls that of Instrument twice",
            who=type(instrument).__name__,
            state="The connection is closed.",
            advice="Where it has several bases, call super().__init__(name, address) once.",
        )
    if other is not None:
        raise NameClashError(
            f"an instrument {name!r} is being opened at {other.opened_at}",
            state="Nothing was opened.",
            advice="Wait until it is open, or choose another name.",
            name=name,
            opened_at=other.opened_at,
        )


def register(instrument: Instrument) -> None:
    """Turn the reservation of an instrument that is open now into its place among the living."""
    with _lock:
        _constructing.pop(instrument.name, None)
        _living[instrument.name] = instrument


def release(instrument: Instrument) -> None:
    """Take an instrument that was closed, or could not be opened, off the list."""
    with _lock:
        for table in (_constructing, _living):
            if table.get(instrument.name) is instrument:
                del table[instrument.name]


def close_all() -> None:
    """Close every open instrument of this process, the last opened first; failures are logged."""
    for instrument in reversed(instruments().values()):
        _close_surely(instrument)


def _close_surely(instrument: Instrument) -> None:
    """Close, whatever the driver's own ``close`` and the connection make of it; failures are logged."""
    try:
        instrument.close()
    except Exception:  # noqa: BLE001 - the others have to be closed all the same
        _log.exception("%s: could not be closed properly", instrument.name)
    if not instrument.closed:
        try:
            instrument.abandon()
        except Exception:  # noqa: BLE001 - the same
            _log.exception("%s: its connection could not be closed", instrument.name)


atexit.register(close_all)


def where_called() -> str:
    """Return ``file:line`` of the nearest caller outside this package."""
    package = __name__.rpartition(".")[0].rpartition(".")[0]
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way that costs nothing
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
