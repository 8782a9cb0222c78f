"""A whole lab from its file to the stored run, and what the environment changes about it."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import numpy as np
import pytest
from luthier import Station
from luthier.errors import StationError, ValidationError
from luthier_measure import data_folder, load, measure, runs, sweep

from .children import run
from .messages import read_aloud, told

if TYPE_CHECKING:
    from collections.abc import Iterator

LAB = """
[station]
name = "Prüfstand 3"

[instruments.psu]
driver = "keysight.e36312a"
address = "sim://"
metadata = { location = "rack 2" }
limits = { outputs.voltage = [0.0, 5.0] }
initial = { ch1.voltage = 0.5, ch1.output = true, ch2.output = true }

[instruments.dmm]
driver = "keysight.34461a"
address = "sim://"
after = ["psu"]
initial = { function = "DC voltage" }
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose name is not made for computers, with a lab in it."""
    folder = tmp_path / "Messungen im März, Ω und µ"
    folder.mkdir()
    (folder / "lab.toml").write_text(LAB, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LUTHIER_DATA", str(folder / "Daten (neu)"))
    return folder


@pytest.fixture
def sent(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Give what was sent, as ``name: command``, as far as it has come."""
    commands: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (message := record.getMessage()).startswith("> "):
                commands.append(f"{record.name.removeprefix('luthier.wire.')}: {message[2:]}")

    listener = Listener()
    caplog.set_level(logging.DEBUG, "luthier.wire")
    logging.getLogger("luthier.wire").addHandler(listener)
    yield commands
    logging.getLogger("luthier.wire").removeHandler(listener)


def test_a_lab_is_opened_swept_stored_and_left_safe(place: Path, sent: list[str]) -> None:
    with Station() as lab:
        made = measure(
            sweep(lab.psu.ch1.voltage, 0, 5, num=6),
            lab.dmm.voltage,
            lab.psu.ch1.measured_current,
            name="Kennlinie bei 4 K: Strom über Spannung",
            sample="Probe 7 / Fläche „A“",
            tags=["kühl", "zweiter Versuch"],
            metadata={"Vorwiderstand": 1e6},
        )
        assert lab.psu.ch1.output()
        before_the_end = len(sent)
    assert sent[before_the_end:] == [
        *[part for number in (1, 2, 3) for part in (f"psu: OUTP 0,(@{number})", "psu: SYST:ERR?")]
    ]
    assert luthier.instruments() == {}

    stored = load(made.id)
    assert (stored.outcome, stored.points, stored.name) == ("completed", 6, "Kennlinie bei 4 K: Strom über Spannung")
    assert (stored.sample, stored.tags) == ("Probe 7 / Fläche „A“", ("kühl", "zweiter Versuch"))
    assert stored.metadata == {"Vorwiderstand": 1e6}
    assert stored.dataset["psu_ch1_measured_current"].values == pytest.approx(np.linspace(0, 5e-3, 6))
    assert stored.dataset.attrs["sample"] == "Probe 7 / Fläche „A“"
    supply = stored.snapshot["instruments"]["psu"]
    assert supply["metadata"] == {"location": "rack 2"}
    assert supply["channels"]["ch1"]["parameters"]["voltage"]["value"] == 0.5
    assert supply["channels"]["ch1"]["parameters"]["output"]["value"] is True
    assert stored.snapshot["instruments"]["dmm"]["parameters"]["function"]["value"] == "DC voltage"
    assert (place / "Daten (neu)" / "catalogue.db").exists()
    assert [each.id for each in runs("kennlinie*", sample="probe 7 / Fläche „A“", tag="kühl")] == [made.id]

    with luthier.open("keysight.e36312a", "sim://keysight.e36312a/psu", name="afterwards") as supply_again:
        assert [channel.output() for channel in supply_again.outputs] == [False, False, False]


def test_an_error_in_the_middle_leaves_the_lab_safe_and_the_data_stored() -> None:
    def broken() -> float:
        distance: float = 5.0 - lab.psu.ch1.voltage.cache.value
        return 1 / distance

    with pytest.raises(ZeroDivisionError), Station() as lab:
        measure(sweep(lab.psu.ch1.voltage, 0, 5, num=6), lab.dmm.voltage, broken, name="broken")
    (found,) = runs()
    assert (found.outcome, load(found.id).points) == ("failed", 5)
    with luthier.open("keysight.e36312a", "sim://keysight.e36312a/psu", name="afterwards") as supply:
        assert not supply.ch1.output()


def test_the_limits_of_the_lab_hold_for_sweeps() -> None:
    with Station() as lab:
        told(
            ValidationError,
            lambda: measure(sweep(lab.psu.ch1.voltage, 0, 5.5, num=12), lab.dmm.voltage),
            "psu.ch1.voltage",
            "cannot set 5.5 V",
            "0 V to 5 V",
        )
    assert runs() == []


