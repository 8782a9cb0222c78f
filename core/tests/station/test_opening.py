from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import luthier
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier import Station
from luthier.errors import ConfigurationError, ConnectError, NameClashError, StationError, UnknownNameError
from luthier.station.ordering import find_cycle, in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Lab

CHAIN = """
    [instruments.mixer]
    driver = "bench.py:Mixer"
    options = { source = "@smu" }

    [instruments.smu]
    driver = "bench.py:Supply"
    after = ["psu"]

    [instruments.psu]
    driver = "bench.py:Supply"

    [instruments.dmm]
    driver = "bench.py:Supply"
"""


def failure(text: str, lab: Lab) -> StationError:
    """Open what cannot be opened."""
    lab.write(text)
    with pytest.raises(StationError) as caught:
        Station("lab.toml")
    assert luthier.instruments() == {}
    return caught.value


def failure_of(action: Callable[[], object]) -> StationError | None:
    try:
        action()
    except StationError as error:
        return error
    return None


def test_instruments_are_opened_after_what_they_depend_on_and_closed_in_reverse_order(lab: Lab) -> None:
    with lab.open(CHAIN) as station:
        assert lab.journal == ["open psu", "open smu", "open mixer", "open dmm"]
        assert list(station.instruments) == ["psu", "smu", "mixer", "dmm"]
        lab.forget()
    closed = [f"{what} {name}" for what in ("safe", "close") for name in ("dmm", "mixer", "smu", "psu")]
    assert lab.journal == closed


def test_only_some_are_opened_with_what_they_depend_on(lab: Lab) -> None:
    with lab.open(CHAIN, only=["dmm", "smu"]) as station:
        assert list(station) == ["dmm", "psu", "smu"]
        with pytest.raises(UnknownNameError) as caught:
            _ = station.mixer
        assert str(caught.value) == (
            "lab: the instrument 'mixer' was not opened. "
            "Only these of the file were to be opened: dmm, psu, smu. Name 'mixer' in only=[…] too."
        )


def test_one_name_alone_may_be_given_as_text(lab: Lab) -> None:
    with Station(lab.write(CHAIN), only="dmm") as station:
        assert list(station) == ["dmm"]


def test_a_misspelt_name_in_only_is_refused_before_anything_is_opened(here: Lab) -> None:
    here.write(CHAIN)
    with pytest.raises(UnknownNameError) as caught:
        Station(only=["smuu"])
    assert str(caught.value) == "lab.toml: has no instrument 'smuu'. Did you mean 'smu'?"
    assert here.journal == []


def test_what_is_not_opened_need_not_have_a_driver(lab: Lab) -> None:
    with lab.open(CHAIN + '[instruments.other]\ndriver = "nomaker.1"', only=["dmm"]) as station:
        assert "other" not in station


def test_options_refer_to_instruments_channels_and_parameters(lab: Lab) -> None:
    text = """
        [instruments.mixer]
        driver = "bench.py:Mixer"
        [instruments.mixer.options]
        source = "@psu"
        members = [{ gate = "@psu.ch1.voltage", part = "@psu.ch2" }, "@@psu", "p@su", 3]
        [instruments.psu]
        driver = "bench.py:Supply"
    """
    with lab.open(text) as station:
        assert station.mixer.source is station.psu
        psu = station.psu
        assert station.mixer.members == [{"gate": psu.ch1.voltage, "part": psu.ch2}, "@psu", "p@su", 3]


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("@psu.ch3", "psu has no parameter or channel 'ch3'. Did you mean 'ch2' or 'ch1'?"),
        ("@psu.ch1.votage", "psu.ch1 has no parameter or channel 'votage'. Did you mean 'voltage'?"),
        ("@psu.ch1.voltage.x", "psu.ch1.voltage has no parameter or channel 'x'. There are: none."),
    ],
)
def test_a_reference_to_a_part_that_does_not_exist_is_refused_with_its_line(
    here: Lab, reference: str, message: str
) -> None:
    text = f"""
        [instruments.psu]
        driver = "bench.py:Supply"
        [instruments.mixer]
        driver = "bench.py:Mixer"
        options = {{ source = "{reference}" }}
    """
    error = failure(text, here)
    assert str(error).splitlines()[1] == f"  lab.toml:5: the option 'source' of mixer: {message}"
    assert here.journal == ["open psu", "close psu"]


