from __future__ import annotations

import csv
import math
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from luthier import Instrument, ManualParameter, Parameter, parameter
from luthier_measure import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("h5py")


def _rows(file: str | Path) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# CSV


def test_csv_has_units_in_the_first_line_and_a_row_for_each_point(lab: Any) -> None:
    run = lab.line(num=3)
    out = lab.call("export", "line", "--to", "csv")
    file = Path(f"{run.id}.csv")
    assert out == f"Wrote {file.absolute()} (3 rows)\n"
    rows = _rows(file)
    assert list(rows[0]) == ["x (V)", "current (A)", "taken_at (s)"]
    assert [row["x (V)"] for row in rows] == ["0.0", "0.5", "1.0"]
    assert {row["current (A)"] for row in rows} == {"0.0015"}
    times = [float(row["taken_at (s)"]) for row in rows]
    assert times == sorted(times)
    assert abs(times[0] - run.started.timestamp()) < 5


@given(values=st.lists(st.floats(), min_size=1, max_size=20))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_float_is_read_back_exactly(lab: Any, values: list[float]) -> None:
    rest = iter(values)
    lab.line(lambda: next(rest), num=len(values)) if len(values) > 1 else lab.measure(lambda: next(rest))
    lab.call("export", "last", "--to", "csv", "--force", "-o", "floats.csv")
    read = [float(next(value for key, value in row.items() if "lambda" in key)) for row in _rows("floats.csv")]
    bits = [struct.pack("d", value) for value in read if not math.isnan(value)]
    assert bits == [struct.pack("d", value) for value in values if not math.isnan(value)]
    assert list(map(math.isnan, read)) == list(map(math.isnan, values))


def test_points_of_a_snake_are_in_the_order_in_which_they_were_taken(lab: Any) -> None:
    lab.measure(sweep(lab.y, 0.0, 1.0, num=2), sweep(lab.x, 0.0, 1.0, num=2, snake=True), lab.current, name="snake")
    lab.call("export", "snake", "--to", "csv", "-o", "snake.csv")
    assert [row["x (V)"] for row in _rows("snake.csv")] == ["0.0", "1.0", "1.0", "0.0"]


def test_text_truth_values_and_complex_numbers_have_their_columns(lab: Any) -> None:
    readings = [
        ManualParameter("word", str, initial='say "on", twice\nor so'),
        ManualParameter("flag", bool, initial=True),
        ManualParameter("s21", complex, unit="V", initial=0.1 - 2.5e-300j),
    ]
    lab.line(*readings, num=2)
    lab.call("export", "line", "--to", "csv", "-o", "kinds.csv")
    row = _rows("kinds.csv")[0]
    assert row["word"] == 'say "on", twice\nor so'
    assert row["flag"] == "True"
    assert (row["s21_real (V)"], row["s21_imaginary (V)"]) == ("0.1", "-2.5e-300")


class Analyser(Instrument):
    """Gives traces along frequencies, which change with the span."""

    span = parameter(float, unit="Hz", initial=2.0)
    frequencies = parameter(
        np.ndarray, get_cmd=lambda own: np.arange(3.0) * own.span(), unit="Hz", shape=(3,), depends_on=("span",)
    )
    trace = parameter(
        np.ndarray, get_cmd=lambda own: np.arange(3) + 10 * own.span(), unit="V", shape=(3,), axes=("frequencies",)
    )
    other = parameter(np.ndarray, get_cmd=lambda _own: np.arange(2.0), shape=(2,))


def test_arrays_are_written_in_long_form_along_their_axis(lab: Any) -> None:
    with Analyser("vna") as vna:
        lab.measure(sweep(vna.span, [1.0, 5.0]), lab.current, vna.trace, name="traces")
    assert "(6 rows)" in lab.call("export", "traces", "--to", "csv", "-o", "traces.csv")
    rows = _rows("traces.csv")
    assert list(rows[0]) == ["vna_span (Hz)", "current (A)", "vna_frequencies (Hz)", "vna_trace (V)", "taken_at (s)"]
    values = [[float(row[name]) for name in list(row)[:4]] for row in rows]
    assert values == [
        [1.0, 0.0015, 0.0, 10.0],
        [1.0, 0.0015, 1.0, 11.0],
        [1.0, 0.0015, 2.0, 12.0],
        [5.0, 0.0015, 0.0, 50.0],
        [5.0, 0.0015, 5.0, 51.0],
        [5.0, 0.0015, 10.0, 52.0],
    ]


def test_arrays_without_an_axis_are_numbered(lab: Any) -> None:
    lab.line(lambda: np.array([[1.0, 2.0], [3.0, 4.0]]), num=2, name="matrices")
    lab.call("export", "matrices", "--to", "csv", "-o", "matrices.csv")
    rows = [list(row.values())[1:4] for row in _rows("matrices.csv")]
    assert rows[:4] == [["0", "0", "1.0"], ["0", "1", "2.0"], ["1", "0", "3.0"], ["1", "1", "4.0"]]


