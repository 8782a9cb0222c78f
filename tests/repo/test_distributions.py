"""Every distribution of the workspace carries what it needs to leave the repository whole."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING, Any

import pytest
from luthier import plugins
from luthier.plugins.manifests.agreement import disagreements

from dev_environment import CONSTRAINTS, HARDWARE_EXTRAS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


def name_of(requirement: str) -> str:
    """Return the canonical name of the distribution in a requirement."""
    found = REQUIREMENT.match(requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def requirements(settings: dict[str, Any]) -> Iterator[str]:
    """Yield everything that users of a distribution get, the extras included."""
    project = settings["project"]
    yield from project.get("dependencies", [])
    for extra in project.get("optional-dependencies", {}).values():
        yield from extra


def requirements_of_developers(settings: dict[str, Any]) -> Iterator[str]:
    """Yield everything that is in the environment, but for what builds the distribution."""
    project = settings["project"]
    yield from project.get("dependencies", [])
    for name, extra in project.get("optional-dependencies", {}).items():
        if name not in HARDWARE_EXTRAS:
            yield from extra
    for group in settings.get("dependency-groups", {}).values():
        yield from group


@pytest.mark.parametrize("file", ["README.md", "LICENSE", "pyproject.toml"])
def test_a_distribution_has_its_own(distribution: Any, file: str) -> None:
    assert (distribution.folder / file).read_text("utf-8").strip()


def test_the_licence_is_the_same_everywhere(distribution: Any) -> None:
    assert (distribution.folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_folder_distribution_and_package_are_the_same_word(member: Any) -> None:
    assert member.name == name_of(f"luthier-{member.folder.name}")
    assert [path.name for path in (member.folder / "src").iterdir() if path.is_dir()] == [member.package]


def test_a_member_is_typed_and_tested(member: Any) -> None:
    assert (member.folder / "src" / member.package / "py.typed").exists()
    assert list(member.folder.glob("tests/**/test_*.py"))


def test_a_member_holds_metadata_and_no_settings_of_tools(member: Any) -> None:
    assert member.settings.keys() <= {"build-system", "project", "dependency-groups", "tool"}
    assert member.settings["tool"].keys() == {"hatch"}


def test_members_agree_on_what_users_see(distribution: Any) -> None:
    project = distribution.settings["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "MIT"
    assert project["description"].endswith(".")
    assert distribution.settings["build-system"]["build-backend"] == "hatchling.build"


def test_every_dependency_says_what_it_is_for(distribution: Any) -> None:
    lines = (distribution.folder / "pyproject.toml").read_text("utf-8").splitlines()
    both = {*requirements(distribution.settings), *requirements_of_developers(distribution.settings)}
    asked_for = {text for text in both if not name_of(text).startswith("luthier")}
    explained = {text for text in asked_for for line in lines if re.search(rf'"{re.escape(text)}".*# \w', line)}
    assert explained == asked_for


def test_every_dependency_is_pinned(distribution: Any) -> None:
    pinned = set(re.findall(r"^([\w.-]+)==", CONSTRAINTS.read_text("utf-8"), re.MULTILINE))
    third_party = {name_of(text) for text in requirements_of_developers(distribution.settings)}
    assert {name for name in third_party if not name.startswith("luthier")} <= pinned


def imports(file: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports, those inside functions included."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def owners() -> dict[str, list[str]]:
    """Map the import names of what is installed to their distributions."""
    return {package: [name_of(name) for name in names] for package, names in packages_distributions().items()}


def test_a_member_imports_only_what_it_declares(member: Any, members: list[Any]) -> None:
    own = {other.package: [other.name] for other in members}
    declared = {name_of(text) for text in requirements(member.settings)} | {member.name}
    undeclared = set()
    for file in (member.folder / "src").rglob("*.py"):
        for name in imports(file):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names:
                providers = own.get(top) or owners().get(top) or [top]
                undeclared |= set() if declared.intersection(providers) else {f"{file.name}: {name}"}
    assert undeclared == set()


def test_a_member_uses_only_the_public_names_of_others(member: Any, members: list[Any]) -> None:
    others = {other.package for other in members} - {member.package}
    private = {
        f"{file.name}: {name}"
        for file in (member.folder / "src").rglob("*.py")
        for name in imports(file)
        if name.partition(".")[0] in others and any(re.match(r"_(?!_)", part) for part in name.split("."))
    }
    assert private == set()


@pytest.mark.parametrize("installed", plugins.distributions(), ids=lambda installed: installed.name)
def test_every_distribution_of_plugins_has_a_manifest_that_agrees_with_its_entry_points(
    installed: plugins.Distribution,
) -> None:
    manifest = plugins.manifest(installed.name)
    assert manifest is not None
    entries = [entry for kind in plugins.KINDS for entry in plugins.registry(kind).entries()]
    own = [entry for entry in entries if entry.distribution == installed.name]
    assert disagreements(manifest, installed, own) == ()
    assert {(entry.kind, entry.key[2]) for entry in own if entry.kind != "drivers"} == set(manifest.notes)
    assert installed.api == manifest.api
