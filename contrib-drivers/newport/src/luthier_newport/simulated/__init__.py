"""Simulated instruments of Newport."""
