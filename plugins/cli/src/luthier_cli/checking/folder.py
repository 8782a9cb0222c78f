"""A folder with the source of a distribution: its wheel is built elsewhere, looked at, and compared with the source."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from luthier.plugins.static_checks import Fault

from luthier_cli.checking.wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["built_wheel", "source_faults"]

_PATIENCE: Final = 300.0
"""Seconds that a build may take."""
_SHOWN: Final = 15
"""Lines of what a build that failed printed last."""

_BUILD: Final = """
import importlib, json, sys
task = json.loads(sys.argv[1])
sys.path[:0] = task["path"]
module, _, attribute = task["backend"].partition(":")
backend = importlib.import_module(module)
for name in filter(None, attribute.split(".")):
    backend = getattr(backend, name)
backend.build_wheel(task["output"])
"""

_LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".*_cache", ".tox", ".nox", "dist", "build"
)


@contextmanager
def built_wheel(folder: Path) -> Iterator[Wheel]:
    """Build the wheel of a folder and give it, open; nothing is written into the folder.

    The build's own programs are those of this environment, so that nothing is fetched.

    Raises
    ------
    click.ClickException
        There is no ``pyproject.toml``, it is wrong, or the build failed; with what it printed last.
    """
    system = _build_system(folder)
    with tempfile.TemporaryDirectory() as scratch:
        source, output = Path(scratch) / "source", Path(scratch) / "wheels"
        shutil.copytree(folder, source, ignore=_LEFT_OUT, symlinks=True)
        output.mkdir()
        _build(folder, source, output, system)
        found = sorted(output.glob("*.whl"))
        if not found:
            raise click.ClickException(f"{folder}: its build made no wheel.")
        with Wheel(found[0]) as wheel:
            yield wheel


def source_faults(folder: Path, wheel: Wheel) -> Iterator[Fault]:
    """Yield the files of the package's source that the wheel does not have as they are."""
    for package in wheel.packages:
        source = next((place for place in (folder / "src" / package, folder / package) if place.is_dir()), None)
        if source is None:
            continue
        for path in sorted(source.rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts or path.suffix in {".pyc", ".pyo"}:
                continue
            name = f"{package}/{path.relative_to(source).as_posix()}"
            if name not in wheel.names:
                yield Fault(
                    f"{path} is not in its wheel.", "See that the build takes it in, or delete it.", serious=True
                )
            elif wheel.read(name) != path.read_bytes():
                yield Fault(f"{path} is another in its wheel.", "See what its build does to it.", serious=False)


def _build_system(folder: Path) -> dict[str, Any]:
    file = folder / "pyproject.toml"
    if not file.is_file():
        raise click.ClickException(
            f"{folder} has no pyproject.toml, so that it is no source of a distribution. Nothing was looked at."
        )
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise click.ClickException(f"{file} is no TOML: {error}. Nothing was built.") from error
    system = document.get("build-system", {})
    return {"backend": system.get("build-backend", "setuptools.build_meta"), "path": system.get("backend-path", [])}


def _build(folder: Path, source: Path, output: Path, system: dict[str, Any]) -> None:
    path = [str(source / place) for place in system["path"]]
    task = json.dumps({"backend": system["backend"], "path": path, "output": str(output)})
    command = [sys.executable, "-c", _BUILD, task]
    try:
        done = subprocess.run(  # noqa: S603 - the user asks for the build of this folder
            command,
            cwd=source,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise click.ClickException(f"{folder}: its build did not end within {_PATIENCE:g} s.") from error
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN:])
        raise click.ClickException(
            f"{folder}: its wheel cannot be built with {system['backend']} as it is installed here. Install what its "
            f"[build-system] requires, or build it yourself and check the wheel. The build said last:\n{last}"
        )
