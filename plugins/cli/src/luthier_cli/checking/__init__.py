"""Looking at distributions that are not installed: wheels, and folders with their source."""
