"""The table ``[bench]`` of a ``lab.toml``: in this process, and served to others."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Station
from luthier.errors import ConnectionLostError, StationError
from luthier_sim import device_at
from luthier_sim.served_station import StationDevices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from luthier_sim import Bench

LAB = """\
[station]
name = "bench"

[instruments.daq]
driver = "sim.daq"
address = "sim://"

[instruments.meter]
driver = "sim.daq"
address = "sim://"
metadata = { shelf = "two \\"quoted\\"", range = [-inf, 1e-3], on = true }

[bench]
seed = 3

[bench.duts.r]
kind = "sim.resistor"
resistance = 500.0

[bench.wires]
r.voltage = "daq.out1"
"meter.in1" = { from = "r.current", gain = 1e3 }
"""


@pytest.fixture
def lab_file(lamp_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(lamp_file.parent)  # where addresses of files start
    file = lamp_file.with_name("lab.toml")
    file.write_text(LAB, encoding="utf-8")
    return file


def bench_at(instrument: Any) -> Bench:
    bench = device_at(instrument.address).bench
    assert bench is not None
    return bench


def test_opening_a_station_connects_its_instruments_and_closing_it_disconnects_them(lab_file: Path) -> None:
    with Station(lab_file) as lab:
        lab.daq.out1.voltage(2.0)
        assert lab.meter.in1.voltage() == pytest.approx(4.0)
        address = lab.daq.address
        first = bench_at(lab.daq)
        with Station(lab_file, only=["meter"]):  # a cell that is run again
            assert bench_at(lab.daq) is not first
        assert lab.meter.closed
    assert device_at(address).bench is None


def test_a_bench_has_a_clock_of_its_own_speed_and_devices_of_files(lab_file: Path) -> None:
    file = lab_file.with_name("doubler.py")
    file.write_text(
        "from luthier_sim import Node\n\n\nclass Doubler:\n    nodes = {'a': Node('V')}\n    outputs = {'b': 'V'}\n\n"
        "    def respond(self, at, now):\n        return {'b': 2 * at['a']}\n",
        encoding="utf-8",
    )
    text = LAB.replace("seed = 3", "speed = 0.0").replace('"sim.resistor"', '"./doubler.py:Doubler"')
    text = text.replace("resistance = 500.0\n", "").replace("r.voltage", "r.a").replace("r.current", "r.b")
    lab_file.write_text(text, encoding="utf-8")
    with Station(lab_file) as lab:
        lab.daq.out1.voltage(0.001)
        assert lab.meter.in1.voltage() == pytest.approx(2.0)
        lab.meter.aperture(3.0)
        before = bench_at(lab.daq).clock.now()
        lab.meter.in2.voltage()  # would take three seconds, but time stands still, and waiting moves it
        assert bench_at(lab.daq).clock.now() == before + 3.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("resistance =", "resistence =", "lab.toml:18: r has no option 'resistence'. Did you mean 'resistance'?"),
        ("= 500.0", "= -5.0", "lab.toml:16: r cannot be made: resistance of a Resistor cannot be -5.0"),
        ("sim.resistor", "sim.resitor", "lab.toml:17: the device under test r cannot be used: 'sim.resitor'"),
        ('kind = "sim.resistor"\n', "", "lab.toml:16: r has no kind"),
        (
            "resistance = 500.0",
            "voltage = 500.0",
            "lab.toml:18: r has no option 'voltage'. It is a node: write r.voltage = 500.0 under [bench.wires].",
        ),
        ("sim.resistor", "./nowhere.py:X", "lab.toml:17: the device under test r cannot be used: there is no file"),
        ("gain = 1e3", "gian = 1e3", "lab.toml:22: the wire to meter.in1 has no 'gian'. Did you mean 'gain'?"),
        ("gain = 1e3", 'gain = "1e3"', "lab.toml:22: meter.in1: gain of a wire has to be a finite number"),
        ("daq.out1", "daq.out7", "lab.toml:21: r.voltage: daq has no output 'out7'"),
        ("seed = 3", 'seed = "x"', "lab.toml:14: 'seed' of [bench] has to be a whole number, not 'x'"),
        ("seed = 3", "sed = 3", "lab.toml:14: [bench] has no key 'sed'. Did you mean 'seed'"),
        ("seed = 3", "speed = -1.0", "lab.toml:14: a clock cannot run at -1.0 times real time"),
        (
            '"sim://"\nmetadata',
            '"TCPIP::127.0.0.1::9::SOCKET"\nmetadata',
            "lab.toml:10: meter is on a bench, and is not simulated: its address is TCPIP::127.0.0.1::9::SOCKET",
        ),
        (
            '"sim://"\nmetadata',
            '"sim://./lamp.yaml"\nmetadata',
            "lab.toml:10: meter is on a bench, and its simulator is a pyvisa-sim file",
        ),
        (
            '"sim://"\nmetadata',
            '"sim://"\nserver = "foo"\nmetadata',
            "lab.toml:11: meter is on a bench, and lives on the server 'foo', another process than this one",
        ),
    ],
)
def test_what_is_wrong_in_the_table_is_told_with_its_line(lab_file: Path, old: str, new: str, said: str) -> None:
    assert LAB.count(old) == 1
    lab_file.write_text(LAB.replace(old, new), encoding="utf-8")
    with pytest.raises(StationError) as refused:
        Station(lab_file)
    assert said in str(refused.value)


# Served


@contextmanager
def served(lab_file: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Serve a station in a process, and give the file that opens it, and the process."""
    file = lab_file.with_name("served.toml")
    command = ["sim", "serve", "--station", str(lab_file), "--write", str(file), "--json", "--until-input-ends"]
    with subprocess.Popen(
        [sys.executable, "-m", "luthier_cli", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert [each["name"] for each in json.loads(process.stdout.readline())] == ["daq", "meter"]
            yield file, process
        finally:
            process.stdin.close()
            process.wait(20)


CLIENT = """
import sys
from luthier import Station
with Station(sys.argv[1], only=["daq"]) as lab:
    for line in sys.stdin:
        lab.daq.out1.voltage(float(line))
        print("set", flush=True)
"""


@pytest.mark.slow
def test_two_processes_see_one_bench_and_killing_it_is_told_at_once(lab_file: Path) -> None:
    pytest.importorskip("luthier_cli")
    with served(lab_file) as (file, bench):
        other = subprocess.Popen(
            [sys.executable, "-c", CLIENT, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with other, closing(Station(file, only=["meter"])) as lab:
            assert other.stdin is not None
            assert other.stdout is not None
            for volts in np.linspace(-1, 1, 5):
                other.stdin.write(f"{volts}\n")
                other.stdin.flush()
                assert other.stdout.readline() == "set\n"
                assert lab.meter.in1.voltage() == pytest.approx(2 * volts)
            bench.kill()
            bench.wait()
            with pytest.raises(ConnectionLostError, match="meter"):
                lab.meter.in1.voltage()
            other.stdin.write("0\n")
            other.stdin.flush()
            assert other.stdout.readline() == ""
            assert "ConnectionLostError" in other.communicate(timeout=20)[1]


def test_what_is_written_for_clients_opens_the_same_instruments_elsewhere(lab_file: Path) -> None:
    served_lab = StationDevices.read(str(lab_file))
    assert served_lab.devices["daq"].bench is not None
    file = lab_file.with_name("other") / "served.toml"
    file.parent.mkdir()
    served_lab.write_for_clients(str(file), {"daq": "sim://sim.daq/daq"})
    with Station(file) as lab:
        assert lab.name == "bench"
        assert (lab.daq.address, lab.meter.address) == ("sim://sim.daq/daq", "sim://sim.daq/meter")
        assert lab.meter.snapshot()["metadata"] == {
            "shelf": 'two "quoted"',
            "range": [{"$float": "-inf"}, 1e-3],
            "on": True,
        }
        lab.daq.out1.voltage(1.0)
        assert lab.meter.in1.voltage() == pytest.approx(2.0)  # still on the bench, which the new file does not mention
