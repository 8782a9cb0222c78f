"""Showing runs: which readings against what, as a picture or as text."""
