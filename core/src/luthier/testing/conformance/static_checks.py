"""Static checks, and those of the documents: nothing of the driver is run."""

from __future__ import annotations

import ast
import re
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from luthier import plugins
from luthier.errors import ManifestError
from luthier.plugins.kinds import KINDS
from luthier.plugins.manifests.agreement import disagreements
from luthier.testing.conformance.outcomes import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.testing.conformance.subject import Subject

__all__ = ["annotated", "licensed", "manifest", "manual", "marked_typed", "one_package", "requirements", "verified"]

_CORE = re.compile(r"luthier-core(?![\w-])(.*)", re.IGNORECASE)


def manifest(subject: Subject) -> Iterator[Problem]:
    """Compare the manifest with the entry points."""
    name = subject.entry.distribution
    try:
        found = plugins.manifest(name)
    except ManifestError as error:
        yield from (Problem("", mistake) for mistake in error.mistakes)
        return
    if found is None:
        yield Problem("", f"{name} has no manifest (entry point in the group luthier.manifest)")
        return
    (own,) = [one for one in plugins.distributions() if one.name == name]
    entries = [entry for kind in KINDS for entry in plugins.registry(kind).entries() if entry.distribution == name]
    yield from (Problem("", text) for text in disagreements(found, own, entries))


def one_package(subject: Subject) -> Iterator[Problem]:
    """Count the top-level packages that the entry points name."""
    found = {
        one.value.partition(":")[0].partition(".")[0]
        for one in distribution(subject.entry.distribution).entry_points
        if one.group.startswith("luthier.")
    }
    if len(found) > 1:
        yield Problem("", f"its plugins are in several top-level packages: {', '.join(sorted(found))}")


def requirements(subject: Subject) -> Iterator[Problem]:
    """Look at the bounds on the core."""
    stated = distribution(subject.entry.distribution).requires or []
    core = [found[1].partition(";")[0] for one in stated if (found := _CORE.match(one))]
    if not core:
        yield Problem("", "it does not require luthier-core")
    elif not all("<" in bounds or "==" in bounds or "~=" in bounds for bounds in core):
        yield Problem("", f"it requires luthier-core{core[0]}, without an upper bound; write for example >=0.1,<0.2")


def licensed(subject: Subject) -> Iterator[Problem]:
    """Look for the licence in the metadata."""
    metadata = distribution(subject.entry.distribution).metadata
    classified = [one for one in metadata.get_all("Classifier") or () if one.startswith("License ::")]
    if not ("License-Expression" in metadata or "License" in metadata or classified):
        yield Problem("", "its metadata state no licence")


def marked_typed(subject: Subject) -> Iterator[Problem]:
    """Look for the mark that says to type checkers that it has types."""
    spec = find_spec(subject.package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    if not any((Path(folder) / "py.typed").exists() for folder in folders):
        yield Problem("", f"the package {subject.package} has no py.typed, so that its types count for nobody")


def annotated(subject: Subject) -> Iterator[Problem]:
    """Look for functions of the driver's package of which a type checker learns nothing."""
    spec = find_spec(subject.package)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (bare := _unannotated(node)):
                    where = f"{path.relative_to(folder)}, line {node.lineno}"
                    yield Problem("", f"{where}: {node.name} does not say the type of {' and '.join(bare)}")


def _unannotated(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    if plain and plain[0].arg in {"self", "cls"} and plain[0].annotation is None:
        plain = plain[1:]
    others = [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    bare = [one.arg for one in (*plain, *arguments.kwonlyargs, *others) if one.annotation is None]
    return bare if function.returns is not None else [*bare, "what it returns"]


def manual(subject: Subject) -> Iterator[Problem]:
    """Look for the manual that the driver follows."""
    if subject.description is None or not subject.description.manual:
        yield Problem("", "the manifest does not say which manual, and edition, the driver follows")


def verified(subject: Subject) -> Iterator[Problem]:
    """Look for what the driver was tried with that its authors did not write."""
    tried = subject.description.verified if subject.description else {}
    if not {"foreign", "hardware"} & tried.keys():
        yield Problem("", "it was tried neither with hardware nor with a foreign program (verified in the manifest)")
