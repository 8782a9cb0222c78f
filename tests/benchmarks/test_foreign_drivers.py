"""Our simulators spoken to by drivers of other programs, and our drivers speaking to simulators of others.

What came of it is kept beside each distribution's manifest, in ``foreign.json``, for the page of its drivers.
``WRITE_FOREIGN=1`` writes it anew; what somebody wrote on why something differs is kept.
"""

from __future__ import annotations

import json
import os
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

from .peer_environments import environment_of, variables
from .test_peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.plugins.manifests import Manifest

HERE = Path(__file__).with_name("foreign")
PAIRS = tomllib.loads((HERE / "pairs.toml").read_text(encoding="utf-8"))
WRITING = bool(os.environ.get("WRITE_FOREIGN"))
CLIENTS = [(peer, driver) for peer, pairs in PAIRS["clients"].items() for driver in pairs]

Trial: TypeAlias = dict[str, Any]
"""``name``, ``action``, ``sent``; and, where it went wrong, ``exception``, ``reported`` or ``changed``."""

pytestmark = pytest.mark.timeout(1200)  # the first time downloads


@pytest.fixture
def driver(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name not in plugins.registry("drivers"):
        pytest.skip(f"{name} is not installed")
    return name


@pytest.mark.parametrize(("peer", "driver"), CLIENTS, indirect=["driver"])
def test_a_foreign_driver_speaks_to_our_simulator(peer: str, driver: str, figure: Callable[[str, str], None]) -> None:
    python = environment_of(peer.lower(), PEERS[peer.lower()])
    with serve(driver, port=0) as served:
        place = PAIRS["clients"][peer][driver]
        done = subprocess.run(
            [str(python), str(HERE / "client.py"), peer, place, str(served.port), *_error_query(driver)],
            env=variables(),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    who, *trials = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    _settle(driver, who["who"], "a client of the simulator", trials, figure)


def _error_query(driver: str) -> list[str]:
    """Return what takes an error off the queue; nothing where the instrument keeps none."""
    described = _manifest_of(driver).driver(driver)
    query = getattr(driver_class(driver), "error_query", "")
    return [query] if query and described is not None and "error-queue" in described.capabilities else []


@pytest.mark.filterwarnings("ignore")  # of what is odd in the file
@pytest.mark.parametrize("driver", PAIRS["files"]["QCoDeS"], indirect=True)
def test_our_driver_speaks_to_a_simulator_of_qcodes(driver: str, figure: Callable[[str, str], None]) -> None:
    python = environment_of("qcodes", PEERS["qcodes"])
    name = PAIRS["files"]["QCoDeS"][driver]
    code = "import qcodes.instrument.sims as s; from importlib.metadata import version; "
    command = [str(python), "-c", f"{code}print(s.__path__[0]); print(version('qcodes'))"]
    asked = subprocess.run(command, env=variables(), capture_output=True, text=True, check=True, timeout=120)
    folder, version = asked.stdout.splitlines()[-2:]
    _settle(driver, f"QCoDeS {version}, {name}", "the instrument", list(_ours(driver, Path(folder) / name)), figure)


def _ours(driver: str, file: Path) -> Iterator[Trial]:
    """Read every parameter of ours, and set it to what was read."""
    from pyvisa_sim.parser import get_devices  # noqa: PLC0415 - only here

    from .foreign.respelling import Respelling  # noqa: PLC0415 - the same

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
    except ReplyError as error:
        return {**trial, "reported": [f"the reply is {error.reply[:40]!r}"]}, None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a difference
        return {**trial, "exception": type(error).__name__}, None


def _settle(driver: str, program: str, how: str, trials: list[Trial], figure: Callable[[str, str], None]) -> None:
    """Report, and compare with what is kept, or keep it."""
    wrong = [trial for trial in trials if _got(trial)]
    agreed = len(trials) - len(wrong)
    figure(f"{driver}, {program} as {how}", f"{agreed:>4} agreed {len(wrong):>4} differ")
    differences: dict[str, list[str]] = {}
    for trial in wrong:
        sent = "; ".join(dict.fromkeys(trial["sent"])) or trial["name"]
        found = differences.setdefault(_got(trial), [])
        found += [] if sent in found else [sent]
    file = _file_of(driver)
    kept: dict[str, list[dict[str, Any]]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    runs = kept.setdefault(driver, [])
    peer = program.partition(" ")[0]
    before = next((run for run in runs if run["program"].partition(" ")[0] == peer and run["how"] == how), None)
    reasons = {one["got"]: one["why"] for one in before["differences"]} if before else {}
    for got, messages in differences.items():
        figure(f"  {len(messages)}: {got[:50]}", reasons.get(got, "") or ", ".join(messages)[:80])
    now = {
        "program": program,
        "how": how,
        "agreed": agreed,
        "differ": len(wrong),
        "differences": [
            {"got": got, "sent": messages, "why": reasons.get(got, "")} for got, messages in differences.items()
        ],
    }
    if WRITING:
        kept[driver] = sorted([run for run in runs if run is not before] + [now], key=lambda run: run["program"])
        file.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    elif before is not None and before["program"] == program:
        assert now == before, "it is not as foreign.json says; WRITE_FOREIGN=1 writes that anew"


def _got(trial: Trial) -> str:
    """Say what went wrong; nothing where nothing did."""
    if reported := trial.get("reported"):
        return "; ".join(reported)
    exception = trial.get("exception", "")
    if exception.endswith("no answer"):
        return "no answer"
    return f"the driver raises {exception}" if exception else trial.get("changed", "")


def _file_of(driver: str) -> Path:
    return Path(_manifest_of(driver).file).with_name("foreign.json")


def _manifest_of(driver: str) -> Manifest:
    manifest = plugins.manifest(plugins.registry("drivers").find(driver).distribution)
    assert manifest is not None
    return manifest
