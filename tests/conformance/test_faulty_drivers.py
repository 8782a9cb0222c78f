"""Drivers that are wrong on purpose, each in one way, are caught by the check for it and by no other."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from luthier import plugins
from luthier.testing.conformance import CHECKS, Report, check_driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

METADATA = """\
Metadata-Version: 2.4
Name: luthier-faulty
Version: 1.0
License-Expression: MIT
Requires-Dist: luthier-core>=0.1,<0.2
"""
ENTRY_POINTS = """\
[luthier.manifest]
faulty = luthier_faulty:luthier.toml
[luthier.drivers]
faulty.x = luthier_faulty.driver:Driver
[luthier.simulators]
faulty.x = luthier_faulty.simulated:Simulated
"""
MANIFEST = """\
schema = 1
api = ["1.0"]
[drivers."faulty.x"]
title = "X"
vendor = "Faulty"
interfaces = ["usb"]
capabilities = ["source", "error-queue"]
families = ["dc_source"]
simulator = "faulty.x"
manual = "none, edition 1"
[drivers."faulty.x".verified]
foreign = "everything"
[simulators."faulty.x"]
summary = "An X."
"""
SIMULATED = '''
from luthier_sim import ScpiDevice, query, setting

class Simulated(ScpiDevice):
    """An X."""
    identity = "FAULTY,X,1,1"
    level = setting("LEVel", 0.0, minimum=0, maximum=10, unit="V")
    output = setting("OUTPut", False)
'''
DRIVER = """
import threading
from typing import Any
from luthier.errors import ConnectionLostError
from luthier import ScpiInstrument, parameter
from luthier.validators import Numbers

class Odd(Numbers):
    def to_data(self) -> dict[str, Any]:
        return Numbers(0, 9).to_data()

    def invalid_strategy(self) -> Any:
        from hypothesis import strategies
        return strategies.text()

class Driver(ScpiInstrument):
    '''An X.

    >>> import luthier
    >>> with luthier.open("faulty.x", "sim://") as x:
    ...     x.output()
    False
    '''
    simulator = "faulty.x"
    voltage = parameter(float, get_cmd="LEV?", set_cmd="LEV {}", unit="V", validator=Numbers(0, 10), doc="Level.")
    output = parameter(bool, get_cmd="OUTP?", set_cmd="OUTP {}", doc="Output.")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        # opening

    def make_safe(self) -> None:
        self.output(False)
    # more
"""
FILES = {"METADATA": METADATA, "entry_points.txt": ENTRY_POINTS, "luthier.toml": MANIFEST, "py.typed": " "}
FILES |= {"driver.py": DRIVER, "simulated.py": SIMULATED, "__init__.py": "", "other.py": "", "conformance.toml": ""}

LENIENT_ABOUT_CUTS = """\
def query(self, command: str) -> str:
        try:
            return super().query(command)
        except ConnectionLostError:
            return "0"
"""

CLOSING_ONCE = """\
    def close(self) -> None:
        if self.closed:
            raise ConnectionLostError("it is closed")
        super().close()
"""
ASKING_IN_TWO_STEPS = """\
def query(self, command: str) -> str:
        self.write(command)
        return self._transport.read().decode().rstrip("\\n")
