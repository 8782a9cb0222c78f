"""Simulated instruments of Weinschel."""
