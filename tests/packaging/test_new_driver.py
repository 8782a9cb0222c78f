"""A driver that `luthier new` made works at once, in an environment that has only what was installed from wheels."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .isolated import RUNNERS, Isolated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

COMMANDS = """
[SOURce:]VOLTage[:LEVel] V -10..10
MEASure:CURRent? A
OUTPut[:STATe] bool
mode = SENSe:FUNCtion VOLTage|CURRent
DISPlay:TEXT text
"""

OPEN = """
import luthier, sys
with luthier.open(sys.argv[1], "sim://", name="instrument") as instrument:
    print(instrument.idn.model)
"""


def test_it_is_made_built_installed_found_opened_and_tested(
    tmp_path: Path, run_uv: Callable[..., None], wheels: Path
) -> None:
    isolated = Isolated(tmp_path / "environment", tmp_path, run_uv, wheels)
    isolated.install("luthier-cli[new]", "luthier-core[testing]", "luthier-sim", *RUNNERS)
    (tmp_path / "commands.txt").write_text(COMMANDS, "utf-8")
    luthier = ("-m", "luthier_cli")
    new = (*luthier, "new", "--maker", "Ü-Tek", "--author", 'Ada "Countess" Lovelace', "--no-input")
    isolated.run(*new, "--model", '12" con', "--interface", "sdk")
    isolated.run(
        *new, "--model", "X", "--interface", "tcp", "--from-scpi", "commands.txt", "--option", "namespace=b-tek"
    )

    house = tmp_path / "house"
    for name in ("luthier-u-tek", "luthier-b-tek"):
        how = ["--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(house)]
        run_uv("build", *how, tmp_path / name, folder=tmp_path)
    built = [f"{wheel.name.partition('-')[0]} @ {wheel.as_uri()}" for wheel in sorted(house.glob("*.whl"))]
    isolated.install(*built)

    listed: list[dict[str, Any]] = json.loads(isolated.run(*luthier, "plugins", "list", "--json"))
    found = {(one["kind"], one["id"]) for one in listed if "tek" in one["distribution"] and one["state"] == "available"}
    assert {("drivers", "u-tek.12-con"), ("simulators", "u-tek.12-con"), ("drivers", "b-tek.x")} <= found
    assert isolated.run("-c", OPEN, "u-tek.12-con").strip() == "12 CON"
    for name in ("luthier-u-tek", "luthier-b-tek"):
        isolated.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", f"{name}/pyproject.toml", f"{name}/tests")
