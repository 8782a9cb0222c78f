"""What the drivers of the SG380 series send, what they make of the replies, and their simulators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ValidationError
from luthier.testing.wire import expected_exchanges
from luthier_sim import device_at, reset_simulators
from luthier_stanford_research.sg380 import Sg382, Sg384, SignalGenerator
from luthier_stanford_research.simulated.sg380 import SimulatedSg384

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# path, value, what is sent to set it, query, reply, and what is asked before
Row = tuple[str, object, str, str, str, list[tuple[str, str]]]
SETTINGS: list[Row] = [
    ("frequency", 2870000000.123456, "FREQ 2870000000.123456", "FREQ?", "2870000000.123456", []),
    ("power", -17.25, "AMPR -17.25", "AMPR?", "-17.25", []),
    ("phase", 90.0, "PHAS 90", "PHAS?", "90.00", []),
    ("noise_mode", "far", "NOIS 1", "NOIS?", "1", []),
    ("modulation_type", "pulse", "TYPE 4", "TYPE?", "4", []),
    ("modulation_shape", "external", "MFNC 5", "MFNC?", "5", []),
    ("modulation_rate", 1000.0, "RATE 1000", "RATE?", "1000.000000", []),
    ("am_depth", 50.0, "ADEP 50", "ADEP?", "50.0", []),
    ("frequency_deviation", 1e6, "FDEV 1000000", "FDEV?", "1000000.0", []),
    ("phase_deviation", 45.0, "PDEV 45", "PDEV?", "45.0", []),
    ("sweep_rate", 100.0, "SRAT 100", "SRAT?", "100.000000", []),
    ("external_coupling", "AC", "COUP 0", "COUP?", "0", []),
    ("modulation", True, "MODL 1", "MODL?", "1", []),
    ("output", True, "ENBR 1", "ENBR?", "1", []),
    ("low_frequency.power", -10.0, "AMPL -10", "AMPL?", "-10.00", []),
    ("low_frequency.offset", 0.5, "OFSL 0.5", "OFSL?", "0.50", []),
    ("low_frequency.output", False, "ENBL 0", "ENBL?", "0", []),
    ("doubler.power", 3.0, "AMPH 3", "AMPH?", "3.00", [("OPTN? 2", "1")]),
    ("doubler.output", True, "ENBH 1", "ENBH?", "1", [("OPTN? 2", "1")]),
    ("clock.amplitude", 0.8, "AMPC 0.8", "AMPC?", "0.80", [("OPTN? 1", "1")]),
    ("clock.offset", -0.5, "OFSC -0.5", "OFSC?", "-0.50", [("OPTN? 1", "1")]),
    ("clock.output", False, "ENBC 0", "ENBC?", "0", [("OPTN? 1", "1")]),
]


def opened(exchanges: Any, **options: object) -> AbstractContextManager[Sg384]:
    return expected_exchanges(Sg384, exchanges, name="rf", **{"error_policy": "never", **options})


def device_of(generator: SignalGenerator) -> SimulatedSg384:
    device = device_at(str(generator.address))
    assert isinstance(device, SimulatedSg384)
    return device


@pytest.mark.parametrize("row", SETTINGS, ids=[row[0] for row in SETTINGS])
def test_a_setting_is_sent_and_read_as_the_instrument_does(row: Row) -> None:
    path, value, command, query, reply, before = row
    with opened([*before, (command, None), (query, reply)]) as rf:
        rf.set(path, value)
        assert rf.get(path) == value


@pytest.mark.parametrize(("model", "highest"), [("sg382", 2.025e9), ("sg384", 4.05e9), ("sg386", 6.075e9)])
def test_each_model_has_its_own_highest_frequency(model: str, highest: float) -> None:
    with luthier.open(f"stanford_research.{model}", "sim://", name="rf") as rf:
        rf.frequency(highest)
        assert rf.frequency() == highest
        with pytest.raises(ValidationError):
            rf.frequency(highest + 1)
        assert hasattr(rf, "doubler") is (model != "sg382")
    reset_simulators()


def test_making_safe_switches_off_what_is_there() -> None:
    with opened(
        [("ENBR 0", None), ("ENBL 0", None), ("OPTN? 2", "1"), ("ENBH 0", None), ("OPTN? 1", "1"), ("ENBC 0", None)]
    ) as rf:
        rf.make_safe()
    with opened([("ENBR 0", None), ("ENBL 0", None), ("OPTN? 2", "0"), ("OPTN? 1", "0")]) as rf:
        rf.make_safe()
    without: AbstractContextManager[Sg382] = expected_exchanges(
        Sg382, [("ENBR 0", None), ("ENBL 0", None), ("OPTN? 1", "0")], name="rf", error_policy="never"
    )
    with without as rf:
        rf.make_safe()


def test_setting_frequency_and_power_leaves_the_output_as_it_is() -> None:
    with luthier.open("stanford_research.sg384", "sim://", name="rf") as rf:
        device = device_of(rf)
        rf.output(False)
        rf.frequency(3e9)
        rf.power(10)
        assert device.carrier() == {}
        rf.output(True)
        assert device.carrier() == {"N": (3e9, 10)}
        rf.frequency(10e6)
        rf.low_frequency.power(-5)
        assert device.carrier() == {"N": (10e6, 10), "BNC": (10e6, -5)}
        rf.make_safe()
        assert device.carrier() == {}
    reset_simulators()


def test_what_an_option_is_needed_for_says_so() -> None:
    with luthier.open("stanford_research.sg384", "sim://", name="rf") as rf:
        device_of(rf).options = ()
        with pytest.raises(IrrelevantParameterError, match="has_doubler"):
            rf.doubler.power(0)
        with pytest.raises(InstrumentReportedError, match="16, no IQ option"):
            rf.modulation_type("IQ")
        rf.write("AMPH 0")
        rf.write("NOIS 2")
        with pytest.raises(InstrumentReportedError) as caught:
            rf.check_errors()
        assert caught.value.entries == ((15, "no RF doubler option"), (10, "illegal value"))
    reset_simulators()
