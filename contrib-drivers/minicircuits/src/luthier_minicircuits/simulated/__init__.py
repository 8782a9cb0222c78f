"""Simulated instruments of Mini-Circuits."""
