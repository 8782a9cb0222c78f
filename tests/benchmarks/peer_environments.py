"""Environments of their own for the software that Luthier is compared with, made once and kept.

They are in the user's cache folder (``LUTHIER_BENCH_CACHE`` names another); to have newer versions, delete it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dev_environment

__all__ = ["SCRIPTS", "cache", "environment_of", "variables"]

SCRIPTS = Path(__file__).parent / "peers"


def cache() -> Path:
    """Return the folder that everything is in."""
    chosen = os.environ.get("LUTHIER_BENCH_CACHE")
    if chosen:
        return Path(chosen)
    caches = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "luthier-benchmarks"


def variables() -> dict[str, str]:
    """Return the variables for what runs there: with a home of its own, so that no framework touches the user's."""
    home = cache() / "home"
    home.mkdir(parents=True, exist_ok=True)
    return dev_environment.clean_environment(os.environ) | {"HOME": str(home), "USERPROFILE": str(home)}


def environment_of(peer: str, packages: list[str]) -> Path:
    """Return the Python in which the packages are, which are installed where they are not; skip where that fails."""
    environment = cache() / f"{peer}-{sys.version_info[0]}.{sys.version_info[1]}"
    python = environment / dev_environment.PYTHON.relative_to(dev_environment.ENVIRONMENT)
    complete = environment / "complete.txt"
    if python.exists() and complete.exists():
        return python
    shutil.rmtree(environment, ignore_errors=True)
    settings = dev_environment.clean_environment(os.environ)
    pip = [*dev_environment.find_pip(settings), "config", "list"]
    settings |= dev_environment.uv_settings(dev_environment.output_of(pip, settings), settings)
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(environment)],
        ["pip", "install", "--quiet", "--python", str(python), *packages],
    ):
        done = subprocess.run(
            [str(dev_environment.UV), *command], env=settings, capture_output=True, text=True, check=False, timeout=500
        )
        if done.returncode:
            pytest.skip(f"{peer} could not be installed: {dev_environment.explain(done.stderr)}")
    complete.touch()
    return python
