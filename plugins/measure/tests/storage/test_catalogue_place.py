"""Where the catalogue lies, on disks and on network shares."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import luthier_measure.storage.catalogue_place as catalogue_place_module
import pytest
from luthier.errors import UsageError
from luthier_measure.arrow.storage import ArrowStorage
from luthier_measure.storage import RunEdit, RunQuery
from luthier_measure.storage.catalogue_place import (
    cache_folder,
    file_system_of,
    is_network_file_system,
    mounts_of_linux,
    mounts_of_mac,
    place_of_catalogue,
)
from luthier_measure.storage.folder import catalogue_path

if TYPE_CHECKING:
    from collections.abc import Iterator

LINUX = r"""
sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0
/dev/nvme0n1p2 / ext4 rw,relatime,errors=remount-ro 0 0
fileserver:/export/lab /data/lab nfs4 rw,vers=4.2,hard,proto=tcp 0 0
//nas/share /data/old\040runs cifs rw,vers=3.1.1,nobrl 0 0
ada@host:/data/ada /data/ada/host fuse.sshfs rw,nosuid,nodev 0 0
/dev/sdb1 /data/lab/usb ext4 rw 0 0
systemd-1 /data/auto autofs rw 0 0
fileserver:/export/auto /data/auto nfs rw 0 0
""".strip()
MAC = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
//ada@nas._smb._tcp.local/share on /Volumes/share (smbfs, nodev, nosuid, mounted by ada)
fileserver:/export/lab on /Volumes/lab data (nfs, nodev, nosuid)
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("/data/ada/luthier", "ext4", False),
        ("/data/lab/luthier", "nfs4", True),
        ("/data/lab/usb/luthier", "ext4", False),
        ("/data/laboratory", "ext4", False),
        ("/data/old runs", "cifs", True),
        ("/data/ada/host/x", "fuse.sshfs", True),
        ("/data/auto/x", "nfs", True),
    ],
)
def test_the_file_system_of_a_folder_is_found_in_the_table_of_linux(folder: str, kind: str, network: bool) -> None:
    found = file_system_of(PurePosixPath(folder), mounts_of_linux(LINUX))
    assert (found, is_network_file_system(found)) == (kind, network)


@pytest.mark.parametrize(
    ("folder", "kind", "network"),
    [
        ("/Volumes/ada/luthier", "apfs", False),
        ("/Volumes/share/luthier", "smbfs", True),
        ("/Volumes/lab data/luthier", "nfs", True),
    ],
)
def test_the_file_system_of_a_folder_is_found_in_the_table_of_macos(folder: str, kind: str, network: bool) -> None:
    found = file_system_of(PurePosixPath(folder), mounts_of_mac(MAC))
    assert (found, is_network_file_system(found)) == (kind, network)


@pytest.fixture
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "cache"))
    catalogue_place_module.is_on_network.cache_clear()
    yield
    catalogue_place_module.is_on_network.cache_clear()


@pytest.mark.usefixtures("_cache")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there the table of mounts is a text")
def test_on_a_network_share_the_catalogue_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    share = tmp_path / "share"
    share.mkdir()
    monkeypatch.setattr(catalogue_place_module, "_mounts", lambda: [("/", "ext4"), (str(share.resolve()), "nfs4")])
    assert place_of_catalogue(tmp_path / "disk") == catalogue_path(tmp_path / "disk")
    assert place_of_catalogue(share / "luthier").is_relative_to(cache_folder())
    assert place_of_catalogue(share / "a") != place_of_catalogue(share / "b")
    monkeypatch.setenv("LUTHIER_CATALOGUE", "beside")
    assert place_of_catalogue(share / "luthier") == catalogue_path(share / "luthier")


@pytest.mark.usefixtures("_cache")
def test_with_a_local_catalogue_everything_works_and_nothing_is_put_beside_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_header: Any, completed_end: Any
) -> None:
    monkeypatch.setenv("LUTHIER_CATALOGUE", "local")
    storage = ArrowStorage(tmp_path / "share")
    writer = storage.create(make_header(name="one"))
    assert [each.outcome for each in storage.find(RunQuery())] == ["running"]
    writer.finish(completed_end())
    assert [(each.name, each.outcome) for each in storage.find(RunQuery())] == [("one", "completed")]
    assert [entry.name for entry in storage.folder.iterdir()] == ["runs"]
    # Another computer has a cache of its own.
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "cache of another"))
    other = ArrowStorage(tmp_path / "share")
    assert [each.id for each in other.find(RunQuery())] == [writer.id]
    other.edit(writer.id, RunEdit(add_tags=("seen",)))
    assert [each.tags for each in storage.find(RunQuery(tag="seen"))] == [("seen",)]


@pytest.mark.usefixtures("_cache")
def test_without_a_cache_folder_the_runs_are_still_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_header: Any, completed_end: Any
) -> None:
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("LUTHIER_CATALOGUE", "local")
    storage = ArrowStorage(tmp_path / "share")
    writer = storage.create(make_header())
    writer.finish(completed_end())
    assert [each.id for each in storage.find(RunQuery())] == [writer.id]


def test_another_word_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_CATALOGUE", "remote")
    with pytest.raises(UsageError, match="'auto', 'beside', 'local'"):
        ArrowStorage(tmp_path)
