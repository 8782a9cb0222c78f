from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier.plugins.naming import canonical, id_key, is_id, ownership_rank


@pytest.mark.parametrize("written", ["Luthier_Rohde.Schwarz", "luthier--rohde__schwarz", " luthier-rohde-schwarz "])
def test_all_spellings_of_a_distribution_have_one_canonical_form(written: str) -> None:
    assert canonical(written) == "luthier-rohde-schwarz"


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", fullmatch=True))
def test_the_canonical_form_is_its_own_canonical_form(name: str) -> None:
    assert canonical(canonical(name)) == canonical(name)


def test_case_and_hyphens_do_not_tell_ids_apart_but_dots_do() -> None:
    assert id_key("Rohde-Schwarz.SGS100A") == id_key("rohde_schwarz.sgs100a")
    assert id_key("a.b") != id_key("a_b")


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a b", "a:b", "a/b", "ü-tek.x", "a\n", "keithley..2400"])
def test_what_is_no_id_is_told(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize("text", ["visa", "keithley.2400", "rohde_schwarz.sgs100a", "gpib+usb", "a-b.c.d"])
def test_what_is_an_id_is_told(text: str) -> None:
    assert is_id(text)


def test_a_namespace_belongs_to_the_distribution_named_after_it() -> None:
    ranked = ["luthier-rohde-schwarz", "luthier-core", "rohde-schwarz", "luthier-other"]
    for shuffled in permutations(ranked):
        assert sorted(shuffled, key=lambda name: ownership_rank(name, "Rohde_Schwarz.sgs100a")) == ranked


def test_a_word_without_namespace_belongs_to_the_project() -> None:
    ranked = ["luthier-visa", "luthier-socket", "socket", "luthier-other"]
    for shuffled in permutations(ranked):
        assert sorted(shuffled, key=lambda name: ownership_rank(name, "socket")) == ranked
