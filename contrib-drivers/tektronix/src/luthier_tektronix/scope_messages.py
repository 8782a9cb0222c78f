"""How oscilloscopes of Tektronix answer: headers in front of replies, words in two spellings, and the event queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from luthier import ScpiInstrument
from luthier.errors import IdentityError
from luthier.scpi import ErrorEntry, EventStatus

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ScopeInstrument", "bare", "short_forms"]

HEADER = re.compile(r":[A-Za-z0-9_:]+ ")
EVENT = re.compile(r'(\d+),"((?:[^"]|"")*)"')
ERRORS = EventStatus.QUERY_ERROR | EventStatus.DEVICE_ERROR | EventStatus.EXECUTION_ERROR | EventStatus.COMMAND_ERROR
FUNCTIONS = (
    ("run", "ACQ:STOPA RUNST;:ACQ:STATE RUN", "Acquire again and again (ACQuire:STOPAfter, ACQuire:STATE)."),
    ("stop", "ACQ:STATE STOP", "Acquire no more (ACQuire:STATE)."),
    (
        "single",
        "ACQ:STOPA SEQ;:ACQ:STATE RUN",
        "Acquire once, at the next trigger; wait_complete() waits for it (ACQuire:STOPAfter, ACQuire:STATE).",
    ),
    ("force_trigger", "TRIG FORC", "Take now as the trigger, where one is waited for (TRIGger FORCe)."),
)
TWO = 2
"""Inputs of models whose number ends with 0."""
SYSTEM_EVENTS = range(400, 410)
"""Switched on, operation complete, a key pressed: news, and no errors."""
LAST_EMPTY = 1
"""0: the queue is empty; 1: what is new waits for *ESR?."""


def bare(reply: str) -> str:
    """Return a reply without the header that HEADer ON puts in front of it.

    >>> bare(":CH1:SCALE 100.0E-3"), bare("100.0E-3")
    ('100.0E-3', '100.0E-3')
    """
    found = HEADER.match(reply)
    return reply[found.end() :] if found else reply


def short_forms(*words: str) -> Callable[[str], str]:
    """Return what makes the short form of the words, as manuals write them; the instrument answers one of both.

    >>> short = short_forms("RISe", "FALL")
    >>> short("RISE"), short("RIS"), short("FALL"), short("SIDEWAYS")
    ('RIS', 'RIS', 'FALL', 'SIDEWAYS')
    """
    shorts = {word: "".join(letter for letter in word if not letter.islower()) for word in words}
    table = {word.upper(): short for word, short in shorts.items()} | {short: short for short in shorts.values()}
    return lambda reply: table.get(reply.upper(), reply)


class ScopeInstrument(ScpiInstrument):
    """An oscilloscope of Tektronix; open one of the models.

    Replies are understood with headers (``HEADer ON``, as they leave the factory) and without, with long words
    (``VERBose ON``) and short ones. These instruments keep no error queue of SCPI but events: ``*ESR?`` is asked after
    each set, and ``ALLEv?`` where it tells an error. Warnings, such as a value that was rounded to what is possible,
    count as errors; that it was switched on does not.

    Raises
    ------
    IdentityError
        What answers is another instrument; the connection is closed.
    """

    model_pattern: ClassVar[re.Pattern[str]]
    """What ``*IDN?`` has to tell as the model; its last digit is the number of inputs."""
    model_example: ClassVar[str]

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model
        if self.model_pattern.fullmatch(model) is None:
            raise IdentityError(
                f"{self.idn.vendor} {model} answers; expected: such as {self.model_example}",
                who=f"{self.name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address; luthier drivers tektronix lists the drivers of other oscilloscopes.",
                sent="no",
                expected=self.model_example,
                identity=str(self.idn),
            )
        self.input_count = int(re.findall(r"\d", model.partition("-")[0])[-1]) or TWO
        for function, command, doc in FUNCTIONS:
            self.add_function(function, command, doc=doc)

    def query(self, command: str) -> str:
        """Send a query and return the reply, without the header."""
        return bare(super().query(command))

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Ask ``*ESR?``, and for the events where it tells of an error; both are cleared by that."""
        if not self.event_status() & ERRORS:
            return ()
        events = [(int(code), text.replace('""', '"')) for code, text in EVENT.findall(self.query("ALLE?"))]
        return tuple(ErrorEntry(code, text) for code, text in events if code > LAST_EMPTY and code not in SYSTEM_EVENTS)