def test_arrays_of_changing_length_have_as_many_rows(lab: Any) -> None:
    lengths = iter([1, 3, 2])
    lab.line(lambda: np.arange(float(next(lengths))), num=3, name="growing")
    assert "(6 rows)" in lab.call("export", "growing", "--to", "csv", "-o", "growing.csv")
    assert [list(row.values())[2] for row in _rows("growing.csv")] == ["0.0", "0.0", "1.0", "2.0", "0.0", "1.0"]


def test_arrays_along_different_axes_are_refused_with_the_way_out(lab: Any) -> None:
    with Analyser("vna") as vna:
        lab.measure(sweep(vna.span, [1.0, 5.0]), vna.trace, vna.other, name="both")
    assert "--to netcdf" in lab.call("export", "both", "--to", "csv", code=1)
    assert list(Path().iterdir()) == []
    lab.call("export", "both", "--to", "netcdf")


def test_of_several_tables_one_is_written_and_the_others_are_named(lab: Any) -> None:
    lab.measure(sweep(lab.y, 0.0, 1.0, num=2), lab.z, sweep(lab.x, 0.0, 1.0, num=3), lab.current, name="two")
    out = lab.call("export", "two", "--to", "csv", "-o", "main.csv")
    assert "for others add --table: level_0" in out
    assert len(_rows("main.csv")) == 6
    lab.call("export", "two", "--to", "csv", "--table", "level_0", "-o", "outer.csv")
    assert list(_rows("outer.csv")[0])[:2] == ["y (T)", "z (s)"]
    assert "the run has" in lab.call("export", "two", "--to", "csv", "--table", "nothing", "-o", "x.csv", code=2)
    lab.call("export", "two", "--to", "netcdf", "--table", "main", code=2)


# NetCDF


def test_netcdf_holds_the_dataset_with_plan_and_snapshot(lab: Any) -> None:
    run = lab.grid(sample="A7")
    lab.call("export", "grid", "--to", "netcdf")
    with xr.open_dataset(f"{run.id}.nc", engine="h5netcdf") as read:
        assert read["current"].dims == ("y", "x")
        xr.testing.assert_equal(read.load(), run.dataset)
        assert read["current"].attrs == run.dataset["current"].attrs
        assert read.attrs["sample"] == "A7"
        assert '"levels"' in read.attrs["luthier_plan"]
        assert '"instruments"' in read.attrs["luthier_snapshot"]


def test_netcdf_holds_complex_numbers_text_and_arrays(lab: Any) -> None:
    word = ManualParameter("word", str, initial="Ω")
    s21 = ManualParameter("s21", complex, unit="V", initial=3 + 4j)
    with Analyser("vna") as vna:
        lab.measure(sweep(vna.span, [1.0, 5.0]), word, s21, vna.trace, vna.other, name="kinds")
    lab.call("export", "kinds", "--to", "netcdf", "-o", "kinds.nc")
    with xr.open_dataset("kinds.nc", engine="h5netcdf") as read:
        assert read["word"].values.tolist() == ["Ω", "Ω"]
        assert read["s21_real"].values.tolist() == [3.0, 3.0]
        assert read["s21_imaginary"].values.tolist() == [4.0, 4.0]
        assert read["s21_real"].attrs["units"] == "V"
        assert read["vna_trace"].shape == (2, 3)
        assert read["vna_other"].shape == (2, 2)


def test_netcdf_of_a_run_that_failed_holds_what_there_is(lab: Any) -> None:
    values = iter("ab")
    with pytest.raises(StopIteration):
        lab.line(Parameter("word", str, get_cmd=lambda: next(values)), name="bad")
    lab.call("export", "bad", "--to", "netcdf", "-o", "bad.nc")
    with xr.open_dataset("bad.nc", engine="h5netcdf") as read:
        assert read["word"].values.tolist() == ["a", "b", "", "", ""]


