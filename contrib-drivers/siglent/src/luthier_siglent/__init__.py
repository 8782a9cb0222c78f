"""Siglent instruments for Luthier."""
