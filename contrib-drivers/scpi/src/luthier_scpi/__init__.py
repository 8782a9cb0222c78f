"""Drivers for instruments of which only the standards are known."""
