"""Tests and simulators that are made of tapes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, parameter
from luthier.errors import ResponseTimeoutError, UsageError
from luthier.instrument import ScpiInstrument
from luthier_sim import LineDevice, ScpiDevice, query, read_tape, serve, setting
from luthier_sim.tapes.files import parse_tape
from luthier_sim.tapes.making_tests import source_of_test
from luthier_sim.tapes.simulator_making import source_of_simulator

if TYPE_CHECKING:
    from luthier_sim.tapes.tape import Tape


class SimulatedLamp(ScpiDevice):
    """What the driver below is recorded with."""

    identity = "ACME,LAMP,1,0"
    power = setting("SOURce:POWer", 0.0, minimum=0, maximum=100, form="{:+.3E}")
    output = setting("OUTPut", False)

    @query("MEASure:LIGHt?")
    def light(self) -> float:
        return 0.3 * self.power

    @query("TRACe?")
    def trace(self) -> bytes:
        return b"\x00\n\xff"


class Lamp(ScpiInstrument):
    """A lamp, with what makes tests of it difficult."""

    power = parameter(float, get_cmd="SOUR:POW?", set_cmd="SOUR:POW {}", unit="W")
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}")
    light = parameter(float, get_cmd="MEAS:LIGH?")
    never = parameter(float, get_cmd="NEVER?")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.write("*CLS")

    @parameter(depends_on=("power",))
    def efficiency(self) -> float:
        """Ask for two things."""
        return self.light.get() / self.power.get()

    def flash(self) -> None:
        """Send what no parameter stands for."""
        self.write("OUTP 1;:SOUR:POW 100")


class Meter(Instrument):
    """Reads."""

    value = parameter(float, get_cmd="VAL?")
    mode = parameter(str, get_cmd="MODE?", set_cmd="MODE {}")


@pytest.fixture
def recorded(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Tape:
    """Record a lamp from its opening on, over a socket."""
    folder = tmp_path_factory.mktemp("tapes")
    monkeypatch.setenv("LUTHIER_RECORD", str(folder))
    with serve(SimulatedLamp, port=0) as served, Lamp("lamp", served.address, timeout=0.2) as lamp:
        assert lamp.idn.model == "LAMP"
        lamp.power.set(5.0)
        lamp.output.set(True)
        assert lamp.efficiency.get() == pytest.approx(0.3)
        lamp.flash()
        assert lamp.output.get()
        with pytest.raises(ResponseTimeoutError):
            lamp.never.get()
        assert lamp.query("TRAC?") == "#13\x00"
        lamp.clear()
        lamp.clear_status()
        lamp.reset()
    return read_tape(folder / "lamp.tape")


@pytest.mark.slow
def test_a_tape_becomes_a_test_that_passes_and_notices_a_change(recorded: Tape, tmp_path: Path) -> None:
    source = source_of_test(recorded, Lamp)
    for line in (
        "lamp.power.set(5.0)",
        "lamp.output.set(True)",
        "assert lamp.efficiency.get() == 0.3",
        'lamp.write("OUTP 1;:SOUR:POW 100")',
        "assert lamp.output.get() is True",
        "lamp.clear_status()",
        "lamp.reset()",
    ):
        assert f"        {line}" in source
    assert "with pytest.raises(ResponseTimeoutError):\n" in source
    file = tmp_path / "test_lamp.py"
    file.write_text(source.replace(Lamp.__module__, "acme_lamp"))
    driver = Path(__file__).read_text(encoding="utf-8")
    begin, end = driver.index("class Lamp("), driver.index("class Meter")
    head = "from typing import Any\nfrom luthier import parameter\nfrom luthier.instrument import ScpiInstrument\n\n"
    (tmp_path / "acme_lamp.py").write_text(head + driver[begin:end])
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    (tmp_path / "acme_lamp.py").write_text((head + driver[begin:end]).replace('"SOUR:POW {}"', '"POW {}"'))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "expected 'SOUR:POW 5'" in done.stdout


def test_values_that_json_cannot_say_are_written_down_as_well() -> None:
    tape = parse_tape(
        '> VAL?\n< NAN\n= value read {"$float": "nan"}\n> VAL?\n< inf\n= value read {"$float": "inf"}\n'
        '> MODE "x"\n= mode set "\\\\"x\\\\""\n> MODE?\n< {a}\n= mode read "{a}"\n'
    )
    source = source_of_test(tape, Meter)
    assert "import math\n" in source
    assert "math.isnan(" in source
    assert 'assert instrument.mode.get() == "{a}"' in source
    namespace: dict[str, Any] = {"Meter": Meter}
    exec(source.replace(f"from {Meter.__module__} import Meter", ""), namespace)  # noqa: S102 - what was just made
    namespace["test_instrument_as_recorded"]()


def test_a_tape_of_another_driver_is_refused() -> None:
    with pytest.raises(UsageError, match=r"Lamp cannot be opened on this tape(.|\n)*expected 'VOLT\?'"):
        source_of_test(parse_tape("> VOLT?\n< 1\n"), Lamp)


def device_of(source: str) -> Any:
    """Return a device of the class that a source defines."""
    namespace: dict[str, Any] = {"__name__": "made"}
    exec(source, namespace)  # noqa: S102 - what was just made of a tape
    return next(
        kind
        for name, kind in namespace.items()
        if name.startswith("Simulated") and issubclass(kind, (ScpiDevice, LineDevice))
    )()


def test_a_tape_becomes_a_simulator_that_answers_it_and_keeps_what_is_set(recorded: Tape) -> None:
    lamp = device_of(source_of_simulator(recorded))
    for exchange in recorded.exchanges:
        if not exchange.fault and b"TRAC" not in exchange.message:
            reply = lamp.respond(exchange.message)
            assert (reply or b"").rstrip(b"\n") == b"".join(exchange.replies), exchange.text
    assert lamp.respond(b":sour:pow 7;pow?") == b"+7.000E+00\n"
    assert lamp.respond(b"NONSENSE?") is None
    assert lamp.respond(b"SYST:ERR?") == b'-113,"Undefined header"\n'


def test_a_simulator_of_lines_keeps_what_is_set() -> None:
    tape = parse_tape(
        "> SETP? 1\n< 300.0\n> SETP 1,4.2\n> SETP? 1\n< 4.2\n> KRDG? A\n< +4.1\n> KRDG? A\n< +4.2\n> mode\\x01\n"
        "> OUT?\n< 1\n> OUT 5\n> OUT?\n< 1\n"
    )
    device = device_of(source_of_simulator(tape, "SimulatedThermometer"))
    asked = [device.respond(each) for each in (b"SETP? 1", b"KRDG? A", b"KRDG? A", b"KRDG? A", b"OUT?", b"mode\x01")]
    assert asked == [b"300.0\n", b"+4.1\n", b"+4.2\n", b"+4.2\n", b"1\n", None]
    assert device.respond(b"SETP 1,77.5") is None
    assert device.respond(b"SETP? 1") == b"77.5\n"
