"""Simulated instruments of Thorlabs."""
