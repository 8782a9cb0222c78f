"""Drivers for instruments of Newport."""
