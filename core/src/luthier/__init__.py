"""Luthier: laboratory instrument control.

::

    import luthier

    smu = luthier.open("keithley.2400", "GPIB0::24::INSTR")
    smu.voltage(0.1)
    smu.current()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.instrument import (
    Channel,
    ChannelList,
    Instrument,
    ScpiInstrument,
    close_all,
    connect,
    get_many,
    instruments,
)
from luthier.instrument import open_instrument as open  # noqa: A004 - read as luthier.open, it says what it does
from luthier.parameter import Asked, ManualParameter, Parameter, group, parameter

if TYPE_CHECKING:
    from luthier.station import Station

__version__ = "0.1.0"

__all__ = [
    "Asked",
    "Channel",
    "ChannelList",
    "Instrument",
    "ManualParameter",
    "Parameter",
    "ScpiInstrument",
    "Station",
    "close_all",
    "connect",
    "get_many",
    "group",
    "instruments",
    "open",
    "parameter",
]


def __getattr__(name: str) -> object:
    """Load what is rarely needed when it is first asked for."""
    if name == "Station":
        from luthier.station import Station  # noqa: PLC0415 - it reads TOML, which most scripts do not need

        return Station
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
