from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from luthier import plugins
from luthier.errors import BrokenPluginError, DisabledPluginError, IncompatiblePluginError
from luthier.plugins.compatibility import reason_against

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BROKEN = {
    "module_that_is_absent": ("absent_module:X", "", ModuleNotFoundError, "'absent_module' does not exist"),
    "submodule_that_is_absent": ("bad_module.sub:X", "X = 1", ModuleNotFoundError, "bad_module.sub"),
    "vendor_library": (
        "bad_module:X",
        "import serial_of_vendor.tools",
        ModuleNotFoundError,
        "pip install serial_of_vendor",
    ),
    "attribute": ("bad_module:Smu", "Smu2400 = 1", AttributeError, "it has 'Smu2400'"),
    "nested_attribute": ("bad_module:X.y", "class X: pass", AttributeError, "'X.y'"),
    "exception": ("bad_module:X", "raise RuntimeError('no\\n licence')", RuntimeError, "RuntimeError: no licence"),
    "exit": ("bad_module:X", "import sys; sys.exit(3)", SystemExit, "sys.exit(3)"),
    "base_exception": ("bad_module:X", "raise BaseException('odd')", BaseException, "BaseException: odd"),
    "syntax": ("bad_module:X", "def", SyntaxError, "SyntaxError"),
    "recursion": ("bad_module:X", "def f(): f()\nf()", RecursionError, "RecursionError"),
    "unreadable_error": (
        "bad_module:X",
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        Exception,
        "E: (an error without a readable text)",
    ),
    "long_error": ("bad_module:X", "raise ValueError('x' * 100000)", ValueError, "xxx…"),
    "native_library": (
        "bad_module:X",
        "import ctypes; ctypes.CDLL('libabsent_vendor.so')",
        OSError,
        "libabsent_vendor",
    ),
}


@pytest.mark.parametrize("case", _BROKEN)
def test_a_broken_plugin_says_what_is_wrong_and_harms_nobody(install: Callable[..., Path], case: str) -> None:
    value, source, cause, words = _BROKEN[case]
    install(
        "luthier-acme",
        f"[luthier.storage]\nacme.bad = {value}\nacme.good = good_module:X\n",
        modules={"bad_module": source, "good_module": "X = 'good'"},
    )
    storage = plugins.registry("storage")
    with pytest.raises(BrokenPluginError) as caught:
        storage.load("acme.bad")
    error = caught.value
    assert isinstance(error.__cause__, cause)
    assert words in str(error)
    assert len(str(error)) < 700
    assert "acme.bad (luthier-acme 1.0)" in str(error)
    assert (error.kind, error.name, error.distribution) == ("storage", "acme.bad", "luthier-acme")
    entry = storage.find("acme.bad")
    assert entry.state == "broken"
    assert entry.reason
    assert "acme.bad" not in storage.names()
    assert storage.load("acme.good") == "good"
    assert storage.find("acme.good").state == "loaded"


