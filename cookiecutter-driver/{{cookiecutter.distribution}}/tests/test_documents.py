"""What the documents say is so."""

from __future__ import annotations

import doctest
import runpy
from pathlib import Path

import pytest
from luthier import plugins

ROOT = Path(__file__).parents[1]


def table() -> str:
    """Return the table of drivers, made from the manifest."""
    manifest = plugins.manifest("{{ cookiecutter.distribution }}")
    assert manifest is not None
    lines = ["| driver | instrument | interfaces |", "|---|---|---|"]
    for one in manifest.drivers.values():
        cells = (f"`{one.id}`", f"{one.vendor} {one.title}", ", ".join(one.interfaces))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def test_the_readme_has_the_table_of_the_manifest() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert table() in readme, f"put this into README.md:\n{table()}"


@pytest.mark.parametrize("page", ["README.md", "docs/{{ cookiecutter.module }}.md"])
def test_what_a_page_shows_is_what_happens(page: str) -> None:
    result = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert result.attempted
    assert not result.failed


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "first_steps.py"), run_name="__main__")
    assert capsys.readouterr().out
