"""The index of distributions that ships with the release: what there is, installed or not."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import attrs
from luthier import plugins
from luthier.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["IndexEntry", "index_of_installed", "read_index"]

_FILE = "plugin_index.json"


@attrs.frozen
class IndexEntry:
    """A distribution, and what it brings: words on each of its plugins by ``kind: id``."""

    distribution: str
    plugins: dict[str, str]

    def words(self) -> str:
        """Return all that is searched, in small letters."""
        return " ".join((self.distribution, *self.plugins, *self.plugins.values())).casefold()


def read_index() -> tuple[IndexEntry, ...]:
    """Read the index of this release. Nothing is looked up on a network."""
    text = (resources.files("luthier_cli") / _FILE).read_text(encoding="utf-8")
    records: list[dict[str, Any]] = json.loads(text)
    return tuple(IndexEntry(**record) for record in records)


def index_of_installed(names: Iterable[str]) -> list[dict[str, Any]]:
    """Make the records of the index from the manifests of installed distributions."""
    return [{"distribution": name, "plugins": dict(sorted(_described(name).items()))} for name in sorted(names)]


def _described(name: str) -> dict[str, str]:
    try:
        manifest = plugins.manifest(name)
    except ManifestError:
        return {}
    if manifest is None:
        return {}
    found = {
        f"drivers: {one.id}": f"{one.vendor} {one.title}; {', '.join(one.models)}".removesuffix("; ")
        for one in manifest.drivers.values()
    }
    kinds = {kind for kind, _ in manifest.notes} - {"simulators", "hooks"}
    ids = {(entry.kind, entry.key[2]): entry.id for kind in kinds for entry in plugins.registry(kind).entries()}
    notes = {
        f"{kind}: {ids.get((kind, key), key)}": note.summary
        for (kind, key), note in manifest.notes.items()
        if kind in kinds
    }
    return found | notes
