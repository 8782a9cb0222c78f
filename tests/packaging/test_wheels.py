"""What is in the wheels that users install, and what is not."""

from __future__ import annotations

import email
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from dev_environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # building takes seconds


def test_a_wheel_has_one_top_level_package_and_no_tests(built: Any) -> None:
    top = {name.split("/")[0] for name in built.names() if ".dist-info/" not in name}
    assert top == ({built.package} if built.package else set())
    assert [name for name in built.names() if "test_" in name or "/tests/" in name or "conftest" in name] == []


def test_a_wheel_holds_every_file_of_the_source_tree_and_no_other(built: Any) -> None:
    source = built.folder / "src"
    wanted = {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name: built.read(name) for name in built.names() if ".dist-info/" not in name} == wanted


def test_a_wheel_says_that_it_is_typed(built: Any) -> None:
    assert built.package is None or f"{built.package}/py.typed" in built.names()


def test_a_wheel_carries_the_licence(built: Any) -> None:
    assert built.about("licenses/LICENSE") == (ROOT / "LICENSE").read_text("utf-8")


def test_the_metadata_say_what_users_and_installers_need(built: Any) -> None:
    project = built.settings["project"]
    metadata = email.message_from_string(built.about("METADATA"))
    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == project["version"]
    assert metadata["Summary"] == project["description"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (built.folder / "README.md").read_text("utf-8")


def test_the_metadata_ask_for_no_file_of_this_machine(built: Any) -> None:
    metadata = email.message_from_string(built.about("METADATA"))
    assert [line for line in metadata.get_all("Requires-Dist", []) if "@" in line or "/" in line] == []


def test_members_ask_for_each_other_by_version(built: Any) -> None:
    metadata = email.message_from_string(built.about("METADATA"))
    own = [line for line in metadata.get_all("Requires-Dist", []) if line.startswith("luthier")]
    assert [line for line in own if not re.search("[=<>~]=?[0-9]", line)] == []


def test_the_whole_asks_for_every_member(wheels: Path) -> None:
    (whole,) = wheels.glob("luthier-[0-9]*.whl")
    with zipfile.ZipFile(whole) as archive:
        (metadata,) = [archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA")]
    present = {path.name.split("-")[0].replace("_", "-") for path in wheels.glob("*.whl")}
    assert {*re.findall(r"^Requires-Dist: (luthier-[a-z-]+)", metadata, re.MULTILINE)} == present - {"luthier"}
