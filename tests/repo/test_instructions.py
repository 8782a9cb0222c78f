"""What the pages for people tell them to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dev
from dev_environment import ROOT

PAGES = ["README.md", "CONTRIBUTING.md", "cookiecutter-driver/README.md"]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_dev_py_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"dev\.py ([a-z]+)", (ROOT / page).read_text("utf-8"))
    assert {*named} <= dev.COMMANDS.keys()


def test_the_first_page_names_the_two_commands_to_begin_with() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert "python3 dev.py demo" in page
    assert "python3 dev.py test" in page


def test_the_page_for_contributors_names_all_commands() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {*re.findall(r"dev\.py ([a-z]+)", page)} == dev.COMMANDS.keys()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_to_one(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\((?!\w+:|#)([^)#]+)", (ROOT / page).read_text("utf-8"))
    assert [link for link in links if not Path(folder, link).exists()] == []
