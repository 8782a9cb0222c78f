"""The state of everything when a run begins, and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier
from luthier.station import open_stations

if TYPE_CHECKING:
    from collections.abc import Collection

    from luthier import Instrument
    from luthier.parameter import Parameter

__all__ = ["take_snapshot"]


def take_snapshot(parameters: Collection[Parameter[Any]]) -> dict[str, Any]:
    """Write down what is known of all instruments, and of parameters that belong to none; no instrument is asked.

    These are the living ones of this process, those of open stations, and those of the parameters, on servers too.

    An instrument whose snapshot fails costs its own entry, which then holds the error, and nothing else.
    """
    instruments: dict[str, Any] = {}
    for name, instrument in _all_instruments(parameters).items():
        try:
            instruments[name] = instrument.snapshot()
        except Exception as error:  # noqa: BLE001 - whatever a driver does here, the measurement is worth more
            instruments[name] = {"error": f"{type(error).__name__}: {error}"}
    alone = {parameter.full_name: parameter.snapshot() for parameter in parameters if parameter.instrument is None}
    return {"instruments": instruments, "parameters": alone}


def _all_instruments(parameters: Collection[Parameter[Any]]) -> dict[str, Instrument]:
    """Return instruments by name; those that live here come first where two have a name."""
    elsewhere = [instrument for station in open_stations() for instrument in station.instruments.values()]
    elsewhere += [parameter.instrument for parameter in parameters if parameter.instrument is not None]
    found = dict(luthier.instruments())
    for instrument in elsewhere:
        root = getattr(instrument, "root", instrument)
        if not root.closed:
            found.setdefault(root.name, root)
    return found
