"""Rigol instruments for Luthier."""
