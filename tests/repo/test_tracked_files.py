"""What may be in the repository, and what its files may be called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dev_environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = {
    # Written so that the pattern does not find itself.
    "the host of a registry": r"(?i)\b(p[y]pi(\.python)?|python[h]osted|[n]pmjs|[a]naconda)\.(org|com)\b",
    "an index of packages": r"(?i)\b(extra-)?index-url[\s=]+['\"]?\w+://(?!\S*example)|\bfind-links\s*[= ]\s*['\"]?(\w+://|/)",
    "a path of somebody's machine": r"(?<![\w.~$}>-])/(work|root|home|Users)/(?!me/)\w|(?i:\b[a-z]:[\\/]+users[\\/])",
    "a URL with a password": r"\w://[^/\s:@'\"{}]+:[^/\s:@'\"{}]+@",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a token": r"\b(gh[pousr]_\w{30,}|github_pat_\w{30,}|pypi-AgE\w{30,}|AKIA[0-9A-Z]{16}|xox[abp]-[\w-]{20,})",
}

# Names that say nothing about what is inside.
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc", "tools"}

LONGEST = 400
LONGEST_OF_TESTS = 700
"""A module of tests is read one test at a time."""


def text_of(path: Path) -> str:
    """Return the file's text; what is no text (pictures) cannot be searched and is empty."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str, tracked: list[Path]) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the host of a registry", "https://files.python" + "hosted.org/packages"),
        ("an index of packages", "--index-url " + "https://packages.lab.internal"),
        ("an index of packages", "find-links = " + "/opt/wheels"),
        ("a path of somebody's machine", "open('/" + "home/ada/lab.toml')"),
        ("a path of somebody's machine", "C:" + r"\Users\ada"),
        ("a URL with a password", "https:" + "//ada:secret@example.com"),
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("a token", "ghp_" + 36 * "x"),
    ],
)
def test_the_search_would_find(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)


def test_the_lock_file_of_uv_is_not_tracked(tracked: list[Path]) -> None:
    assert [path for path in tracked if path.name == "uv.lock"] == []


def test_constraints_are_versions_and_hashes_only() -> None:
    line = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^;\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [text for text in lines if not line.fullmatch(text)] == []


def test_no_module_is_named_for_nothing(tracked: list[Path]) -> None:
    modules = [path for path in tracked if path.suffix == ".py"]
    assert [path for path in modules if DRAWERS & {part.strip("_") for part in (*path.parts[:-1], path.stem)}] == []


def longest(path: Path) -> int:
    return LONGEST_OF_TESTS if path.name.startswith("test_") else LONGEST


def test_no_module_is_longer_than_can_be_read_at_once(tracked: list[Path]) -> None:
    lengths = {path: text_of(path).count("\n") for path in tracked if path.suffix == ".py"}
    assert {str(path): length for path, length in lengths.items() if length > longest(path)} == {}


def test_every_exception_in_the_code_names_its_rule_and_its_reason(tracked: list[Path]) -> None:
    reason = r"\s+(-|#) \S"
    bare = re.compile(rf"#\s*noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)*{reason})|#\s*type:\s*ignore(?!\[[\w, -]+\]{reason})")
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked
        if path.suffix == ".py"
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if bare.search(line) and 'rf"#' not in line
    ]
    assert found == []
