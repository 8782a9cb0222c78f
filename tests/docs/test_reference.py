"""Pages of the reference that are made from what is declared are up to date."""

from __future__ import annotations

from pathlib import Path

from luthier_cli.reference.families_page import families_page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_page_of_families_is_made_from_their_data() -> None:
    assert (REFERENCE / "families.md").read_text(encoding="utf-8") == families_page()