def test_without_the_library_netcdf_says_what_to_install(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    lab.line()
    for missing in ("h5py", "h5netcdf"):
        (shell.site / f"{missing}.py").write_text(f"raise ModuleNotFoundError('gone', name={missing!r})")
        ended = shell.run("export", "line", "--to", "netcdf")
        (shell.site / f"{missing}.py").unlink()
        assert ended.code == 1
        assert 'pip install "luthier-cli[netcdf]"' in ended.err
        assert list(shell.work.iterdir()) == []


# Files


@pytest.mark.parametrize("target", ["csv", "netcdf"])
def test_a_file_that_is_there_is_kept_unless_it_is_to_be_overwritten(lab: Any, target: str) -> None:
    lab.line()
    file = Path("mine")
    file.write_text("my own")
    assert "exists already" in lab.call("export", "line", "--to", target, "-o", "mine", code=1)
    assert file.read_text() == "my own"
    lab.call("export", "line", "--to", target, "-o", "mine", "--force")
    assert file.read_bytes() != b"my own"
    assert [path.name for path in Path().iterdir()] == ["mine"]


@pytest.mark.skipif(sys.platform == "win32", reason="sizes of files cannot be limited there")
@pytest.mark.parametrize("target", ["csv", "netcdf"])
def test_a_disk_that_is_full_leaves_the_earlier_file_as_it_was(shell: Any, lab: Any, target: str) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    lab.folder = shell.data
    # A module that was compiled half would be left behind for everybody.
    shell.variables["PYTHONDONTWRITEBYTECODE"] = "1"
    lab.line(num=2000)
    (shell.work / "mine").write_text("my own")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    command = ("export", "line", "--to", target, "-o", "mine", "--force")
    with shell.popen(*command, preexec_fn=limit) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "mine cannot be written" in err
    assert "Traceback" not in err
    assert [(path.name, path.read_text()) for path in shell.work.iterdir()] == [("mine", "my own")]


def test_a_folder_is_no_file(lab: Any) -> None:
    lab.line()
    Path("folder").mkdir()
    assert "is a folder" in lab.call("export", "line", "--to", "csv", "-o", "folder", "--force", code=1)
    assert "there is no folder" in lab.call("export", "line", "--to", "csv", "-o", "no/x.csv", code=1)


# Zarr


@pytest.fixture(scope="module")
def zarr() -> Iterator[None]:
    """Own the threads that the library starts at its first use and keeps."""
    library = pytest.importorskip("zarr")
    with library.config.set({"threading.max_workers": 1}):
        library.create_array(store={}, shape=(1,), dtype="f8")[:] = 1.0
        yield
    library.core.sync.cleanup_resources()


@pytest.mark.usefixtures("zarr")
def test_zarr_holds_the_dataset_with_plan_and_snapshot(lab: Any) -> None:
    s21 = ManualParameter("s21", complex, unit="V", initial=0.1 - 2.5e-300j)
    word = ManualParameter("word", str, initial="µ\n")
    run = lab.grid(lab.current, s21, word, sample="A7")
    lab.call("export", "grid", "--to", "zarr")
    with xr.open_zarr(f"{run.id}.zarr") as read:
        assert read["s21"].dtype == np.complex128
        xr.testing.assert_equal(read.load(), run.dataset)
        assert read["current"].attrs["units"] == "A"
        assert '"levels"' in read.attrs["luthier_plan"]
    assert "exists already" in lab.call("export", "grid", "--to", "zarr", code=1)
    lab.call("export", "grid", "--to", "zarr", "--force")
    assert [each.name for each in Path().iterdir()] == [f"{run.id}.zarr"]


def test_a_folder_that_cannot_be_written_leaves_the_old_one(lab: Any) -> None:
    lab.line()
    assert "there is no folder" in lab.call("export", "line", "--to", "zarr", "-o", "nowhere/x.zarr", code=1)
    Path("file.zarr").write_text("kept", encoding="utf-8")
    assert "exists already" in lab.call("export", "line", "--to", "zarr", "-o", "file.zarr", "--force", code=1)
    assert Path("file.zarr").read_text(encoding="utf-8") == "kept"


# Parquet


def test_parquet_has_the_rows_with_units_and_everything_known(lab: Any) -> None:
    s21 = ManualParameter("s21", complex, unit="V", initial=complex(math.inf, -0.5))
    with Analyser("vna") as vna:
        run = lab.measure(sweep(vna.span, [1.0, 5.0]), lab.current, s21, vna.trace, lambda: np.zeros((2, 1)), name="p")
    assert "(2 rows)" in lab.call("export", "p", "--to", "parquet")
    table = pq.read_table(f"{run.id}.parquet")
    assert table.column_names[:4] == ["_time", "_index_0", "vna_span", "current"]
    assert table["vna_trace"].to_pylist() == [[10.0, 11.0, 12.0], [50.0, 51.0, 52.0]]
    assert table["s21"].to_pylist()[1] == {"re": math.inf, "im": -0.5}
    assert table.schema.field("vna_trace").metadata[b"unit"] == b"V"
    assert b'"name":"p"' in table.schema.metadata[b"luthier.run"]
    assert table["_time"].to_pylist()[0] == run.table().times[0]


def test_parquet_of_one_of_several_tables(lab: Any) -> None:
    lab.measure(sweep(lab.y, 0.0, 1.0, num=2), lab.z, sweep(lab.x, 0.0, 1.0, num=3), lab.current, name="two")
    out = lab.call("export", "two", "--to", "parquet", "--table", "level_0", "-o", "outer.parquet")
    assert "(2 rows)" in out
    assert pq.read_table("outer.parquet").column_names == ["_time", "_index_0", "y", "z"]
