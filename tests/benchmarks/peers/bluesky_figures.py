"""bluesky, by its public interface. It opens no instruments itself, and what it measures with are any objects."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import bluesky  # type: ignore[import-not-found]  # installed in an environment of its own
from bluesky import RunEngine
from bluesky.callbacks.json_writer import JSONLinesWriter  # type: ignore[import-not-found]  # as above
from bluesky.plans import scan  # type: ignore[import-not-found]  # as above

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Done:
    """What a set returns that is complete at once."""

    done = success = True

    def add_callback(self, callback: Callable[[Any], None]) -> None:
        callback(self)

    def exception(self, timeout: float | None = None) -> None:
        del timeout


class Reading:
    """A reading that takes no time."""

    parent = None

    def __init__(self, name: str, value: float) -> None:
        self.name = name
        self._value = value

    def read(self) -> OrderedDict[str, Any]:
        return OrderedDict({self.name: {"value": self._value, "timestamp": time.time()}})

    def describe(self) -> OrderedDict[str, Any]:
        return OrderedDict({self.name: {"source": self.name, "dtype": "number", "shape": []}})

    def read_configuration(self) -> OrderedDict[str, Any]:
        return OrderedDict()

    describe_configuration = read_configuration


class Gate(Reading):
    """A setpoint that is reached at once."""

    def set(self, value: float) -> Done:
        self._value = value
        return Done()

    @property
    def position(self) -> float:
        return self._value

    @property
    def hints(self) -> dict[str, Any]:
        return {"fields": [self.name]}


class Framework:
    version = bluesky.__version__
    for_instruments = "from bluesky import RunEngine"
    for_measuring = (
        "from bluesky import RunEngine; from bluesky.plans import scan; "
        "from bluesky.callbacks.json_writer import JSONLinesWriter"
    )
    connect = None
    """It has no instruments on a wire; those are ophyd's, which speaks EPICS."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self._engine = RunEngine({})
        self._gate, self._current, self._voltage = Gate("gate", 0.0), Reading("current", 1.0), Reading("voltage", 2.0)
        self.loops: dict[str, Callable[[int], None]] = {}

    def measure(self, points: int) -> None:
        # It has no storage of its own; of what it brings, this is the quickest that writes each point.
        self._runs += 1
        name = f"run{self._runs}.jsonl"
        writer = JSONLinesWriter(str(self._folder), name)
        self._engine(scan([self._current, self._voltage], self._gate, 0, 1, points), writer)
        lines = (self._folder / name).read_text().splitlines()
        written = sum(json.loads(line)["name"] == "event" for line in lines)
        if written != points:
            raise RuntimeError(f"the file holds {written} points of {points}")
