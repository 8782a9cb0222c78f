"""A simulated instrument of which only the standards are known."""
