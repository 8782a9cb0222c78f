"""Drivers for instruments of QuTech."""
