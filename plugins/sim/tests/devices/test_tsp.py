"""Devices that are spoken to in TSP."""

from __future__ import annotations

from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luthier.errors import DeclarationError
from luthier_sim import Clock, Refusal, TspDevice, tsp_attribute, tsp_function


class Smu(TspDevice):
    """Two channels, and a display."""

    identity = "ACME, 2602, 1, 1.0"
    constants: ClassVar = {"smua.OUTPUT_ON": 1, "smua.OUTPUT_OFF": 0}
    level = tsp_attribute("smu[ab].source.levelv", 0.0, minimum=-20, maximum=lambda smu: smu.most)
    output = tsp_attribute("smu[ab].source.output", 0, choices=(0, 1))
    text = tsp_attribute("display.text", "")
    lines = tsp_attribute("localnode.linefreq", 50.0, read_only=True)
    most = 20.0

    @level.on_set
    def _safe(self, value: float, channel: str) -> None:
        if channel == "b" and value > 10:
            raise Refusal(-221, "Settings conflict")

    @tsp_function("smu[ab].measure.iv")
    def both(self, channel: str) -> tuple[float, float]:
        volts = self.level[channel] * self.output[channel]
        return volts / 1e3, volts

    @tsp_function("smu[ab].reset")
    def reset_channel(self, channel: str) -> None:
        self.level = {**self.level, channel: 0.0}


class Frame(TspDevice):
    """Three slots, and numbers of ten digits."""

    digits = 10
    card = tsp_attribute("slot[[123]].idn", "Empty Slot")


def test_paths_have_indices_and_numbers_their_digits() -> None:
    frame = Frame()
    frame.respond(b'slot[2].idn = "3720"')
    assert frame.respond(b"print(slot[2].idn, slot[ 3 ].idn, 1/3)") == b"3720\tEmpty Slot\t3.333333333e-01\n"
    for wrong in (b"print(slot[4].idn)", b"print(slot[2.5].idn)", b"print(slot[2.idn)", b"print(slot[x].idn)"):
        assert frame.respond(wrong) is None
    assert frame.respond(b"print(errorqueue.count)") == b"4.000000000e+00\n"


@pytest.fixture
def smu() -> Smu:
    return Smu(clock=Clock(speed=0))


def shown(smu: Smu, line: str) -> list[str]:
    reply = smu.respond(line.encode())
    return (reply or b"").decode().splitlines()


