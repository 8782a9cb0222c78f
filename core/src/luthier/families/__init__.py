"""Families: what instruments of one kind have in common, so that a script survives a change of maker.

A *family* states names, types and units: every lock-in amplifier has ``x``, ``y``, ``r`` and ``theta``, with the same
meaning. A driver says in its manifest to which families it belongs (``families = ["lock_in"]``), and the conformance
suite compares it with them. A script asks for the family's protocol instead of a driver's class::

    from luthier.families import LockIn

    def magnitude(lock_in: LockIn) -> float:
        return lock_in.r()

Nothing is inherited from a family, and a driver has whatever else its instrument can do.
"""

from luthier.families.catalogue import FAMILIES, family
from luthier.families.checking import Misfit, check
from luthier.families.family import CommonFunction, CommonParameter, Family, Place
from luthier.families.protocols import (
    Channels,
    FlowController,
    Gauge,
    MagnetSupply,
    Member,
    Multimeter,
    PowerSupply,
    PowerSupplyOutput,
    SourceMeasureUnit,
    TemperatureController,
    TemperatureInput,
    TemperatureLoop,
    TemperatureMonitor,
)
from luthier.families.signal_protocols import (
    FunctionGenerator,
    FunctionGeneratorOutput,
    LockIn,
    NetworkAnalyzer,
    Oscilloscope,
    OscilloscopeInput,
    SignalGenerator,
    SpectrumAnalyzer,
)

__all__ = [
    "FAMILIES",
    "Channels",
    "CommonFunction",
    "CommonParameter",
    "Family",
    "FlowController",
    "FunctionGenerator",
    "FunctionGeneratorOutput",
    "Gauge",
    "LockIn",
    "MagnetSupply",
    "Member",
    "Misfit",
    "Multimeter",
    "NetworkAnalyzer",
    "Oscilloscope",
    "OscilloscopeInput",
    "Place",
    "PowerSupply",
    "PowerSupplyOutput",
    "SignalGenerator",
    "SourceMeasureUnit",
    "SpectrumAnalyzer",
    "TemperatureController",
    "TemperatureInput",
    "TemperatureLoop",
    "TemperatureMonitor",
    "check",
    "family",
]
