"""What tests of storages need; never imported at run time."""

from __future__ import annotations

from luthier_measure.testing.storage_conformance import StorageConformance

__all__ = ["StorageConformance"]
