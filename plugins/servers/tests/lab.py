"""Instruments that the tests put on servers."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from luthier import Channel, ChannelList, Instrument, parameter
from luthier.validators import Numbers


class Mode(Enum):
    DC = 1
    AC = 2


class Base(Instrument):
    """An instrument with one parameter, as the tutorial has it."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.x = 0
        self.add_parameter("x", get_cmd=self.getx, set_cmd=self.setx)

    def getx(self) -> Any:
        return self.x

    def setx(self, value: Any) -> None:
        self.x = value


class SlowBase(Base):
    """The same, but a set takes a while."""

    def __init__(self, name: str, delay: float = 0.3, **options: Any) -> None:
        self._delay = delay
        super().__init__(name, **options)

    def setx(self, value: Any) -> None:
        time.sleep(self._delay)
        self.x = value


class Meta(Instrument):
    """An instrument over others, as the tutorial has it."""

    shared_kwargs = ("instruments",)

    def __init__(self, name: str, instruments: Any = (), **options: Any) -> None:
        super().__init__(name, **options)
        self._members: list[Any] = []
        self.add_parameter("both", set_cmd=self._set_both)
        self.add_parameter("both_async", set_cmd=self._set_async)
        for member in instruments:
            self.add_member(member)

    def add_member(self, member: Any) -> None:
        """Add an instrument later."""
        number = len(self._members)
        self._members.append(member)
        self.add_parameter(f"c{number}", get_cmd=partial(self._get, number), set_cmd=partial(self._set, number))

    def members_are_real(self) -> list[bool]:
        """Whether each member is the instrument itself."""
        return [type(member).__name__ != "RemoteInstrument" for member in self._members]

    def _get(self, number: int) -> Any:
        return self._members[number].get("x")

    def _set(self, number: int, value: Any) -> None:
        self._members[number].set("x", value)

    def _set_both(self, value: Any) -> None:
        for member in self._members:
            member.set("x", value)

    def _set_async(self, value: Any) -> None:
        with ThreadPoolExecutor(len(self._members)) as pool:
            wait([pool.submit(partial(member.set, "x"), value) for member in self._members])


class Output(Channel):
    level = parameter(float, validator=Numbers(0, 5), unit="V")

    def zero(self) -> str:
        """Go to zero."""
        self.level.set(0.0)
        return self.full_name


class Source(Instrument):
    """A source of everything."""

    voltage = parameter(float, unit="V", label="Level", validator=Numbers(-1, 1), doc="The level.")
    mode = parameter(Mode)
    limited = parameter(float, minimum=0, maximum="voltage", unit="V")
    anything = parameter(object)

    def __init__(self, name: str, marker: str = "", **options: Any) -> None:
        super().__init__(name, **options)
        self._marker = marker
        self._temperature = 4.2
        self._hanging = threading.Event()
        self.voltage.set(1.0)
        ChannelList(self, "outputs", [Output(self, f"ch{number}") for number in (1, 2, 3)])
        self.add_function("trigger", lambda level: level * 2, arguments=(Numbers(0, 1),), doc="Fire.")

    @property
    def temperature(self) -> float:
        """Of the coil."""
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self._temperature = value

    def describe(self, first: int, *rest: Any, unit: str = "V") -> str:
        """Say what was given."""
        return f"{first} {rest} {unit}"

    def echo(self, value: Any) -> Any:
        """Return what was given."""
        return value

    def kind_of(self, value: Any) -> str:
        """Return the type of what was given."""
        return type(value).__name__

    def fail(self, how: str) -> Any:
        """Fail in some way."""
        ways: dict[str, Any] = {"odd": self._odd, "builtin": [].pop, "unsendable": object, "exit": self._exit}
        return ways[how]()

    def _odd(self) -> None:
        class OddError(Exception):
            def __init__(self) -> None:
                super().__init__(threading.Lock())

            def __str__(self) -> str:
                raise RuntimeError("cannot even be printed")

        raise OddError

    def _exit(self) -> None:
        raise SystemExit(3)

    def grow(self, name: str) -> None:
        """Add a parameter."""
        self.add_parameter(name, unit="A")

    def hang(self) -> None:
        """Hang for ever."""
        self._hanging.wait()

    def pid(self) -> int:
        """Return the number of the process."""
        return os.getpid()

    def make_safe(self) -> None:
        """Leave a mark."""
        if self._marker:
            Path(self._marker).write_text("safe", "utf-8")

    def _private(self) -> str:
        return "secret"


class Ramp(Instrument):
    level = parameter(float, get_cmd=None, set_cmd=None, step=0.1, rate=1.0)

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self.level.cache.push(0.0)


class Addressed(Instrument):
    level = parameter(float, initial=0.5)


class Broken(Instrument):
    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        raise ValueError("the coil is missing")


class NeverBuilt(Instrument):
    """Says in a file which process builds it, and never ends doing so."""

    def __init__(self, name: str, begun: str, **options: Any) -> None:
        super().__init__(name, **options)
        part = Path(begun + ".part")
        part.write_text(str(os.getpid()), "utf-8")
        part.rename(begun)
        threading.Event().wait()


class Motor(Instrument):
    """Something that has to be stopped while it moves."""

    unlocked_methods = ("abort",)

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._aborted = threading.Event()

    def move(self) -> str:
        """Move until somebody says abort."""
        return "aborted" if self._aborted.wait(20) else "arrived"

    def abort(self) -> None:
        """Stop at once."""
        self._aborted.set()


class Looping(Instrument):
    """Two of these that know each other make a cycle."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._other: Any = None
        self.add_parameter("here", get_cmd=lambda: 1)
        self.add_parameter("there", get_cmd=self._ask_other)
        self.add_parameter("around", get_cmd=self._ask_around)

    def know(self, other: Any) -> None:
        """Make the acquaintance of another."""
        self._other = other

    def _ask_other(self) -> Any:
        time.sleep(0.2)
        return self._other.get("here")

    def _ask_around(self) -> Any:
        """Ask the other, which asks this one, which works for itself then."""
        return self._other.get("there")


class Cooler(Instrument):
    """Something that takes long, and says how far it is."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        self._go_on = threading.Event()

    def cool(self, steps: int) -> str:
        """Report many steps, then wait to be told, then report the end."""
        for step in range(steps):
            self.report_progress(step / (2 * steps), f"step {step}")
        self.report_progress(0.5, "half way")
        self._go_on.wait()
        self.report_progress(1, "cold")
        return "cold"

    unlocked_methods = ("go_on",)

    def go_on(self) -> None:
        """Let it end."""
        self._go_on.set()

    def report(self, fraction: Any, text: str = "") -> None:
        """Report anything."""
        self.report_progress(fraction, text)
