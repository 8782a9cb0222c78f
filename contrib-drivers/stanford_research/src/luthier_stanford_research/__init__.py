"""Drivers for instruments of Stanford Research Systems."""
