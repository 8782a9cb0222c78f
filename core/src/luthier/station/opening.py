"""Opening the instruments of a station: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import ConfigurationError, LuthierError, UnknownNameError
from luthier.station.drivers import find_driver, refused_option
from luthier.station.ending import Ending
from luthier.station.mistakes import Failure, Mistakes, in_words, together
from luthier.station.ordering import in_order
from luthier.station.references import resolved
from luthier.station.sections import INSTRUMENTS
from luthier.station.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from luthier.instrument import Instrument
    from luthier.station.description import InstrumentEntry, StationDescription
    from luthier.station.drivers import FoundDriver
    from luthier.station.settings import Setting

__all__ = ["Opening", "find_drivers"]


def find_drivers(entries: Iterable[InstrumentEntry], description: StationDescription) -> list[FoundDriver]:
    """Import the drivers of ``entries``; nothing is opened.

    Raises :class:`~luthier.errors.StationError` with all that cannot be used, and all options that are not taken.
    """
    mistakes = Mistakes(description.document)
    found = [find_driver(entry, description, mistakes) for entry in entries]
    mistakes.raise_all()
    return [driver for driver in found if driver is not None]


class _StoppedError(Exception):
    """Opening cannot go on; what is left behind is not known yet."""

    def __init__(self, what: str, state: str, failures: Sequence[Failure], closing: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.state = state
        """Holds where everything could be undone."""
        self.failures = failures
        self.closing = closing


class Opening:
    """One attempt to open a station. Where it fails in any way, what was set is made safe and all is closed again."""

    def __init__(self, description: StationDescription) -> None:
        self._document = description.document
        self._depends_on = {name: entry.depends_on for name, entry in description.instruments.items()}
        self._opened: dict[str, Instrument] = {}
        self._set: list[Setting] = []
        """What was set, or may have been."""

    def run(self, drivers: Sequence[FoundDriver], *, initial: bool) -> dict[str, Instrument]:
        """Open in the order given; narrow limits; check all initial values; set them, unless ``initial`` is false."""
        try:
            self._open(drivers)
            self._apply(self._checked(drivers, initial=initial))
        except _StoppedError as stopped:
            undoing = self._undo()
            state = ", and not everything could be undone" if undoing.failures else f"; {stopped.state}"
            headline = f"{self._document.file}: {stopped.what}{state}"
            error = together(headline, [*stopped.failures, *undoing.failures], closing=stopped.closing)
            if undoing.interrupt is not None:
                raise undoing.interrupt from error
            raise error from None
        except BaseException as interrupt:
            self._undo().finish(f"{self._document.file}: opening went wrong", interrupt)
            raise
        return self._opened

    # Opening

    def _open(self, drivers: Sequence[FoundDriver]) -> None:
        failures: list[Failure] = []
        missing: set[str] = set()
        not_tried: list[str] = []
        for driver in drivers:
            entry = driver.entry
            try:
                if missing.isdisjoint(entry.depends_on):
                    self._opened[entry.name] = self._construct(driver)
                    continue
                not_tried.append(entry.name)
            except Exception as error:  # noqa: BLE001 - whatever a driver raises is reported with the others
                failures.append(Failure(error, self._explained(error, entry)))
            missing.add(entry.name)
        if failures:
            which = f"{len(failures)} of {len(drivers)} instruments" if len(drivers) > 1 else drivers[0].entry.name
            raise _StoppedError(
                f"{which} could not be opened",
                "nothing was set, and what was opened is closed again",
                failures,
                f"Not tried, because they depend on those: {', '.join(not_tried)}." if not_tried else "",
            )

    def _construct(self, driver: FoundDriver) -> Instrument:
        entry = driver.entry
        options = {key: self._resolved(key, entry) for key in entry.options}
        if entry.address is not None:
            options["address"] = entry.address
        if entry.metadata:
            options["metadata"] = dict(entry.metadata)
        if entry.server is not None:
            options["server_name"] = entry.server
        try:
            return driver.kind(entry.name, **options)
        except TypeError as error:
            refusal = refused_option(error, driver, self._document)
            if refusal is None:
                raise
            raise refusal from error

    def _resolved(self, option: str, entry: InstrumentEntry) -> Any:
        try:
            return resolved(entry.options[option], self._opened)
        except UnknownNameError as error:
            path = (INSTRUMENTS, entry.name, "options", option)
            what = f"the option {option!r} of {entry.name}: {error.who} {error.what}"
            raise self._document.mistake(path, what, advice=error.advice) from error

    def _explained(self, error: Exception, entry: InstrumentEntry) -> str:
        """Say in ``error`` where its instrument is described, and return it as one line."""
        if isinstance(error, ConfigurationError):
            return in_words(error)
        place = self._document.place((INSTRUMENTS, entry.name))
        error.add_note(f"raised while {entry.name} was opened, which is described at {place}")
        if isinstance(error, LuthierError):
            error.complete(who=entry.name, file=str(self._document.file.absolute()), line=entry.line)
        words = in_words(error)
        return f"{place}: {words}" if words.startswith(entry.name) else f"{place}: {entry.name}: {words}"

    # Setting

    def _checked(self, drivers: Sequence[FoundDriver], *, initial: bool) -> list[Setting]:
        mistakes = Mistakes(self._document)
        settings = Settings(self._document, mistakes)
        pairs = [(driver.entry, self._opened[driver.entry.name]) for driver in drivers]
        for entry, instrument in pairs:
            settings.narrow(entry, instrument)
        wanted = [one for entry, instrument in pairs for one in settings.initial(entry, instrument)] if initial else []
        found = mistakes.failures
        if found:
            count = "a setting" if len(found) == 1 else f"{len(found)} settings"
            raise _StoppedError(
                f"{count} cannot be used", "nothing was set, and every instrument is closed again", found
            )
        return wanted

    def _apply(self, settings: Sequence[Setting]) -> None:
        for setting in settings:
            self._set.append(setting)
            try:
                setting.set()
            except Exception as error:  # noqa: BLE001 - whatever a driver raises; it is raised again
                stopped = self._stopped(setting, error)
                if isinstance(error, LuthierError) and error.sent == "no":
                    self._set.pop()
                raise stopped from None

    def _stopped(self, setting: Setting, error: Exception) -> _StoppedError:
        place = self._document.place(setting.path)
        error.add_note(f"raised while the initial value of {setting.parameter.full_name} was set, given at {place}")
        names = ", ".join(one.parameter.full_name for one in self._set[:-1])
        return _StoppedError(
            "the initial values could not all be set",
            "the instruments that were set were made safe, and every instrument is closed again",
            [Failure(error, f"{place}: {in_words(error)}")],
            f"Set before it: {names or 'nothing'}.",
        )

    # Undoing

    def _undo(self) -> Ending:
        """Make safe what was set, with all that it depends on, and close everything, the last opened first."""
        touched = in_order((str(setting.path[1]) for setting in self._set), self._depends_on)
        opened = dict(reversed(self._opened.items()))
        ending = Ending()
        ending.make_safe(instrument for name, instrument in opened.items() if name in touched)
        ending.close(opened.values())
        return ending
