"""A simulated device that answers from a table what it does not compute."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, ClassVar

from luthier_sim.device import Device
from luthier_sim.tapes.meaning import is_meant_by, meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Said"]


class Said(Device):
    r"""Answers the questions in a table, and takes the commands in another; the rest is for the class behind it.

    For simulators that were made of a tape: ``class SimulatedLamp(Said, ScpiDevice)``. Messages are compared by their
    meaning where they are SCPI. What is in the tables comes before what the class behind it declares: delete an entry
    when you have declared what it stands for.

    Examples
    --------
    >>> from luthier_sim import ScpiDevice
    >>> class Lamp(Said, ScpiDevice):
    ...     said = {"MEAS:LIGH?": ["0.5", "0.7"]}
    >>> lamp = Lamp()
    >>> [lamp.respond(message) for message in (b"MEAS:LIGH?", b":measure:light?", b"MEAS:LIGH?", b"*OPC?")]
    [b'0.5\n', b'0.7\n', b'0.7\n', b'1\n']
    """

    said: ClassVar[Mapping[str, Sequence[str | bytes]]] = {}
    """Answers by question: one after another, then the last one again. Text is Latin-1."""
    taken: ClassVar[Sequence[str]] = ()
    """Commands that do nothing."""

    def switch_on(self) -> None:
        """Begin with the first answers."""
        self._next: dict[object, Iterator[bytes]] = {
            _key(question.encode("latin-1")): _endless(answers) for question, answers in self.said.items()
        }
        super().switch_on()

    def respond(self, message: bytes) -> bytes | None:
        """Answer from the table, or let the class behind it do so."""
        answers = self._next.get(_key(message))
        if answers is not None:
            return next(answers) + self.terminator
        if any(is_meant_by(command.encode("latin-1"), message) for command in self.taken):
            return None
        return super().respond(message)


def _key(message: bytes) -> object:
    return meaning_of(message) or message


def _endless(answers: Sequence[str | bytes]) -> Iterator[bytes]:
    encoded = [answer.encode("latin-1") if isinstance(answer, str) else answer for answer in answers]
    return itertools.chain(encoded, itertools.repeat(encoded[-1]))
