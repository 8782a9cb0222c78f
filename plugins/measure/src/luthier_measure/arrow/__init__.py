"""The default storage of runs: Arrow IPC streams."""
