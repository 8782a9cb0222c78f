"""The settings of the tools cover everything, and every exception in them has a reason."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from dev_environment import ROOT

TEXT = (ROOT / "pyproject.toml").read_text("utf-8")
TOOLS = tomllib.loads(TEXT)["tool"]


def test_every_rule_that_ruff_ignores_has_a_reason_beside_it() -> None:
    section = TEXT[TEXT.index("[tool.ruff.lint]") :]
    section = section[: section.index("[tool.importlinter]")]
    ignored = set(TOOLS["ruff"]["lint"]["ignore"])
    ignored |= {code for codes in TOOLS["ruff"]["lint"]["per-file-ignores"].values() for code in codes}
    explained = set(re.findall(r'^\s+"([A-Z]+\d*)",\s*# \w.*$', section, re.MULTILINE))
    lines = re.findall(r'^\s+"[A-Z]+\d*".*$', section, re.MULTILINE)
    assert explained == ignored
    assert all("# " in line for line in lines)


def test_every_library_without_types_is_named_with_a_reason() -> None:
    overrides = TEXT.split("[[tool.mypy.overrides]]")[1:]
    assert [part for part in overrides if not re.search(r"^# \w", part.partition("\n[")[0], re.MULTILINE)] == []


def test_types_are_checked_everywhere(members: list[Any]) -> None:
    path = TOOLS["mypy"]["mypy_path"]
    assert {f"$MYPY_CONFIG_FILE_DIR/{member.folder.relative_to(ROOT).as_posix()}/src" for member in members} <= {*path}
    covered = [ROOT / name for name in TOOLS["mypy"]["files"]]
    assert [member.name for member in members if not any(member.folder.is_relative_to(path) for path in covered)] == []
    assert ROOT / "tests" in covered


def test_layers_are_kept_in_every_package(members: list[Any]) -> None:
    assert {member.package for member in members} == {*TOOLS["importlinter"]["root_packages"]}
    (acyclic,) = [each for each in TOOLS["importlinter"]["contracts"] if each["type"] == "acyclic_siblings"]
    assert {*acyclic["ancestors"]} == {member.package for member in members}


def test_every_folder_of_tests_is_collected_but_the_benchmarks() -> None:
    collected = {name for name in TOOLS["pytest"]["ini_options"]["testpaths"] if name.startswith("tests/")}
    present = {f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if list(path.glob("**/test_*.py"))}
    assert present - {"tests/benchmarks"} <= collected


@pytest.mark.parametrize("folder", ["plugins", "contrib-drivers"])
def test_every_folder_of_members_is_in_the_workspace(folder: str, members: list[Any]) -> None:
    present = {path for path in (ROOT / folder).iterdir() if (path / "src").exists()}
    assert present == {member.folder for member in members if member.folder.parent == ROOT / folder}


def test_every_member_is_found_in_the_workspace_by_the_others(members: list[Any]) -> None:
    assert {member.name for member in members} == {*TOOLS["uv"]["sources"]}
