from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, assert_type

import luthier
import pytest
from luthier import Instrument, Station
from luthier.errors import ClosedError, NameClashError, StationError, UnknownNameError, WrongTypeError
from luthier.station import describe

if TYPE_CHECKING:
    from .conftest import Lab

TWO = """
    [station]
    name = "fridge"
    [instruments.psu]
    driver = "bench.py:Supply"
    address = "A::1"
    [instruments.smu]
    driver = "bench.py:Supply"
"""


def test_instruments_are_had_by_attribute_and_by_name(lab: Lab) -> None:
    with lab.open(TWO) as station:
        psu = station.instruments["psu"]
        assert station.psu is psu
        assert station["psu"] is psu
        assert station.get("psu") is psu
        assert luthier.instruments()["psu"] is psu
        assert ("psu" in station, "dmm" in station) == (True, False)
        assert list(station) == ["psu", "smu"]
        assert {"psu", "smu", "snapshot"} <= set(dir(station))


def test_an_instrument_can_be_had_typed(lab: Lab) -> None:
    with lab.open(TWO) as station:
        kind = type(station.psu)
        supply = station.get("psu", kind)
        assert supply is station.psu
        assert_type(station.get("psu", Instrument), Instrument)
        assert station.get("psu", Instrument) is supply
        with pytest.raises(WrongTypeError) as caught:
            station.get("psu", luthier.ScpiInstrument)
        assert str(caught.value) == "fridge: psu is a Supply, not a ScpiInstrument."


def test_a_misspelt_instrument_is_answered_with_the_nearest(lab: Lab) -> None:
    with lab.open(TWO) as station:
        errors = []
        for name in ("smmu", "xyzzy"):
            with pytest.raises(UnknownNameError) as caught:
                getattr(station, name)
            errors.append(str(caught.value))
            with pytest.raises(UnknownNameError) as caught:
                _ = station[name]
            assert str(caught.value) == errors[-1]
            assert not hasattr(station, name)
        assert errors == [
            "fridge: has no instrument 'smmu'. Did you mean 'smu'?",
            "fridge: has no instrument 'xyzzy'. There are: psu, smu.",
        ]
        assert not hasattr(station, "_repr_svg_")


def test_a_name_that_begins_with_an_underscore_can_be_had_too(lab: Lab) -> None:
    with lab.open('[instruments._x]\ndriver = "bench.py:Supply"') as station:
        assert station._x is station["_x"]


def test_a_station_is_shown_as_a_table(here: Lab) -> None:
    here.write(TWO)
    with Station(only=["psu"]) as station:
        station.add(Instrument("ruler"))
        assert repr(station) == "<Station fridge of lab.toml: psu, ruler>"
        assert str(station).splitlines() == [
            "<Station fridge of lab.toml: psu, ruler>",
            "instrument  driver                                    address  state",
            "psu         bench.py:Supply                           A::1     open",
            "ruler       luthier.instrument.instrument.Instrument           open",
            "smu         bench.py:Supply                                    not opened",
        ]
        assert "<td>smu</td><td>bench.py:Supply</td><td></td><td>not opened</td>" in station._repr_html_()
    assert repr(station) == "<Station fridge of lab.toml: closed>"
    assert "closed" in str(station)


def test_a_snapshot_holds_all_instruments_as_json(lab: Lab) -> None:
    with lab.open(TWO) as station:
        station.psu.ch1.voltage(2)
        snapshot = json.loads(json.dumps(station.snapshot(), allow_nan=False))
        assert (snapshot["name"], snapshot["file"]) == ("fridge", str(lab.file))
        assert list(snapshot["instruments"]) == ["psu", "smu"]
        psu = snapshot["instruments"]["psu"]
        assert psu["channels"]["ch1"]["parameters"]["voltage"]["value"] == 2.0
        assert psu["parameters"]["model"]["value"] is None
        updated = station.snapshot(update=True)
        assert updated["instruments"]["psu"]["parameters"]["model"]["value"] == "S1"


def test_running_a_cell_again_opens_everything_anew_and_closes_the_old(lab: Lab) -> None:
    first = lab.open(TWO)
    second = Station(lab.file)
    with second:
        assert first.closed
        assert first.psu.closed
        assert second.psu is luthier.instruments()["psu"]
        assert lab.journal == ["open psu", "open smu", "close smu", "close psu", "open psu", "open smu"]
        lab.forget()
        first.close()
        assert lab.journal == []


