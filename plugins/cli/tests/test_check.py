"""Wheels and folders are checked without being installed; each thing that is wrong is found, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from luthier_cli.program import luthier_command

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INFO = "luthier_acme-1.0.dist-info"
MANIFEST = """
schema = 1
api = ["1.0"]

[drivers."acme.x"]
title = "X"
vendor = "Acme"
models = ["X"]
interfaces = ["gpib"]
simulator = "acme.x"

[simulators."acme.x"]
summary = "An X."
"""
GOOD = {
    "luthier_acme/__init__.py": "",
    "luthier_acme/py.typed": "",
    "luthier_acme/luthier.toml": MANIFEST,
    "luthier_acme/x.py": "from luthier_acme.limits import LARGEST\n\nclass X: ...\n",
    "luthier_acme/limits.py": "LARGEST = 1\n",
    "luthier_acme/simulators.py": (
        "from luthier.simulation import PyvisaSimDefinition\n\nX = PyvisaSimDefinition('luthier_acme', 'x.yaml', 'A')\n"
    ),
    "luthier_acme/x.yaml": "spec: '1.0'\n",
    f"{INFO}/METADATA": (
        "Metadata-Version: 2.4\nName: luthier-acme\nVersion: 1.0\nLicense-Expression: MIT\nLicense-File: LICENSE\n"
        "Requires-Dist: luthier-core<0.2,>=0.1\n"
    ),
    f"{INFO}/licenses/LICENSE": "MIT\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\n",
    f"{INFO}/entry_points.txt": (
        "[luthier.api]\n1.0 = luthier_acme\n[luthier.manifest]\nacme = luthier_acme:luthier.toml\n"
        "[luthier.drivers]\nacme.x = luthier_acme.x:X\n[luthier.simulators]\nacme.x = luthier_acme.simulators:X\n"
    ),
}


def wheel(folder: Path, changes: Mapping[str, str | None], *, later: Mapping[str, str] | None = None) -> Path:
    """Write the good wheel with changes, and with others that its RECORD does not know."""
    files = {name: text for name, text in {**GOOD, **changes}.items() if text is not None}
    rows = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        for name, text in files.items()
    ]
    path = folder / "luthier_acme-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, **(later or {})}.items():
            archive.writestr(name, text)
        archive.writestr(f"{INFO}/RECORD", "\n".join([*rows, f"{INFO}/RECORD,,"]))
    return path


def check(*arguments: str | Path, code: int) -> list[str]:
    """Return the lines that the command prints."""
    result = CliRunner().invoke(luthier_command, ["plugins", "check", *map(str, arguments)], prog_name="luthier")
    assert result.exit_code == code, result.output
    return result.output.splitlines()


def test_a_wheel_that_is_complete_is_good(tmp_path: Path) -> None:
    (line,) = check(wheel(tmp_path, {}), code=0)
    assert "nothing is wrong" in line


def entry_points(old: str, new: str) -> dict[str, str | None]:
    name = f"{INFO}/entry_points.txt"
    return {name: GOOD[name].replace(old, new)}


def metadata(line: str) -> dict[str, str | None]:
    name = f"{INFO}/METADATA"
    return {name: GOOD[name].replace(line, "")}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"luthier_acme/luthier.toml": None}, "manifest luthier_acme/luthier.toml is not in it"),
        ({"luthier_acme/luthier.toml": MANIFEST.replace("vendor", "vendro")}, "Its manifest is wrong"),
        ({"luthier_acme/luthier.toml": MANIFEST.replace('"acme.x"]\ntitle', '"acme.y"]\ntitle')}, "differ"),
        ({"luthier_acme/py.typed": None}, "py.typed is missing"),
        ({"luthier_acme/limits.py": None}, "x.py imports luthier_acme.limits, which is not in it"),
        ({"luthier_acme/x.yaml": None}, "names the file luthier_acme/x.yaml, which is not in it"),
        ({"luthier_acme/x.py": None}, "there is no module luthier_acme.x in it"),
        ({"luthier_acme/x.py": "class Y: ...\n"}, "luthier_acme/x.py defines no X"),
        ({"luthier_acme/limits.py": "def\n"}, "limits.py is no Python"),
        ({"tests/test_x.py": ""}, "one top-level package; it has luthier_acme, tests"),
        ({"luthier_acme/tests/test_x.py": ""}, "It has tests in it"),
        ({f"{INFO}/licenses/LICENSE": None}, "Its licence file LICENSE is not in it"),
        (entry_points("luthier.drivers", "luthier.driver"), "there is no such group"),
        (entry_points("acme = luthier_acme:luthier.toml\n", ""), "It has no manifest"),
        (entry_points("luthier_acme.x:X", "luthier acme"), "is not 'module:object'"),
        (entry_points("1.0 = luthier_acme\n", ""), "does not say for which version"),
        (metadata("Requires-Dist: luthier-core<0.2,>=0.1\n"), "does not require luthier-core"),
        (metadata("<0.2,"), "without an upper bound"),
        (metadata("License-Expression: MIT\n"), "state no licence"),
    ],
)
def test_each_thing_that_is_wrong_is_found(tmp_path: Path, changes: dict[str, str | None], said: str) -> None:
    assert said in "\n".join(check(wheel(tmp_path, changes), code=1))


def test_files_that_its_record_does_not_know_are_found(tmp_path: Path) -> None:
    lines = check(wheel(tmp_path, {"luthier_acme/x.yaml": None}, later={"luthier_acme/x.yaml": "a"}), code=1)
    (line,) = lines
    assert line.startswith("wrong: luthier_acme/x.yaml is in it, and not in its RECORD.")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [("a.whl", b"no", "is no wheel"), ("b.whl", None, "there is no"), ("c/d", None, "there is no")],
)
def test_what_is_no_wheel_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content:
        (tmp_path / name).write_bytes(content)
    assert said in " ".join(check(tmp_path / name, code=1))


PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "luthier-acme"
version = "1.0"
license = "MIT"
dependencies = ["luthier-core>=0.1,<0.2"]

[project.entry-points."luthier.api"]
"1.0" = "luthier_acme"

[project.entry-points."luthier.manifest"]
acme = "luthier_acme:luthier.toml"

[project.entry-points."luthier.drivers"]
"acme.x" = "luthier_acme.x:X"

[project.entry-points."luthier.simulators"]
"acme.x" = "luthier_acme.simulators:X"

[tool.hatch.build.targets.wheel]
packages = ["src/luthier_acme"]
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "luthier-acme"
    for name, text in GOOD.items():
        if not name.startswith(INFO):
            path = folder / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, "utf-8")
    return folder


def test_a_folder_is_built_elsewhere_and_compared_with_its_wheel(source: Path) -> None:
    before = sorted(source.rglob("*"))
    assert "nothing is wrong" in check(source, code=0)[0]
    assert sorted(source.rglob("*")) == before
    (source / "pyproject.toml").write_text(PROJECT + 'exclude = ["*.yaml"]\n', "utf-8")
    lines = check(source, code=1)
    assert any("names the file luthier_acme/x.yaml, which is not in it" in line for line in lines)
    assert any(f"{source / 'src' / 'luthier_acme' / 'x.yaml'} is not in its wheel" in line for line in lines)


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (None, "has no pyproject.toml"),
        ("[", "is no TOML"),
        (PROJECT.replace("hatchling.build", "no_such_backend"), "No module named 'no_such_backend'"),
        (PROJECT.replace('version = "1.0"', 'version = "first"'), "cannot be built with hatchling.build"),
    ],
)
def test_a_folder_that_cannot_be_built_says_why(source: Path, project: str | None, said: str) -> None:
    if project is None:
        (source / "pyproject.toml").unlink()
    else:
        (source / "pyproject.toml").write_text(project, "utf-8")
    assert said in " ".join(check(source, code=1))


def test_drivers_of_what_is_not_installed_are_not_tried(tmp_path: Path) -> None:
    assert "Install it with pip install" in " ".join(check(wheel(tmp_path, {}), "--drivers", code=1))
