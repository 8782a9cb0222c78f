"""Who the user is, as git knows it."""

from __future__ import annotations

import subprocess

__all__ = ["git_setting"]

_PATIENCE = 5.0
"""Seconds."""


def git_setting(name: str) -> str:
    """Return a setting of git's, such as ``user.name``; empty where there is none, or no git."""
    try:
        done = subprocess.run(  # noqa: S603 - a command of our own
            ["git", "config", "--get", name],  # noqa: S607 - the git that the user has
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
