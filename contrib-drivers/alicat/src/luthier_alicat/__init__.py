"""Drivers for instruments of Alicat."""
