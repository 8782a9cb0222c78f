"""Runs imported from QCoDeS, value by value beside what QCoDeS itself reads from the same database."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr
from luthier_measure import load
from luthier_measure.qcodes import import_qcodes

from .peer_environments import SCRIPTS, environment_of, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    python = environment_of("qcodes", ["qcodes", "pyvisa-py"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        command = [str(python), str(SCRIPTS / "qcodes_database.py"), place]
        done = subprocess.run(command, env=variables(), capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        yield Path(place)


def points(arrays: list[Any]) -> Counter[tuple[str, ...]]:
    """Count the rows of equally long arrays as text, with NaN like any other number.

    To 15 digits: QCoDeS 0.58 lets SQLite write a single number as text when it reads it, which keeps no more. Luthier
    reads the number itself.
    """
    return Counter(zip(*(map(_text, np.asarray(array).ravel().tolist()) for array in arrays), strict=True))


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, (float, complex)) else str(value)


def ours(dataset: xr.Dataset, quantity: str, setpoints: list[str]) -> list[Any]:
    """Return a quantity and its setpoints, each with a value for every place."""
    variable = dataset[quantity]
    fitting = [dataset[name] for name in setpoints]
    if all(set(array.dims) <= set(variable.dims) for array in fitting):
        return list(xr.broadcast(variable, *fitting))
    return [variable, *fitting]


@pytest.mark.timeout(1200)  # for the first time, which downloads
def test_every_value_is_the_one_that_qcodes_reads(folder: Path, figure: Callable[[str, str], None]) -> None:
    runs = {run.number: run for run in import_qcodes(folder / "old.db", folder=folder / "data")}
    files = sorted(folder.glob("*.npz"))
    assert len(runs) == 10
    assert not any(run.problem for run in runs.values())
    compared = 0
    for file in files:
        number, _, quantity = file.stem.partition("-")
        dataset = load(runs[int(number)].run_id, folder=folder / "data").dataset
        with np.load(file) as arrays:
            theirs = {name: arrays[name] for name in arrays.files}
        names = [name for name in theirs if name != quantity]
        shapes = [np.broadcast_to(theirs[name], theirs[quantity].shape) for name in names]
        wanted = points([theirs[quantity], *shapes])
        found = points(ours(dataset, quantity, names))
        assert wanted <= found, file.stem
        # What is more is the places that were not reached.
        assert {row[0] for row in found - wanted} <= {"nan", "nan+0j", "None"}, file.stem
        compared += wanted.total()
    figure("imported from QCoDeS: runs, quantities, values that agree", f"{len(runs)}, {len(files)}, {compared}")
