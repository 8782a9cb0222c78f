"""Faults: what instruments and connections do wrong, when it is asked for."""
