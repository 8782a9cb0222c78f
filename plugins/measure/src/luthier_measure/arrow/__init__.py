"""The default storage of runs: Arrow IPC streams."""

from __future__ import annotations

from luthier_measure.arrow.tables import as_arrow

__all__ = ["as_arrow"]
