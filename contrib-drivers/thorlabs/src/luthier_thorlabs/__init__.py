"""Drivers for instruments of Thorlabs."""
