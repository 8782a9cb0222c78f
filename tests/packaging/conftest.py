"""The wheels of all distributions, built once for all tests of them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import uv

import dev_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UV = uv.find_uv_bin()


@attrs.frozen
class Built:
    """One distribution: its folder, its pyproject.toml, and the wheel that was built from its source archive."""

    folder: Path
    settings: dict[str, Any]
    wheel: Path

    @property
    def package(self) -> str | None:
        """The import name; ``None`` for the distribution that only requires the others."""
        packages = list(self.folder.glob("src/*/__init__.py"))
        return packages[0].parent.name if packages else None

    def names(self) -> list[str]:
        """The files in the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.namelist()

    def read(self, name: str) -> bytes:
        """One file of the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return archive.read(name)

    def about(self, name: str) -> str:
        """One file of the wheel's metadata."""
        return self.read(f"{'-'.join(self.wheel.name.split('-')[:2])}.dist-info/{name}").decode()


def run_uv(*arguments: str | Path, folder: Path) -> None:
    """Run uv in a folder: with what was downloaded before, and only if that does not suffice over the network."""
    variables = dev_environment.clean_environment(os.environ)
    command = [UV, "--no-progress", *(str(argument) for argument in arguments)]
    if subprocess.run([*command, "--offline"], cwd=folder, env=variables, capture_output=True, check=False).returncode:
        config = dev_environment.output_of([sys.executable, "-m", "pip", "config", "list"], variables)
        variables |= dev_environment.uv_settings(config, variables)
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"{' '.join(command)} failed:\n{done.stderr}", pytrace=False)


@pytest.fixture(scope="session", name="run_uv")
def run_uv_fixture() -> Callable[..., None]:
    """Return what runs uv."""
    return run_uv


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the wheels of all members, built by way of their source archives."""
    folder = tmp_path_factory.mktemp("wheels")
    how = ["--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder)]
    run_uv("build", "--all-packages", *how, folder=dev_environment.ROOT)
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test for each distribution."""
    if "built" in metafunc.fixturenames:
        folders = dev_environment.members()
        names = ["luthier" if folder == dev_environment.ROOT else folder.name for folder in folders]
        metafunc.parametrize("built", folders, ids=names, indirect=True)


@pytest.fixture
def built(request: pytest.FixtureRequest, wheels: Path) -> Built:
    """Return one of the distributions with its wheel."""
    settings = tomllib.loads((request.param / "pyproject.toml").read_text("utf-8"))
    name, version = settings["project"]["name"], settings["project"]["version"]
    (wheel,) = wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl")
    return Built(request.param, settings, wheel)
