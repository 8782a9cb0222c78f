from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import plugins
from luthier.errors import AmbiguousPluginError
from luthier.plugins import PluginEntry
from luthier.plugins.naming import ownership_rank
from luthier.plugins.ownership import settle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from luthier.plugins import State

_DISTRIBUTIONS = ["luthier-acme", "luthier-core", "luthier-sim", "acme", "other", "another"]
_STATES: list[State] = ["available", "broken", "incompatible", "disabled"]


@st.composite
def _claims(draw: st.DrawFn) -> list[PluginEntry]:
    names = draw(st.lists(st.sampled_from(_DISTRIBUTIONS), min_size=1, unique=True))
    return [
        PluginEntry(
            kind="drivers",
            id="acme.x",
            distribution=name,
            version="1.0",
            value="m:X",
            state=draw(st.sampled_from(_STATES)),
        )
        for name in names
    ]


@given(_claims())
def test_one_claim_is_chosen_or_at_least_two_are_ambiguous(claims: list[PluginEntry]) -> None:
    entries, chosen = settle(claims)
    ambiguous = [entry for entry in entries if entry.state == "ambiguous"]
    assert [entry.key for entry in entries] == [claim.key for claim in claims]
    assert (chosen is None) == (len(ambiguous) > 0)
    assert len(ambiguous) != 1
    assert chosen is None or chosen in entries


@given(_claims())
def test_nothing_that_stands_is_better_than_what_is_chosen(claims: list[PluginEntry]) -> None:
    chosen = settle(claims).chosen
    standing = [claim for claim in claims if claim.state != "disabled"]
    if chosen is not None and standing:
        assert chosen.state != "disabled"
        assert ownership_rank(chosen.distribution, chosen.id) == min(
            ownership_rank(claim.distribution, claim.id) for claim in standing
        )


@given(_claims())
def test_a_state_that_forbids_loading_is_kept(claims: list[PluginEntry]) -> None:
    for claim, entry in zip(claims, settle(claims).entries, strict=True):
        if claim.state != "available":
            assert entry == claim


def _driver(label: str) -> dict[str, str]:
    return {f"driver_{label}": f"class Driver: label = {label!r}\n"}


def _label(name: str) -> object:
    driver = plugins.registry("drivers").load(name)
    return getattr(driver, "label", None)


def test_the_owner_of_a_namespace_wins_and_the_other_claim_stays_reachable(install: Callable[..., Path]) -> None:
    install("luthier-squatter", "[luthier.drivers]\nacme.x = driver_bad:Driver\n", modules=_driver("bad"))
    install("luthier-acme", "[luthier.drivers]\nacme.x = driver_good:Driver\n", modules=_driver("good"))
    drivers = plugins.registry("drivers")
    shadowed = drivers.find("luthier-squatter:acme.x")
    assert shadowed.state == "shadowed"
    assert "'luthier-squatter:acme.x'" in shadowed.reason
    assert "luthier-acme owns the namespace" in shadowed.reason
    assert [name for name in drivers.names() if name.startswith("acme.")] == ["acme.x"]
    assert _label("acme.x") == "good"
    assert _label("Luthier_Squatter:acme.x") == "bad"
    assert drivers.find("acme.x").distribution == "luthier-acme"
    assert drivers.find("luthier-squatter:acme.x").state == "loaded"
    assert [name for name in drivers.names() if name.startswith("acme.")] == ["acme.x"]


def test_another_spelling_does_not_get_round_the_owner(install: Callable[..., Path]) -> None:
    install("luthier-squatter", "[luthier.drivers]\nrohde-schwarz.SGS100A = driver_bad:Driver\n")
    install("luthier-rohde-schwarz", "[luthier.drivers]\nrohde_schwarz.sgs100a = driver_good:Driver\n")
    for spelling in ("rohde-schwarz.SGS100A", "rohde_schwarz.sgs100a", "Rohde_Schwarz.Sgs100a"):
        assert plugins.registry("drivers").find(spelling).distribution == "luthier-rohde-schwarz"


def test_the_project_keeps_its_own_words(install: Callable[..., Path]) -> None:
    install("luthier-pigeon", "[luthier.storage]\npigeon = m:x\n")
    install("luthier-measure", "[luthier.storage]\npigeon = m:y\n", version="0.0.1")
    states = {one.distribution: one.state for one in plugins.registry("storage").entries() if one.id == "pigeon"}
    assert states == {"luthier-measure": "available", "luthier-pigeon": "shadowed"}


def test_two_that_do_not_own_the_namespace_are_ambiguous(install: Callable[..., Path]) -> None:
    install("luthier-one", "[luthier.drivers]\nacme.x = driver_one:Driver\n", modules=_driver("one"))
    install("luthier-two", "[luthier.drivers]\nacme.x = driver_two:Driver\n", modules=_driver("two"))
    drivers = plugins.registry("drivers")
    with pytest.raises(AmbiguousPluginError) as caught:
        drivers.load("acme.x")
    assert caught.value.claimants == ("luthier-one:acme.x", "luthier-two:acme.x")
    assert all(claimant in str(caught.value) for claimant in caught.value.claimants)
    assert "LUTHIER_DISABLE" in str(caught.value)
    assert "acme.x" in drivers
    assert "acme.x" not in drivers.names()
    assert _label("luthier-two:acme.x") == "two"
    with pytest.raises(AmbiguousPluginError):
        drivers.find("acme.x")


def test_switching_one_off_decides_between_two(install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    install("luthier-one", "[luthier.drivers]\nacme.x = driver_one:Driver\n", modules=_driver("one"))
    install("luthier-two", "[luthier.drivers]\nacme.x = driver_two:Driver\n", modules=_driver("two"))
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-one")
    plugins.refresh()
    assert _label("acme.x") == "two"
