"""Points as frames of pandas and Polars, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier.errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    import polars as pl

    from luthier_measure.storage import RunReader

__all__ = ["to_pandas", "to_polars"]


def to_pandas(reader: RunReader, table: str) -> pd.DataFrame:
    """Return the points of a table in the order in which they were taken."""
    import pandas as pd  # noqa: PLC0415 - it takes half a second; xarray brings it

    frame = pd.DataFrame({name: _cells(values) for name, values in _columns(reader, table).items()})
    units = {name: reader.layout.column(name).unit for name in reader.layout.table(table).columns}
    frame.attrs["units"] = {name: unit for name, unit in units.items() if unit}
    return frame


def to_polars(reader: RunReader, table: str) -> pl.DataFrame:
    """Return the same as a frame of Polars, in which arrays are lists; complex numbers are structs of re and im."""
    try:
        import polars as pl  # noqa: PLC0415 - only who asks for it needs it
    except ModuleNotFoundError as error:
        raise UsageError(
            "Polars is not installed", state="The run was not changed.", advice="Install it: pip install polars."
        ) from error
    columns: dict[str, Any] = {}
    for name, values in _columns(reader, table).items():
        if values.dtype.kind == "c" and values.ndim == 1:
            parts = pl.DataFrame({"re": values.real.copy(), "im": values.imag.copy()})
            columns[name] = parts.to_struct(name)
        elif values.ndim > 1 or values.dtype.kind == "O":
            columns[name] = [value.tolist() if isinstance(value, np.ndarray) else value for value in values]
        else:
            columns[name] = values
    return pl.DataFrame(columns)


def _columns(reader: RunReader, table: str) -> dict[str, npt.NDArray[Any]]:
    data = reader.read(table)
    return {"_time": data.times, **data.columns}


def _cells(values: npt.NDArray[Any]) -> Any:
    return values if values.ndim == 1 else list(values)
