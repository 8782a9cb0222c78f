"""Pages of the reference that are made from what is declared are up to date."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner
from luthier_cli.commands.plugins.document import document
from luthier_cli.reference.distribution_page import MARK
from luthier_cli.reference.writing import pages

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_pages_made_from_drivers_and_families_are_up_to_date() -> None:
    stale = [
        file.name
        for file, text in pages(REFERENCE).items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "python3 dev.py docs --write writes them anew"


def test_there_is_a_page_for_nothing_else() -> None:
    made = {file for file in pages(REFERENCE) if file.parent.name == "drivers"}
    assert set((REFERENCE / "drivers").glob("*.md")) == made


def test_what_is_written_by_hand_stays_when_a_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "keysight.md"
    page.write_text(f"# Ours\n\nBy hand.\n\n{MARK}\n\nstale text\n", encoding="utf-8")
    command = ["luthier-keysight", "--into", str(page)]
    assert "is written" in CliRunner().invoke(document, command).output
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Ours\n\nBy hand.\n\n{MARK}\n\n## Drivers\n")
    assert "stale text" not in text
    assert "| `current_limit` | float | A | get, set | 0 A to 5.15 A (ch1); 0 A to 1.03 A (ch2, ch3) |" in text
    assert "is up to date" in CliRunner().invoke(document, command).output


def test_a_distribution_without_instruments_has_no_page() -> None:
    done = CliRunner().invoke(document, ["luthier-meta"])
    assert done.exit_code == 1
    assert "no drivers of instruments" in done.output
