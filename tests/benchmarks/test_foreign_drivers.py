"""Our simulators spoken to by drivers of other programs, and our drivers speaking to simulators of others.

What came of it is kept beside each distribution's manifest, in ``foreign.json``, for the page of its drivers.
``WRITE_FOREIGN=1`` writes it anew; what somebody wrote on why something differs is kept.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from luthier import plugins
from luthier.errors import ReplyError
from luthier.instrument import driver_class
from luthier.testing.conformance.trying import walk
from luthier_sim import serve

from .conftest import figure_of
from .foreign.respelling import MissingError, RefusedError, Respelling
from .peer_environments import environment_of, variables
from .test_peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.plugins.manifests import Manifest

HERE = Path(__file__).with_name("foreign")
PAIRS = tomllib.loads((HERE / "pairs.toml").read_text(encoding="utf-8"))
WRITING = bool(os.environ.get("WRITE_FOREIGN"))
FOREIGN = PEERS | {
    "qcodes-contrib-drivers": ["qcodes-contrib-drivers", "pyvisa-py", "scipy"],
    "lakeshore": ["lakeshore"],
}
CLIENTS = [(peer, driver) for peer, pairs in PAIRS["clients"].items() for driver in pairs]

Trial: TypeAlias = dict[str, Any]
"""``name``, ``action``, ``sent``; and, where it went wrong, ``exception``, ``reported`` or ``changed``."""

Row: TypeAlias = tuple[str, int, int, int]
"""Which driver and which program; how many agreed, how many differ, and how many one side does not have."""

_MISSING = "not there"
"""A simulator, or a file, does not have the command: nothing is compared."""

_UNKNOWN = re.compile(r"-100,|-113,|the instrument tells of an error: command error|the file has no such command")

pytestmark = pytest.mark.timeout(1200)  # the first time downloads


@pytest.fixture
def driver(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name not in plugins.registry("drivers"):
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[list[Row]]:
    """Take the rows of the table, which is printed at the end with its sum."""
    rows: list[Row] = []
    yield rows
    report = figure_of(request.config)
    report("driver, and the other program", "agreed  differ  not there")
    counts = [row[1:] for row in rows]
    total = [sum(column) for column in zip(*counts, strict=True)]
    for what, numbers in [*((row[0], row[1:]) for row in rows), (f"sum of {len(rows)} runs", total)]:
        report(what, "{:>6}  {:>6}  {:>9}".format(*numbers))


@pytest.mark.parametrize(("peer", "driver"), CLIENTS, indirect=["driver"])
def test_a_foreign_driver_speaks_to_our_simulator(peer: str, driver: str, tally: list[Row]) -> None:
    python = environment_of(peer.lower(), FOREIGN[peer.lower()])
    with serve(driver, port=0) as served:
        place = PAIRS["clients"][peer][driver]
        done = subprocess.run(
            [str(python), str(HERE / "client.py"), peer, place, str(served.port), json.dumps(_options(peer, driver))],
            env=variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    who, *trials = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    _settle(driver, who["who"], "a client of the simulator", trials, tally)


def _options(peer: str, driver: str) -> dict[str, Any]:
    """Return what a client has to know of the instrument."""
    kind = driver_class(driver)
    return {
        "error_query": _error_query(driver),
        "greeting": PAIRS["greetings"].get(driver, []),
        "opening": PAIRS["opening"].get(peer, {}).get(driver, {}),
        "first": PAIRS["first"].get(peer, {}).get(driver, {}),
        "read_termination": kind.read_termination,
        "write_termination": kind.write_termination,
    }


def _error_query(driver: str) -> list[str]:
    """Return what takes an error off the queue; nothing where the instrument keeps none."""
    described = _manifest_of(driver).driver(driver)
    query = getattr(driver_class(driver), "error_query", "")
    return [query] if query and described is not None and "error-queue" in described.capabilities else []


@pytest.mark.filterwarnings("ignore")  # of what is odd in the file
@pytest.mark.parametrize("driver", PAIRS["files"]["QCoDeS"], indirect=True)
def test_our_driver_speaks_to_a_simulator_of_qcodes(driver: str, tally: list[Row]) -> None:
    python = environment_of("qcodes", FOREIGN["qcodes"])
    name = PAIRS["files"]["QCoDeS"][driver]
    code = "import qcodes.instrument.sims as s; from importlib.metadata import version; "
    command = [str(python), "-c", f"{code}print(s.__path__[0]); print(version('qcodes'))"]
    asked = subprocess.run(command, env=variables(), capture_output=True, text=True, check=True, timeout=120)
    folder, version = asked.stdout.splitlines()[-2:]
    _settle(driver, f"QCoDeS {version}, {name}", "the instrument", list(_ours(driver, Path(folder) / name)), tally)


def _ours(driver: str, file: Path) -> Iterator[Trial]:
    """Read every parameter of ours, and set it to what was read."""
    from pyvisa_sim.parser import get_devices  # noqa: PLC0415 - only here

    resource = get_devices(str(file), bundled=False).list_resources()[0]
    kind = driver_class(driver)
    try:
        instrument = kind("ours", None, transport=Respelling(file, resource, kind))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a difference
        yield {"name": "opening", "action": "get", "sent": [], "exception": type(error).__name__}
        return
    with instrument:
        if hasattr(instrument, "error_policy"):
            instrument.error_policy = "never"
        for path, parameter in walk(instrument):
            if not parameter.gettable or parameter.holds_value:
                continue
            trial, value = _tried(path, "get", parameter.get)
            if trial.get("exception") == "IrrelevantParameterError":
                continue
            yield trial
            if parameter.settable and not _got(trial):
                yield _tried(path, "set", partial(parameter.set, value))[0]


def _tried(path: str, action: str, call: Callable[[], Any]) -> tuple[Trial, Any]:
    trial: Trial = {"name": path, "action": action, "sent": [path]}
    try:
        return trial, call()
    except MissingError:
        return {**trial, "reported": ["the file has no such command"]}, None
    except RefusedError:
        return {**trial, "reported": ["the file refuses the value"]}, None
    except ReplyError as error:
        return {**trial, "reported": [f"the reply is {error.reply[:40]!r}"]}, None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a difference
        return {**trial, "exception": type(error).__name__}, None


def _settle(driver: str, program: str, how: str, trials: list[Trial], tally: list[Row]) -> None:
    """Count, and compare with what is kept, or keep it."""
    wrong = [trial for trial in trials if _got(trial)]
    differences: dict[str, list[str]] = {}
    for trial in wrong:
        sent = "; ".join(dict.fromkeys(trial["sent"])) or trial["name"]
        found = differences.setdefault(_got(trial), [])
        found += [] if sent in found else [sent]
    file = _file_of(driver)
    kept: dict[str, list[dict[str, Any]]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    runs = kept.setdefault(driver, [])
    before = next((run for run in runs if run["how"] == how and _peer(run["program"]) == _peer(program)), None)
    reasons = {one["got"]: one for one in before["differences"]} if before else {}
    explained = [
        {"whose": _guess(got), "why": "", **reasons.get(got, {}), "got": got, "sent": messages}
        for got, messages in differences.items()
    ]
    missing = sum(reasons.get(_got(trial), {}).get("whose", _guess(_got(trial))) == _MISSING for trial in wrong)
    now = {
        "program": program,
        "how": how,
        "agreed": len(trials) - len(wrong),
        "differ": len(wrong) - missing,
        "missing": missing,
        "differences": explained,
    }
    whose = "theirs on ours" if how == "a client of the simulator" else "ours on theirs"
    tally.append((f"{driver}, {program}, {whose}", len(trials) - len(wrong), len(wrong) - missing, missing))
    if WRITING:
        kept[driver] = sorted([run for run in runs if run is not before] + [now], key=lambda run: run["program"])
        file.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    elif before is not None and before["program"] == program:
        assert now == before, "it is not as foreign.json says; WRITE_FOREIGN=1 writes that anew"


def _peer(program: str) -> str:
    return program.partition(" ")[0]


def _guess(got: str) -> str:
    """Say whose a difference is, where that is plain."""
    return _MISSING if _UNKNOWN.match(got) else ""


def _got(trial: Trial) -> str:
    """Say what went wrong; nothing where nothing did."""
    if reported := trial.get("reported"):
        return "; ".join(reported)
    exception = trial.get("exception", "")
    if exception.endswith("no answer"):
        return "no answer"
    if exception.endswith(" error"):
        return f"the instrument tells of an error: {exception.partition(': ')[2]}"
    return f"the driver raises {exception}" if exception else trial.get("changed", "")


def _file_of(driver: str) -> Path:
    return Path(_manifest_of(driver).file).with_name("foreign.json")


def _manifest_of(driver: str) -> Manifest:
    manifest = plugins.manifest(plugins.registry("drivers").find(driver).distribution)
    assert manifest is not None
    return manifest