def test_a_changed_file_can_be_opened_again(lab: Lab) -> None:
    lab.open(TWO)
    with lab.open(TWO.replace("A::1", "A::2").replace("instruments.smu", "instruments.dmm")) as station:
        assert station.psu.told == "A::2"
        assert list(luthier.instruments()) == ["psu", "dmm"]


def test_a_mistake_in_a_changed_file_leaves_what_is_open_as_it_is(lab: Lab) -> None:
    with lab.open(TWO) as station:
        for mistake in ("adress = 'x'", "options = { fualt = 'x' }\nafter = ['smu']", "limits = 3"):
            with pytest.raises(StationError):
                lab.open(TWO.replace('address = "A::1"', mistake).replace("Supply", "Strict"))
        assert not station.psu.closed
        assert not station.closed


def test_opening_a_part_again_closes_that_part_only(lab: Lab) -> None:
    with lab.open(TWO) as station, Station(lab.file, only=["smu"]) as part:
        assert station.smu.closed
        assert not station.psu.closed
        assert not part.smu.closed


def test_an_old_station_that_cannot_be_closed_in_order_is_logged_and_replaced(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.open(TWO.replace('"A::1"', '"A::1"\noptions = { fault = "close" }'))
    with lab.open(TWO) as station:
        assert not station.psu.closed
    assert "psu could not be closed in order: OSError: the port is gone" in caplog.text


def test_two_stations_live_side_by_side(lab: Lab) -> None:
    other = lab.write('[instruments.dmm]\ndriver = "bench.py:Supply"', "other.toml")
    with lab.open(TWO) as first, Station(other) as second:
        assert list(luthier.instruments()) == ["psu", "smu", "dmm"]
    assert first.closed
    assert second.closed


def test_a_station_can_be_opened_from_its_description(lab: Lab) -> None:
    description = describe(lab.write(TWO))
    with Station(description) as station:
        assert station.description is description
        assert station.name == "fridge"


def test_an_empty_file_is_an_empty_station(lab: Lab) -> None:
    with lab.open("") as station:
        assert dict(station.instruments) == {}
        assert "no instruments" in repr(station)


def test_an_instrument_can_be_added_and_ends_with_the_station(lab: Lab) -> None:
    with lab.open(TWO) as station:
        ruler = station.add(luthier.open(f"{lab.folder / 'bench.py'}:Supply", name="ruler"))
        assert station.ruler is ruler
        assert station.add(ruler) is ruler
        lab.forget()
    assert lab.journal == [
        "safe ruler", "safe smu", "safe psu", "close ruler", "close smu", "close psu",
    ]  # fmt: skip


def test_a_cell_that_adds_an_instrument_can_be_run_again(lab: Lab) -> None:
    with lab.open(TWO) as station:
        for _ in range(2):
            station.add(Instrument("ruler"))
        assert not station.ruler.closed
        assert list(station) == ["psu", "smu", "ruler"]


def test_an_instrument_whose_name_is_taken_cannot_be_added(lab: Lab) -> None:
    with lab.open(TWO) as station:
        psu = station.psu
        psu.close()
        with Instrument("psu") as second:
            station.add(second)
            assert station.psu is second
            assert list(station) == ["smu", "psu"]
        with Instrument("get") as unreachable, pytest.raises(NameClashError) as caught:
            station.add(unreachable)
        assert str(caught.value) == (
            "fridge: cannot add get: something that every station has is called so. "
            "Nothing was added; the instrument stays open. Choose another name."
        )


def test_a_closed_instrument_or_station_takes_part_in_nothing(lab: Lab) -> None:
    station = lab.open(TWO)
    ruler = Instrument("ruler")
    ruler.close()
    with pytest.raises(ClosedError, match=r"fridge: cannot add ruler: ruler is closed. Open it again."):
        station.add(ruler)
    station.close()
    with Instrument("ruler") as ruler, pytest.raises(ClosedError, match="the station is closed"):
        station.add(ruler)


def test_a_closed_station_still_tells_what_was_known(lab: Lab) -> None:
    with lab.open(TWO) as station:
        station.psu.ch1.voltage(2)
    assert station.psu.ch1.voltage.cache.value == 2.0
    assert station.snapshot()["instruments"]["psu"]["address"] is None


def test_the_errors_of_a_station_survive_pickling(here: Lab) -> None:
    here.write("[instruments.a]\n[instruments.b]\n")
    with pytest.raises(StationError) as caught:
        Station()
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert str(copy) == str(caught.value)
    assert [str(error) for error in copy.exceptions] == [str(error) for error in caught.value.exceptions]
    assert [error.line for error in copy.exceptions] == [1, 2]


def test_luthier_has_the_station_on_request() -> None:
    assert luthier.Station is Station
