"""Fake distributions: real metadata and modules in a folder on ``sys.path``."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from luthier import plugins
from luthier.plugins import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Write a distribution into a folder at the front of sys.path and return its metadata folder."""
    before = set(sys.modules)
    sites: list[Path] = []
    monkeypatch.setattr(loading, "checks", {})
    for variable in ("LUTHIER_DISABLE", "LUTHIER_ONLY", "LUTHIER_NO_HOOKS", "LUTHIER_STRICT_PLUGINS"):
        monkeypatch.delenv(variable, raising=False)

    def add(
        name: str,
        entry_points: str,
        *,
        modules: dict[str, str] | None = None,
        version: str = "1.0",
        folder: str = "site",
        metadata_folder: str | None = None,
    ) -> Path:
        site = tmp_path / folder
        site.mkdir(exist_ok=True)
        if str(site) not in sys.path:
            monkeypatch.setattr(sys, "path", [*sys.path[: len(sites)], str(site), *sys.path[len(sites) :]])
            sites.append(site)
        info = site / (metadata_folder or f"{name.replace('-', '_')}-{version}.dist-info")
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not-this\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(textwrap.dedent(entry_points), encoding="utf-8")
        for module, source in (modules or {}).items():
            (site / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        plugins.refresh()
        return info

    plugins.refresh()
    yield add
    monkeypatch.undo()
    for module in set(sys.modules) - before:
        file: Any = getattr(sys.modules[module], "__file__", None)
        if file and str(tmp_path) in str(file):
            del sys.modules[module]
    plugins.refresh()
