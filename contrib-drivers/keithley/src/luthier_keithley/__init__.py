"""Keithley instruments for Luthier."""
