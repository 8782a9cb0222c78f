"""The instruments of a lab, opened together."""

from __future__ import annotations

import logging
import threading
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from luthier.errors import ClosedError, NameClashError, StationError, UnknownNameError, WrongTypeError
from luthier.instrument import Instrument
from luthier.parameter.messages import unknown_name
from luthier.station.description import StationDescription
from luthier.station.ending import Ending
from luthier.station.entries import RESERVED_NAMES
from luthier.station.opening import Opening, find_drivers
from luthier.station.ordering import in_order
from luthier.station.reading import describe
from luthier.station.section_plugins import prepared
from luthier.station.tables import as_html, as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from luthier.station.finding import StationFile

__all__ = ["Station", "open_stations"]

I = TypeVar("I", bound=Instrument)  # noqa: E741 - for instrument

_HEADINGS = ("instrument", "driver", "address", "state")

_log = logging.getLogger("luthier.station")
_open_stations: list[Station] = []
_lock = threading.Lock()


class Station:
    """The instruments that a ``lab.toml`` describes, opened together.

    ::

        with Station("lab.toml") as lab:
            lab.smu.voltage(0.1)
            lab.dmm.voltage()

    Opening goes in steps, and each is complete before the next begins:

    1. The file is read and the drivers are imported. Every mistake is reported, with its line.
    2. The instruments are opened one after another, in the order of the file, each after those that it depends on.
    3. Limits are narrowed, and every initial value is checked.
    4. The initial values are set, in the order of the file; so far nothing was set.

    Where a step fails, what was opened is closed again (and what was set is made safe before), and all failures of the
    step are raised together.

    Leaving a ``with`` block makes all instruments safe and closes them, the last opened first, whatever happened.
    Without ``with``, call :meth:`make_safe` and :meth:`close`.

    Running a notebook cell again is normal: opening a file again closes what the station opened before from the same
    file holds open, or of it, with ``only``, the instruments that are to be opened now.

    The instruments may be used from several threads. Adding to a station and closing it is for one at a time.

    Parameters
    ----------
    file
        A ``lab.toml``, or a folder that has one, or what :func:`luthier.station.describe` returned. ``None``: what the
        environment variable ``LUTHIER_LAB`` names, else ``lab.toml`` in the working directory.
    only
        The instruments to open, with what they depend on; ``None``: all.
    initial
        Whether the initial values are set. Limits are narrowed in any case.

    Raises
    ------
    ConfigurationError
        The file does not exist, or is not TOML. Nothing was opened.
    StationError
        Anything else: all failures, each with the file and line concerned. Everything is closed again.
    UnknownNameError
        ``only`` names an instrument that the file does not describe. Nothing was opened.
    """

    def __init__(
        self,
        file: StationFile | StationDescription | None = None,
        *,
        only: Iterable[str] | None = None,
        initial: bool = True,
    ) -> None:
        self._description = file if isinstance(file, StationDescription) else describe(file)
        self._closed = False
        self._instruments: dict[str, Instrument] = {}
        names = self._selected([only] if isinstance(only, str) else only)
        drivers = find_drivers([self._description.instruments[name] for name in names], self._description)
        self._close_earlier(None if only is None else names)
        self._undo_sections = prepared(self._description)
        try:
            self._instruments = Opening(self._description).run(drivers, initial=initial)
        except BaseException:
            self._undo_sections()
            raise
        with _lock:
            _open_stations[:] = [*(other for other in _open_stations if other._holds_open()), self]  # noqa: SLF001 - same

    def _selected(self, only: Iterable[str] | None) -> tuple[str, ...]:
        entries = self._description.instruments
        wanted = tuple(entries if only is None else only)
        for name in wanted:
            if name not in entries:
                raise unknown_name("instrument", name, entries, who=str(self._description.file))
        return in_order(wanted, {name: entry.depends_on for name, entry in entries.items()})

    def _close_earlier(self, names: Sequence[str] | None) -> None:
        """Close what stations opened before from the same file hold open: all of it, or the instruments named."""
        with _lock:
            same = [other for other in _open_stations if other.description.path == self._description.path]
        for earlier in same:
            ending = Ending()
            if names is None:
                earlier._end(ending)  # noqa: SLF001 - another station of this class
            else:
                ending.close(one for one in earlier._last_first() if one.name in names)  # noqa: SLF001 - the same
            try:
                ending.finish(f"{self._description.file}: closing what was opened before from this file went wrong")
            except StationError as error:  # it may be broken, which is why it is opened again
                _log.warning("%s", error, exc_info=True)

    # What it holds

    @property
    def description(self) -> StationDescription:
        """What the file says."""
        return self._description

    @property
    def name(self) -> str:
        """The name that the file gives to the station, or the file's own without its ending."""
        return self._description.name

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        """The instruments by name, in the order in which they were opened."""
        return MappingProxyType(self._instruments)

    @overload
    def get(self, name: str) -> Any: ...

    @overload
    def get(self, name: str, kind: type[I]) -> I: ...

    def get(self, name: str, kind: type[Instrument] | None = None) -> Any:
        """Return the instrument of that name; with ``kind``, typed, after a look whether it is one.

        ``lab.smu`` and ``lab["smu"]`` are the same, but type checkers do not know of which class it is.

        Raises :class:`~luthier.errors.UnknownNameError`, and :class:`~luthier.errors.WrongTypeError` where it is not of
        the class ``kind``.
        """
        found = self._instruments.get(name)
        if found is None:
            raise self._unknown(name)
        if kind is not None and not isinstance(found, kind):
            raise WrongTypeError(
                f"{name} is a {type(found).__name__}, not a {kind.__name__}",
                who=self.name,
                value=found,
                allowed=f"instruments of the class {kind.__name__}",
            )
        return found

    def _unknown(self, name: str) -> UnknownNameError:
        if name in self._description.instruments:
            opened = ", ".join(self._instruments)
            return UnknownNameError(
                f"the instrument {name!r} was not opened",
                who=self.name,
                advice=f"Only these of the file were to be opened: {opened}. Name {name!r} in only=[…] too.",
                name=name,
                suggestions=(),
            )
        return unknown_name("instrument", name, self._instruments, who=self.name)

    def __getitem__(self, name: str) -> Any:
        """Return the instrument of that name; see :meth:`get`."""
        return self.get(name)

    def __getattr__(self, name: str) -> Any:
        """Return the instrument of that name; see :meth:`get`."""
        if name.startswith("_") and name not in self.__dict__.get("_instruments", ()):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return self.get(name)

    def __contains__(self, name: object) -> bool:
        """Whether there is an instrument of that name."""
        return name in self._instruments

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the instruments, in the order in which they were opened."""
        return iter(self._instruments)

    def add(self, instrument: I) -> I:
        """Take in an instrument that was opened otherwise: it is made safe and closed with the others. Return it.

        One of the same name that is closed by now is replaced, so that a notebook cell can be run again.

        Raises :class:`~luthier.errors.NameClashError` where another open instrument has the name or no instrument can
        be reached by it, and :class:`~luthier.errors.ClosedError` where the instrument or the station is closed.
        """
        name = instrument.name
        if self._closed or instrument.closed:
            which = "the station" if self._closed else name
            raise ClosedError(f"cannot add {name}: {which} is closed", who=self.name, advice="Open it again.")
        present = self._instruments.get(name)
        if name in RESERVED_NAMES or (present is not None and present is not instrument and not present.closed):
            holder = "an open instrument" if present is not None else "something that every station has"
            raise NameClashError(
                f"cannot add {name}: {holder} is called so",
                who=self.name,
                state="Nothing was added; the instrument stays open.",
                advice="Choose another name.",
                name=name,
                opened_at="" if present is None else present.opened_at,
            )
        self._instruments.pop(name, None)
        self._instruments[name] = instrument
        return instrument

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return everything known of all instruments as plain JSON data.

        Nothing is sent, unless ``update`` asks for fresh readings.
        """
        return {
            "name": self.name,
            "file": str(self._description.path),
            "instruments": {name: one.snapshot(update=update) for name, one in self._instruments.items()},
        }

    # Its end

    def make_safe(self) -> None:
        """Make all instruments safe, the last opened first, each whatever happened to the others.

        Raises :class:`~luthier.errors.StationError` with all failures.
        """
        ending = Ending()
        ending.make_safe(self._last_first())
        ending.finish(f"{self.name}: not every instrument could be made safe")

    @property
    def closed(self) -> bool:
        """Whether the station was closed."""
        return self._closed

    def close(self) -> None:
        """Close all instruments, the last opened first, each whatever happened to the others. Twice is fine.

        Outputs stay as they are: see :meth:`make_safe`. Raises :class:`~luthier.errors.StationError` with all failures;
        the connections are closed all the same.
        """
        ending = Ending()
        self._end(ending)
        ending.finish(f"{self.name}: not every instrument could be closed in order")

    def _holds_open(self) -> bool:
        return any(not instrument.closed for instrument in self._instruments.values())

    def _last_first(self) -> list[Instrument]:
        return list(reversed(self._instruments.values()))

    def _end(self, ending: Ending) -> None:
        self._closed = True
        with _lock:
            _open_stations[:] = [other for other in _open_stations if other is not self]
        ending.close(self._last_first())
        self._undo_sections()

    def __enter__(self) -> Self:
        """Return the station itself."""
        if self._closed:
            raise ClosedError("the station is closed", who=self.name, advice="Open it again: Station(…).")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Make safe and close all instruments, the last opened first, whatever happened.

        Failures are raised together, with the exception of the block as the first of them. Where the block was ended by
        Ctrl-C, that is what is raised, with notes of the failures, which are also logged.
        """
        ending = Ending()
        ending.make_safe(self._last_first())
        self._end(ending)
        ending.finish(f"{self.name}: leaving the station went wrong", error)

    # Looks

    def __dir__(self) -> list[str]:
        """Offer the instruments for completion."""
        return [*super().__dir__(), *self._instruments]

    def __repr__(self) -> str:
        """Name, file and instruments."""
        state = "closed" if self._closed else ", ".join(self._instruments) or "no instruments"
        return f"<Station {self.name} of {self._description.file}: {state}>"

    def __str__(self) -> str:
        """Return a table of the instruments, for a terminal."""
        return as_text(repr(self), _HEADINGS, list(self._rows()))

    def _repr_html_(self) -> str:
        return as_html(repr(self), _HEADINGS, list(self._rows()))

    def _rows(self) -> Iterator[tuple[str, ...]]:
        entries = self._description.instruments
        for name in (*self._instruments, *(name for name in entries if name not in self._instruments)):
            entry, instrument = entries.get(name), self._instruments.get(name)
            driver = entry.driver if entry is not None else getattr(instrument, "kind", "")
            address = getattr(instrument, "address", None) or (entry.address if entry is not None else None)
            state = "not opened" if instrument is None else "closed" if instrument.closed else "open"
            yield name, driver, address or "", state


def open_stations() -> tuple[Station, ...]:
    """Return the stations that hold instruments open, in the order in which they were opened."""
    with _lock:
        return tuple(each for each in _open_stations if each._holds_open())  # noqa: SLF001 - of this module
