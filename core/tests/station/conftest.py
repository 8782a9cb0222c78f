"""A lab in a folder of its own: a file of drivers that keep a journal and fail on request, and a lab.toml."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import attrs
import luthier
import pytest
from luthier import Station

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVERS = Path(__file__).with_name("bench.py").read_text(encoding="utf-8")


@attrs.frozen
class Lab:
    """A folder with drivers."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "lab.toml"

    def write(self, text: str, name: str = "lab.toml") -> Path:
        file = self.folder / name
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return file

    def open(self, text: str, *, only: list[str] | None = None, initial: bool = True) -> Station:
        return Station(self.write(text), only=only, initial=initial)

    @property
    def journal(self) -> list[str]:
        """What happened to the instruments, in order."""
        return self._journal_file.read_text(encoding="utf-8").splitlines()

    def forget(self) -> None:
        self._journal_file.write_text("", encoding="utf-8")

    @property
    def _journal_file(self) -> Path:
        return self.folder / "journal.txt"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Return an empty lab; instruments that a test left open are closed."""
    made = Lab(tmp_path)
    (tmp_path / "bench.py").write_text(DRIVERS, encoding="utf-8")
    made.forget()
    yield made
    luthier.close_all()
    sys.modules.pop("bench", None)


@pytest.fixture
def here(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab that is the working directory, so that messages name its files in short."""
    monkeypatch.chdir(lab.folder)
    return lab
