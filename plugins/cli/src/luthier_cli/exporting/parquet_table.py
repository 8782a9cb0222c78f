"""Tables of runs as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from luthier_measure.storage import RunReader

__all__ = ["write"]


def write(reader: RunReader, table: str, file: Path) -> int:
    """Write a table of a run with everything that is known of it, and return the number of rows.

    Columns, units and metadata are those of :func:`luthier_measure.arrow.tables.as_arrow`.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import
    from luthier_measure.arrow import as_arrow  # noqa: PLC0415 - the same

    rows = as_arrow(reader, table)
    pq.write_table(rows, file)
    return int(rows.num_rows)
