"""The simulated instruments of this distribution, by the names of the drivers that they stand in for.

What each of them does like the instrument and what not is written at the head of its file in ``simulated/``.
"""

from __future__ import annotations

from luthier.simulation import PyvisaSimDefinition

__all__ = ["E36311A", "E36312A", "E36313A", "TRUEVOLT_34461A"]

TRUEVOLT_34461A = PyvisaSimDefinition("luthier_keysight", "simulated/truevolt.yaml", "TCPIP0::192.0.2.61::inst0::INSTR")
"""A 34461A that measures about 1 V, 1 mA, 1 kΩ, 1 nF, 50 Hz or 23 °C, with noise."""

E36311A = PyvisaSimDefinition("luthier_keysight", "simulated/e36300.yaml", "TCPIP0::192.0.2.101::inst0::INSTR")
"""An E36311A (6 V 5 A, 25 V 1 A, and a negative 25 V 1 A) with a 1 kΩ resistor at each output."""

E36312A = PyvisaSimDefinition("luthier_keysight", "simulated/e36300.yaml", "TCPIP0::192.0.2.102::inst0::INSTR")
"""An E36312A (6 V 5 A, 25 V 1 A, 25 V 1 A) with a 1 kΩ resistor at each output."""

E36313A = PyvisaSimDefinition("luthier_keysight", "simulated/e36300.yaml", "TCPIP0::192.0.2.103::inst0::INSTR")
"""An E36313A (6 V 10 A, 25 V 2 A, 25 V 2 A) with a 1 kΩ resistor at each output."""
