"""The command as users run it, and fake distributions beside the installed ones."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from click.testing import CliRunner
from luthier import ManualParameter
from luthier_cli.program import luthier_command
from luthier_measure import linked, measure, sweep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from luthier_measure import Run


@attrs.frozen
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Shell:
    """Runs the command in processes of its own, with a folder of fake distributions and a data folder of its own."""

    def __init__(self, folder: Path, compiled: Path) -> None:
        self.folder = folder
        self.compiled = compiled
        self.site = folder / "site"
        self.data = folder / "data"
        self.config = folder / "config.toml"
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
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LUTHIER_")}
        if inherited.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Each command would compile all that it imports, which takes longer than all the rest.
            inherited["PYTHONPYCACHEPREFIX"] = str(self.compiled)
        return {
            **inherited,
            "PYTHONPATH": str(self.site),
            "LUTHIER_DATA": str(self.data),
            "LUTHIER_CONFIG": str(self.config),
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


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for what the commands of all tests compile."""
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def shell(tmp_path: Path, compiled: Path) -> Shell:
    return Shell(tmp_path, compiled)


class Lab:
    """Stores runs in a folder, and calls the command on them in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.x = ManualParameter("x", float, unit="V", label="Gate", initial=0.0)
        self.y = ManualParameter("y", float, unit="T", label="Field", initial=0.0)
        self.z = ManualParameter("z", float, unit="s", label="Delay", initial=0.0)

    def measure(self, *items: Any, name: str = "", **options: Any) -> Run:
        """Store a run."""
        run: Run = measure(*items, name=name, folder=self.folder, progress=False, **options)
        return run

    def line(self, *readings: Any, num: int = 5, name: str = "line", **options: Any) -> Run:
        """Store a sweep of ``x`` from 0 V to 1 V."""
        return self.measure(sweep(self.x, 0.0, 1.0, num=num), *(readings or (self.current,)), name=name, **options)

    def grid(self, *readings: Any, name: str = "grid", **options: Any) -> Run:
        """Store a sweep of ``y`` (3 steps) with one of ``x`` (4 steps) inside it."""
        sweeps = sweep(self.y, 0.0, 2.0, num=3), sweep(self.x, 0.0, 1.0, num=4)
        return self.measure(*sweeps, *(readings or (self.current,)), name=name, **options)

    def linked(self) -> Run:
        """Store a sweep of ``x`` and ``y`` together."""
        together = linked(sweep(self.x, 0.0, 1.0, num=3), sweep(self.y, 1.0, 3.0, num=3))
        return self.measure(together, self.current, name="linked")

    @property
    def current(self) -> ManualParameter[float]:
        """Something to read."""
        return ManualParameter("current", float, unit="A", initial=0.0015)

    def call(self, *arguments: str | Path, code: int = 0) -> str:
        """Call the command with the folder, and return all that it printed."""
        command, *rest = map(str, arguments)
        result = CliRunner().invoke(luthier_command, [command, "--data", str(self.folder), *rest], prog_name="luthier")
        assert result.exit_code == code, result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Work in an empty folder, with runs in another."""
    work = tmp_path / "here"
    work.mkdir()
    monkeypatch.chdir(work)
    return Lab(tmp_path / "runs of mine")
