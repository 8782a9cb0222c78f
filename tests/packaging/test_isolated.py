"""Every member works with what it declares and nothing else.

Its wheel is installed alone, with what it requires, and all its modules have to be imported; then with what its tests
require, where all that they import has to be found, and a part of them runs: an environment with all members in it
hides what one of them forgot to declare.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from dev_environment import ROOT

from .isolated import RUNNERS, Isolated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# Without its extras a member may lack what they are for, in modules that are imported only for that.
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith(".__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in sys.argv[2:]:
                raise
"""

LOAD_ALL = """
import importlib.metadata, sys
for point in importlib.metadata.distribution(sys.argv[1]).entry_points:
    if point.group != "luthier.manifest":
        try:
            point.load()
        except ModuleNotFoundError as error:
            if point.group != "luthier.simulators" or error.name not in sys.argv[2:]:
                raise
"""


def extras(settings: dict[str, Any]) -> list[str]:
    """Return the import names of what a member's extras install."""
    wanted = [text for extra in settings["project"].get("optional-dependencies", {}).values() for text in extra]
    return [re.split(r"[^\w-]", text)[0].replace("-", "_") for text in wanted]


# Also what is imported in a function, unless it is for types alone, or the module does without it.
FIND_ALL = """
import ast, importlib.util, pathlib, sys
package, *optional = sys.argv[1:]
folders = [pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0]), pathlib.Path("tests")]
known = {*sys.stdlib_module_names, "tests", *optional}

def names(node):
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    caught = [ast.dump(each.type) for each in node.handlers if each.type] if isinstance(node, ast.Try) else []
    if any("ImportError" in each or "ModuleNotFoundError" in each for each in caught):
        return
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        yield node.module
    for child in ast.iter_child_nodes(node):
        yield from names(child)

missing = []
for folder in folders:
    for path in folder.rglob("*.py"):
        for name in names(ast.parse(path.read_text("utf-8"))):
            top = name.partition(".")[0]
            if top not in known and getattr(importlib.util.find_spec(top), "origin", None) is None:
                missing.append(f"{path.name} imports {name}")
if missing:
    sys.exit(chr(10).join(missing))
"""

# The other environment runs all of them: here every fifth, and of each module one, with few examples.
A_PART = """
from hypothesis import settings
settings.register_profile("few", max_examples=5)
settings.load_profile("few")

def pytest_collection_modifyitems(items):
    first = {item.path: item for item in reversed(items)}
    items[:] = [item for place, item in enumerate(items) if place % 5 == 0 or first[item.path] is item]
"""


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("environments")


def test_a_distribution_works_with_what_it_declares(
    built: Any, environments: Path, tmp_path: Path, run_uv: Callable[..., None], wheels: Path
) -> None:
    wheel = f"{built.settings['project']['name']} @ {built.wheel.as_uri()}"
    alone = Isolated(environments / "alone", tmp_path, run_uv, wheels)
    alone.install(wheel)
    alone.run("-c", LOAD_ALL, built.settings["project"]["name"], *extras(built.settings))
    if built.package is None:
        return
    alone.run("-c", IMPORT_ALL, built.package, *extras(built.settings))
    tested = Isolated(environments / "tested", tmp_path, run_uv, wheels)
    tested.install(wheel, *RUNNERS, *built.settings.get("dependency-groups", {}).get("test", []))
    shutil.copytree(built.folder / "tests", tmp_path / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "conftest.py").write_text(A_PART, "utf-8")
    tested.run("-c", FIND_ALL, built.package, *extras(built.settings))
    tested.run(
        "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "-m", "not slow", "--rootdir", ".", "tests"
    )
