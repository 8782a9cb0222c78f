"""Three hundred distributions of plugins, some broken in every way there is: each costs only itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from .crowded_site import BROKEN, CrowdedSite, write_crowded_site

if TYPE_CHECKING:
    from pathlib import Path

IN_THE_WAY = {"endless", "kills"}
"""Who imports these has no error to deal with; only another process has."""


def _environment(site: CrowdedSite, folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LUTHIER_")}
    path = os.pathsep.join((str(site.first), str(site.second)))
    if inherited.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Each process would compile all that it imports, which takes longer than all the rest.
        inherited["PYTHONPYCACHEPREFIX"] = str(site.first.parent / "compiled")
    return {**inherited, "PYTHONPATH": path, "LUTHIER_CONFIG": str(folder / "config.toml")}


def _run(command: list[str], variables: dict[str, str], *, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, env=variables, check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return done


def _luthier(site: CrowdedSite, folder: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    return _run([sys.executable, "-m", "luthier_cli", *arguments], _environment(site, folder), code=code)


@pytest.mark.slow
def test_three_hundred_distributions_are_listed_and_loaded_each_for_itself(tmp_path: Path) -> None:
    site = write_crowded_site(tmp_path, sound=280)
    source = """
        import json, sys
        from luthier import plugins
        from luthier.errors import LuthierError

        registry = plugins.registry("storage")
        states = {entry.qualified_id: entry.state for entry in registry.entries()}
        imported = sorted(name for name in sys.modules if name.startswith("luthier_maker"))
        outcomes = {}
        for name in json.loads(sys.argv[1]):
            try:
                registry.load(name)
                outcomes[name] = "loaded"
            except LuthierError as error:
                outcomes[name] = f"{type(error).__name__}: {error.what}"
        print(json.dumps([states, imported, outcomes, plugins.remarks(), len(plugins.labels().remarks)]))
    """
    broken = [f"{fault.replace('_', '')}.x" for fault in BROKEN if fault not in IN_THE_WAY]
    others = ["future.x", "luthier-squatter:maker000.x", "nobody.x", "luthier-rivalone:nobody.x", "twice.x"]
    others += ["badmanifest.x", "notoml.x", "nomanifest.x"]
    makers = [f"maker{number:03}.x" for number in range(0, 280, 40)]
    command = [sys.executable, "-c", textwrap.dedent(source), json.dumps(broken + others + makers)]
    out = _run(command, _environment(site, tmp_path)).stdout
    states, imported, outcomes, remarks, unreadable = json.loads(out.splitlines()[-1])
    assert imported == []
    assert sum(name.startswith("luthier-maker") and state == "available" for name, state in states.items()) == 280
    assert states["luthier-future:future.x"] == "incompatible"
    assert states["luthier-squatter:maker000.x"] == "shadowed"
    assert states["luthier-rivalone:nobody.x"] == states["luthier-rivaltwo:nobody.x"] == "ambiguous"
    assert any("luthier-twice is installed twice" in remark for remark in remarks)
    assert any("luthier_garbage" in remark for remark in remarks)
    assert unreadable == 2  # one is missing, one is no TOML
    fine = {"badmanifest.x", "nomanifest.x", "notoml.x", "twice.x", "luthier-squatter:maker000.x", "prints.x"}
    assert all(outcomes[name] == "loaded" for name in {*makers, *fine, "luthier-rivalone:nobody.x", "wrongtype.x"})
    assert outcomes["nobody.x"].startswith("AmbiguousPluginError")
    assert outcomes["future.x"].startswith("IncompatiblePluginError")
    for name, said in {
        "missingmodule.x": "'luthier_missingmodule.inside' does not exist",
        "raises.x": "RuntimeError: out of coffee",
        "syntax.x": "SyntaxError",
        "exits.x": "sys.exit(3)",
        "noattribute.x": "has no 'Driver', but it has 'Drivr'",
        "nolibrary.x": "it needs the module 'acme_vendor_sdk'",
        "recursion.x": "RecursionError",
    }.items():
        assert outcomes[name].startswith("BrokenPluginError"), name
        assert said in outcomes[name]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> CrowdedSite:
    return write_crowded_site(tmp_path_factory.mktemp("site"), sound=2, group="drivers")


@pytest.mark.slow
def test_the_doctor_examines_everything_and_mends_what_is_safe(site: CrowdedSite, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[plugins]\n# by hand\ndisable = ["luthier-sold"]\n', encoding="utf-8")
    done = _luthier(site, tmp_path, "plugins", "doctor", "--fix", "--json", "--timeout", "3", code=1)
    found: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(done.stdout):
        found.setdefault(one["subject"], []).append(one)

    def details(subject: str) -> str:
        return "\n".join(one["detail"] for one in found[subject])

    for subject, said in {
        "luthier-endless": "did not come to an end within 3 s, at File",
        "luthier-kills": "it ended the interpreter with the exit code 4",
        "luthier-exits": "sys.exit(3)",
        "luthier-raises": "out of coffee",
        "luthier-nolibrary": "acme_vendor_sdk",
        "luthier-missingmodule": "does not exist",
        "luthier-wrongtype": "cannot be loaded",
        "luthier-future": "written for version 7.0",
        "luthier-badmanifest": "line 3: vender: there is no key 'vender'",
        "luthier-notoml": "this is not TOML",
        "luthier-nomanifest": "has no file 'luthier.toml'",
        "luthier-rivalone": "is ambiguous",
        "luthier-squatter": "is shadowed",
        "installation": "is installed twice",
        "settings": "switches off 'luthier-sold', which is not installed",
    }.items():
        assert said in details(subject), f"{subject}: {details(subject)}"
    assert "can be loaded" in details("luthier-keithley")
    assert {one["detail"] for one in found["VISA backend"]}
    assert found["clock"][0]["verdict"] in {"good", "doubtful"}
    fixed = {subject for subject, ones in found.items() if any(one["fixed"] for one in ones)}
    assert fixed == {"luthier-endless", "luthier-kills", "settings"}
    text = config.read_text(encoding="utf-8")
    assert "# by hand" in text
    assert '"luthier-endless:endless.x"' in text
    assert "luthier-sold" not in text


def test_every_other_command_works_beside_broken_plugins(site: CrowdedSite, tmp_path: Path) -> None:
    listed = json.loads(_luthier(site, tmp_path, "plugins", "list", "--json").stdout)
    assert {"endless.x", "kills.x"} <= {one["id"] for one in listed if one["state"] == "available"}
    frozen = _luthier(site, tmp_path, "plugins", "freeze").stdout
    assert "luthier-twice==2.0\n" in frozen
    assert "line 3: vender" in _luthier(site, tmp_path, "plugins", "info", "luthier-badmanifest").stdout
    assert "line 3: vender" in _luthier(site, tmp_path, "plugins", "check", "luthier-badmanifest", code=1).stdout
    assert "endless" in _luthier(site, tmp_path, "drivers").stdout
