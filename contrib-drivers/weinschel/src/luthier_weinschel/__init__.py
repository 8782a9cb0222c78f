"""Drivers for instruments of Weinschel."""
