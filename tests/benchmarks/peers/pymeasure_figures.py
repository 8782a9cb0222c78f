"""PyMeasure, by its public interface. Its properties send text; there are none of callables."""

from __future__ import annotations

import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pymeasure.adapters import Adapter, VISAAdapter  # type: ignore[import-not-found]  # in an environment of its own
from pymeasure.experiment import (  # type: ignore[import-not-found]  # as above
    IntegerParameter,
    Procedure,
    Results,
    Worker,
)
from pymeasure.instruments import Instrument  # type: ignore[import-not-found]  # as above
from pymeasure.instruments.validators import strict_range  # type: ignore[import-not-found]  # as above

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Instant(Adapter):  # type: ignore[misc]  # its type is not known here
    """Answers every text at once."""

    def _write(self, command: str, **_options: Any) -> None:
        del command

    def _read(self, **_options: Any) -> str:
        return "+1.50000E+00"


class Rig(Instrument):  # type: ignore[misc]  # its type is not known here
    level = Instrument.control("LEV?", "LEV %g", "Level in V.", validator=strict_range, values=(-10, 10))


class BareBench:
    """Readings that take no time, as plain methods: a procedure is written around whatever the user has."""

    def set_gate(self, value: float) -> None:
        self.gate = value

    def current(self) -> float:
        return 1.0

    def voltage(self) -> float:
        return 2.0


class GateSweep(Procedure):  # type: ignore[misc]  # its type is not known here
    points = IntegerParameter("Points", default=2)
    DATA_COLUMNS = ("Gate", "Current", "Voltage")

    def startup(self) -> None:
        self.bench = BareBench()

    def execute(self) -> None:
        for index in range(self.points):
            gate = index / (self.points - 1)
            self.bench.set_gate(gate)
            self.emit("results", {"Gate": gate, "Current": self.bench.current(), "Voltage": self.bench.voltage()})

    def shutdown(self) -> None:
        pass


class Framework:
    version = version("pymeasure")
    for_instruments = (
        "from pymeasure.instruments import Instrument; from pymeasure.instruments.validators import strict_range"
    )
    for_measuring = (
        "from pymeasure.instruments import Instrument; from pymeasure.experiment import Procedure, Results, Worker"
    )

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs = 0
        self._rig: Any = Rig(Instant(), "rig", includeSCPI=False)
        self.loops: dict[str, Callable[[int], None]] = {"get_text": self._get_text, "set_text": self._set_text}

    def _get_text(self, times: int) -> None:
        rig = self._rig
        for _ in range(times):
            rig.level  # noqa: B018 - reading it asks the instrument

    def _set_text(self, times: int) -> None:
        rig = self._rig
        for _ in range(times):
            rig.level = 0.5

    def connect(self, port: int) -> Callable[[str], str]:
        adapter = VISAAdapter(
            f"TCPIP::127.0.0.1::{port}::SOCKET",
            visa_library="@py",
            timeout=200,
            read_termination="\n",
            write_termination="\n",
        )
        ask: Callable[[str], str] = Instrument(adapter, "meter", includeSCPI=False).ask
        return ask

    def measure(self, points: int) -> None:
        self._runs += 1
        file = self._folder / f"run{self._runs}.csv"
        procedure = GateSweep()
        procedure.points = points
        worker = Worker(Results(procedure, str(file)))
        worker.start()
        threading.Thread.join(worker)  # its own join polls, and asks the worker to stop when its time is over
        written = sum(1 for line in file.read_text().splitlines() if line and not line.startswith("#")) - 1
        if written != points:
            raise RuntimeError(f"the file holds {written} points of {points}")
