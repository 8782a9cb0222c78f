"""The static description of a distribution: found and read without importing, and strictly."""

from __future__ import annotations

import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luthier import plugins
from luthier.errors import ManifestError, UnknownPluginError
from luthier.plugins.manifests import read_manifest
from luthier.plugins.manifests.agreement import disagreements
from luthier.plugins.manifests.labels import _glanced, _labels
from luthier.plugins.manifests.layout import CAPABILITIES, INTERFACES
from luthier.plugins.manifests.locating import content_of
from luthier.plugins.manifests.reading import LARGEST, checked
from luthier.plugins.manifests.schema import schema_text
from luthier.scpi.identity import parse_identity

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "reference" / "luthier-toml.schema.json"

MANIFEST = """schema = 1
api = ["1.0"]
docs = "https://example.org/acme"

[drivers."acme.x-1"]
title = "X1 source"
vendor = "Acme"
models = ["X1", "X1-B"]
interfaces = ["gpib", "usb"]
capabilities = ["source", "identity"]
families = ["dc_source"]
simulator = "acme.x-1"
[[drivers."acme.x-1".identity]]
vendor = "acme*"
model = "X1*"
[[drivers."acme.x-1".usb]]
vendor = 0x1234
product = 0x0001
[drivers."acme.x-1".verified]
hardware = "X1, firmware 3, 2026-01-01"

[commands.cool]
summary = "Cools."

[needs]
acme_sdk = "Get it from the CD of the instrument."

[redirects]
"acme.old" = "acme.x-1"
"acme.older" = "acme.old"
"acme.sold" = "luthier-bolt:bolt.y"

[tombstones]
"acme.gone" = "it never worked; use acme.x-1."
"""


def _read(text: str) -> Any:
    return read_manifest(text.encode(), distribution="luthier-acme", file="luthier.toml")


def _refused(text: str) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        _read(text)
    return caught.value


def test_everything_that_a_manifest_says_is_there() -> None:
    manifest = _read(MANIFEST)
    driver = manifest.driver("ACME.X_1")
    assert (driver.title, driver.vendor, driver.models) == ("X1 source", "Acme", ("X1", "X1-B"))
    assert driver.interfaces == ("gpib", "usb")
    assert driver.families == ("dc_source",)
    assert driver.identity[0].fits(parse_identity("Acme Inc.,x1-C,1,2"))
    assert not driver.identity[0].fits(parse_identity("Acme Inc.,X2,1,2"))
    assert driver.usb[0].fits(0x1234, 1, "any")
    assert not driver.usb[0].fits(0x1234, 2, "any")
    assert manifest.notes[("commands", "cool")].summary == "Cools."
    assert driver.as_plain()["usb"] == [{"vendor": 0x1234, "product": 1}]


def test_every_mistake_is_named_with_its_line_and_what_was_meant() -> None:
    text = MANIFEST.replace('vendor = "Acme"', 'vendr = "Acme"').replace('"gpib", "usb"', '"gpip"')
    text = text.replace("0x1234", "0x12345").replace("[needs]", "[need]")
    error = _refused(text)
    lines = "\n".join(error.mistakes)
    assert "line 7: drivers.acme.x-1.vendr: there is no key 'vendr'. Did you mean 'vendor'?" in lines
    assert "line 9: drivers.acme.x-1.interfaces[0]: 'gpip' is not allowed here. Did you mean 'gpib'?" in lines
    assert "line 17: drivers.acme.x-1.usb[0].vendor: 74565 is not allowed here" in lines
    assert "line 25: need: there is no key 'need'. Did you mean 'needs'?" in lines
    assert error.line == 5
    assert "(and 4 more)" in str(error)
    assert "luthier-acme" in str(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 1\napi = [", "luthier.toml:2: the manifest of luthier-acme is wrong: this is not TOML"),
        ("schema = 2\napi = ['1.0']", "schema: 2 is not allowed here"),
        ("schema = true\napi = ['1.0']", "True is not allowed here"),
        ("schema = 1\napi = '1.0'", "'1.0' is not a list"),
        ("schema = 1\napi = []", "the list is empty"),
        ("schema = 1\napi = ['1.0', '1.0']", "'1.0' is there twice"),
        ("schema = 1", "the key 'api' is missing"),
        ("schema = 1\napi = ['1.0']\ndrivers = 3", "3 is not a table"),
        (
            "schema = 1\napi = ['1.0']\n[drivers.acme.x]\ntitle = 'x'",
            'Write it in quotation marks, such as "acme.x100"',
        ),
        ("schema = 1\napi = ['1.0']\ndocs = 'javascript:alert(1)'", "Allowed is a link"),
        ("schema = 1\napi = ['1.0']\n[needs]\na = ''", "'' is not allowed here"),
        ("schema = 1\napi = ['1.0']\n[needs]\na = '" + "x" * 3000 + "'", "has 3000 characters"),
        ("schema = 1\napi = ['1.0']\n[tombstones]\n'a.b-c' = 'x'\n'A.b_c' = 'y'", "'A.b_c' is 'a.b-c' again"),
        ("[[drivers.\"a.b\".identity]]\nserial = '1'", "none of 'vendor' and 'model' is there"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_refused(text: str, said: str) -> None:
    error = _refused(text)
    assert said in "\n".join((str(error), *error.mistakes))


def test_too_large_a_file_and_one_in_another_encoding_are_refused() -> None:
    assert "more than 256 KiB" in str(_refused("#" * (LARGEST + 1)))
    with pytest.raises(ManifestError, match=r"luthier.toml:2: .*0xFF"):
        read_manifest(b"schema = 1\n\xff", distribution="a", file="luthier.toml")
    assert read_manifest("\ufeffschema = 1\r\napi = ['1.0']".encode(), distribution="a", file="f").api == ("1.0",)


_VALUES = st.recursive(
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=5), st.sampled_from(["acme.x", "gpib"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["drivers", "acme.x", "usb", "vendor", "needs", "commands"]), inner, max_size=3
        ),
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["schema", "api", "drivers", "needs", "redirects", "commands", "x"]), _VALUES))
def test_nothing_but_a_manifest_error_comes_of_nonsense(data: dict[str, Any]) -> None:
    sound = {"schema": 1, "api": ["1.0"]}
    wrong = {name for name, value in data.items() if name not in sound or value != sound[name]}
    try:
        assert checked(data, "", "luthier-acme", "luthier.toml").api == ("1.0",)
    except ManifestError:
        assert wrong or data.keys() != sound.keys()


