from __future__ import annotations

import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import DistributionFinder, PathDistribution
from typing import TYPE_CHECKING, Any

import pytest
from luthier import plugins
from luthier.errors import BrokenPluginError, UnknownPluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def _remarks_about(text: str) -> list[str]:
    return [remark for remark in plugins.remarks() if text in remark]


def test_a_plugin_is_known_with_all_its_distribution_says(install: Callable[..., Path]) -> None:
    info = install(
        "Luthier.Acme",
        """
        [luthier.drivers]
        acme.x = luthier_acme.x:X
        [luthier.api]
        1.0 = luthier_acme
        [luthier.manifest]
        acme = luthier_acme:luthier.toml
        """,
        version="2.1rc1",
        metadata_folder="luthier_acme-2.1rc1.dist-info",
    )
    entry = plugins.registry("drivers").find("acme.x")
    assert entry == plugins.PluginEntry(
        kind="drivers",
        id="acme.x",
        distribution="luthier-acme",
        version="2.1rc1",
        value="luthier_acme.x:X",
        state="available",
        reason="",
        api=("1.0",),
        location=str(info.resolve()),
    )
    (distribution,) = [one for one in plugins.distributions() if one.name == "luthier-acme"]
    assert (distribution.version, distribution.api, distribution.manifest) == (
        "2.1rc1",
        ("1.0",),
        "luthier_acme:luthier.toml",
    )


def test_every_kind_has_its_registry(install: Callable[..., Path]) -> None:
    install("luthier-acme", "\n".join(f"[luthier.{kind}]\nacme.x = m:x" for kind in plugins.KINDS))
    for kind in plugins.KINDS:
        found = plugins.registry(kind)
        assert found.kind == kind
        assert "acme.x" in found.names()
        assert found.find("acme.x").kind == kind


def test_a_misspelt_kind_is_refused_with_the_right_one() -> None:
    with pytest.raises(UsageError, match="Did you mean 'drivers'"):
        plugins.registry("driver")  # type: ignore[arg-type]  # the mistake


def test_a_scan_is_kept_until_it_is_refreshed(install: Callable[..., Path]) -> None:
    drivers = plugins.registry("drivers")
    info = install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    assert "acme.x" in drivers
    (info / "entry_points.txt").write_text("[luthier.drivers]\nacme.y = m:y\n", encoding="utf-8")
    assert "acme.x" in drivers
    plugins.refresh()
    assert "acme.x" not in drivers
    assert "acme.y" in drivers


def test_what_is_in_no_group_of_ours_is_not_looked_at(install: Callable[..., Path]) -> None:
    install("acme", "[console_scripts]\nacme = acme:main\n[broken\n")
    assert "acme" not in {one.name for one in plugins.distributions()}


