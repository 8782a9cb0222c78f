"""A stability diagram of 100 by 100 points through drivers, server and bench: what a point costs, and where it goes.

Each step adds one part to the one before: the device alone, the bench around it, messages to simulated instruments,
drivers, the network to another process, a server between, and what measuring and storing take.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from luthier import Station
from luthier_measure import measure, sweep
from luthier_sim import device_at, open_simulated
from luthier_sim.duts import DoubleDot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GROUP = "point of a stability diagram"
SIDE = 100
LEVELS = np.linspace(0, 2, SIDE)

LAB = """\
[instruments.daq]
driver = "sim.daq"
address = "sim://"

[instruments.smu]
driver = "keithley.2400"
address = "sim://"
initial = { measure_current = true, current_limit = 1e-6, voltage = 1e-3, output = true }

[bench.duts.dot]
kind = "sim.double_dot"

[bench.wires]
dot.left = { from = "daq.out1", gain = 0.1 }
dot.right = { from = "daq.out2", gain = 0.1 }
dot.sensor_bias = "smu.voltage"
smu.current = "dot.sensor"
"""


@pytest.fixture
def lab_file(tmp_path: Path) -> Path:
    file = tmp_path / "lab.toml"
    file.write_text(LAB, encoding="utf-8")
    return file


@contextmanager
def served(lab_file: Path) -> Iterator[Path]:
    file = lab_file.with_name("served.toml")
    command = ["sim", "serve", "--station", str(lab_file), "--write", str(file), "--json", "--until-input-ends"]
    with subprocess.Popen(
        [sys.executable, "-m", "luthier_cli", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())
        yield file
        process.stdin.close()


@contextmanager
def opened(file: Path) -> Iterator[Station]:
    """Open a station, and stop the server that its instruments were on."""
    with Station(file) as lab:
        server = getattr(lab.daq, "server", None)
        yield lab
    if server is not None:
        server.stop()


def row(lab: Station) -> Callable[[], None]:
    """Return what sets one gate to each level and reads the sensor."""
    gate, sensor = lab.daq.out1.voltage, lab.smu.measured_current

    def go() -> None:
        for level in LEVELS.tolist():
            gate.set(level)
            sensor.get()

    return go


def test_device_under_test_alone(limit: Callable[..., Any]) -> None:
    dot = DoubleDot()
    at = {name: node.otherwise for name, node in dot.nodes.items()}
    limit(GROUP, per=SIDE)(lambda: [dot.respond({**at, "left": level}, 0.0) for level in LEVELS.tolist()])


def test_whole_diagram_as_one_array(subject: Callable[..., Any]) -> None:
    dot = DoubleDot()
    left, right = np.meshgrid(LEVELS, LEVELS)
    at = {**{name: node.otherwise for name, node in dot.nodes.items()}, "left": left, "right": right}
    subject(GROUP, per=SIDE * SIDE).pedantic(dot.respond, args=(at, 0.0), rounds=3)


def test_with_the_bench(subject: Callable[..., Any], lab_file: Path) -> None:
    with Station(lab_file) as lab:
        bench = device_at(lab.daq.address).bench
        assert bench is not None
        subject(GROUP, per=SIDE)(lambda: [bench.see("smu.current") for _ in range(SIDE)])


def test_with_messages_in_process(subject: Callable[..., Any], lab_file: Path) -> None:
    with Station(lab_file) as lab:
        daq, smu = open_simulated(lab.daq.address), open_simulated(lab.smu.address)

        def go() -> None:
            for level in LEVELS.tolist():
                daq.write(f"SOUR1:VOLT {level!r}".encode())
                smu.query(b"READ?")

        subject(GROUP, per=SIDE)(go)
        daq.close()
        smu.close()


def test_with_drivers_in_process(subject: Callable[..., Any], lab_file: Path) -> None:
    with Station(lab_file) as lab:
        subject(GROUP, per=SIDE)(row(lab))


def test_with_drivers_and_a_bench_in_another_process(subject: Callable[..., Any], lab_file: Path) -> None:
    with served(lab_file) as file, Station(file) as lab:
        subject(GROUP, per=SIDE)(row(lab))


def test_with_drivers_on_a_server_and_a_bench_in_another_process(subject: Callable[..., Any], lab_file: Path) -> None:
    lab_file.write_text(LAB.replace('address = "sim://"', 'address = "sim://"\nserver = "benchmark"'), encoding="utf-8")
    with served(lab_file) as file, opened(file) as lab:
        subject(GROUP, per=SIDE)(row(lab))


@pytest.mark.parametrize("server", ["", '\nserver = "benchmark"'], ids=["in process", "on a server"])
def test_measured_and_stored_in_full(subject: Callable[..., Any], lab_file: Path, tmp_path: Path, server: str) -> None:
    lab_file.write_text(LAB.replace('address = "sim://"', f'address = "sim://"{server}'), encoding="utf-8")
    with served(lab_file) as file, opened(file) as lab:
        outer, inner = sweep(lab.daq.out2.voltage, 0, 2, num=SIDE), sweep(lab.daq.out1.voltage, 0, 2, num=SIDE)

        def go() -> None:
            run = measure(outer, inner, lab.smu.measured_current, folder=tmp_path / "data", progress=False)
            assert run.points == SIDE * SIDE

        subject(GROUP, per=SIDE * SIDE).pedantic(go, rounds=1)
