"""Simulated laboratories: definition files, and installed distributions that bring simulators."""

from __future__ import annotations

import sys
import textwrap
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from luthier import plugins
from luthier_sim import reset_simulators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from luthier.transport import Transport

LAMP = """\
spec: "1.1"
devices:
  lamp:
    eom:
      GPIB INSTR: {q: "\\n", r: "\\n"}
      ASRL INSTR: {q: "\\r\\n", r: "\\r\\n"}
    error: ERROR
    dialogues:
      - {q: "*IDN?", r: "ACME,LAMP,1,0"}
      - {q: "UNIT?", r: "µW"}
      - {q: "QUIET"}
      - {q: "BREAK?", r: "{RANDOM(broken)}"}
    properties:
      power:
        default: 1.5
        getter: {q: "POW?", r: "{:.6f}"}
        setter: {q: "POW {}"}
        specs: {type: float, min: 0, max: 100}
      colour:
        default: 1
        getter: {q: "COL?", r: "{:d}"}
        setter: {q: "COL {:d}"}
        specs: {type: int}
"""
ONE = LAMP + "resources:\n  GPIB0::1::INSTR: {device: lamp}\n"
TWO = ONE + "  ASRL1::INSTR: {device: lamp}\n"


@pytest.fixture
def lamp_file(tmp_path: Path) -> Path:
    """A file with one lamp."""
    file = tmp_path / "lamp.yaml"
    file.write_text(ONE, encoding="utf-8")
    return file


@pytest.fixture
def two_lamps_file(tmp_path: Path) -> Path:
    """A file with a lamp on GPIB and another one on a serial line."""
    file = tmp_path / "two lamps.yaml"
    file.write_text(TWO, encoding="utf-8")
    return file


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the distribution ``luthier-acme`` with some simulators; gives the folder of its package."""
    place = tmp_path / "site"
    package = place / "luthier_acme"
    package.mkdir(parents=True)
    (package / "lamp.yaml").write_text(ONE, encoding="utf-8")
    (package / "wrong.yaml").write_text(ONE.replace("dialogues", "dialogs"), encoding="utf-8")
    (package / "__init__.py").write_text(
        textwrap.dedent("""\
            from luthier.simulation import PyvisaSimDefinition
            LAMP = PyvisaSimDefinition("luthier_acme", "lamp.yaml", "GPIB0::1::INSTR")
            ABSENT = PyvisaSimDefinition("luthier_acme", "nowhere.yaml", "GPIB0::1::INSTR")
            ELSEWHERE = PyvisaSimDefinition("luthier_no_such_package", "lamp.yaml", "GPIB0::1::INSTR")
            OTHER = PyvisaSimDefinition("luthier_acme", "lamp.yaml", "GPIB0::7::INSTR")
            WRONG = PyvisaSimDefinition("luthier_acme", "wrong.yaml", "GPIB0::1::INSTR")
            NONSENSE = 5

            class Connection:
                def __init__(self, label):
                    self.label, self.timeout = label, None

            class Python:
                def connect(self, label):
                    return Connection(label)

            PYTHON = Python()
            """),
        encoding="utf-8",
    )
    info = place / "luthier_acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: luthier-acme\nVersion: 1.0\n", encoding="utf-8")
    names = ("lamp", "absent", "elsewhere", "other", "wrong", "nonsense", "python")
    entries = [f"acme.{name} = luthier_acme:{name.upper()}" for name in names] + ["acme.class = luthier_acme:Python"]
    (info / "entry_points.txt").write_text("[luthier.simulators]\n" + "\n".join(entries) + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delenv("LUTHIER_STRICT_PLUGINS", raising=False)
    plugins.refresh()
    yield package
    sys.modules.pop("luthier_acme", None)
    monkeypatch.undo()
    plugins.refresh()


@pytest.fixture
def opened() -> Iterator[Callable[[Transport], Transport]]:
    """Close a transport at the end of the test: ``t = opened(open_simulated(…))``."""
    with ExitStack() as stack:

        def keep(transport: Transport) -> Transport:
            stack.callback(transport.close)
            return transport

        yield keep


@pytest.fixture(autouse=True)
def _each_test_has_new_devices() -> Iterator[None]:
    yield
    reset_simulators()
