"""Simulated instruments of Tektronix."""
