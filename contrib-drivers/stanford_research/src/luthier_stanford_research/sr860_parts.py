"""Parts of the SR860 family: offsets and expansion of its outputs, auxiliary ports, and the capture buffer.

The capture buffer is as in the SR865 Operation Manual, Revision 1.26, pages 136 and following.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ScpiInstrument, parameter
from luthier.errors import IrrelevantParameterError
from luthier.scpi import ArrayFormat, parse_float
from luthier.validators import Ints, Multiples, Numbers

from luthier_stanford_research.lock_in_tables import by_number

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["Sr860AuxiliaryPort", "Sr860Capture", "Sr860Output"]

SAMPLES = ArrayFormat("f4", "little")
BYTES_PER_NUMBER = 4
KILOBYTE = 1024
LARGEST_PIECE = 64  # kilobytes that one CAPTUREGET? takes
MOST_HALVINGS = 20
QUANTITIES = {"X": ("x",), "X and Y": ("x", "y"), "R and theta": ("r", "theta"), "all": ("x", "y", "r", "theta")}


class Sr860Output(Channel):
    """Offset and expansion of X, Y or R at the output and in what is read (Channel output commands)."""

    offset = parameter(
        float,
        get_cmd="COFP? {number}",
        set_cmd="COFP {number},{}",
        unit="%",
        validator=Numbers(-999.99, 999.99),
        resolution=0.01,
        doc="Offset, of the full scale (COFP).",
    )
    offset_enabled = parameter(
        bool, get_cmd="COFA? {number}", set_cmd="COFA {number},{}", doc="Whether the offset is in use (COFA)."
    )
    expansion = parameter(
        int,
        get_cmd="CEXP? {number}",
        set_cmd="CEXP {number},{}",
        unit="",
        mapping={1: "0", 10: "1", 100: "2"},
        doc="What the output is multiplied by (CEXP).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number


class Sr860AuxiliaryPort(Channel):
    """One of the four auxiliary inputs and outputs (Aux input and output commands)."""

    input = parameter(float, get_cmd="OAUX? {number}", unit="V", snapshot=False, doc="Voltage at the input (OAUX?).")
    output = parameter(
        float,
        get_cmd="AUXV? {number}",
        set_cmd="AUXV {number},{}",
        unit="V",
        validator=Numbers(-10.5, 10.5),
        resolution=0.001,
        doc="Voltage at the output, in steps of 1 mV (AUXV).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number


def _column(quantity: str, unit: str) -> Declaration[NDArray[Any]]:
    def read(capture: Sr860Capture) -> NDArray[np.float64]:
        return capture.read(quantity)

    return parameter(
        np.ndarray,
        get_cmd=read,
        unit=unit,
        shape=("count",),
        axes=("times",),
        relevant_when={"quantities": tuple(name for name, held in QUANTITIES.items() if quantity in held)},
        snapshot=False,
        doc=f"The captured samples of {quantity}.",
    )


def _times(capture: Sr860Capture) -> NDArray[np.float64]:
    times: NDArray[np.float64] = np.arange(capture.count()) / capture.rate()
    return times


def _count(capture: Sr860Capture) -> int:
    captured = capture.bytes_captured.get()
    return captured // (BYTES_PER_NUMBER * len(QUANTITIES[capture.quantities.known_or_read()]))


class Sr860Capture(Channel):
    """The buffer of up to 4 MB into which the instrument samples by itself (Data capture commands).

    Set ``quantities``, ``length`` and ``halvings``, call ``start()``, wait, and read ``x`` and the others over
    ``times``. Samples are single precision; those of one reading belong together.
    """

    quantities = parameter(
        str,
        get_cmd="CAPTURECFG?",
        set_cmd="CAPTURECFG {}",
        mapping=by_number(*QUANTITIES),
        doc="What is sampled (CAPTURECFG).",
    )
    length = parameter(
        int,
        get_cmd="CAPTURELEN?",
        set_cmd="CAPTURELEN {}",
        unit="kB",
        validator=Multiples(2, minimum=2, maximum=4096),
        doc="Length of the buffer in units of 1024 bytes, of which a number takes 4; even (CAPTURELEN).",
    )
    largest_rate = parameter(
        float,
        get_cmd="CAPTURERATEMAX?",
        unit="Hz",
        snapshot=False,
        doc="Most samples per second; it follows the time constant (CAPTURERATEMAX?).",
    )
    halvings = parameter(
        int,
        set_cmd="CAPTURERATE {}",
        unit="",
        validator=Ints(0, MOST_HALVINGS),
        doc="The sample rate is the largest one, halved so many times (CAPTURERATE).",
    )
    rate = parameter(
        float,
        get_cmd="CAPTURERATE?",
        unit="Hz",
        depends_on=("halvings",),
        snapshot=False,
        doc="Samples per second (CAPTURERATE?).",
    )
    bytes_captured = parameter(
        int, get_cmd="CAPTUREBYTES?", unit="B", snapshot=False, doc="Bytes in the buffer (CAPTUREBYTES?)."
    )
    count = parameter(int, get_cmd=_count, unit="", snapshot=False, doc="Samples of each quantity; computed.")
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("count",),
        snapshot=False,
        doc="When each sample was taken, since the first; computed.",
    )
    x = _column("x", "V")
    y = _column("y", "V")
    r = _column("r", "V")
    theta = _column("theta", "°")

    def __init__(self, parent: ScpiInstrument, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("start", "CAPTURESTART ONE,IMM", doc="Fill the buffer once, from now on (CAPTURESTART).")
        self.add_function(
            "start_on_trigger", "CAPTURESTART ONE,TRIG", doc="Fill the buffer once, from the next trigger on."
        )
        self.add_function("stop", "CAPTURESTOP", doc="Stop sampling (CAPTURESTOP).")

    def value(self, number: int) -> tuple[float, ...]:
        """Return the quantities of one sample, counted from 0 (CAPTUREVAL?)."""
        return tuple(map(parse_float, self.query(f"CAPTUREVAL? {number}").split(",")))

    def read(self, quantity: str) -> NDArray[np.float64]:
        """Return all samples of one quantity, in pieces of 64 kB (CAPTUREGET?); stop sampling first.

        Raises :class:`~luthier.errors.IrrelevantParameterError` where nothing was captured.
        """
        held = QUANTITIES[self.quantities()]
        with self.monitor:
            captured = self.bytes_captured()
            if not captured:
                raise IrrelevantParameterError(
                    "there is nothing to read: the capture buffer is empty",
                    who=self.full_name,
                    state="Nothing was read.",
                    advice=f"Call {self.full_name}.start(), and read after a while.",
                    condition="the capture buffer holds samples",
                )
            kilobytes = ceil(captured / KILOBYTE)
            pieces = [
                self.query_array(f"CAPTUREGET? {start},{min(LARGEST_PIECE, kilobytes - start)}", SAMPLES)
                for start in range(0, kilobytes, LARGEST_PIECE)
            ]
        numbers = np.concatenate(pieces)[: captured // BYTES_PER_NUMBER]
        whole = len(numbers) // len(held) * len(held)
        return numbers[:whole].reshape(-1, len(held))[:, held.index(quantity)].astype(np.float64)
