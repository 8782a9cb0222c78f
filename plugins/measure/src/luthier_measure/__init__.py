"""Sweeps, runs and datasets for Luthier."""
