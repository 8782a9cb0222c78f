"""Simulated instruments that are spoken to in TSP, as Keithley's 2600 are: statements of a small part of Lua."""
