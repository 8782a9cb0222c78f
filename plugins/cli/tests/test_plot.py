from __future__ import annotations

import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

WITHOUT_MATPLOTLIB = {"matplotlib": "raise ModuleNotFoundError('No module named matplotlib', name='matplotlib')"}


def _open_fonts() -> None:
    """Let matplotlib open the files that it keeps open for good, before tests are watched for what they leave."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - matplotlib may be missing

    figure = Figure()
    figure.suptitle("fonts")
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