"""

FAULTS = [
    ("manifest", "luthier.toml", 'simulators."faulty.x"', 'simulators."faulty.y"'),
    ("one package", "entry_points.txt", "[luthier.sim", "[luthier.hooks]\nfaulty = elsewhere.x:Y\n[luthier.sim"),
    ("requirements", "METADATA", ",<0.2", ""),
    ("licence", "METADATA", "License-Expression: MIT\n", ""),
    ("py.typed", "py.typed", " ", None),
    ("annotations", "driver.py", "name: str, ", "name, "),
    ("import", "driver.py", "import threading\n", "import threading, logging\nlogging.basicConfig(level=10)\n"),
    ("import", "driver.py", "import threading\n", "import socket\nsocket.socket().close()\n"),
    ("import", "driver.py", "import threading\n", "import os\nopen(os.devnull, 'w').close()\n"),
    ("constructor", "driver.py", "address: str | None = None, **", "address: str, **"),
    ("docs", "driver.py", ', doc="Output."', ""),
    ("types", "driver.py", "# opening", 'self.add_parameter("x", get_cmd=lambda: 1, doc="X.")'),
    ("units", "driver.py", "    # more", '    x = parameter(float, get_cmd=lambda x: 1.0, doc="X.")'),
    ("validators", "driver.py", "    # more", '    x = parameter(dict, set_cmd="OUTP 0{}", doc="X.")'),
    ("families", "driver.py", 'unit="V"', 'unit="mV"'),
    ("simulator", "luthier.toml", 'simulator = "faulty.x"', ""),
    ("opening", "driver.py", "# opening", 'self.write("OUTP 0")'),
    ("reading", "simulated.py", '"LEVel", 0.0, minimum=0', '"LEVel", -1.0, minimum=-1'),
    ("setting", "driver.py", "Numbers(0, 10)", "Numbers(0, 11)"),
    ("mute", "driver.py", 'get_cmd="LEV?"', "get_cmd=lambda self: self.patient()"),
    ("garbage", "driver.py", 'get_cmd="LEV?"', "get_cmd=lambda self: self.lenient()"),
    ("cut", "driver.py", "# more", LENIENT_ABOUT_CUTS),
    ("refusing", "driver.py", "validator=Numbers(0", 'maximum=lambda x: x.write("LEV 1") or 9.0, validator=Numbers(0'),
    ("import", "driver.py", "import threading\n", "import time\nwhile time.process_time() < 2:\n    pass\n"),
    ("closing", "driver.py", "    # more", CLOSING_ONCE),
    ("threads", "driver.py", "# more", ASKING_IN_TWO_STEPS),
    ("schema", "driver.py", "validator=Numbers(0, 10)", "validator=Odd(0, 10)"),
    ("served", "driver.py", "    # more", '    x = parameter(Odd, get_cmd=lambda x: Odd(0, 1), doc="X.")'),
    ("errors", "driver.py", "# more", "def check_errors(self, command: str = '') -> None:\n        pass"),
    ("safe", "driver.py", "        self.output(False)", "        pass"),
    ("manual", "luthier.toml", 'manual = "none, edition 1"', ""),
    ("example", "driver.py", "    False\n", "    True\n"),
    ("verified", "luthier.toml", "foreign", "simulated"),
]
MORE = """
    def patient(self) -> float:
        from luthier.errors import ResponseTimeoutError
        try:
            return float_of(self.query("LEV?"), self)
        except ResponseTimeoutError:
            return 0.0

    def lenient(self) -> float:
        try:
            return float(self.query("LEV?"))
        except ValueError:
            return 0.0

def float_of(text: str, self: Any) -> float:
    from luthier.scpi import parse_float
    return parse_float(text)
"""


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str | None]], Report]]:
    """Check the driver of a distribution that consists of the files given."""

    def check(files: dict[str, str | None]) -> Report:
        info, package = tmp_path / "luthier_faulty-1.0.dist-info", tmp_path / "luthier_faulty"
        info.mkdir()
        package.mkdir()
        for name, text in files.items():
            if text is not None:
                folder = info if name in {"METADATA", "entry_points.txt"} else package
                (folder / name).write_text(textwrap.dedent(text), encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        plugins.refresh()
        return check_driver("faulty.x")

    yield check
    monkeypatch.undo()
    for module in [name for name in sys.modules if name.partition(".")[0] == "luthier_faulty"]:
        del sys.modules[module]
    plugins.refresh()


def test_a_driver_without_faults_passes_everything(checked: Callable[[dict[str, str | None]], Report]) -> None:
    report = checked({**FILES, "driver.py": DRIVER + MORE})
    assert [str(result) for result in report.failed] == []
    assert report.tier == "gold"


@pytest.mark.parametrize(("check", "file", "right", "wrong"), FAULTS)
def test_each_fault_is_caught_by_its_check_alone(
    checked: Callable[[dict[str, str | None]], Report], check: str, file: str, right: str, wrong: str | None
) -> None:
    assert right in FILES[file]
    files: dict[str, str | None] = {**FILES, file: None if wrong is None else FILES[file].replace(right, wrong)}
    report = checked({**files, "driver.py": f"{files['driver.py']}{MORE}"})
    assert [result.check for result in report.failed] == [check], str(report)


def test_exemptions_carry_reasons_and_are_refused_once_they_are_not_needed(
    checked: Callable[[dict[str, str | None]], Report],
) -> None:
    exempt = '[drivers."faulty.x".exempt]\n"docs output" = "the name says it"\n"units voltage" = "not needed"\n'
    driver = DRIVER.replace(', doc="Output."', "")
    report = checked({**FILES, "driver.py": driver + MORE, "conformance.toml": exempt})
    results = {result.check: result for result in report.results}
    assert (results["docs"].verdict, results["docs"].reason) == ("exempt", "the name says it")
    assert [result.check for result in report.failed] == ["units"]
    assert "no longer needed" in str(results["units"])


def test_every_check_has_a_faulty_driver() -> None:
    assert {check.name for check in CHECKS} == {check for check, *_ in FAULTS}