def test_a_lab_with_a_mistake_opens_nothing_and_names_the_line(place: Path, sent: list[str]) -> None:
    lines = LAB.replace("after = ", "afer = ").splitlines()
    (place / "lab.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StationError) as caught:
        Station()
    (line,) = [number for number, text in enumerate(lines, start=1) if text.startswith("afer")]
    head, mistake = str(caught.value).splitlines()
    assert "1 mistake" in head or "a mistake" in head
    read_aloud(mistake, f"lab.toml:{line}", "'afer'", "Did you mean 'after'")
    assert sent == []
    assert luthier.instruments() == {}


def test_the_same_code_twice_in_one_interpreter_is_normal() -> None:
    code = compile(
        """
from luthier import Instrument, ManualParameter, Station, parameter
from luthier_measure import measure, sweep
import luthier

class Coil(Instrument):
    field = parameter(float, unit="T")

smu = luthier.open("keithley.2400", "sim://", name="smu")
coil = Coil("coil")
coil.add_parameter("cooling", bool, initial=True)
lab = Station()
gate = ManualParameter("gate", float)
run = measure(sweep(gate, 0, 1, num=3), lab.dmm.voltage, smu.voltage)
""",
        "<cell>",
        "exec",
    )
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec(code, cell)  # noqa: S102 - a cell of a notebook
    first = cell["smu"], cell["lab"], cell["run"]
    exec(code, cell)  # noqa: S102 - the same cell again
    assert first[0].closed
    assert not cell["smu"].closed
    assert list(luthier.instruments()) == ["smu", "coil", "psu", "dmm"]
    assert [each.id for each in runs()] == [first[2].id, cell["run"].id]
    told(luthier.errors.ClosedError, lambda: first[0].voltage(1.0), "smu.voltage", "closed")
    cell["lab"].close()
    cell["coil"].close()
    cell["smu"].close()
    first = ()  # type: ignore[assignment]  # lets go of them
    cell.clear()
    gc.collect()
    assert luthier.instruments() == {}


def test_a_cell_can_be_run_again_in_ipython(place: Path) -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    script = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
cell = '''
import luthier
from luthier_measure import measure, sweep
smu = luthier.open("keithley.2400", "sim://", name="smu")
run = measure(sweep(smu.voltage, 0, 1, num=3), smu.source_function)
'''
for _ in range(2):
    shell.run_cell(cell).raise_error()
print(shell.user_ns["run"].outcome)
shell.user_ns["smu"].close()
"""
    done = run(script, place / "data", IPYTHONDIR=str(place))
    assert (done.code, done.lines) == (0, ["completed"]), done.err


def test_a_run_is_read_from_another_working_directory_and_process(place: Path) -> None:
    writing = """
from luthier import ManualParameter
from luthier_measure import measure, sweep
x = ManualParameter("x", float)
print(measure(sweep(x, 0, 1, num=11), x, name="Größe", folder="sub folder/däta").id)
"""
    reading = """
import sys
from luthier_measure import load, runs
for folder in sys.argv[1:]:
    print(*runs(folder=folder), sep="\\n")
    print(load(runs(folder=folder)[0].id, folder=folder).dataset["x_2"].values.tolist())
"""
    written = run(writing, place / "elsewhere", cwd=place, strict=True)
    assert (written.code, written.err) == (0, "")
    folders = place / "sub folder" / "däta", Path(place.name) / "sub folder" / "däta"
    read = run(reading, place / "elsewhere", *folders, cwd=place.parent, strict=True)
    assert (read.code, read.err) == (0, "")
    values = [round(number * 0.1, 1) for number in range(11)]
    assert read.lines == [f"<Run {written.lines[0]} 'Größe': completed>", str(values)] * 2
    assert not (place / "elsewhere").exists()


@pytest.mark.parametrize("value", ["", "~/Läufe", "relative"])
def test_the_data_folder_is_what_the_environment_says(place: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LUTHIER_DATA", value)
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(place))
    expected = {"": place / "luthier", "~/Läufe": place / "Läufe", "relative": place / "relative"}[value]
    assert data_folder() == expected
    gate = luthier.ManualParameter("gate", float)
    made = measure(sweep(gate, 0, 1, num=3), gate)
    assert [path.stem for path in expected.rglob("*.arrows")] == [made.id]


TRYING = """
import sys
import luthier
from luthier import ManualParameter
from luthier.errors import LuthierError

def tell(what):
    try:
        print("fine", what())
    except LuthierError as error:
        print(type(error).__name__, error)

def model(driver):
    with luthier.open(driver, "sim://", name="tried") as instrument:
        return instrument.idn.model

def outcome():
    from luthier_measure import measure
    return measure(ManualParameter("x", float, initial=1.0)).outcome

tell(lambda: model("keithley.2400"))
tell(lambda: model("keysight.34461a"))
tell(outcome)
"""
FINE = ["fine MODEL 2400", "fine 34461A", "fine completed"]


@pytest.mark.parametrize(
    ("settings", "off"),
    [
        ({"LUTHIER_DISABLE": "luthier-keysight"}, {1: "luthier-keysight"}),
        ({"LUTHIER_DISABLE": "Luthier_Keysight keithley.2400"}, {0: "keithley.2400", 1: "Luthier_Keysight"}),
        ({"LUTHIER_DISABLE": "luthier-sim"}, {0: "luthier-sim", 1: "luthier-sim"}),
        ({"LUTHIER_DISABLE": "arrow"}, {2: "arrow"}),
        ({"LUTHIER_ONLY": "luthier-keithley"}, {1: "luthier-keysight"}),
        ({"LUTHIER_NO_HOOKS": "1"}, {}),
    ],
    ids=str,
)
def test_what_is_switched_off_costs_only_itself(place: Path, settings: dict[str, str], off: dict[int, str]) -> None:
    done = run(TRYING, place / "data", strict=True, **settings)
    assert (done.code, done.err) == (0, "")
    for number, line in enumerate(done.lines):
        if number in off:
            kind, message = line.split(" ", 1)
            assert kind == "DisabledPluginError"
            read_aloud(message, *settings, repr(off[number]), "Nothing was imported", "plugins.refresh()")
        else:
            assert line == FINE[number]
    assert len(done.lines) == 3


def test_a_misspelt_switch_is_told(place: Path) -> None:
    done = run(TRYING, place / "data", LUTHIER_DISABLE="keysigt.34461a")
    assert done.lines == FINE
    read_aloud(done.err.strip(), "LUTHIER_DISABLE names 'keysigt.34461a'", "Did you mean keysight.34461a?")
