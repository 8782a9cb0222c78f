"""Simulated instruments of Alicat."""
