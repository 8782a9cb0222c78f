"""Drivers for instruments of Tektronix."""