def test_all_failures_are_reported_together_and_what_was_opened_is_closed_again(here: Lab) -> None:
    text = """
        [instruments.psu]
        driver = "bench.py:Supply"
        initial = { mode = "fast" }
        [instruments.smu]
        driver = "bench.py:Supply"
        address = "GPIB0::24::INSTR"
        options = { fault = "open" }
        [instruments.mixer]
        driver = "bench.py:Mixer"
        options = { source = "@smu" }
        [instruments.second]
        driver = "bench.py:Mixer"
        options = { source = "@mixer" }
        [instruments.dmm]
        driver = "bench.py:Supply"
        options = { fault = "open badly" }
        [instruments.last]
        driver = "bench.py:Supply"
    """
    error = failure(text, here)
    assert str(error).splitlines() == [
        "lab.toml: 2 of 6 instruments could not be opened; nothing was set, and what was opened is closed again:",
        "  lab.toml:4: smu (GPIB0::24::INSTR): no device answers. Is it switched on?",
        "  lab.toml:14: dmm: ValueError: strange reply",
        "Not tried, because they depend on those: mixer, second.",
    ]
    assert here.journal == ["open psu", "open last", "close last", "close psu"]
    first, second = error.exceptions
    assert isinstance(first, ConnectError)
    assert (first.data["file"], first.data["line"], first.address) == (str(here.file), 4, "GPIB0::24::INSTR")
    assert first.__notes__ == ["raised while smu was opened, which is described at lab.toml:4"]
    assert second.__notes__ == ["raised while dmm was opened, which is described at lab.toml:14"]
    assert error.__cause__ is None


def test_the_failure_of_one_instrument_names_it(here: Lab) -> None:
    error = failure('[instruments.smu]\ndriver = "bench.py:Supply"\noptions = { fault = "open badly" }', here)
    assert str(error).splitlines() == [
        "lab.toml: smu could not be opened; nothing was set, and what was opened is closed again:",
        "  lab.toml:1: smu: ValueError: strange reply",
    ]


def test_ctrl_c_while_opening_closes_what_was_opened(lab: Lab) -> None:
    text = """
        [instruments.psu]
        driver = "bench.py:Supply"
        [instruments.smu]
        driver = "bench.py:Supply"
        options = { fault = "interrupt open" }
        [instruments.dmm]
        driver = "bench.py:Supply"
    """
    with pytest.raises(KeyboardInterrupt):
        lab.open(text)
    assert lab.journal == ["open psu", "close psu"]
    assert luthier.instruments() == {}


def test_a_failure_of_closing_again_joins_the_others(here: Lab) -> None:
    text = """
        [instruments.psu]
        driver = "bench.py:Supply"
        options = { fault = "close" }
        [instruments.smu]
        driver = "bench.py:Supply"
        options = { fault = "open" }
    """
    error = failure(text, here)
    assert [type(one) for one in error.exceptions] == [ConnectError, OSError]
    assert str(error).splitlines() == [
        "lab.toml: 1 of 2 instruments could not be opened, and not everything could be undone:",
        "  lab.toml:4: smu (None): no device answers. Is it switched on?",
        "  psu could not be closed in order: OSError: the port is gone",
    ]


