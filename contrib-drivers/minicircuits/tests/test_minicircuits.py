"""What the drivers of Mini-Circuits' boxes send, how answers are taken, and the simulators."""

from __future__ import annotations

import luthier
import pytest
from luthier.errors import InstrumentReportedError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_minicircuits.attenuators import Rc4dat, Rcdat
from luthier_minicircuits.simulated.attenuators import SimulatedRc4dat, SimulatedRcdat
from luthier_minicircuits.switches import RcSpdt

MODEL = ("MN?", "MN=RCDAT-8000-30")


def test_an_attenuator_is_set_in_its_steps_and_up_to_what_its_name_says() -> None:
    exchanges = [
        MODEL,
        (":SETATT=10.25", "1"),
        (":ATT?", "10.25"),
        (":STARTUPATT:VALUE:30", "1"),
        (":STARTUPATT:VALUE?", "30.0"),
        (":STARTUPATT:INDICATOR:F", "1"),
        (":STARTUPATT:INDICATOR?", "F"),
    ]
    with expected_exchanges(Rcdat, exchanges, name="att") as att:
        att.attenuation(10.3)
        assert att.attenuation.cache.value == 10.25
        assert att.attenuation() == 10.25
        with pytest.raises(ValidationError, match="30 dB"):
            att.attenuation(30.25)
        att.startup_attenuation(30)
        assert att.startup_attenuation() == 30
        att.startup_mode("fixed")
        assert att.startup_mode() == "fixed"


@pytest.mark.parametrize(("answer", "text"), [("0", "the command failed"), ("2", "taken to the maximum")])
def test_an_answer_that_is_not_1_is_raised(answer: str, text: str) -> None:
    with (
        expected_exchanges(Rcdat, [MODEL, (":SETATT=10", answer)], name="att") as att,
        pytest.raises(InstrumentReportedError, match=text) as raised,
    ):
        att.attenuation(10)
    assert raised.value.entries[0][0] == int(answer)


def test_nonsense_is_a_mistake() -> None:
    with expected_exchanges(Rcdat, [("MN?", "MN=RC-4SPDT"), MODEL, (":SETATT=1", "OK")], name="att") as att:
        with pytest.raises(ReplyError, match="does not name its largest attenuation"):
            att.attenuation(1)
        with pytest.raises(ReplyError, match="expected: 0, 1 or 2"):
            att.attenuation(1)


def test_four_attenuators_have_numbers() -> None:
    exchanges = [("MN?", "MN=RC4DAT-6000-95"), ("CHAN:4:SETATT:95", "1"), ("CHAN:2:ATT?", "0.25")]
    with expected_exchanges(Rc4dat, exchanges, name="att") as att:
        att.ch4.attenuation(95)
        assert att.ch2.attenuation() == 0.25


def test_identity_is_asked_in_three_questions() -> None:
    exchanges = [MODEL, ("SN?", "SN=11404210014"), ("FIRMWARE?", "B3")]
    with expected_exchanges(Rcdat, exchanges, name="att") as att:
        assert (att.idn.model, att.idn.serial, att.idn.firmware) == ("RCDAT-8000-30", "11404210014", "B3")


def test_switches_have_letters_and_bits() -> None:
    with expected_exchanges(RcSpdt, [("SETH=1", "1"), ("SWPORT?", "129"), ("SWPORT?", "256")], switches=8) as box:
        box.h.position(2)
        assert box.a.position() == 2
        with pytest.raises(ReplyError, match="0 to 255"):
            box.b.position()
    with pytest.raises(UsageError, match="1 to 8"):
        luthier.open("minicircuits.rc_spdt", "sim://", name="box", switches=9)


def test_simulators_take_what_is_too_much_to_the_maximum() -> None:
    device = SimulatedRcdat()
    assert [device.respond(text) for text in (b":SETATT=61", b":ATT?", b":SETATT=0.1", b":SETATT=x")] == [
        b"2\r\n",
        b"60.00\r\n",
        b"0\r\n",
        b"0\r\n",
    ]
    assert SimulatedRc4dat().respond(b":ATT?") == b"0.00 0.00 0.00 0.00\r\n"
