"""Both storages do what every storage must."""

from __future__ import annotations

from luthier_measure.testing import StorageConformance


class TestArrow(StorageConformance):
    factory = "luthier_measure.arrow.storage:ArrowStorage"


class TestSqlite(StorageConformance):
    factory = "luthier_measure.sqlite.storage:SqliteStorage"