def test_the_same_distribution_twice_counts_where_it_comes_first(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:first\n", version="1.0", folder="first")
    install("Luthier_Acme", "[luthier.drivers]\nacme.x = m:second\nacme.y = m:y\n", version="2.0", folder="second")
    drivers = plugins.registry("drivers")
    assert drivers.find("acme.x").value == "m:first"
    assert "acme.y" not in drivers
    (remark,) = _remarks_about("luthier-acme")
    assert "installed twice" in remark
    assert "1.0" in remark
    assert "2.0" in remark


def test_one_that_no_longer_has_plugins_hides_the_older_one_behind_it(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[console_scripts]\nacme = m:x\n", version="2.0", folder="first")
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n", version="1.0", folder="second")
    assert "acme.x" not in plugins.registry("drivers")
    assert len(_remarks_about("luthier-acme")) == 1


def test_a_folder_that_is_on_the_path_twice_is_no_duplicate(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    info = install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(info.parent), str(info.parent / ".." / info.parent.name)])
    plugins.refresh()
    assert plugins.registry("drivers").find("acme.x").state == "available"
    assert _remarks_about("luthier-acme") == []


def test_an_id_declared_twice_in_one_distribution_is_broken(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:a\nacme.z = m:z\nACME.X = m:b\n")
    drivers = plugins.registry("drivers")
    entry = drivers.find("acme.x")
    assert entry.state == "broken"
    assert "'m:a'" in entry.reason
    assert "'m:b'" in entry.reason
    with pytest.raises(BrokenPluginError, match="twice"):
        drivers.load("acme.x")
    assert drivers.find("acme.z").state == "available"


def test_the_same_line_twice_does_no_harm(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:a\nacme.x = m:a\n")
    assert plugins.registry("drivers").find("acme.x").state == "available"


def test_lines_that_cannot_be_read_cost_only_themselves(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.a\nacme.b = not a module\nacme.c = m:c\n= m:d\n")
    drivers = plugins.registry("drivers")
    states = {one.id: one.state for one in drivers.entries() if one.distribution == "luthier-acme"}
    assert states == {"acme.a": "broken", "acme.b": "broken", "acme.c": "available", "": "broken"}
    with pytest.raises(BrokenPluginError, match="line 2") as caught:
        drivers.load("acme.a")
    assert caught.value.distribution == "luthier-acme"


@pytest.mark.parametrize("name", ["acme x", "acme:x", "ä.x", "acme..x", "acme/x"])
def test_a_name_that_is_no_id_is_broken(install: Callable[..., Path], name: str) -> None:
    install("luthier-acme", f"[luthier.drivers]\n{name} = m:x\n")
    (entry,) = [one for one in plugins.registry("drivers").entries() if one.distribution == "luthier-acme"]
    assert (entry.state, entry.id) == ("broken", name)
    assert repr(name) in entry.reason
    assert name not in plugins.registry("drivers").names()


def test_a_driver_without_a_namespace_is_told_what_it_should_be_called(install: Callable[..., Path]) -> None:
    install("luthier-rohde-schwarz", "[luthier.drivers]\nsgs100a = m:x\n[luthier.transports]\nrs = m:t\n")
    assert "'rohde_schwarz.sgs100a'" in plugins.registry("drivers").find("sgs100a").reason
    assert plugins.registry("transports").find("rs").state == "available"


def test_a_group_that_means_nothing_is_remarked(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.driver]\nacme.x = m:x\n")
    (remark,) = _remarks_about("luthier-acme")
    assert "'luthier.driver'" in remark
    assert "'luthier.drivers'" in remark


def test_an_entry_point_file_that_cannot_be_read_is_remarked(install: Callable[..., Path]) -> None:
    info = install("luthier-acme", "")
    (info / "entry_points.txt").unlink()
    (info / "entry_points.txt").mkdir()
    plugins.refresh()
    assert plugins.registry("drivers").entries() is not None
    (remark,) = _remarks_about(str(info.resolve()))
    assert "left out" in remark


def test_bytes_that_are_not_text_are_remarked_and_the_rest_is_read(install: Callable[..., Path]) -> None:
    info = install("luthier-acme", "")
    (info / "entry_points.txt").write_bytes(b"[luthier.drivers]\nacme.x = m:x\nacme.\xff = m:y\n")
    plugins.refresh()
    assert plugins.registry("drivers").find("acme.x").state == "available"
    assert "not UTF-8" in _remarks_about(str(info.resolve()))[0]


@pytest.mark.parametrize("folder", ["luthier_acme.egg-info", "luthier_acme-1.5-py3.11.egg-info", "x.dist-info"])
def test_name_and_version_come_from_the_metadata_where_the_folder_does_not_say(
    install: Callable[..., Path], folder: str
) -> None:
    install("Luthier-Acme", "[luthier.drivers]\nacme.x = m:x\n", version="1.5", metadata_folder=folder)
    entry = plugins.registry("drivers").find("acme.x")
    assert (entry.distribution, entry.version) == ("luthier-acme", "1.5")


def test_metadata_without_a_name_are_left_out_with_a_remark(install: Callable[..., Path]) -> None:
    info = install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n", metadata_folder="odd.dist-info")
    (info / "METADATA").unlink()
    plugins.refresh()
    assert "acme.x" not in plugins.registry("drivers")
    assert "no name" in _remarks_about(str(info.resolve()))[0]


def test_what_pip_could_not_remove_is_ignored(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n", metadata_folder="~uthier_acme-1.0.dist-info")
    assert "acme.x" not in plugins.registry("drivers")


def test_a_path_that_does_not_exist_does_no_harm(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    (tmp_path / "file.txt").write_text("no archive", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "absent"), str(tmp_path / "file.txt"), "\0"])
    plugins.refresh()
    assert "acme.x" in plugins.registry("drivers")


def test_a_zip_archive_is_searched_and_loaded_from(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("luthier-other", "")
    archive = tmp_path / "plugins.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("luthier_zipped-3.0.dist-info/METADATA", "Name: luthier-zipped\nVersion: 3.0\n")
        file.writestr(
            "luthier_zipped-3.0.dist-info/entry_points.txt", "[luthier.storage]\nzipped.x = luthier_zipped:X\n"
        )
        file.writestr("luthier_zipped.py", "X = 'from the archive'\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(archive)])
    plugins.refresh()
    entry = plugins.registry("storage").find("zipped.x")
    assert (entry.distribution, entry.version) == ("luthier-zipped", "3.0")
    assert plugins.registry("storage").load("zipped.x") == "from the archive"


class _Finder:
    """A finder as frozen applications have: it knows distributions that no folder shows."""

    def __init__(self, info: Path) -> None:
        self._info = info
        self.told_to_look_again = 0

    def invalidate_caches(self) -> None:
        self.told_to_look_again += 1

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Find no module."""

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[PathDistribution]:
        assert context.name is None
        yield PathDistribution(self._info)


def test_distributions_of_another_finder_are_known(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    hidden = tmp_path / "hidden" / "luthier_hidden-1.0.dist-info"
    hidden.mkdir(parents=True)
    (hidden / "METADATA").write_text("Name: luthier-hidden\nVersion: 1.0\n", encoding="utf-8")
    (hidden / "entry_points.txt").write_text("[luthier.drivers]\nhidden.x = m:x\n", encoding="utf-8")
    finder: Any = _Finder(hidden)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    plugins.refresh()
    assert plugins.registry("drivers").find("hidden.x").distribution == "luthier-hidden"


def test_what_another_finder_knows_as_well_is_no_duplicate(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    finder: Any = _Finder(install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n"))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    plugins.refresh()
    assert plugins.registry("drivers").find("acme.x").state == "available"
    assert _remarks_about("luthier-acme") == []


def test_a_refresh_lets_modules_be_found_that_are_new(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    finder: Any = _Finder(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    plugins.refresh()
    assert finder.told_to_look_again == 1


def test_a_finder_that_fails_costs_only_what_it_knows(
    install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("luthier-acme", "[luthier.drivers]\nacme.x = m:x\n")
    finder: Any = _Finder(tmp_path / "absent")
    finder.find_distributions = None
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, finder])
    plugins.refresh()
    assert "acme.x" in plugins.registry("drivers")
    assert any("cannot be searched" in remark for remark in plugins.remarks())


def test_threads_that_ask_first_at_the_same_time_get_the_same_plugin(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = m_threads:X\n", modules={"m_threads": "X = object()\n"})
    together = threading.Barrier(8)

    def ask(_: int) -> object:
        together.wait(timeout=10)
        return plugins.registry("storage").load("acme.x")

    with ThreadPoolExecutor(8) as pool:
        assert len({id(found) for found in pool.map(ask, range(8))}) == 1


def test_threads_may_refresh_while_others_ask(install: Callable[..., Path]) -> None:
    install("luthier-acme", "[luthier.storage]\nacme.x = m_refreshed:X\n", modules={"m_refreshed": "X = 'x'\n"})

    def work(number: int) -> object:
        if number % 3 == 0:
            plugins.refresh()
        return plugins.registry("storage").load("acme.x")

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(60))) == {"x"}


def test_nothing_is_found_for_what_is_no_name() -> None:
    drivers = plugins.registry("drivers")
    assert None not in drivers
    assert "" not in drivers
    for name in ("", ":", "::", "a:b:c", ".", "\n"):
        with pytest.raises(UnknownPluginError):
            drivers.find(name)