def test_ctrl_c_while_closing_again_is_raised_with_the_failures_as_its_cause(lab: Lab) -> None:
    text = """
        [instruments.dmm]
        driver = "bench.py:Supply"
        [instruments.psu]
        driver = "bench.py:Supply"
        options = { fault = "interrupt close" }
        [instruments.smu]
        driver = "bench.py:Supply"
        options = { fault = "open" }
    """
    with pytest.raises(KeyboardInterrupt) as caught:
        lab.open(text)
    assert isinstance(caught.value.__cause__, StationError)
    assert lab.journal[-2:] == ["close psu", "close dmm"]


def test_ctrl_c_stays_ctrl_c_where_closing_again_fails(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    text = """
        [instruments.psu]
        driver = "bench.py:Supply"
        options = { fault = "close" }
        [instruments.smu]
        driver = "bench.py:Supply"
        options = { fault = "interrupt open" }
    """
    with pytest.raises(KeyboardInterrupt) as caught:
        lab.open(text)
    assert caught.value.__notes__ == ["psu could not be closed in order: OSError: the port is gone"]
    assert "psu could not be closed in order" in caplog.text


def test_a_name_in_use_by_another_instrument_is_a_clash_that_says_where_it_was_opened(here: Lab) -> None:
    with luthier.Instrument("psu"):
        here.write('[instruments.psu]\ndriver = "bench.py:Supply"')
        with pytest.raises(StationError) as caught:
            Station()
        (error,) = caught.value.exceptions
        assert isinstance(error, NameClashError)
        assert __file__ in error.opened_at
        assert list(luthier.instruments()) == ["psu"]


def test_an_error_of_opening_is_no_mistake_in_the_file(here: Lab) -> None:
    error = failure('[instruments.smu]\ndriver = "bench.py:Supply"\noptions = { fault = "open" }', here)
    assert error.subgroup(ConfigurationError) is None


def test_a_station_may_be_opened_in_any_thread(lab: Lab) -> None:
    lab.write(CHAIN)
    names: list[str] = []

    def work() -> None:
        with Station(lab.file) as station:
            names.extend(station)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)
    assert names == ["psu", "smu", "mixer", "dmm"]


NAMES = ["a", "b", "c", "d", "e"]
AFTER = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True))


@given(AFTER)
def test_the_order_keeps_every_dependency_unless_there_is_a_cycle(after: dict[str, list[str]]) -> None:
    after = {name: after.get(name, []) for name in NAMES}
    cycle = find_cycle(after)
    if cycle:
        assert cycle[0] == cycle[-1]
        assert all(second in after[first] for first, second in pairwise(cycle))
        return
    order = in_order(NAMES, after)
    assert sorted(order) == NAMES
    assert all(order.index(other) < order.index(name) for name in NAMES for other in after[name])


@given(
    after=st.lists(st.sets(st.integers(0, 4)), min_size=5, max_size=5),
    faults=st.lists(st.sampled_from(["", "", "open", "open badly", "close"]), min_size=5, max_size=5),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_fails_everything_opened_is_closed_once_in_reverse_order(
    lab: Lab, after: list[set[int]], faults: list[str]
) -> None:
    lab.forget()
    entries = []
    for number, (others, fault) in enumerate(zip(after, faults, strict=True)):
        earlier = [NAMES[other] for other in sorted(others) if other < number]
        entries.append(
            f'[instruments.{NAMES[number]}]\ndriver = "bench.py:Supply"\nafter = {earlier}\n'
            f'options = {{ fault = "{fault}" }}\n'
        )
    lab.write("".join(reversed(entries)))
    stations: list[Station] = []
    opening = failure_of(lambda: stations.append(Station(lab.file)))
    if any(fault.startswith("open") for fault in faults):
        assert opening is not None
        assert "could not be opened" in str(opening)
    else:
        assert opening is None
        closing = failure_of(stations[0].close)
        assert (0 if closing is None else len(closing.exceptions)) == faults.count("close")
    opened = [line.removeprefix("open ") for line in lab.journal if line.startswith("open")]
    closed = [line.removeprefix("close ") for line in lab.journal if line.startswith("close")]
    assert closed == opened[::-1]
    assert luthier.instruments() == {}
