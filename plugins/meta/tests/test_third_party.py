"""Strategies that other distributions bring, and strategies by name in lab.toml."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Station, plugins
from luthier.errors import BrokenPluginError
from luthier_meta import MetaInstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Source

BACKWARDS = """
from luthier_meta import sequential

def backwards(actions):
    '''Sets the last member first.'''
    return tuple(reversed(sequential(tuple(reversed(actions)))))
"""

SOURCE = """
from luthier import Instrument

class Source(Instrument):
    log = []

    def __init__(self, name, **kwargs):
        super().__init__(name, **kwargs)
        self.add_parameter("level", float, get_cmd=lambda: 0.0, set_cmd=self._put, unit="V")

    def _put(self, level):
        self.log.append((self.name, level))
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a distribution that brings a strategy."""
    folder = tmp_path / "site"
    info = folder / "luthier_acme-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: luthier-acme\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        textwrap.dedent(
            """
            [luthier.api]
            1.0 = acme_strategies

            [luthier.strategies]
            acme.backwards = acme_strategies:backwards
            acme.broken = acme_strategies:missing
            """
        ),
        encoding="utf-8",
    )
    (folder / "acme_strategies.py").write_text(BACKWARDS, encoding="utf-8")
    (folder / "acme_source.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    plugins.refresh()
    yield tmp_path
    monkeypatch.undo()
    for module in ("acme_strategies", "acme_source"):
        sys.modules.pop(module, None)
    plugins.refresh()


@pytest.mark.usefixtures("site")
def test_a_strategy_of_another_distribution_is_found_by_its_name(
    opened: Callable[..., Any], sources: list[Source]
) -> None:
    assert "acme.backwards" in plugins.registry("strategies").names()
    meta = opened(MetaInstrument, "meta", sources)
    both = meta.add_group("both", ["one.voltage", "two.voltage"], strategy="acme.backwards")
    both((1.0, 2.0))
    assert sources[0].log == [("two", 2.0), ("one", 1.0)]
    done = meta.set_together({"one.voltage": 3.0, "three.voltage": 4.0}, strategy="acme.backwards")
    assert [each["name"] for each in done] == ["one.voltage", "three.voltage"]
    assert sources[0].log[2:] == [("three", 4.0), ("one", 3.0)]


@pytest.mark.usefixtures("site")
def test_a_broken_strategy_is_told_when_it_is_chosen_and_disturbs_no_other(
    opened: Callable[..., Any], sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LUTHIER_STRICT_PLUGINS", raising=False)
    meta = opened(MetaInstrument, "meta", sources)
    with pytest.raises(BrokenPluginError, match="luthier-acme"):
        meta.add_group("both", ["one.voltage", "two.voltage"], strategy="acme.broken")
    meta.set_together({"one.voltage": 1.0}, strategy="acme.backwards")


def test_a_laboratory_names_members_and_strategy_in_its_file(site: Path) -> None:
    lab = site / "lab.toml"
    lab.write_text(
        textwrap.dedent(
            """
            [instruments.a]
            driver = "acme_source:Source"

            [instruments.b]
            driver = "acme_source:Source"

            [instruments.gates]
            driver = "meta.instrument"

            [instruments.gates.options]
            members = { left = "@a", right = "@b.level" }
            strategy = "acme.backwards"
            """
        ),
        encoding="utf-8",
    )
    with Station(lab) as station:
        gates = station["gates"]
        both = gates.add_group("both", ["left.level", "right"])
        both((1.0, 2.0))
        assert sys.modules["acme_source"].Source.log == [("b", 2.0), ("a", 1.0)]
