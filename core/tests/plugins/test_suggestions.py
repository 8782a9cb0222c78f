from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from luthier.suggestions import nearest


def test_a_letter_left_out_is_found() -> None:
    assert nearest("volage", ["current", "voltage"]) == ("voltage",)


def test_case_does_not_matter_and_the_spelling_given_comes_back() -> None:
    assert nearest("KEITHLEY.2400", ["Keithley.2400"]) == ("Keithley.2400",)


def test_two_spellings_that_differ_in_case_alone_are_both_offered() -> None:
    assert set(nearest("range", ["Range", "RANGE"])) == {"Range", "RANGE"}


def test_nothing_near_gives_nothing() -> None:
    assert nearest("frequency", ["x", "y"]) == ()
    assert nearest("frequency", []) == ()


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=20))
def test_at_most_three_different_existing_names_come_back(name: str, names: list[str]) -> None:
    found = nearest(name, iter(names))
    assert len(found) <= 3
    assert len(set(found)) == len(found)
    assert set(found) <= set(names)


@given(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=20), max_size=5))
def test_a_name_that_exists_is_the_best_guess(name: str, others: list[str]) -> None:
    assert nearest(name, [*others, name])[0].casefold() == name.casefold()


def test_importing_it_does_not_import_difflib() -> None:
    code = "import luthier.suggestions, sys; sys.exit('difflib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
