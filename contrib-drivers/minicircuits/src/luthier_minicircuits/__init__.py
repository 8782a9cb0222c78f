"""Drivers for instruments of Mini-Circuits."""
