"""An empty environment, into which wheels are installed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev_environment import CONSTRAINTS, PYTHON, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# What the settings of pytest in the root's pyproject.toml ask for.
RUNNERS = ["pytest", "pytest-timeout", "hypothesis"]

LINES_SHOWN = 60


class Isolated:
    """An empty environment in a folder outside of the repository."""

    def __init__(self, folder: Path, run_uv: Callable[..., None], wheels: Path) -> None:
        self.folder = folder
        self._run_uv = run_uv
        self._wheels = wheels
        self.python = folder / "environment" / PYTHON.relative_to(PYTHON.parents[1])
        run_uv("venv", "--quiet", "--python", sys.executable, folder / "environment", folder=folder)

    def install(self, *requirements: str) -> None:
        """Install at the versions of the constraints; members come from their wheels."""
        where = ["--python", self.python, "--find-links", self._wheels, "--constraint", CONSTRAINTS]
        self._run_uv("pip", "install", "--quiet", *where, *requirements, folder=self.folder)

    def run(self, *arguments: str) -> str:
        """Run the environment's Python, which must succeed, and return what it printed."""
        home = {name: str(self.folder) for name in ("HOME", "USERPROFILE", "LUTHIER_DATA")}
        variables = clean_environment(os.environ) | home | {"MPLBACKEND": "Agg"}
        variables.pop("VIRTUAL_ENV")
        command = [str(self.python), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=240, check=False
        )
        if done.returncode:
            last = "\n".join((done.stdout + done.stderr).splitlines()[-LINES_SHOWN:])
            pytest.fail(f"in an environment of its own, at the end:\n{last}", pytrace=False)
        return done.stdout
