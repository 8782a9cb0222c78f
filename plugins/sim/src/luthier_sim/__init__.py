"""Simulated instruments for Luthier."""
