"""Instruments that exist in simulation only, for demonstrations, tutorials and tests: drivers and simulators."""
