"""What is wrong with a wheel of plugins, as far as can be told without importing it."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
from typing import TYPE_CHECKING, Final

from luthier.errors import ManifestError
from luthier.plugins.entry import Distribution, PluginEntry
from luthier.plugins.kinds import API_GROUP, GROUP_PREFIX, KINDS, MANIFEST_GROUP
from luthier.plugins.manifests.agreement import disagreements
from luthier.plugins.manifests.reading import read_manifest
from luthier.plugins.static_checks import Fault

from luthier_cli.checking.module_faults import defines, module_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_cli.checking.wheel import Wheel

__all__ = ["wheel_faults"]

_CORE: Final = re.compile(r"luthier-core(?![\w-])([^;]*)", re.IGNORECASE)
_TESTS: Final = re.compile(r"(^|/)(tests?/|conftest\.py$|test_[^/]*\.py$)")


def wheel_faults(wheel: Wheel) -> tuple[Fault, ...]:
    """Return what is wrong: files, packages, entry points, manifest, modules, requirements, licence, types."""
    return (
        *_of_record(wheel),
        *_of_packages(wheel),
        *_of_entry_points(wheel),
        *_of_manifest(wheel),
        *module_faults(wheel),
        *_of_metadata(wheel),
    )


def _fault(what: str, advice: str = "", *, serious: bool = True) -> Fault:
    return Fault(f"{what}.", f"{advice}." if advice else "", serious)


def _of_record(wheel: Wheel) -> Iterator[Fault]:
    again = "Build it anew, and let nothing change it afterwards"
    rows = list(csv.reader(wheel.information("RECORD").splitlines()))
    if not rows:
        yield _fault("It has no RECORD of its files, so that it cannot be installed", again)
        return
    stated = {row[0]: row[1] if len(row) > 1 else "" for row in rows if row}
    for name in sorted(stated.keys() - wheel.names):
        yield _fault(f"{name} is in its RECORD, and not in it", again)
    for name in sorted(wheel.names - stated.keys()):
        if not name.endswith((".dist-info/RECORD.jws", ".dist-info/RECORD.p7s")):
            yield _fault(f"{name} is in it, and not in its RECORD", again)
    for name in sorted(stated.keys() & wheel.names):
        if stated[name].startswith("sha256=") and (problem := _changed(wheel, name, stated[name])):
            yield _fault(problem, again)


def _changed(wheel: Wheel, name: str, stated: str) -> str:
    try:
        digest = hashlib.sha256(wheel.read(name)).digest()
    except ValueError as error:
        return str(error)
    same = f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}" == stated
    return "" if same else f"{name} is another than its RECORD says"


def _of_packages(wheel: Wheel) -> Iterator[Fault]:
    if len(wheel.packages) != 1:
        found = ", ".join(wheel.packages) or "none"
        yield _fault(f"It has to have one top-level package; it has {found}", "State the package in pyproject.toml")
    for package in wheel.packages:
        if f"{package}/py.typed" not in wheel.names:
            yield _fault(
                f"{package}/py.typed is missing, so that its types count for nobody",
                "Add the empty file, and see that the build takes it in",
                serious=False,
            )
    tests = sorted(name for name in wheel.names if _TESTS.search(name))
    if tests:
        yield _fault(f"It has tests in it: {tests[0]}", "Keep them outside of the package", serious=False)


def _of_entry_points(wheel: Wheel) -> Iterator[Fault]:
    if not wheel.declared:
        yield _fault("It declares nothing in groups of Luthier's", 'Add [project.entry-points."luthier.drivers"]')
    known = {API_GROUP, MANIFEST_GROUP, *(f"{GROUP_PREFIX}{kind}" for kind in KINDS)}
    for one in wheel.declared:
        line = f"{one.group}: {one.name} = {one.value}"
        module, _, attribute = one.value.partition(":")
        if one.fault:
            yield _fault(one.fault)
        elif one.group not in known:
            yield _fault(f"{line}: there is no such group; allowed are {', '.join(sorted(known))}")
        elif not (file := wheel.module_file(module)):
            yield _fault(
                f"{line}: there is no module {module} in it", "Correct the name, or see that the build takes it in"
            )
        elif one.group != MANIFEST_GROUP and attribute and not defines(wheel, file, attribute.partition(".")[0]):
            yield _fault(f"{line}: {file} defines no {attribute.partition('.')[0]}")


def _of_manifest(wheel: Wheel) -> Iterator[Fault]:
    stated = [one.value for one in wheel.declared if one.group == MANIFEST_GROUP]
    if len(stated) != 1:
        found = f"{len(stated)} manifests" if stated else "no manifest"
        yield _fault(f"It has {found}", 'Name one: [project.entry-points."luthier.manifest"]')
        return
    package, _, file = stated[0].partition(":")
    path = f"{package}/{file}"
    if path not in wheel.names:
        yield _fault(f"Its manifest {path} is not in it", "See that the build takes in files that are no modules")
        return
    try:
        manifest = read_manifest(wheel.read(path), distribution=wheel.distribution, file=path)
    except ManifestError as error:
        for mistake in error.mistakes:
            yield _fault(f"Its manifest is wrong: {mistake.rstrip('.')}")
        return
    except ValueError as error:
        yield _fault(str(error))
        return
    api = tuple(one.name for one in wheel.declared if one.group == API_GROUP)
    own = Distribution(wheel.distribution, wheel.metadata.get("Version", ""), str(wheel.file), api, stated[0])
    for difference in disagreements(manifest, own, _entries(wheel)):
        yield _fault(f"Manifest and entry points differ: {difference}")
    if not api:
        yield _fault("It does not say for which version of the plugin interface it is", 'Add "luthier.api" = "1.0"')


def _entries(wheel: Wheel) -> list[PluginEntry]:
    kinds = {f"{GROUP_PREFIX}{kind}": kind for kind in KINDS}
    version = wheel.metadata.get("Version", "")
    return [
        PluginEntry(kinds[one.group], one.name, wheel.distribution, version, one.value)
        for one in wheel.declared
        if one.group in kinds and not one.fault
    ]


def _of_metadata(wheel: Wheel) -> Iterator[Fault]:
    stated = wheel.metadata.get_all("Requires-Dist", [])
    bounds = [found[1] for one in stated if (found := _CORE.match(one))]
    if not bounds:
        yield _fault("It does not require luthier-core", "Add it to its dependencies")
    elif not any("<" in one or "==" in one or "~=" in one for one in bounds):
        yield _fault(
            f"It requires luthier-core{bounds[0].strip()}, without an upper bound", "Write for example >=0.1,<0.2"
        )
    classified = [one for one in wheel.metadata.get_all("Classifier", []) if one.startswith("License ::")]
    if not ("License-Expression" in wheel.metadata or "License" in wheel.metadata or classified):
        yield _fault("Its metadata state no licence", 'Add license = "MIT", or another', serious=False)
    for file in wheel.metadata.get_all("License-File", []):
        if not any(name.endswith((f".dist-info/licenses/{file}", f".dist-info/{file}")) for name in wheel.names):
            yield _fault(f"Its licence file {file} is not in it")
