"""Simulated instruments of MKS."""
