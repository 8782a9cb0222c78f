"""Drivers for instruments of Pfeiffer Vacuum."""
