"""Keysight instruments for Luthier."""
