"""Benches: which outputs of simulated instruments drive which nodes of a device under test, and which meters see it."""
