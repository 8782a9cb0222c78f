"""Drivers for instruments of QDevil."""
