"""A voltage source and meter that exists in simulation only."""

from __future__ import annotations

from typing import Any

from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.validators import Numbers

__all__ = ["Daq", "DaqInput", "DaqOutput"]

CHANNELS = (1, 2, 3, 4)
LARGEST = 10.0
"""V, of outputs and inputs."""


class DaqOutput(Channel):
    """One voltage output."""

    voltage = parameter(
        float,
        get_cmd="SOUR{number}:VOLT?",
        set_cmd="SOUR{number}:VOLT {}",
        unit="V",
        validator=Numbers(-LARGEST, LARGEST),
        doc="Level of the output (SOURce:VOLTage).",
    )

    def __init__(self, parent: Daq, number: int) -> None:
        super().__init__(parent, f"out{number}")
        self.number = number


class DaqInput(Channel):
    """One voltage input."""

    voltage = parameter(
        float,
        get_cmd="MEAS{number}:VOLT?",
        unit="V",
        snapshot=False,
        doc="What the input sees, averaged over `aperture`; beyond ±10 V it reads infinity (MEASure:VOLTage?).",
    )

    def __init__(self, parent: Daq, number: int) -> None:
        super().__init__(parent, f"in{number}")
        self.number = number


class Daq(ScpiInstrument):
    """Four voltage outputs and four inputs, ±10 V; simulated only, and made for benches.

    Manual: none but this page of code; the instrument exists in simulation only.

    Outputs are ``out1`` to ``out4``, or ``outputs[0]``; inputs ``in1`` to ``in4``, or ``inputs[0]``. A bench connects
    them by the same names. An input that nothing is connected to reads 0 V.

    Opening it changes nothing. :meth:`make_safe` sets all outputs to 0 V.

    >>> import luthier
    >>> with luthier.open("sim.daq", "sim://", name="daq") as daq:
    ...     daq.out2.voltage(1.5)
    ...     daq.outputs.voltage()
    (0.0, 1.5, 0.0, 0.0)
    """

    simulator = "sim.daq"

    aperture = parameter(
        float,
        get_cmd="SENS:APER?",
        set_cmd="SENS:APER {}",
        unit="s",
        validator=Numbers(0, 10),
        doc="For how long an input is averaged; the reading takes as long (SENSe:APERture).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.out1, self.out2, self.out3, self.out4 = (DaqOutput(self, number) for number in CHANNELS)
        self.in1, self.in2, self.in3, self.in4 = (DaqInput(self, number) for number in CHANNELS)
        self.outputs = ChannelList(self, "outputs", (self.out1, self.out2, self.out3, self.out4))
        self.inputs = ChannelList(self, "inputs", (self.in1, self.in2, self.in3, self.in4))

    def make_safe(self) -> None:
        """Set all outputs to 0 V."""
        self.write("SOUR:ZERO")
        for output in self.outputs:
            output.voltage.cache.invalidate()
        self.check_errors()
