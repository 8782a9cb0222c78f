"""What the reference says on reading runs in R and Julia, where these are installed with what they need."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from luthier import ManualParameter
from luthier_measure import measure, sweep
from luthier_measure.loading import open_storage

from .pages import blocks_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "run-files.md"
EXAMPLE = "20261123-142501-123-k7f3q9.arrows"

PROGRAMS = {
    "r": (
        ["Rscript", "-e"],
        "library(arrow); library(jsonlite)",
        'cat(nrow(frame), sum(frame$double), plan$points, sep = " ")',
    ),
    "julia": (
        ["julia", "--startup-file=no", "-e"],
        "using Arrow, DataFrames",
        'print(nrow(frame), " ", sum(frame.double), " ", haskey(Arrow.getmetadata(table), "luthier.plan") ? 5 : 0)',
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", PROGRAMS)
def test_a_run_is_read_by_the_lines_of_the_reference(language: str, tmp_path: Path) -> None:
    command, needs, report = PROGRAMS[language]
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    command = [program, *command[1:]]
    if subprocess.run([*command, needs], capture_output=True, check=False).returncode:
        pytest.skip(f"{command[0]} is installed without what the lines need: {needs}")
    x = ManualParameter("x", float, initial=0.0)

    def double() -> float:
        return 2 * x()

    run = measure(sweep(x, range(5)), double, folder=tmp_path, progress=False)
    file = open_storage(folder=tmp_path).place_of(run.id)
    (lines,) = (block.text for block in blocks_of(PAGE) if block.language == language)
    assert EXAMPLE in lines
    code = f"{lines.replace(EXAMPLE, file.as_posix())}\n{report}\n"
    done = subprocess.run([*command, code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    count, total, points = map(float, done.stdout.split()[-3:])
    assert (count, total, points) == (5, 20, 5)
