"""The instruments that the VISA backend lists."""

from __future__ import annotations

from luthier.plugins import FoundAddress

from luthier_visa.backends import backend_of, search_resources

__all__ = ["listed"]


def listed(interface: str) -> list[FoundAddress]:
    """List the resources of an interface ("USB", "GPIB", "ASRL") that the default backend sees.

    Raises :class:`~luthier.errors.ConnectError` if the backend is missing.
    """
    backend = backend_of(None, "luthier detect")
    names = search_resources(backend, lan=False)
    return [FoundAddress(name, "listed by VISA") for name in names if name.upper().startswith(interface)]
