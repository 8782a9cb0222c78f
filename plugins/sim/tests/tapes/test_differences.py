"""What differs between tapes, and between instruments."""

from __future__ import annotations

import pytest
from luthier import Instrument, parameter
from luthier.testing.wire import DictTransport, WireFault
from luthier_sim import ScpiDevice, compare_tapes, compare_transports, replay, serve, setting
from luthier_sim.opening import open_simulated
from luthier_sim.tapes.differences import play
from luthier_sim.tapes.files import parse_tape
from luthier_visa import open_socket


def kinds(first: str, second: str, tolerance: float = 0.0) -> list[tuple[str, str]]:
    """Return kind and message of each difference."""
    found = compare_tapes(parse_tape(first), parse_tape(second), tolerance=tolerance)
    return [(each.kind, each.message) for each in found]


def test_what_means_the_same_is_no_difference() -> None:
    assert kinds("0.1 > VOLT?\n0.2 < +1.50E+0,3\n0.3 * clear", "> :volt?\n< 1.5,3.0") == []


def test_each_difference_is_found_once() -> None:
    first = "> A?\n< 1\n> B 1\n> C?\n< x\n> D?\n! timeout\n> E?\n< 1\n"
    second = "> A?\n< 2\n> C?\n< x\n> D?\n< 1\n> F 1\n> E?\n< 1\n< 2\n"
    assert kinds(first, second) == [
        ("reply", "A?"),
        ("missing", "B 1"),
        ("fault", "D?"),
        ("added", "F 1"),
        ("reply", "E?"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "tolerance", "alike"),
    [
        ("1.00,V", "1.01,V", 0.01, True),
        ("1.00,V", "1.02,V", 0.01, False),
        ("1.00,V", "1.00,A", 1.0, False),
        ("1.00", "1.00,1.00", 1.0, False),
        ("-1", "1", float("inf"), True),
        ("0", "0.0", 0.0, True),
    ],
)
def test_numbers_may_differ_by_the_tolerance(one: str, other: str, tolerance: float, *, alike: bool) -> None:
    assert (kinds(f"> A?\n< {one}", f"> A?\n< {other}", tolerance) == []) is alike


class OldSupply(ScpiDevice):
    """A supply of the first generation."""

    identity = "ACME,SUPPLY,1,1.0"
    voltage = setting("VOLTage", 0.0, form="{:.2f}")


class NewSupply(OldSupply):
    """Its successor forgot a command."""

    identity = "ACME,SUPPLY,1,2.0"
    voltage = setting("SOURce:VOLTage", 0.0)


class Supply(Instrument):
    """The driver."""

    voltage = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}")


def test_two_firmwares_are_told_the_same_over_their_wires() -> None:
    def use(supply: Instrument) -> None:
        supply.idn  # noqa: B018 - asks
        supply.set("voltage", 1.5)
        supply.get("voltage")

    with serve(OldSupply, port=0) as old, serve(NewSupply, port=0) as new:
        found = compare_transports(use, Supply, open_socket(old.address), open_socket(new.address, timeout=0.1))
    assert [(each.kind, each.message) for each in found] == [("reply", "*IDN?"), ("fault", "VOLT?")]
    assert (found[1].first, found[1].second) == ("1.50", "! timeout")
    assert "second: ! timeout" in str(found[1])


def test_a_tape_is_told_to_a_simulator() -> None:
    tape = parse_tape("> *IDN?\n< KEITHLEY\n> SOUR:VOLT 1.5\n> SOUR:VOLT?\n< 1.5\n> NONSENSE?\n! timeout\n")
    told = play(tape, open_simulated("sim://keithley.2400/differences", timeout=0.05))
    assert [each.message for each in compare_tapes(tape, told)] == ["*IDN?"]
    assert told.exchanges[2].replies == (b"+1.500000E+00",)


def test_a_driver_call_that_fails_on_one_side_ends_there() -> None:
    wire = DictTransport({"VOLT": "1"}, faults={2: WireFault.LOST})
    found = compare_transports(
        lambda supply: [supply.get("voltage") for _ in range(3)],
        Supply,
        replay(parse_tape("> VOLT?\n< 1\n> VOLT?\n< 1\n> VOLT?\n< 1\n")),
        wire,
    )
    assert [(each.kind, each.second) for each in found] == [("fault", "! lost"), ("missing", "")]
