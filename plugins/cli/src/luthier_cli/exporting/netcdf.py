"""Runs as NetCDF, by way of xarray."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from luthier_measure.storage import RunHeader

__all__ = ["write"]


def write(dataset: xr.Dataset, header: RunHeader, file: Path) -> None:
    """Write a run with its plan, snapshot and metadata, which are attributes in JSON.

    NetCDF has no complex numbers: ``x`` becomes ``x_real`` and ``x_imaginary``. Text that is missing becomes empty.

    Raises
    ------
    click.ClickException
        What writes NetCDF is not installed.
    """
    facts = {
        "plan": header.plan,
        "snapshot": header.snapshot,
        "environment": header.environment,
        "metadata": header.metadata,
    }
    described = dataset.assign_attrs({f"luthier_{name}": json.dumps(data) for name, data in facts.items()})
    try:
        _storable(described).to_netcdf(file, engine="h5netcdf")
    except (ImportError, ValueError) as error:
        if _is_installed():
            raise
        raise click.ClickException(
            'NetCDF needs h5netcdf and h5py, which are not installed: pip install "luthier-cli[netcdf]". '
            "No file was written."
        ) from error


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


def _is_installed() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - needed after a failure

    return all(find_spec(module) is not None for module in ("h5netcdf", "h5py"))
