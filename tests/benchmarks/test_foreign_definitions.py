"""The simulation files of another project, as they are: each opens, and answers what it says.

``pytest tests/benchmarks/test_foreign_definitions.py -s`` prints how many.
"""

from __future__ import annotations

import subprocess
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from luthier_sim import open_simulated, reset_simulators
from luthier_sim.definition_schema import DefinitionWarning
from pyvisa.rname import to_canonical_name

from .peer_environments import environment_of, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

WHERE = "import importlib.util as u; print(u.find_spec('qcodes.instrument').submodule_search_locations[0])"
ASKED = 5


def _files() -> list[Path]:
    python = environment_of("qcodes", ["qcodes", "pyvisa-py"])
    done = subprocess.run([python, "-c", WHERE], env=variables(), capture_output=True, text=True, check=True)
    return sorted(Path(done.stdout.strip(), "sims").glob("*.yaml"))


def _line_ends(device: dict[str, Any], resource: str) -> tuple[str, str]:
    first, *_, last = to_canonical_name(resource).split("::")
    ends = device.get("eom", {}).get(f"{first.rstrip('0123456789')} {last}")
    return (ends["q"], ends["r"]) if ends else ("\n", "\n")


def _asked(file: Path) -> Iterator[bool]:
    """Yield whether each of a few questions is answered as the file says."""
    content = yaml.safe_load(file.read_text("utf-8"))
    for resource, what in content["resources"].items():
        device = content["devices"][what["device"]]
        address = f"sim://{file.as_posix()}?resource={resource}"
        sent, read = _line_ends(device, resource)
        transport = open_simulated(address, timeout=1.0, write_termination=sent, read_termination=read)
        try:
            for dialogue in [one for one in device.get("dialogues", ()) if "r" in one][:ASKED]:
                reply = transport.query(str(dialogue["q"]).encode())
                yield reply.decode() == str(dialogue["r"]).strip(" ")
        finally:
            transport.close()


def test_files_of_qcodes_open_and_answer_as_they_say() -> None:
    files = _files()
    assert len(files) > 20
    found: Counter[bool] = Counter()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", DefinitionWarning)
        for file in files:
            found.update(_asked(file))
            reset_simulators()
    print(f"\n{len(files)} files: {found[True]} replies as they say, {found[False]} others, {len(warned)} warnings")
    assert found[True] > 50
    assert found[False] == 0
