"""QCoDeS, by its public interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qcodes  # type: ignore[import-not-found]  # installed in an environment of its own
from qcodes.dataset import (  # type: ignore[import-not-found]  # as above
    LinSweep,
    dond,
    initialise_or_create_database_at,
    load_or_create_experiment,
)
from qcodes.instrument import Instrument, VisaInstrument  # type: ignore[import-not-found]  # as above
from qcodes.validators import Numbers  # type: ignore[import-not-found]  # as above

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Rig(Instrument):  # type: ignore[misc]  # its type is not known here
    """Callables, and an instrument that answers every text at once."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.add_parameter("gate", initial_value=0.0, get_cmd=None, set_cmd=None)
        self.add_parameter("level", get_cmd=lambda: 1.0, set_cmd=lambda _: None, unit="V", vals=Numbers(-10, 10))
        self.add_parameter("current", get_cmd=lambda: 1.0, unit="A")
        self.add_parameter("voltage", get_cmd=lambda: 2.0, unit="V")
        self.add_parameter("text", get_cmd="LEV?", set_cmd="LEV {}", get_parser=float, unit="V", vals=Numbers(-10, 10))

    def ask_raw(self, cmd: str) -> str:
        del cmd
        return "+1.50000E+00"

    def write_raw(self, cmd: str) -> None:
        del cmd


class Framework:
    version = qcodes.__version__
    for_instruments = "from qcodes.instrument import Instrument, VisaInstrument; from qcodes.validators import Numbers"
    for_measuring = (
        "from qcodes.instrument import Instrument, VisaInstrument; from qcodes.dataset import LinSweep, dond"
    )

    def __init__(self, folder: Path) -> None:
        self._rig: Any = Rig("rig")
        initialise_or_create_database_at(str(folder / "runs.db"))
        load_or_create_experiment("figures", "none")
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
        level = self._rig.text
        for _ in range(times):
            level.get()

    def _set_text(self, times: int) -> None:
        level = self._rig.text
        for _ in range(times):
            level.set(0.5)

    def connect(self, port: int) -> Callable[[str], str]:
        meter: Any = VisaInstrument(
            "meter",
            f"TCPIP::127.0.0.1::{port}::SOCKET",
            terminator="\n",
            timeout=0.2,
            device_clear=False,
            visalib="@py",
        )
        ask: Callable[[str], str] = meter.ask
        return ask

    def measure(self, points: int) -> None:
        rig = self._rig
        dond(LinSweep(rig.gate, 0, 1, points), rig.current, rig.voltage, do_plot=False, show_progress=False)
