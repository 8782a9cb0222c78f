"""Drivers for instruments of MKS."""
