"""Every member works with what it declares and nothing else.

Its wheel is installed alone into an empty environment, and its tests run there: a shared environment hides the imports
that a member forgot to declare.
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


# An undeclared import does not hide in the hundredth example.
FEW_EXAMPLES = """
from hypothesis import settings
settings.register_profile("few", max_examples=5)
settings.load_profile("few")
"""


@pytest.fixture
def isolated(tmp_path: Path, run_uv: Callable[..., None], wheels: Path) -> Isolated:
    return Isolated(tmp_path, run_uv, wheels)


def test_a_distribution_works_with_what_it_declares(built: Any, isolated: Isolated) -> None:
    name = built.settings["project"]["name"]
    isolated.install(f"{name} @ {built.wheel.as_uri()}")
    isolated.run("-c", LOAD_ALL, name, *extras(built.settings))
    if built.package is None:
        return
    isolated.run("-c", IMPORT_ALL, built.package, *extras(built.settings))
    isolated.install(*RUNNERS, *built.settings.get("dependency-groups", {}).get("test", []))
    shutil.copytree(built.folder / "tests", isolated.folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", isolated.folder)
    (isolated.folder / "conftest.py").write_text(FEW_EXAMPLES, "utf-8")
    isolated.run(
        "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "-m", "not slow", "--rootdir", ".", "tests"
    )
