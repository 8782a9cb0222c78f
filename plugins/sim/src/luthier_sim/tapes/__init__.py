"""Tapes: what was said between a program and an instrument, as readable files."""
