"""Instruments that remember what they were sent, and fail when they are told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from luthier import Channel, Instrument, parameter
from luthier.errors import ConnectionFaultError
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Source(Instrument):
    """A source whose level may be turned by hand (``turned_to``), with a list of all that was sent."""

    def __init__(self, name: str, level: float = 0.0, log: list[tuple[str, float]] | None = None) -> None:
        super().__init__(name)
        self.turned_to = level
        self.log: list[tuple[str, float]] = [] if log is None else log
        self.before_each: Callable[[float], object] = lambda _: None
        self.reads = 0

    def _read(self) -> float:
        self.reads += 1
        return self.turned_to

    def _put(self, level: float) -> None:
        self.before_each(level)
        self.turned_to = level
        self.log.append((self.name, level))

    voltage = parameter(float, get_cmd=_read, set_cmd=_put, unit="V", validator=Numbers(-10, 10))

    @property
    def sent(self) -> list[float]:
        return [level for name, level in self.log if name == self.name]


class Output(Channel):
    """One output of a :class:`Dac`."""

    level = 0.0

    def _read(self) -> float:
        return self.level

    def _put(self, level: float) -> None:
        self.root.log.append((self.full_name, level))
        self.level = level

    voltage = parameter(float, get_cmd=_read, set_cmd=_put, unit="V", validator=Numbers(-1, 1))


class Dac(Instrument):
    """Two outputs in one instrument."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.log: list[tuple[str, float]] = []
        self.ch1 = Output(self, "ch1")
        self.ch2 = Output(self, "ch2")


def fail(_: float) -> None:
    """Fail half-way: something may have been sent."""
    raise ConnectionFaultError("the line is dead", address="COM1")


@pytest.fixture
def opened() -> Iterator[Callable[..., Any]]:
    """Open instruments that are closed at the end of the test."""
    living: list[Instrument] = []

    def open_(kind: type[Instrument], *args: Any, **options: Any) -> Any:
        living.append(kind(*args, **options))
        return living[-1]

    yield open_
    for instrument in reversed(living):
        instrument.close()


@pytest.fixture
def sources(opened: Callable[..., Any]) -> list[Source]:
    """Three sources with one log."""
    log: list[tuple[str, float]] = []
    return [opened(Source, name, 0.0, log) for name in ("one", "two", "three")]