@pytest.mark.skipif(not SCHEMA.parent.exists(), reason="only in the repository")
def test_the_published_schema_is_that_of_the_reader() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), (
        "write schema_text() of luthier.plugins.manifests.schema into that file"
    )


@pytest.mark.skipif(not SCHEMA.parent.exists(), reason="only in the repository")
@pytest.mark.parametrize("words", [CAPABILITIES, INTERFACES])
def test_the_page_explains_every_word(words: dict[str, str]) -> None:
    page = SCHEMA.with_name("manifest.md").read_text(encoding="utf-8")
    missing = [word for word, meaning in words.items() if f"| `{word}` | {meaning} |" not in page]
    assert missing == []


ENTRY_POINTS = """
    [luthier.drivers]
    acme.x-1 = luthier_acme:X
    [luthier.simulators]
    acme.x-1 = luthier_acme:S
    [luthier.commands]
    cool = luthier_acme:cool
    [luthier.manifest]
    acme = luthier_acme:luthier.toml
"""


def _install_acme(install: Callable[..., Path], manifest: str = MANIFEST, entry_points: str = ENTRY_POINTS) -> Path:
    """Install a distribution whose package must not be imported."""
    info = install("luthier-acme", entry_points)
    package = info.parent / "luthier_acme"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')\n", encoding="utf-8")
    (package / "luthier.toml").write_text(manifest, encoding="utf-8")
    plugins.refresh()
    return package


def test_a_manifest_is_found_without_importing_its_package(install: Callable[..., Path]) -> None:
    package = _install_acme(install)
    manifest = plugins.manifest("Luthier.Acme")
    assert manifest is not None
    assert Path(manifest.file) == package / "luthier.toml"
    assert plugins.labels().drivers[("luthier-acme", "acme.x_1")] == ("Acme", ("X1", "X1-B"), ("dc_source",))
    assert "luthier_acme" not in sys.modules
    assert plugins.manifest("luthier-acme") is manifest
    assert plugins.manifest("not-there") is None