@pytest.mark.parametrize("case", ["exception", "exit", "attribute", "vendor_library"])
def test_strictness_raises_the_failure_itself(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    value, source, cause, _ = _BROKEN[case]
    install("luthier-acme", f"[luthier.storage]\nacme.bad = {value}\n", modules={"bad_module": source})
    monkeypatch.setenv("LUTHIER_STRICT_PLUGINS", "1")
    with pytest.raises(cause):
        plugins.registry("storage").load("acme.bad")
    assert plugins.registry("storage").find("acme.bad").state == "broken"


def test_an_interruption_by_the_user_passes_and_breaks_nothing(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = bad:X\n", modules={"bad": "raise KeyboardInterrupt"})
    with pytest.raises(KeyboardInterrupt):
        plugins.registry("storage").load("acme.x")
    assert plugins.registry("storage").find("acme.x").state == "available"


def test_a_plugin_that_was_mended_meanwhile_is_loaded(install: Callable[..., Path]) -> None:
    info = install("luthier-acme", "[luthier.storage]\nacme.x = mended:X\n", modules={"mended": "raise ValueError"})
    storage = plugins.registry("storage")
    with pytest.raises(BrokenPluginError):
        storage.load("acme.x")
    (info.parent / "mended.py").write_text("X = 'this works now'\n", encoding="utf-8")
    assert storage.load("acme.x") == "this works now"
    entry = storage.find("acme.x")
    assert (entry.state, entry.reason) == ("loaded", "")


def test_loading_twice_gives_the_same_object_and_imports_once(install: Callable[..., Path]) -> None:
    install(
        "luthier-acme",
        "[luthier.storage]\nacme.x = only_once:X\nacme.none = only_once:N\n",
        modules={"only_once": "X = object()\nN = None"},
    )
    storage = plugins.registry("storage")
    assert storage.load("acme.x") is storage.load("ACME.X")
    assert storage.load("acme.none") is None
    assert storage.find("acme.none").state == "loaded"


def test_a_module_alone_can_be_a_plugin(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = whole_module\n", modules={"whole_module": "X = 1"})
    module: Any = plugins.registry("storage").load("acme.x")
    assert module.X == 1


def test_looking_imports_nothing(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = explosive:X\n", modules={"explosive": "raise SystemExit"})
    storage = plugins.registry("storage")
    assert "acme.x" in storage
    assert "acme.x" in storage.names()
    assert storage.find("acme.x").state == "available"
    assert storage.entries()
    assert plugins.distributions()


def test_an_object_that_is_no_plugin_of_its_kind_is_refused(install: Callable[..., Path]) -> None:
    install(
        "luthier-acme",
        "[luthier.storage]\nacme.x = m_type:X\nacme.y = m_type:Y\n",
        modules={"m_type": "X = 1\nY = 'y'"},
    )
    plugins.expect("storage", lambda found: "" if isinstance(found, str) else f"is {found!r}, not text")
    storage = plugins.registry("storage")
    with pytest.raises(BrokenPluginError, match="m_type:X is 1, not text") as caught:
        storage.load("acme.x")
    assert isinstance(caught.value.__cause__, TypeError)
    assert storage.find("acme.x").state == "broken"
    assert storage.load("acme.y") == "y"


def test_an_object_that_cannot_even_be_looked_at_is_refused(install: Callable[..., Path]) -> None:
    source = "class X:\n    @property\n    def __class__(self): raise RuntimeError('go away')\nX = X()\n"
    install("luthier-acme", "[luthier.storage]\nacme.x = m_hostile:X\n", modules={"m_hostile": source})
    plugins.expect("storage", lambda found: "" if isinstance(found, str) else "is not text")
    with pytest.raises(BrokenPluginError, match="go away"):
        plugins.registry("storage").load("acme.x")


@pytest.mark.parametrize(
    ("versions", "fits"),
    [
        ([], True),
        (["1.0"], True),
        (["1.1"], False),
        (["2.0"], False),
        (["0.9"], False),
        (["2.0", "1.0"], True),
        (["one"], False),
        (["1"], False),
        (["1.0.0"], False),
    ],
)
def test_a_plugin_fits_if_its_major_is_ours_and_its_minor_not_above(
    install: Callable[..., Path], versions: list[str], fits: bool
) -> None:
    assert plugins.PLUGIN_API == (1, 0)
    stated = "".join(f"{version} = m_api\n" for version in versions)
    install(
        "luthier-acme", f"[luthier.storage]\nacme.x = m_api:X\n[luthier.api]\n{stated}", modules={"m_api": "X = 'x'"}
    )
    storage = plugins.registry("storage")
    entry = storage.find("acme.x")
    assert entry.api == tuple(versions)
    if fits:
        assert storage.load("acme.x") == "x"
        return
    assert entry.state == "incompatible"
    with pytest.raises(IncompatiblePluginError) as caught:
        storage.load("acme.x")
    assert (caught.value.wanted, caught.value.offered) == (" and ".join(versions), "1.0")
    assert "acme.x" not in storage.names()


@pytest.mark.parametrize(
    ("version", "upgrade"), [("2.0", "luthier-core"), ("1.7", "luthier-core"), ("0.3", "luthier-acme")]
)
def test_the_side_that_is_behind_is_to_be_upgraded(install: Callable[..., Path], version: str, upgrade: str) -> None:
    install("luthier-acme", f"[luthier.storage]\nacme.x = m:x\n[luthier.api]\n{version} = m\n")
    with pytest.raises(IncompatiblePluginError, match=f"pip install --upgrade {upgrade}"):
        plugins.registry("storage").load("acme.x")


def test_a_later_core_takes_plugins_for_an_earlier_minor_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luthier.plugins.compatibility.PLUGIN_API", (2, 3))
    assert not reason_against(("2.0",))
    assert not reason_against(("2.3",))
    assert reason_against(("2.4",))
    assert reason_against(("1.3",))


def test_names_are_switched_off_by_distribution_and_by_id(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = m:x\nacme.y = m:y\n[luthier.drivers]\nacme.x = m:d\n")
    install("luthier-other", "[luthier.storage]\nother.x = m:x\n")
    monkeypatch.setenv("LUTHIER_DISABLE", " Luthier_Other ,acme.X,  ")
    plugins.refresh()
    storage = plugins.registry("storage")
    assert [storage.find(name).state for name in ("acme.x", "acme.y", "other.x")] == [
        "disabled",
        "available",
        "disabled",
    ]
    assert plugins.registry("drivers").find("acme.x").state == "disabled"
    with pytest.raises(DisabledPluginError, match="LUTHIER_DISABLE names 'Luthier_Other'"):
        storage.load("other.x")
    with pytest.raises(DisabledPluginError, match="Change LUTHIER_DISABLE"):
        storage.load("luthier-acme:acme.x")


def test_only_the_named_ones_and_the_projects_own_stay_on(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = m:x\n")
    install("luthier-other", "[luthier.storage]\nother.x = m:x\nother.y = m:y\n")
    install("luthier-measure", "[luthier.storage]\npigeon = m:x\n")
    monkeypatch.setenv("LUTHIER_ONLY", "luthier.acme other.y")
    plugins.refresh()
    storage = plugins.registry("storage")
    states = [storage.find(name).state for name in ("acme.x", "other.x", "other.y", "pigeon")]
    assert states == ["available", "disabled", "available", "available"]
    assert "LUTHIER_ONLY" in storage.find("other.x").reason
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-measure,acme.x")
    plugins.refresh()
    assert [storage.find(name).state for name in ("acme.x", "pigeon")] == ["disabled", "disabled"]


def test_a_name_that_means_nothing_installed_is_warned_of_once(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = m:x\n")
    monkeypatch.setattr("luthier.plugins.switches._reported", set())
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-acmee luthier-acme acme.x luthier-acme:acme.x")
    with caplog.at_level(logging.WARNING, "luthier.plugins"):
        for _ in range(2):
            plugins.refresh()
            plugins.registry("storage").names()
    (record,) = caplog.records
    assert "LUTHIER_DISABLE names 'luthier-acmee'" in record.getMessage()
    assert "Did you mean luthier-acme?" in record.getMessage()
