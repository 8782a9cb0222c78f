"""Where runs are kept: what a storage is, what it is told of a run, and the index of runs."""

from __future__ import annotations

from luthier_measure.storage.description import (
    Column,
    Continuation,
    Dimension,
    Layout,
    Outcome,
    RunEnd,
    RunHeader,
    Table,
)
from luthier_measure.storage.edits import RunEdit
from luthier_measure.storage.folder import data_folder
from luthier_measure.storage.identifier import new_run_id
from luthier_measure.storage.protocol import Row, RunQuery, RunReader, RunSummary, RunWriter, Storage, TableData

__all__ = [
    "Column",
    "Continuation",
    "Dimension",
    "Layout",
    "Outcome",
    "Row",
    "RunEdit",
    "RunEnd",
    "RunHeader",
    "RunQuery",
    "RunReader",
    "RunSummary",
    "RunWriter",
    "Storage",
    "Table",
    "TableData",
    "data_folder",
    "new_run_id",
]
