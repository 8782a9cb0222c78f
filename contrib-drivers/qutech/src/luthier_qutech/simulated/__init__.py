"""Simulated instruments of QuTech."""
