"""What manifests say of drivers of other programs is what the runs gave."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from dev_environment import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((ROOT / "contrib-drivers").glob("*/src/*/foreign.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_manifest_says_of_other_programs_what_came_of_it(file: Path) -> None:
    drivers = tomllib.loads(file.with_name("luthier.toml").read_text(encoding="utf-8"))["drivers"]
    kept: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    for driver, runs in kept.items():
        said = drivers[driver].get("verified", {}).get("foreign", "")
        for run in runs:
            explained = [one for one in run["differences"] if one["whose"] and one["why"]]
            assert explained == run["differences"], f"{driver}, {run['program']}: something is not looked into"
            figures = f"{run['agreed']} agree, {run['differ']} differ, {run['missing']} not there"
            assert figures in said or not run["agreed"], f"{driver}, {run['program']}: {figures}"
