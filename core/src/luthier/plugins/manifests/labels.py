"""Vendor and models of very many drivers at once, for lists.

The manifests are parsed and not checked: a list of three hundred distributions has no time for it. Whatever is not as
it has to be is left out of the list; ``luthier plugins doctor`` says what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from luthier.errors import ManifestError
from luthier.plugins.manifests.locating import content_of
from luthier.plugins.manifests.reading import parsed
from luthier.plugins.naming import id_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from luthier.plugins.entry import Distribution

__all__ = ["Label", "Labels", "read_labels"]


class Label(NamedTuple):
    """What a driver is for: the maker, empty where it is not stated, and the models."""

    vendor: str
    models: tuple[str, ...]


class Labels(NamedTuple):
    """The labels by canonical distribution and ``id_key``, and the manifests that could not be read, as sentences."""

    drivers: Mapping[tuple[str, str], Label]
    remarks: tuple[str, ...]


def read_labels(distributions: Iterable[Distribution]) -> Labels:
    """Read the labels of the drivers of `distributions`. Nothing is imported, and nothing is raised."""
    found: dict[tuple[str, str], Label] = {}
    remarks: list[str] = []
    for distribution in distributions:
        if not distribution.manifest:
            continue
        try:
            content, path = content_of(distribution)
            data = parsed(content, distribution.name, path)
        except ManifestError as error:
            remarks.append(str(error))
            continue
        found.update(((distribution.name, id_key(name)), label) for name, label in _labels(data))
    return Labels(found, tuple(remarks))


def _labels(data: Mapping[str, Any]) -> Iterator[tuple[str, Label]]:
    drivers = data.get("drivers")
    for name, table in drivers.items() if isinstance(drivers, dict) else ():
        if isinstance(table, dict):
            vendor, models = table.get("vendor"), table.get("models")
            yield (
                name,
                Label(
                    vendor if isinstance(vendor, str) else "",
                    tuple(one for one in models if isinstance(one, str)) if isinstance(models, list) else (),
                ),
            )
