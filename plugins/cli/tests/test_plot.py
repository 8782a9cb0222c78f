from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from luthier import Parameter
from luthier_measure import sweep

pytest.importorskip("matplotlib")

WITHOUT_MATPLOTLIB = {"matplotlib": "raise ModuleNotFoundError('No module named matplotlib', name='matplotlib')"}


def _open_fonts() -> None:
    """Let matplotlib open the files that it keeps open for good, before tests are watched for what they leave."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - matplotlib may be missing

    figure = Figure()
    figure.suptitle(r"fonts $\mathdefault{10^{5}}$")
    figure.savefig(BytesIO())


_open_fonts()


def _dark_pixels(png: bytes) -> int:
    """Count the pixels that are not white, which an empty picture has few of."""
    from matplotlib.image import imread  # noqa: PLC0415 - matplotlib may be missing

    Path("picture.png").write_bytes(png)
    return int((imread("picture.png")[..., :3].min(axis=2) < 0.9).sum())


def test_a_line_is_drawn_into_a_png_here(lab: Any) -> None:
    run = lab.line()
    out = lab.call("plot", "line")
    file = Path(f"{run.id}.png")
    assert out == f"Wrote {file.absolute()}\n"
    assert file.read_bytes().startswith(b"\x89PNG")
    assert _dark_pixels(file.read_bytes()) > 3000
    assert [path.name for path in Path().iterdir() if path.name != "picture.png"] == [file.name]


@pytest.mark.parametrize(("suffix", "beginning"), [(".svg", b"<?xml"), (".pdf", b"%PDF"), (".PNG", b"\x89PNG")])
def test_the_ending_of_the_name_decides_the_format(lab: Any, suffix: str, beginning: bytes) -> None:
    lab.grid()
    file = Path(f"a picture{suffix}")
    file.write_text("an earlier one")
    lab.call("plot", "grid", "-o", str(file))
    assert file.read_bytes().startswith(beginning)


def test_axes_carry_units_with_si_prefixes(lab: Any) -> None:
    lab.line()
    lab.call("plot", "line", "-o", "line.svg")
    text = Path("line.svg").read_text(encoding="utf-8")
    assert "Current (mA)" in text
    assert "Gate (V)" in text


def test_images_of_every_kind_are_drawn(lab: Any) -> None:
    from luthier import ManualParameter  # noqa: PLC0415 - only here

    s21 = ManualParameter("s21", complex, initial=1j)
    lab.grid(lab.current, s21, lab.z)
    lab.call("plot", "last", "-o", "all.png")
    lab.call("plot", "last", "--y", "s21", "--x", "y", "-o", "one.png")
    assert zlib.crc32(Path("all.png").read_bytes()) != zlib.crc32(Path("one.png").read_bytes())


def test_an_outlier_neither_takes_the_colours_nor_the_prefix(lab: Any) -> None:
    values = iter([*np.linspace(0, 1e-9, 119).tolist(), 1.0])
    lab.measure(sweep(lab.y, 0, 1, num=10), sweep(lab.x, 0, 1, num=12), _unit_reading(lambda: next(values)), name="map")
    lab.call("plot", "map", "-o", "map.svg")
    assert "I (nA)" in Path("map.svg").read_text(encoding="utf-8")


def _unit_reading(read: Any) -> Parameter[float]:
    return Parameter("i", float, get_cmd=read, unit="A", label="I")


def test_linked_sweeps_have_an_axis_above_and_stacked_lines_one_below(lab: Any) -> None:
    lab.linked()
    lab.call("plot", "linked", "-o", "linked.svg")
    assert "Field (T)" in Path("linked.svg").read_text(encoding="utf-8")
    lab.line(lab.current, lab.z)
    lab.call("plot", "line", "-o", "line.svg")
    assert Path("line.svg").read_text(encoding="utf-8").count("<!-- Gate (V) -->") == 1


def test_a_logarithmic_sweep_has_a_logarithmic_axis(lab: Any) -> None:
    steps = np.geomspace(10, 1e6, 6).tolist()
    lab.measure(sweep(lab.x, steps), sweep(lab.y, 0, 1, num=3), lab.current, name="map")
    lab.call("plot", "map", "-o", "map.svg")
    assert r"\mathdefault{10^{5}}" in Path("map.svg").read_text(encoding="utf-8")


def test_name_and_id_are_left_out_when_asked_for(lab: Any) -> None:
    run = lab.line()
    lab.call("plot", "line", "-o", "with.svg")
    lab.call("plot", "line", "--no-title", "-o", "without.svg")
    assert run.id in Path("with.svg").read_text(encoding="utf-8")
    assert run.id not in Path("without.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("-o", "x.gif"), 2),
        (("-o", "x"), 2),
        (("--terminal", "-o", "x.png"), 2),
        (("--y", "nothing"), 1),
        (("-o", "no/such/folder/x.png"), 1),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_nothing(lab: Any, arguments: tuple[str, ...], code: int) -> None:
    lab.line()
    lab.call("plot", "line", *arguments, code=code)
    assert list(Path().iterdir()) == []


def test_the_terminal_shows_what_its_encoding_can_carry(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    lab.line()
    assert any("\u2800" <= character <= "\u28ff" for character in shell.succeed("plot", "line", "--terminal"))
    for encoding in ("ascii", "cp1252"):
        shell.variables["PYTHONIOENCODING"] = encoding
        out = shell.succeed("plot", "line", "--terminal")
        assert out.startswith("Current (mA)\n")
        assert "*****" in out
        assert "?" not in out


def test_without_matplotlib_the_run_is_drawn_in_the_terminal(shell: Any, lab: Any) -> None:
    lab.folder = shell.data
    lab.line()
    shell.install("matplotlib", "", modules=WITHOUT_MATPLOTLIB)
    ended = shell.run("plot", "line")
    assert ended.code == 0
    assert "pip install matplotlib" in ended.err
    assert "Current (mA)" in ended.out
    ended = shell.run("plot", "line", "-o", "line.png")
    assert ended.code == 1
    assert "line.png was not written: matplotlib is not installed" in ended.err
    assert list(shell.work.iterdir()) == []
