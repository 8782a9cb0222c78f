"""The luthier command."""
