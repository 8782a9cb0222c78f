"""What ``luthier record`` asks of each process: that connections are recorded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from luthier.plugins import hookimpl

if TYPE_CHECKING:
    from luthier.instrument import Instrument
    from luthier.transport import Transport

__all__ = ["instrument_opened", "transport_middleware"]

_ASKED_BY = "LUTHIER_RECORD"


@hookimpl
def transport_middleware(transport: Transport, name: str) -> Transport | None:
    """Record the connection of the instrument `name`, if that is asked for."""
    if not os.environ.get(_ASKED_BY):
        return None
    from luthier_sim.tapes.session import recorded  # noqa: PLC0415 - only where something is recorded

    return recorded(transport, name)


@hookimpl
def instrument_opened(instrument: Instrument) -> None:
    """Record what parameters are set to and read as, if that is asked for."""
    if os.environ.get(_ASKED_BY):
        from luthier_sim.tapes.session import watch  # noqa: PLC0415 - as above

        watch(instrument)
