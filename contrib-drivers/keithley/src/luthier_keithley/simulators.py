"""The simulated instruments of this distribution that are pyvisa-sim files; those in Python are in ``simulated``.

What each of them does like the instrument and what not is written at the head of its file in ``simulated/``.
"""

from __future__ import annotations

from luthier.simulation import PyvisaSimDefinition

__all__ = ["MULTIMETER_2000"]

MULTIMETER_2000 = PyvisaSimDefinition("luthier_keithley", "simulated/multimeter2000.yaml", "GPIB0::16::INSTR")
"""A 2000 that measures about 1 V, 1 mA, 1 kΩ, 50 Hz or 23 °C, with noise."""
