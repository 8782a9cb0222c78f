"""What the tests of the repository look at."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest

import dev_environment

ROOT = dev_environment.ROOT


@attrs.frozen
class Member:
    """One distribution of the workspace."""

    folder: Path
    settings: dict[str, Any]
    """Its pyproject.toml."""

    @property
    def name(self) -> str:
        return str(self.settings["project"]["name"])

    @property
    def package(self) -> str:
        """The import name; the core's is that of the project."""
        return self.name.removesuffix("-core").replace("-", "_")


def all_members() -> list[Member]:
    return [
        Member(folder, tomllib.loads((folder / "pyproject.toml").read_text("utf-8")))
        for folder in dev_environment.members()
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a ``member`` (with code of its own) or a ``distribution`` (any) for each of them."""
    if "distribution" in metafunc.fixturenames:
        metafunc.parametrize("distribution", all_members(), ids=lambda member: member.name)
    if "member" in metafunc.fixturenames:
        with_code = [member for member in all_members() if member.folder != ROOT]
        metafunc.parametrize("member", with_code, ids=lambda member: member.name)


@pytest.fixture(scope="session")
def members() -> list[Member]:
    """All members with code of their own."""
    return [member for member in all_members() if member.folder != ROOT]


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """All files that are in git and on the disk, relative to the root."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is not a git clone, or there is no git: nobody can tell what is tracked")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)  # noqa: S607 - git is where the user has it
    return [Path(name) for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
