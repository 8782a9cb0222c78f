"""Simulated instruments of Yokogawa."""
