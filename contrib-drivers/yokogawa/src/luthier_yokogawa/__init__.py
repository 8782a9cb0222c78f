"""Drivers for instruments of Yokogawa."""
