"""A storage of runs in one SQLite database for each data folder; only the standard library and numpy."""
