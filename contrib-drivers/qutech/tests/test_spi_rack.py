"""What the driver of the SPI rack sends, that no output jumps, and its simulator."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, UsageError, ValidationError
from luthier.testing.wire import ScriptedTransport
from luthier_qutech.simulated.spi_rack import SimulatedSpiRack
from luthier_qutech.spi_rack import SpiRack
from luthier_sim import device_at, reset_simulators

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def rack() -> Iterator[SpiRack]:
    reset_simulators()
    with luthier.open("qutech.spi_rack", "sim://", name="rack", d5a=[2], s4g=[3]) as opened:
        opened.locked(False)
        yield opened
    reset_simulators()


def device_of(rack: SpiRack) -> SimulatedSpiRack:
    device = device_at(str(rack.address))
    assert isinstance(device, SimulatedSpiRack)
    return device


def step(*texts: str) -> list[tuple[bytes, bytes | None]]:
    """Return exchanges: messages, with > before a reply."""
    pairs = [text.partition(">")[::2] for text in texts]
    return [(bytes.fromhex(sent), bytes.fromhex(reply) if reply else None) for sent, reply in pairs]


def test_messages_are_those_of_the_maker_s_package() -> None:
    read_span, read_code = "72 c2 00 00 00", "72 d2 00 00 00"
    span, code = f"{read_span} > 00 00 02 00", f"{read_code} > 00 80 00 00"
    exchanges = [
        *step("75", "63 32 00 08", span, "63 32 00 08", code),
        *step("63 32 00 08", span, "63 32 00 06", "77 72 80 a3 c0", "63 32 00 08", span),
        *step("63 32 00 08", f"{read_code} > 00 80 a3 c0"),
        *step("63 10 00 54", "72 00 00 > 03 30", "63 00 00 54", "72 01 e0 00 > 00 0a f0", "6c"),
    ]
    with ScriptedTransport(exchanges, read_termination="") as wire, SpiRack("rack", transport=wire, d5a=[2]) as rack:
        rack.locked(False)
        assert rack.d5a2_dac8.read_level() == 0
        rack.d5a2_dac8.write_level(0.019989013671875)
        assert rack.temperature() == 25.5
        assert rack.positive_battery() == pytest.approx(2.171 * 3.3 * 2800 / 4096)
        rack.locked(True)


def test_an_output_moves_in_steps(rack: SpiRack) -> None:
    output = rack.d5a2_dac3
    output.span("-4 V to 4 V")
    output.voltage(-0.025)
    device = device_of(rack)
    codes = [code for module, dac, span, code in device.history if (module, dac, span) == (2, 2, 2)]
    assert len(codes) == 4  # one for the span
    assert max(abs(after - before) for before, after in pairwise(codes)) <= 0.01 / 8 * 2**18 + 1
    assert output.voltage() == pytest.approx(-0.025, abs=8 / 2**18)


def test_a_change_of_span_keeps_the_level_or_is_refused(rack: SpiRack) -> None:
    output = rack.d5a2_dac16
    output.voltage(0.02)
    levels = []
    for span in ("-8 V to 8 V", "0 V to 8 V", "-2 V to 2 V", "-4 V to 4 V"):
        output.span(span)
        levels.append(output.voltage())
    assert levels == pytest.approx([0.02] * 4, abs=5e-5)
    assert len(device_of(rack).history) == 6
    output.voltage(-0.01)
    with pytest.raises(IrrelevantParameterError, match="would jump"):
        output.span("0 V to 4 V")
    with pytest.raises(ValidationError, match="-4 V to 4 V"):
        output.voltage(4.5)


def test_currents_are_those_of_the_module(rack: SpiRack) -> None:
    device = device_of(rack)
    source = rack.outputs["s4g3_source2"]
    source["span"].set("half")
    assert source["current"].limits == (-0.025, 0.025)
    source["current"].set(0.00025)
    assert source["current"].get() == pytest.approx(0.00025, abs=2e-7)
    assert device.converter(3, 6).code == round((0.00025 + 0.025) / 0.05 * 2**18)


def test_a_locked_rack_is_told_and_made_safe(rack: SpiRack) -> None:
    rack.d5a2_dac1.voltage(0.01)
    rack.locked(True)
    with pytest.raises(InstrumentReportedError, match=r"say locked\(False\)"):
        rack.d5a2_dac1.voltage(0)
    rack.make_safe()
    assert rack.d5a2_dac1.voltage() == 0


def test_a_module_that_is_something_else_is_told(rack: SpiRack) -> None:
    device_of(rack).converter(2, 0).span = 7
    with pytest.raises(ReplyError, match="such a module at number 2"):
        rack.d5a2_dac1.voltage()
    assert rack.idn.firmware.startswith("1.6")


@pytest.mark.parametrize(
    "wrong", [{"d5a": [0]}, {"d5a": [1, 1]}, {"d5a": [2], "s4g": [2]}, {"d5a": []}, {"largest_current": 50}]
)
def test_a_rack_that_there_is_not_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="Nothing was opened"):
        SpiRack("rack", None, **wrong)
