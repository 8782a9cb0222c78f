"""The command as users run it, and fake distributions beside the installed ones."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import attrs
import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@attrs.frozen
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Shell:
    """Runs the command in processes of its own, with a folder of fake distributions and a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site = folder / "site"
        self.data = folder / "data"
        self.work = folder / "work"
        self.site.mkdir()
        self.work.mkdir()
        self.variables: dict[str, str] = {"PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}

    def install(self, name: str, entry_points: str, *, modules: Mapping[str, str] | None = None) -> None:
        """Write a distribution of version 1.0."""
        info = self.site / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(textwrap.dedent(entry_points), encoding="utf-8")
        for module, source in (modules or {}).items():
            (self.site / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return the variables that a command is run with."""
        return {
            **os.environ,
            "PYTHONPATH": str(self.site),
            "LUTHIER_DATA": str(self.data),
            **self.variables,
        }

    def popen(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start the command."""
        encoding = self.variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
        return subprocess.Popen(
            [sys.executable, "-m", "luthier_cli", *map(str, arguments)],
            cwd=self.work,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding=encoding,
            **options,
        )

    def run(self, *arguments: str | Path) -> Ended:
        """Run the command to its end."""
        with self.popen(*arguments, stdin=subprocess.DEVNULL) as process:
            out, err = process.communicate(timeout=60)
        return Ended(process.returncode, out, err)

    def succeed(self, *arguments: str | Path) -> str:
        """Run the command, which must succeed, and return what it printed."""
        ended = self.run(*arguments)
        assert ended.code == 0, ended.err
        return ended.out


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
