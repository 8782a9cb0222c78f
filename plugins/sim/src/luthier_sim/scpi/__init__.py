"""Simulated instruments that speak SCPI: what a device declares, and how messages become commands."""
