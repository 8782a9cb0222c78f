"""Runs as NetCDF, by way of xarray."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import click

from luthier_cli.exporting.facts import with_facts

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from luthier_measure.storage import RunHeader
    from xarray.backends import H5NetCDFStore

__all__ = ["write"]


def write(dataset: xr.Dataset, header: RunHeader, file: Path) -> None:
    """Write a run with its plan, snapshot and metadata, which are attributes in JSON.

    NetCDF has no complex numbers: ``x`` becomes ``x_real`` and ``x_imaginary``. Text that is missing becomes empty.

    The whole file is made in memory first: a disk that is full would make the HDF5 library end the process.

    Raises
    ------
    click.ClickException
        What writes NetCDF is not installed.
    """
    store, open_in_memory = _library()
    content = BytesIO()
    with open_in_memory(content, "w") as target:
        _storable(with_facts(dataset, header)).dump_to_store(store(target))
    file.write_bytes(content.getbuffer())


def _library() -> tuple[type[H5NetCDFStore], Any]:
    """Return what writes NetCDF: the store of xarray, and what opens the file under it."""
    try:
        import h5py  # noqa: F401, PLC0415 - optional, and h5netcdf needs it
        from h5netcdf import File  # type: ignore[import-untyped]  # noqa: PLC0415 - the same
        from xarray.backends import H5NetCDFStore  # noqa: PLC0415 - slow to import
    except ImportError as error:
        raise click.ClickException(
            'NetCDF needs h5netcdf and h5py, which are not installed: pip install "luthier-cli[netcdf]". '
            "No file was written."
        ) from error
    return H5NetCDFStore, File


def _storable(dataset: xr.Dataset) -> xr.Dataset:
    for known, variable in dataset.variables.items():
        name = str(known)
        if variable.dtype.kind == "c":
            parts: dict[Any, Any] = {
                f"{name}_{part}": (variable.dims, getattr(variable.values, part[:4]), dict(variable.attrs))
                for part in ("real", "imaginary")
            }
            dataset = dataset.drop_vars(name).assign(parts)
        elif variable.dtype.kind == "O":
            assign = dataset.assign_coords if name in dataset.coords else dataset.assign
            dataset = assign({name: variable.copy(data=_texts(variable.values))})
    return dataset


def _texts(values: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - slow to import

    return np.array(["" if not isinstance(value, str) else value for value in values.flat], dtype=object).reshape(
        values.shape
    )
