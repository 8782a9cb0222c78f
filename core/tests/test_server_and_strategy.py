from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import ManualParameter
from luthier.errors import UsageError
from luthier.server import InstrumentRef, ServerPlugin
from luthier.strategy import Action, Outcome, Standing, Strategy, facts

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(names, names, names)
def test_every_reference_comes_back_from_its_uri(engine: str, server: str, instrument: str) -> None:
    ref = InstrumentRef(engine, server, instrument)
    assert ref.uri.isascii()
    assert InstrumentRef.from_uri(ref.uri) == ref


def test_a_usual_reference_is_readable() -> None:
    assert InstrumentRef("local", "foo", "one").uri == "luthier+local://foo/one"
    assert InstrumentRef("my_engine", "lab 2", "a/b").uri == "luthier+my_engine://lab%202/a%2Fb"


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "luthier://foo/one",
        "luthier+://foo/one",
        "luthier+local:foo/one",
        "luthier+local://foo",
        "luthier+local://foo/",
        "luthier+local:///one",
        "luthier+local://foo/one/two",
        "luthier+local://foo/one?x=1",
        "luthier+local://foo/one#x",
        " luthier+local://foo/one",
        "luthier+local://foo/one\n",
        "http://foo/one",
        "TCPIP::192.0.2.1::INSTR",
    ],
)
def test_what_is_no_reference_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match=r"is no reference to an instrument: allowed is luthier\+ENGINE://SERVER/INST"):
        InstrumentRef.from_uri(uri)


@pytest.mark.parametrize("parts", [("", "foo", "one"), ("local", "", "one"), ("local", "foo", "")])
def test_a_reference_has_all_its_parts(parts: tuple[str, str, str]) -> None:
    with pytest.raises(UsageError, match="engine, server and instrument each need a name"):
        InstrumentRef(*parts)


def test_plugins_are_recognised_by_being_callable() -> None:
    def carry_out(actions: object) -> tuple[Outcome, ...]:
        del actions
        return ()

    things: list[object] = [carry_out, 5, "meta.sequential"]
    assert [isinstance(thing, Strategy) for thing in things] == [True, False, False]


def test_an_engine_builds_and_connects() -> None:
    class Engine:
        def __call__(self, *_: object) -> None: ...

        def connect(self, *_: object) -> None: ...

    assert isinstance(Engine(), ServerPlugin)
    assert not isinstance(print, ServerPlugin)


def test_an_action_and_its_outcome_are_told_by_identity_not_by_value() -> None:
    level = ManualParameter("level", float)
    action, same = Action(level, 1.0), Action(level, 1.0)
    assert action != same
    outcome = Outcome(action, "set", value=1.0)
    assert outcome == outcome  # noqa: PLR0124 - this is what is tested
    assert outcome.action is action
    assert len({action, same, outcome}) == 3


def test_only_a_member_that_was_set_is_done() -> None:
    action = Action(ManualParameter("level", float), 1.0)
    standings: tuple[Standing, ...] = ("set", "untouched", "put back", "on the way", "unknown")
    assert [Outcome(action, standing).done for standing in standings] == [True, False, False, False, False]


def test_outcomes_are_told_as_plain_data() -> None:
    action = Action(ManualParameter("level", float), float("nan"))
    failed = Outcome(
        action,
        "unknown",
        before=0.5,
        error=UsageError("is in use.", who="level", state="Nothing was sent."),
        duration=0.5,
    )
    odd = Outcome(action, "unknown", error=KeyError())
    assert facts([failed, odd]) == (
        {
            "name": "level",
            "asked": {"$float": "nan"},
            "before": 0.5,
            "standing": "unknown",
            "value": None,
            "error": "is in use",
            "duration": 0.5,
        },
        {
            "name": "level",
            "asked": {"$float": "nan"},
            "before": None,
            "standing": "unknown",
            "value": None,
            "error": "KeyError",
            "duration": 0.0,
        },
    )