def test_a_manifest_in_an_archive_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "plugins.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_acme/__init__.py", "raise RuntimeError\n")
        file.writestr("zipped_acme/luthier.toml", MANIFEST)
    monkeypatch.syspath_prepend(str(archive))
    distribution = plugins.Distribution("luthier-acme", "1", "", (), "zipped_acme:luthier.toml")
    content, _ = content_of(distribution)
    assert content.decode() == MANIFEST


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("absent_package:luthier.toml", "'absent_package', which has its manifest, is not there"),
        ("luthier:absent.toml", "has no file 'absent.toml'"),
        ("luthier:../../secret.toml", "does not name a file of a package"),
        ("luthier.plugins:luthier.toml", "top-level package"),
        ("luthier", "does not name a file of a package"),
        ("__main__:x.toml", "cannot be looked for|has no file"),
    ],
)
def test_a_manifest_that_is_not_there_is_said_so(value: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        content_of(plugins.Distribution("luthier-acme", "1", "", (), value))


def test_a_wrong_manifest_costs_the_driver_nothing(install: Callable[..., Path]) -> None:
    package = _install_acme(install, manifest="schema = ")
    (package / "__init__.py").write_text("X = object()\n", encoding="utf-8")
    (remark,) = [one for one in plugins.labels().remarks if "luthier-acme" in one]
    assert "this is not TOML" in remark
    with pytest.raises(ManifestError):
        plugins.manifest("luthier-acme")
    assert plugins.registry("drivers").load("acme.x-1") is not None


def test_a_renamed_driver_is_found_by_its_old_name_with_a_word(install: Callable[..., Path]) -> None:
    _install_acme(install)
    drivers = plugins.registry("drivers")
    for old in ("acme.old", "Acme.Older", "luthier-acme:acme.old"):
        with pytest.warns(FutureWarning, match=r"is now called 'acme.x-1'"):
            assert drivers.find(old).id == "acme.x-1"
    with pytest.raises(UnknownPluginError, match=r"now called 'luthier-bolt:bolt.y'.*pip install luthier-bolt"):
        drivers.find("acme.sold")
    with pytest.raises(UnknownPluginError, match=r"no more: it never worked; use acme.x-1 \(says luthier-acme\)"):
        drivers.find("acme.gone")
    with pytest.raises(UnknownPluginError, match=r"Of 'acme' there are acme\.x-1"):
        drivers.find("acme.never")


def test_redirects_in_a_circle_come_to_an_end(install: Callable[..., Path]) -> None:
    _install_acme(install, MANIFEST.replace('"acme.old" = "acme.x-1"', '"acme.old" = "acme.older"'))
    with pytest.raises(UnknownPluginError, match="do not end"):
        plugins.registry("drivers").find("acme.old")


def test_where_manifest_and_entry_points_differ_is_said() -> None:
    def differences(manifest: str = MANIFEST, entry_points: str = ENTRY_POINTS) -> str:
        distribution = plugins.Distribution("luthier-acme", "1", "", ("1.0",), "x:y")
        entries = [
            plugins.PluginEntry(kind, line.split(" = ")[0].strip(), "luthier-acme", "1", "m:x")
            for kind, lines in _groups(entry_points)
            for line in lines
        ]
        return "\n".join(disagreements(_read(manifest), distribution, entries))

    assert differences() == ""
    assert "'acme.x-1' of the manifest is not among" in differences(entry_points="[luthier.commands]\ncool = m")
    assert "has no table [drivers.'acme.x-2']" in differences(
        entry_points=f"{ENTRY_POINTS}\n[luthier.drivers]\nacme.x-2 = m"
    )
    assert "simulator 'acme.x_2' of 'acme.x-1' is not among the entry points; 'acme.x_1' is" in differences(
        MANIFEST.replace('simulator = "acme.x-1"', 'simulator = "acme.x_2"')
    )
    assert "states version 1.1" in differences(MANIFEST.replace('"1.0"', '"1.1"'))
    assert "'warm' of [commands]" in differences(MANIFEST.replace("commands.cool", "commands.warm"))
    assert "is a driver of the entry points as well" in differences(MANIFEST.replace('"acme.old" =', '"acme.x-1" ='))
    assert "and is still there" in differences(MANIFEST.replace('"acme.gone"', '"acme.old"'))
    assert "'acme.nothing', which is not among" in differences(MANIFEST.replace('= "acme.old"', '= "acme.nothing"'))


def _groups(text: str) -> list[tuple[Any, list[str]]]:
    groups: list[tuple[Any, list[str]]] = []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            groups.append((line.strip("[]").removeprefix("luthier."), []))
        elif line:
            groups[-1][1].append(line)
    return [group for group in groups if group[0] in plugins.KINDS]


_LABEL_LINES = st.sampled_from(
    [
        *(
            '[drivers."acme.x"]',
            "[drivers.'acme.y']",
            '[[drivers."acme.x".usb]]',
            "[needs]",
            "[drivers]",
            "title = 'x'",
        ),
        *('vendor = "Acme"', "vendor = 'Acme'", 'vendor = "A\\"c"', "vendor = 3", "  vendor = 'B'", '# vendor = "no"'),
        *(
            'models = ["X", "Y"]',
            "models = ['X']",
            'models = [\n  "X",\n  "Y", # no\n]',
            'models = [\n  "X",\n]',
            "models = []",
            'families = ["gauge"]  # x',
            'families = [\n  "gauge",\n]',
            "families = 3",
        ),
        *('drivers."acme.z".vendor = "Z"', 'x = """\nvendor = "no"\n"""', '[ drivers."acme.x" ]', "x = [\n'''a''',\n]"),
    ]
)


@given(st.lists(_LABEL_LINES, max_size=8).map("\n".join))
def test_a_glance_sees_what_parsing_sees(text: str) -> None:
    glanced = _glanced(text.encode())
    if not glanced:
        return
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the doctor says so
    assert glanced == {name: label for name, label in _labels(data) if label.vendor or name in glanced}
