"""What is known of a run beside its data, in the attributes of its dataset."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr
    from luthier_measure.storage import RunHeader

__all__ = ["with_facts"]


def with_facts(dataset: xr.Dataset, header: RunHeader) -> xr.Dataset:
    """Return the dataset with plan, snapshot, environment and metadata as attributes ``luthier_…``, in JSON."""
    facts = {
        "plan": header.plan,
        "snapshot": header.snapshot,
        "environment": header.environment,
        "metadata": header.metadata,
    }
    return dataset.assign_attrs({f"luthier_{name}": json.dumps(data) for name, data in facts.items()})
