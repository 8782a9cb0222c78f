"""What discovery costs a process that does not need it, and one in which very much is installed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def _run(source: str, *arguments: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(source), *arguments]
    tolerant = {name: value for name, value in os.environ.items() if name != "LUTHIER_STRICT_PLUGINS"}
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=tolerant).stdout


def test_importing_luthier_scans_nothing_and_imports_no_scanner() -> None:
    source = """
        import sys
        read = []
        def watch(event, args):
            if event == "open" and str(args[0]).endswith("entry_points.txt"):
                read.append(args[0])
        sys.addaudithook(watch)
        import luthier
        from luthier import plugins
        plugins.registry("drivers")
        slow = {"importlib.metadata", "email", "tomllib", "asyncio", "difflib", "luthier.plugins.catalogue"}
        print(sorted(slow & set(sys.modules)), len(read))
        plugins.registry("drivers").names()
        print(len(read) > 0)
    """
    assert _run(source).splitlines() == ["[] 0", "True"]


def test_a_listing_needs_no_metadata_parser() -> None:
    source = """
        import sys
        from luthier import plugins
        plugins.registry("drivers").entries()
        print(sorted({"importlib.metadata", "email", "zipfile", "difflib", "pluggy"} & set(sys.modules)))
    """
    assert _run(source).strip() == "[]"


def _write_distributions(site: Path, count: int) -> None:
    """Write `count` distributions of two plugins each; every tenth is broken, in turn in one of many ways."""
    faults = ["raise RuntimeError", "import sys; sys.exit(1)", "import absent_library", "while True: pass", "def"]
    for number in range(count):
        name = f"maker{number:03}"
        package = site / f"luthier_{name}"
        info = site / f"luthier_{name}-1.{number}.dist-info"
        package.mkdir()
        info.mkdir()
        broken = number % 10 == 0
        source = faults[number // 10 % len(faults)] if broken else "class X: pass\nclass Y: pass\n"
        (package / "__init__.py").write_text(source, encoding="utf-8")
        (info / "METADATA").write_text(f"Name: luthier-{name}\nVersion: 1.{number}\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(
            f"[luthier.storage]\n{name}.x = luthier_{name}:X\n{name}.y = luthier_{name}:Y\n"
            f"[luthier.api]\n{'2.0' if number % 7 == 3 else '1.0'} = luthier_{name}\n",
            encoding="utf-8",
        )


@pytest.mark.slow
def test_three_hundred_distributions_are_listed_without_importing_one(tmp_path: Path) -> None:
    _write_distributions(tmp_path, 300)
    source = """
        import collections, sys
        sys.path.append(sys.argv[1])
        from luthier import plugins
        mine = [one for one in plugins.registry("storage").entries() if one.distribution.startswith("luthier-maker")]
        print(len(mine), dict(sorted(collections.Counter(one.state for one in mine).items())))
        print(sum(name.startswith("luthier_maker") for name in sys.modules))
        print(plugins.registry("storage").load("maker005.x").__name__)
        for name in ("maker000.x", "maker020.y", "maker040.x", "maker060.x", "maker010.x"):
            try:
                plugins.registry("storage").load(name)
            except Exception as error:
                print(type(error).__name__)
        print(sum(name.startswith("luthier_maker") for name in sys.modules))
    """
    # 43 of 300 numbers leave 3 when divided by 7.
    assert _run(source, str(tmp_path)).splitlines() == [
        "600 {'available': 514, 'incompatible': 86}",
        "0",
        "X",
        *["BrokenPluginError"] * 4,
        "IncompatiblePluginError",
        "1",
    ]
