"""How long ``luthier drivers`` takes where very many plugins are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

DISTRIBUTIONS = 300
DRIVERS = sum(1 + number % 4 for number in range(DISTRIBUTIONS))
SCAN = "import importlib.metadata; importlib.metadata.entry_points()"


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install 300 distributions of one to four drivers each; return the variables that put them on the path."""
    site = tmp_path_factory.mktemp("site")
    for number in range(DISTRIBUTIONS):
        _write_distribution(site, number)
    return {**os.environ, "PYTHONPATH": str(site), "LUTHIER_DISABLE": "", "LUTHIER_ONLY": ""}


def _write_distribution(site: Path, number: int) -> None:
    maker = f"maker{number:03}"
    info = site / f"luthier_{maker}-1.{number}.dist-info"
    info.mkdir()
    described = f"Metadata-Version: 2.4\nName: luthier-{maker}\nVersion: 1.{number}\n"
    described += f"Summary: Instruments of maker {number}.\nRequires-Python: >=3.11\nRequires-Dist: luthier-core>=0.1\n"
    (info / "METADATA").write_text(f"{described}\n{'A README of some length. ' * 80}\n", encoding="utf-8")
    names = [f"{maker}.model{model}" for model in range(1 + number % 4)]
    lines = [f"{name} = luthier_{maker}.{name.partition('.')[2]}:Driver" for name in names]
    simulators = [f"{name} = luthier_{maker}.simulators:SIMULATOR" for name in names]
    sections = [
        "[luthier.drivers]",
        *lines,
        "",
        "[luthier.simulators]",
        *simulators,
        "",
        "[luthier.api]",
        f"1.0 = luthier_{maker}",
        "",
        "[luthier.manifest]",
        f"{maker} = luthier_{maker}:luthier.toml",
    ]
    (info / "entry_points.txt").write_text("\n".join(sections) + "\n", encoding="utf-8")
    package = site / f"luthier_{maker}"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('listing imports nothing')\n", encoding="utf-8")
    (package / "luthier.toml").write_text(_manifest(maker, names), encoding="utf-8")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", encoding="utf-8")
    (info / "RECORD").write_text(f"luthier_{maker}/__init__.py,,\n" * 10, encoding="utf-8")


def _manifest(maker: str, names: list[str]) -> str:
    drivers = [
        f"""
[drivers."{name}"]
title = "Source-measure unit of the kind {name}"
vendor = "{maker.title()} Instruments"
models = ["{name}", "{name}-A", "{name}-B"]
interfaces = ["gpib", "usb", "socket"]
capabilities = ["source", "measure", "identity", "error-queue"]
simulator = "{name}"
docs = "https://{maker}.example/{name}"

[[drivers."{name}".identity]]
vendor = "{maker.upper()}*"
model = "{name}*"

[[drivers."{name}".usb]]
vendor = 0x05e6
product = 0x2400

[drivers."{name}".verified]
simulated = "every parameter"
"""
        for name in names
    ]
    return f'schema = 1\napi = ["1.0"]\n{"".join(drivers)}'


def _run(command: list[str], variables: dict[str, str]) -> str:
    return subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=60).stdout


def test_interpreter_and_one_scan(limit: Any, variables: dict[str, str]) -> None:
    command = [sys.executable, "-c", SCAN]
    limit("listing 300 plugins").pedantic(_run, args=(command, variables), rounds=25, warmup_rounds=3)


def test_interpreter_without_a_scan(subject: Any, variables: dict[str, str]) -> None:
    command = [sys.executable, "-c", "pass"]
    subject("listing 300 plugins").pedantic(_run, args=(command, variables), rounds=25, warmup_rounds=3)


def test_luthier_drivers(subject: Any, variables: dict[str, str]) -> None:
    program = shutil.which("luthier", path=sysconfig.get_path("scripts"))
    assert program is not None
    measure = subject("listing 300 plugins", budget=2)
    listed = measure.pedantic(_run, args=([program, "drivers"], variables), rounds=25, warmup_rounds=3)
    lines = [line for line in listed.splitlines() if line.startswith("maker")]
    assert len(lines) == DRIVERS
    assert all("Instruments" in line for line in lines)
