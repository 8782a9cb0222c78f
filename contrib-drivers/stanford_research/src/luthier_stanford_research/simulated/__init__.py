"""Simulated instruments of Stanford Research Systems."""
