"""A folder with very many distributions, some of them broken in every way there is; for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BROKEN", "CrowdedSite", "write_crowded_site"]

SOUND = "class Driver:\n    pass\n"

BROKEN: dict[str, str] = {
    "missing_module": "",
    "raises": "raise RuntimeError('out of coffee')\n",
    "syntax": "def\n",
    "exits": "import sys\nsys.exit(3)\n",
    "kills": "import os\nos._exit(4)\n",
    "endless": "while True:\n    pass\n",
    "wrong_type": "Driver = 3\n",
    "no_attribute": "class Drivr:\n    pass\n",
    "no_library": "import acme_vendor_sdk\n",
    "prints": 'print(\'{"name": "hello"}\' * 1000)\nclass Driver:\n    pass\n',
    "recursion": "def f():\n    f()\nf()\n",
}
"""The source of one module for each way to be broken when imported; an empty one does not exist."""


@attrs.frozen
class CrowdedSite:
    """The folders, in the order in which they have to be on the path, and what to expect."""

    first: Path
    second: Path
    sound: int
    """How many distributions have nothing wrong with them."""


def write_crowded_site(folder: Path, *, sound: int, group: str = "storage") -> CrowdedSite:
    """Write `sound` faultless distributions, and one or more for each fault, into two folders in `folder`."""
    first, second = folder / "first", folder / "second"
    first.mkdir()
    second.mkdir()
    for number in range(sound):
        _write(first, f"maker{number:03}", group, SOUND, _manifest(f"maker{number:03}"))
    for fault, source in BROKEN.items():
        _write(first, fault.replace("_", ""), group, source or None, _manifest(fault.replace("_", "")))
    _write(first, "badmanifest", group, SOUND, "schema = 1\napi = ['1.0']\nvender = 'x'\n")
    _write(first, "nomanifest", group, SOUND, None)
    _write(first, "notoml", group, SOUND, "]]]")
    _write(first, "future", group, SOUND, _manifest("future", api="7.0"), api="7.0")
    _write(first, "squatter", group, SOUND, _manifest("maker000"), plugin="maker000.x")
    _write(first, "rivalone", group, SOUND, _manifest("nobody"), plugin="nobody.x")
    _write(first, "rivaltwo", group, SOUND, _manifest("nobody"), plugin="nobody.x")
    _write(first, "twice", group, SOUND, _manifest("twice"), version="2.0")
    _write(second, "twice", group, "raise RuntimeError\n", "]]]", version="1.0")
    garbage = first / "luthier_garbage-1.0.dist-info"
    garbage.mkdir()
    (garbage / "entry_points.txt").write_bytes(b"[luthier.storage]\n\xff = ::\nnothing\ngarbage.x = m:X\n")
    (first / "luthier_empty-1.0.dist-info").mkdir()
    return CrowdedSite(first, second, sound)


def _write(
    site: Path,
    name: str,
    group: str,
    source: str | None,
    manifest: str | None,
    *,
    plugin: str = "",
    version: str = "1.0",
    api: str = "1.0",
) -> None:
    package = site / f"luthier_{name}"
    info = site / f"luthier_{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Name: luthier-{name}\nVersion: {version}\n", encoding="utf-8")
    lines = [
        f"[luthier.{group}]",
        f"{plugin or f'{name}.x'} = luthier_{name}.inside:Driver",
        "[luthier.api]",
        f"{api} = luthier_{name}",
        "[luthier.manifest]",
        f"{name} = luthier_{name}:luthier.toml",
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    if source is not None:
        (package / "inside.py").write_text(source, encoding="utf-8")
    if manifest is not None:
        (package / "luthier.toml").write_text(manifest, encoding="utf-8")


def _manifest(name: str, *, api: str = "1.0") -> str:
    return f'schema = 1\napi = ["{api}"]\n[storage."{name}.x"]\nsummary = "Things of {name}."\n'
