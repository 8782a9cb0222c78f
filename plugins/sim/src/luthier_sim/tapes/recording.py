"""Recording: a tape that is written while an instrument is used."""

from __future__ import annotations

import json
import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from luthier.errors import UsageError
from luthier.instrument import Instrument
from luthier.plain import to_plain

from luthier_sim.tapes.files import head_lines, line_of, read_tape, write_tape
from luthier_sim.tapes.masking import masks
from luthier_sim.tapes.recorded_transport import RecordedTransport
from luthier_sim.tapes.tape import Entry, Mark, Tape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from luthier.parameter import Change, Subscription

__all__ = ["Recording", "record"]

_log = logging.getLogger("luthier_sim")


class Recording:
    """A tape that grows. Any thread may add to it.

    With a file, each entry is in it as soon as it has happened, and nothing is kept in memory. Where the file can be
    written no more (the disk is full), that is logged once and the recording ends; the instrument goes on working.

    Parameters
    ----------
    name, address
        Of the instrument.
    file
        Where to write; it must not exist. ``None``: in memory.
    mask
        Regular expressions of secrets, see :func:`record`.

    Raises
    ------
    FileExistsError, OSError
        The file exists, or cannot be made.
    UsageError
        A mask is no regular expression.
    """

    def __init__(self, name: str, address: str, *, file: Path | None = None, mask: Iterable[str] = ()) -> None:
        self._masks = masks(mask)
        began = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.facts = {"instrument": name, "address": address, "recorded": began}
        if self._masks:
            self.facts["masked"] = str(len(self._masks))
        self.file = file
        self._entries: list[Entry] = []
        self._guard = threading.Lock()
        self._place: IO[bytes] | None = None
        self._subscriptions: list[Subscription] = []
        self._start = perf_counter()
        if file is not None:
            self._place = file.open("xb", buffering=0)  # a line is one write: a killed program leaves whole ones
            self._write(head_lines(self.facts))

    @property
    def tape(self) -> Tape:
        """What has been recorded so far."""
        if self.file is not None:
            return read_tape(self.file)
        with self._guard:
            return Tape(self.facts, tuple(self._entries))

    @property
    def exchanges(self) -> tuple[Any, ...]:
        """The exchanges that have been recorded so far; see :class:`~luthier_sim.tapes.tape.TapeExchange`."""
        return self.tape.exchanges

    def save(self, file: str | Path) -> None:
        """Write what has been recorded so far into a new file.

        Raises FileExistsError where there is one, which is left as it is.
        """
        write_tape(self.tape, file)

    def add(self, mark: Mark, content: bytes) -> None:
        """Add an entry; the time is now. After :meth:`end` nothing happens."""
        with self._guard:
            entry = Entry(
                mark, self._masked(mark, content) if self._masks else content, round(perf_counter() - self._start, 6)
            )
            if self.file is None:
                self._entries.append(entry)
            elif self._place is not None:
                self._write(line_of(entry))

    def watch(self, instrument: Instrument) -> None:
        """Note from now on what the driver's parameters are set to and read as, those of channels too."""
        self.add(Mark.EVENT, f"opened {type(instrument).__module__}:{type(instrument).__qualname__}".encode())
        for path, parameter in parameters_of(instrument):
            self._subscriptions.append(parameter.subscribe(self._teller(path)))

    def end(self) -> None:
        """Add nothing any more, and close the file; twice is fine."""
        with self._guard:
            place, self._place = self._place, None
            if place is not None:
                place.close()

    def unwatch(self) -> None:
        """Note no parameters any more."""
        for subscription in self._subscriptions:
            subscription.cancel()
        self._subscriptions.clear()

    def _teller(self, path: str) -> Any:
        def tell(change: Change) -> None:
            if change.origin in ("set", "read"):
                value = json.dumps(to_plain(change.value))
                self.add(Mark.PARAMETER, f"{path} {change.origin} {value}".encode("latin-1"))

        return tell

    def _masked(self, mark: Mark, content: bytes) -> bytes:
        if mark in (Mark.SENT, Mark.REPLY, Mark.PART):
            return self._masks(content)
        if mark is Mark.PARAMETER:
            head, _, value = content.partition(b" ")[2].partition(b" ")
            path = content.partition(b" ")[0]
            return b" ".join((path, head, b'"***"')) if self._masks.finds(value) else content
        return self._masks.in_text(content)

    def _write(self, text: str) -> None:
        assert self._place is not None
        try:
            self._place.write(text.encode("ascii"))
        except OSError as error:
            _log.error("%s can be written no more, and ends here: %s", self.file, error)
            self._place.close()
            self._place = None


def parameters_of(instrument: Any) -> Iterator[tuple[str, Any]]:
    """Yield every parameter with its path from the instrument, those of channels too."""
    start = len(instrument.full_name) + 1
    seen: set[int] = set()
    waiting = [instrument]
    while waiting:
        host = waiting.pop()
        if id(host) in seen:
            continue
        seen.add(id(host))
        for parameter in host.parameters.values():
            yield parameter.full_name[start:], parameter
        for channel in host.channels.values():
            waiting.extend([channel] if hasattr(channel, "parameters") else channel)


@contextmanager
def record(instrument: Instrument, file: str | Path | None = None, *, mask: Iterable[str] = ()) -> Iterator[Recording]:
    r"""Record what is said to an instrument until the end of the ``with`` block.

    The instrument goes on as it is: nothing is sent to it, and errors pass. Messages, replies, timeouts and lost
    connections are recorded with their times, and what parameters are set to and read as.

    Parameters
    ----------
    instrument
        An open instrument of this process that has a connection.
    file
        A new file, written as things happen. ``None``: the tape is kept in memory; see :meth:`Recording.save`.
    mask
        Regular expressions of secrets. What their groups match, or all where there are none, is replaced by ``***`` in
        messages, replies and texts of errors before anything is written.

    Raises
    ------
    UsageError
        It has no connection here, is closed, or a mask is no regular expression.
    FileExistsError
        There is such a file; it is left as it is.

    Examples
    --------
    >>> import luthier
    >>> with luthier.open("keithley.2400", "sim://", name="smu") as smu, record(smu) as recording:
    ...     smu.output(False)
    >>> [exchange.text for exchange in recording.exchanges]
    ['OUTP 0', 'SYST:ERR?']
    """
    if Instrument not in type(instrument).__mro__:  # a proxy passes for one
        raise UsageError(
            f"{instrument!r} cannot be recorded here: it is no instrument of this process",
            state="Nothing was recorded.",
            advice="One that lives on a server is recorded there: start the script by 'luthier record -- python …'.",
        )
    recording: Recording | None = None
    place = None if file is None else Path(file)
    try:
        recording = Recording(instrument.name, instrument.address or "", file=place, mask=mask)
        made = recording  # what the function below closes over is never None
        take_out = instrument.interpose(lambda transport: RecordedTransport(transport, made))
    except UsageError:
        if recording is not None:
            recording.end()
            if place is not None:
                place.unlink()
        raise
    try:
        recording.watch(instrument)
        yield recording
    finally:
        take_out()
        recording.unwatch()
        recording.end()
