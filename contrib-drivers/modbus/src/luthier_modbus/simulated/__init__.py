"""Simulated devices that speak Modbus."""
