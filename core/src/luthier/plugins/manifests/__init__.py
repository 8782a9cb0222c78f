"""The static description of a distribution: its ``luthier.toml``, read without importing anything of it.

A distribution names it by an entry point, and has it inside of its package::

    [project.entry-points."luthier.manifest"]
    acme = "luthier_acme:luthier.toml"

What may stand in it is :data:`~luthier.plugins.manifests.layout.MANIFEST`; the JSON Schema for editors and other
programs is made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.plugins.manifests.locating import content_of
from luthier.plugins.manifests.reading import read_manifest

if TYPE_CHECKING:
    from luthier.plugins.entry import Distribution
    from luthier.plugins.manifests.description import DriverDescription, IdentityRule, Manifest, PluginNote, UsbRule

__all__ = [
    "DriverDescription",
    "IdentityRule",
    "Manifest",
    "PluginNote",
    "UsbRule",
    "manifest_of",
    "read_manifest",
]


def manifest_of(distribution: Distribution) -> Manifest | None:
    """Find and read the manifest of an installed distribution; ``None`` if it declares none. Nothing is imported.

    Raises :class:`~luthier.errors.ManifestError` if it is declared and cannot be found, or is wrong.
    """
    if not distribution.manifest:
        return None
    content, path = content_of(distribution)
    return read_manifest(content, distribution=distribution.name, file=path)


def __getattr__(name: str) -> object:
    """Import the classes of descriptions when they are asked for: lists do without them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from luthier.plugins.manifests import description  # noqa: PLC0415 - the reason of this function

    return getattr(description, name)
