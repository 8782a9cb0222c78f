"""Instruments, their channels and functions, and how they are opened."""

from luthier.instrument.channel import Channel, ChannelList, ChannelVector
from luthier.instrument.elsewhere import connect, get_many
from luthier.instrument.function import Function
from luthier.instrument.host import ParameterHost
from luthier.instrument.instrument import Instrument
from luthier.instrument.living import close_all, instruments
from luthier.instrument.opening import driver_class, open_instrument
from luthier.instrument.parameter_map import ParameterMap
from luthier.instrument.progress import Progress, ProgressSource
from luthier.instrument.scpi import ErrorPolicy, ScpiInstrument

__all__ = [
    "Channel",
    "ChannelList",
    "ChannelVector",
    "ErrorPolicy",
    "Function",
    "Instrument",
    "ParameterHost",
    "ParameterMap",
    "Progress",
    "ProgressSource",
    "ScpiInstrument",
    "close_all",
    "connect",
    "driver_class",
    "get_many",
    "instruments",
    "open_instrument",
]
