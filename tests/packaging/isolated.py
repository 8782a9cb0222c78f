"""Environments that hold what was asked for, and nothing else."""

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
    """An environment in a folder outside of the repository, and a folder in which its programs run.

    One that is made before serves the next test too: what the last one installed and this one does not ask for is taken
    away. So the packages that nearly all ask for are compiled once.
    """

    def __init__(self, environment: Path, folder: Path, run_uv: Callable[..., None], wheels: Path) -> None:
        self.folder = folder
        self._run_uv = run_uv
        self._wheels = wheels
        self._wanted: tuple[str, ...] = ()
        self.python = environment / PYTHON.relative_to(PYTHON.parents[1])
        if not environment.exists():
            run_uv("venv", "--quiet", "--python", sys.executable, environment, folder=folder)

    def install(self, *requirements: str) -> None:
        """Install at the versions of the constraints, beside what was asked for before; members are from wheels."""
        self._wanted += requirements
        where = ["--python", self.python, "--find-links", self._wheels, "--constraint", CONSTRAINTS]
        self._run_uv("pip", "install", "--quiet", "--exact", *where, *self._wanted, folder=self.folder)

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
