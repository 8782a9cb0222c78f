"""What a device that is made from a driver remembers, and how it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier.errors import LuthierError
from luthier.parameter import GroupParameter

from luthier_sim.declared.table import Table
from luthier_sim.declared.twin import Wire, reply_terminator, twin_of
from luthier_sim.declared.values import first_text, limit_text, read, reply_of, value_of
from luthier_sim.scpi.refusals import Refusal
from luthier_sim.scpi.replies import as_reply

if TYPE_CHECKING:
    from luthier import Instrument
    from luthier.parameter import Parameter

    from luthier_sim.declared.table import Change
    from luthier_sim.device import Device

__all__ = ["Memory", "UnknownMessage"]


class UnknownMessage(Exception):  # noqa: N818 - it is no fault of the program
    """The driver declares nothing for a message."""


class Memory:
    """What a device made from a driver knows and remembers."""

    def __init__(self, driver: type[Instrument]) -> None:
        self._driver = driver
        self._held: dict[str, tuple[str, Any, tuple[str, str]]] = {}
        self._asked_early: set[str] = set()
        self._being_looked_for: set[str] = set()
        self._twin: Instrument | None = None
        self._table: Table | None = None

    @property
    def table(self) -> Table:
        """What the driver declares."""
        assert self._table is not None  # it is made at once
        return self._table

    def open(self, device: Device) -> None:
        """Open the driver on `device`, which asks this memory. What the constructor asks is answered with 0.

        Raises :class:`~luthier.errors.UsageError` where it cannot be opened.
        """
        self._twin = twin_of(self._driver, Wire(device.respond, reply_terminator(device)))
        self._table = Table(self._twin)

    def answer(self, message: str) -> str | None:
        """Carry out a message in canonical form, and return its reply.

        Raises :class:`UnknownMessage`, and :class:`Refusal` for a value that the driver would refuse.
        """
        table = self._table
        if table is None:
            return self._answer_early(message)
        if (limit := table.limit(message)) is not None:
            return self._limit(*limit, asked_by_driver=table.is_asked_limit(message))
        if (parameter := table.question(message)) is not None:
            return self._reply(parameter)
        if table.is_action(message):
            return "0" if "?" in message.partition(" ")[0] else None
        if (found := table.change(message)) is not None:
            self._set(*found)
            return None
        if message.upper() in self._asked_early:
            return "0"
        raise UnknownMessage

    def _answer_early(self, message: str) -> str | None:
        if "?" not in message or message.startswith("*"):
            raise UnknownMessage
        self._asked_early.add(message.upper())
        return "0"

    def forget(self) -> None:
        """Give every value the first one."""
        self._held.clear()
        if self._twin is not None:
            self._twin.forget()

    def _set(self, change: Change, texts: tuple[str, ...]) -> None:
        given = list(zip(change.parameters, texts, strict=True))
        taken = {}
        for parameter, text in given:
            word = text.strip().upper()
            if parameter.type.__name__ in ("float", "int") and word in ("MIN", "MAX", "MINIMUM", "MAXIMUM"):
                text = limit_text(parameter, word) or text  # noqa: PLW2901 - what the word means
            value = text if parameter.specification.array is not None else value_of(parameter, text, change.around)
            taken[parameter.full_name] = (text, value, change.around)
        self._held |= taken
        if self._twin is not None:
            self._twin.forget()  # limits of others may depend on it

    def _reply(self, parameter: Parameter[Any]) -> str:
        if isinstance(parameter, GroupParameter):
            return parameter.specification.separator.join(map(self._reply, parameter.members))
        held = self._held.get(parameter.full_name)
        specification = parameter.specification
        if held is not None:
            text, value, around = held
            return text if specification.array is not None else reply_of(parameter, text, value, around)
        if specification.array is not None:
            return specification.array.encode([0] * self._length(parameter)).decode("latin-1")
        around = self.table.around(parameter)
        text = self._first(parameter)
        return reply_of(parameter, text, read(parameter, text, around), around)

    def _first(self, parameter: Parameter[Any]) -> str:
        """Return the first text of a parameter, whose limits may depend on others, and theirs on it."""
        name = parameter.full_name
        if name in self._being_looked_for:
            return first_text(parameter, in_any_state=True)
        self._being_looked_for.add(name)
        try:
            return first_text(parameter)
        finally:
            self._being_looked_for.discard(name)

    def _length(self, parameter: Parameter[Any]) -> int:
        product = 1
        try:
            for length in parameter.shape or (3,):
                product *= length
        except LuthierError:
            return 3
        return product

    def _limit(self, parameter: Parameter[Any], word: str, *, asked_by_driver: bool) -> str:
        if asked_by_driver:
            bound = getattr(parameter.validator, "minimum" if word == "MIN" else "maximum", None)
            return as_reply(float((-1e9 if word == "MIN" else 1e9) if bound is None else bound))
        text = limit_text(parameter, word)
        if text is None:
            raise Refusal(-108)
        return text
