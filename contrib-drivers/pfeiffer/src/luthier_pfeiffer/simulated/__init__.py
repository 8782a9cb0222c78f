"""Simulated instruments of Pfeiffer Vacuum."""