def test_statements_set_call_and_print(smu: Smu) -> None:
    assert shown(smu, "*IDN?") == ["ACME, 2602, 1, 1.0"]
    assert shown(smu, "smua.source.levelv = 5; smua.source.output=smua.OUTPUT_ON -- on") == []
    assert shown(smu, "print(smua.measure.iv())print(smub.measure.iv())") == [
        "5.00000e-03\t5.00000e+00",
        "0.00000e+00\t0.00000e+00",
    ]
    assert shown(smu, "i, v, more = smua.measure.iv() print(v / i, more)") == ["1.00000e+03\tnil"]
    assert shown(smu, 'display.text = "a\\"b" .. 1 print(display.text)') == ['a"b1.00000e+00']
    assert shown(smu, "local x = 2 ^ 3 ^ 0 - -1 * (2 + 1) / 4 print(x == 2.75, x ~= 2.75, not x, x < 3)") == [
        "true\tfalse\tfalse\ttrue"
    ]
    assert shown(smu, "print(0x10, .5e1, nil, true, (smua.measure.iv()))") == [
        "1.60000e+01\t5.00000e+00\tnil\ttrue\t5.00000e-03"
    ]
    assert shown(smu, "smua.reset() print(smua.source.levelv, 1/0, -1/0, (-1)^0.5)") == ["0.00000e+00\tinf\t-inf\tnan"]
    assert shown(smu, "*RST") == []
    assert smu.output == {"a": 0, "b": 0}
    assert len(smu.errors) == 0


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("smua.source.levelv = 21", -222, "Parameter data out of range"),
        ("smua.source.levelv = 0/0", -222, "Parameter data out of range"),
        ("smua.source.output = 2", -222, "Parameter data out of range"),
        ("smub.source.levelv = 11", -221, "Settings conflict"),
        ('smua.source.levelv = "x"', -286, "type mismatch"),
        ("smua.source.levelv = nil", -286, "type mismatch"),
        ("localnode.linefreq = 60", -286, "read only"),
        ("smua.source.levvel = 1", -286, "attempt to assign to `smua.source.levvel'"),
        ("print = 5", -286, "attempt to assign to `print'"),
        ("print(smuc.measure.iv())", -286, "attempt to call `smuc.measure.iv' (a nil value)"),
        ("print(smuc.source.levelv)", -286, "attempt to index global `smuc' (a nil value)"),
        ("smua.measure.iv(1, 2)", -286, "bad arguments to `smua.measure.iv'"),
        ("print(1 + nil)", -286, "arithmetic"),
        ("os.execute('rm')", -286, "attempt to call `os.execute'"),
        ("x = ", -285, "near `<eof>'"),
        ("x = = 1", -285, "near `='"),
        ("while true do end", -285, "near `while'"),
        ("x = {1}", -285, "near `{1}'"),
        ("print(" + "(" * 100 + "1", -285, "too many levels"),
        ("print(" + "1+" * 5000 + "1)", -286, "stack overflow"),
        ("*HUH?", -113, "Undefined header"),
    ],
)
def test_what_cannot_be_is_an_entry_of_the_error_queue_and_changes_nothing(
    smu: Smu, line: str, code: int, said: str
) -> None:
    before = (dict(smu.level), dict(smu.output), smu.lines)
    assert shown(smu, line) == []
    (error,) = smu.errors
    assert (error.code, said in error.text) == (code, True), error.text
    assert (smu.level, smu.output, smu.lines) == before
    assert shown(smu, "print(errorqueue.count) errorqueue.clear() print(errorqueue.next())") == [
        "1.00000e+00",
        "0.00000e+00\tNo error\t0.00000e+00\t1.00000e+00",
    ]


def test_a_limit_that_is_refused_lets_the_line_go_on_and_a_fault_of_the_program_does_not(smu: Smu) -> None:
    assert shown(smu, "smua.source.levelv = 99 print(1) print(nothing.here) print(2)") == ["1.00000e+00"]
    assert [error.code for error in smu.errors] == [-222, -286]


def test_delays_pass_on_the_clock_of_the_device(smu: Smu) -> None:
    shown(smu, "delay(2.5)")
    assert smu.now == 2.5


def test_what_is_printed_and_kept_is_bounded(smu: Smu) -> None:
    smu.respond(b'x = "' + b"a" * 1000 + b'"' + b" x = x .. x" * 20)
    assert len(smu.variables["x"]) == 65_536
    reply = smu.respond(b"print(x)" * 2000)
    assert reply is not None
    assert len(reply) <= smu.largest_reply
    assert [error.code for error in smu.errors] == [-286]
    for start in range(0, 1200, 100):
        shown(smu, " ".join(f"v{number} = 1" for number in range(start, start + 100)))
    assert len(smu.variables) == 1000


WORDS = st.sampled_from(
    ["smua", "source", "levelv", "print", "(", ")", ".", "=", ",", ";", "1e5", "-", "x", '"t"', "..", "not", "nil", "^"]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(WORDS, max_size=30).map(" ".join), st.text(max_size=60)))
def test_no_line_makes_it_fail(line: str) -> None:
    smu = Smu(clock=Clock(speed=0))
    smu.respond(line.encode("utf-8", "replace"))
    assert shown(smu, "print(1)") == ["1.00000e+00"]


def test_a_pattern_has_one_place_for_a_channel() -> None:
    with pytest.raises(DeclarationError, match="more than one place"):
        tsp_attribute("smu[ab].trigger[12].count", 1)
