"""Runs as Zarr, by way of xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from luthier_cli.exporting.facts import with_facts

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from luthier_measure.storage import RunHeader

__all__ = ["write"]


def write(dataset: xr.Dataset, header: RunHeader, folder: Path) -> None:
    """Write a run, with its plan, snapshot and metadata as attributes in JSON, into a new folder.

    In version 2 of the format, which everything that knows Zarr reads. Complex numbers stay complex; text that is
    missing becomes empty.

    Raises
    ------
    click.ClickException
        What writes Zarr is not installed.
    """
    try:
        import zarr  # noqa: F401, PLC0415 - optional, and xarray needs it
    except ImportError as error:
        raise click.ClickException(
            'Zarr needs the package zarr, which is not installed: pip install "luthier-cli[zarr]". Nothing was written.'
        ) from error
    described = with_facts(dataset, header)
    texts: dict[Any, Any] = {
        name: variable.copy(data=_texts(variable.values))
        for name, variable in described.variables.items()
        if variable.dtype.kind == "O"
    }
    described.assign(texts).to_zarr(folder, mode="w-", zarr_format=2, consolidated=True)


def _texts(values: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - slow to import

    return np.array(["" if not isinstance(value, str) else value for value in values.flat], dtype="U").reshape(
        values.shape
    )
