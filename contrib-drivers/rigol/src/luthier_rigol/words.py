"""How Rigol instruments write truth values: ``ON`` and ``OFF``, where the standards have 1 and 0."""

from __future__ import annotations

__all__ = ["on_or_off"]


def on_or_off(on: bool) -> str:
    """Return the word for a truth value."""
    return "ON" if on else "OFF"
