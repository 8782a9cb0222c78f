"""Simulated instruments of QDevil."""
