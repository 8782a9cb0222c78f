"""How something is installed into the environment that this command runs in."""
