"""Every code block of the documentation is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .pages import blocks_of, environment, has_own_environment

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "cookiecutter-driver"
"""Its pages are run where they are filled in."""
PAGES = sorted(
    page
    for page in [
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        *ROOT.glob("*/*/README.md"),
        ROOT / "core/README.md",
    ]
    if page.parent.parent != TEMPLATE
)


def _needs_running(page: Path) -> bool:
    return any(not block.left_out for block in blocks_of(page))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for what the commands of all pages compile."""
    return tmp_path_factory.mktemp("compiled")


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if _needs_running(page)], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_what_a_page_shows_is_what_happens(
    page: Path, tmp_path: Path, compiled: Path, request: pytest.FixtureRequest
) -> None:
    variables = environment(tmp_path)
    python = sys.executable
    if has_own_environment(page):
        upper = request.getfixturevalue("environment_on_top")
        python, variables = str(upper.python), upper.variables(variables)
    if variables.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Each command would compile all that it imports, which takes longer than all the rest.
        variables["PYTHONPYCACHEPREFIX"] = str(compiled)
    done = subprocess.run(
        [python, str(Path(__file__).with_name("pages.py")), str(page)],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_links_between_pages_lead_somewhere() -> None:
    import re  # noqa: PLC0415 - only here

    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_a_block_that_is_never_closed_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 1\n")
    with pytest.raises(AssertionError, match="not closed"):
        blocks_of(page)


def test_a_page_whose_output_differs_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n```\n")
    command = [sys.executable, str(Path(__file__).with_name("pages.py")), str(page)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "show something else" in done.stderr


def test_blocks_left_out_carry_a_reason_and_files_are_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- not executed: needs a magnet -->\n\n```python\nraise SystemExit(3)\n```\n\n"
        "```toml\n# lab.toml\n[a]\n```\n\n"
        "```python\nfrom pathlib import Path\nassert '[a]' in Path('lab.toml').read_text()\n```\n",
    )
    command = [sys.executable, str(Path(__file__).with_name("pages.py")), str(page)]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
