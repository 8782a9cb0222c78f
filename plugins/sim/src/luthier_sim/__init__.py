"""Simulated instruments: Python devices, the simulators that driver packages bring, and files of pyvisa-sim.

A driver that has no simulator has one at once that is made from what it declares (:func:`simulator_of`).

What writing a simulator needs is here by name; each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luthier_sim.benches.bench import Bench
    from luthier_sim.benches.under_test import DeviceUnderTest, Node
    from luthier_sim.benches.wires import Wire
    from luthier_sim.clock import Clock, process_clock
    from luthier_sim.declared import DeclaredDevice, DeclaredLineDevice, simulator_of
    from luthier_sim.device import Device
    from luthier_sim.faults.fault import Fault, FaultKind, parse_fault
    from luthier_sim.faults.injecting import inject
    from luthier_sim.faults.opening import open_faulty
    from luthier_sim.faults.plan import FaultPlan
    from luthier_sim.faults.transport import FaultyTransport
    from luthier_sim.lines import LineDevice, answers, held
    from luthier_sim.opening import connect, device_at, open_simulated, reset_simulators
    from luthier_sim.scpi.commands import command, query
    from luthier_sim.scpi.data import Block, Boolean, ChannelList, Choice, Integer, Number, NumberList, Text
    from luthier_sim.scpi.declarations import channel_setting, setting
    from luthier_sim.scpi.device import ScpiDevice
    from luthier_sim.scpi.refusals import Refusal
    from luthier_sim.serving.served import Served, serve
    from luthier_sim.tapes.differences import Difference, compare_tapes, compare_transports
    from luthier_sim.tapes.files import read_tape
    from luthier_sim.tapes.opening import open_tape, replay
    from luthier_sim.tapes.recording import Recording, record
    from luthier_sim.tapes.replaying import TapeMismatchError
    from luthier_sim.tapes.said import Said
    from luthier_sim.tapes.tape import Tape
    from luthier_sim.tsp.declarations import tsp_attribute, tsp_function
    from luthier_sim.tsp.device import TspDevice

__all__ = [
    "Bench",
    "Block",
    "Boolean",
    "ChannelList",
    "Choice",
    "Clock",
    "DeclaredDevice",
    "DeclaredLineDevice",
    "Device",
    "DeviceUnderTest",
    "Difference",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "FaultyTransport",
    "Integer",
    "LineDevice",
    "Node",
    "Number",
    "NumberList",
    "Recording",
    "Refusal",
    "Said",
    "ScpiDevice",
    "Served",
    "Tape",
    "TapeMismatchError",
    "Text",
    "TspDevice",
    "Wire",
    "answers",
    "channel_setting",
    "command",
    "compare_tapes",
    "compare_transports",
    "connect",
    "device_at",
    "held",
    "inject",
    "open_faulty",
    "open_simulated",
    "open_tape",
    "parse_fault",
    "process_clock",
    "query",
    "read_tape",
    "record",
    "replay",
    "reset_simulators",
    "serve",
    "setting",
    "simulator_of",
    "tsp_attribute",
    "tsp_function",
]

_NAMES_BY_MODULE = {
    "benches.bench": ("Bench",),
    "benches.under_test": ("DeviceUnderTest", "Node"),
    "benches.wires": ("Wire",),
    "clock": ("Clock", "process_clock"),
    "declared": ("DeclaredDevice", "DeclaredLineDevice", "simulator_of"),
    "device": ("Device",),
    "faults.fault": ("Fault", "FaultKind", "parse_fault"),
    "faults.injecting": ("inject",),
    "faults.opening": ("open_faulty",),
    "faults.plan": ("FaultPlan",),
    "faults.transport": ("FaultyTransport",),
    "lines": ("LineDevice", "answers", "held"),
    "scpi.data": ("Block", "Boolean", "ChannelList", "Choice", "Integer", "Number", "NumberList", "Text"),
    "opening": ("connect", "device_at", "open_simulated", "reset_simulators"),
    "scpi.commands": ("command", "query"),
    "scpi.declarations": ("channel_setting", "setting"),
    "scpi.device": ("ScpiDevice",),
    "scpi.refusals": ("Refusal",),
    "serving.served": ("Served", "serve"),
    "tapes.differences": ("Difference", "compare_tapes", "compare_transports"),
    "tapes.files": ("read_tape",),
    "tapes.opening": ("open_tape", "replay"),
    "tapes.recording": ("Recording", "record"),
    "tapes.replaying": ("TapeMismatchError",),
    "tapes.said": ("Said",),
    "tapes.tape": ("Tape",),
    "tsp.declarations": ("tsp_attribute", "tsp_function"),
    "tsp.device": ("TspDevice",),
}
_MODULE_BY_NAME = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}


def __getattr__(name: str) -> object:
    """Load the module that ``name`` is in, once."""
    if name not in _MODULE_BY_NAME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_BY_NAME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return every public name, loaded or not."""
    return sorted(__all__)
