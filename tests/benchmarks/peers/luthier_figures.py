"""Luthier, by the script that also measures the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import luthier
from luthier import Instrument, parameter
from luthier.validators import Numbers
from luthier_measure import measure, sweep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Rig(Instrument):
    gate = parameter(float, initial=0.0)
    level = parameter(float, get_cmd=lambda _: 1.0, set_cmd=lambda _, __: None, unit="V", validator=Numbers(-10, 10))
    current = parameter(float, get_cmd=lambda _: 1.0, unit="A")
    voltage = parameter(float, get_cmd=lambda _: 2.0, unit="V")


class Instant:
    """A transport that answers every text at once."""

    def __init__(self) -> None:
        self.address = "instant://"
        self.lock = threading.RLock()
        self.timeout: float | None = None

    def write(self, message: bytes) -> None:
        del message

    def read(self) -> bytes:
        return b"+1.50000E+00"

    def query(self, message: bytes) -> bytes:
        with self.lock:
            self.write(message)
            return self.read()

    def read_exactly(self, count: int) -> bytearray:
        return bytearray(count)

    def clear(self) -> None:
        pass

    def close(self) -> None:
        pass


class TextRig(Instrument):
    level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}", unit="V", validator=Numbers(-10, 10))


class Framework:
    version = luthier.__version__
    for_instruments = "from luthier import Instrument, parameter"
    for_measuring = "from luthier import Instrument, parameter; from luthier_measure import measure, sweep"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rig = Rig("rig")
        self._text = TextRig("text", transport=Instant())
        self.loops: dict[str, Callable[[int], None]] = {
            "get": self._get,
            "set": self._set,
            "get_text": self._get_text,
            "set_text": self._set_text,
        }

    def _get(self, times: int) -> None:
        level = self._rig.level
        for _ in range(times):
            level.get()

    def _set(self, times: int) -> None:
        level = self._rig.level
        for _ in range(times):
            level.set(0.5)

    def _get_text(self, times: int) -> None:
        level = self._text.level
        for _ in range(times):
            level.get()

    def _set_text(self, times: int) -> None:
        level = self._text.level
        for _ in range(times):
            level.set(0.5)

    def connect(self, port: int) -> Callable[[str], str]:
        return Instrument("meter", f"TCPIP::127.0.0.1::{port}::SOCKET", timeout=0.2).query

    def measure(self, points: int) -> None:
        rig = self._rig
        measure(sweep(rig.gate, 0, 1, num=points), rig.current, rig.voltage, folder=self._folder, progress=False)
