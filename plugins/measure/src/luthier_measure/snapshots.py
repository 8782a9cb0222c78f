"""The state of everything when a run begins, and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import luthier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from luthier.parameter import Parameter

__all__ = ["take_snapshot"]


def take_snapshot(parameters: Iterable[Parameter[Any]]) -> dict[str, Any]:
    """Write down what is known of all living instruments, and of parameters that belong to none; nothing is asked.

    An instrument whose snapshot fails costs its own entry, which then holds the error, and nothing else.
    """
    instruments: dict[str, Any] = {}
    for name, instrument in luthier.instruments().items():
        try:
            instruments[name] = instrument.snapshot()
        except Exception as error:  # noqa: BLE001 - whatever a driver does here, the measurement is worth more
            instruments[name] = {"error": f"{type(error).__name__}: {error}"}
    alone = {parameter.full_name: parameter.snapshot() for parameter in parameters if parameter.instrument is None}
    return {"instruments": instruments, "parameters": alone}
