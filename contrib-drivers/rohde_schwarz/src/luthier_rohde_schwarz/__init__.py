"""Rohde & Schwarz instruments for Luthier."""
