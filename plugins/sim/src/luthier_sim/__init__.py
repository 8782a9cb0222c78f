"""Simulated instruments: Python devices, the simulators that driver packages bring, and files of pyvisa-sim.

A driver that has no simulator has one at once that is made from what it declares (:func:`simulator_of`).

What writing a simulator needs is here by name; each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from luthier_sim.opening import connect, device_at, open_simulated, reset_simulators

if TYPE_CHECKING:
    from luthier_sim.clock import Clock, process_clock
    from luthier_sim.declared import DeclaredDevice, DeclaredLineDevice, simulator_of
    from luthier_sim.device import Device
    from luthier_sim.lines import LineDevice, answers, held
    from luthier_sim.scpi.commands import command, query
    from luthier_sim.scpi.data import Block, Boolean, ChannelList, Choice, Integer, Number, NumberList, Text
    from luthier_sim.scpi.declarations import channel_setting, setting
    from luthier_sim.scpi.device import ScpiDevice
    from luthier_sim.scpi.refusals import Refusal
    from luthier_sim.serving.served import Served, serve

__all__ = [
    "Block",
    "Boolean",
    "ChannelList",
    "Choice",
    "Clock",
    "DeclaredDevice",
    "DeclaredLineDevice",
    "Device",
    "Integer",
    "LineDevice",
    "Number",
    "NumberList",
    "Refusal",
    "ScpiDevice",
    "Served",
    "Text",
    "answers",
    "channel_setting",
    "command",
    "connect",
    "device_at",
    "held",
    "open_simulated",
    "process_clock",
    "query",
    "reset_simulators",
    "serve",
    "setting",
    "simulator_of",
]

_NAMES_BY_MODULE = {
    "clock": ("Clock", "process_clock"),
    "declared": ("DeclaredDevice", "DeclaredLineDevice", "simulator_of"),
    "device": ("Device",),
    "lines": ("LineDevice", "answers", "held"),
    "scpi.data": ("Block", "Boolean", "ChannelList", "Choice", "Integer", "Number", "NumberList", "Text"),
    "scpi.commands": ("command", "query"),
    "scpi.declarations": ("channel_setting", "setting"),
    "scpi.device": ("ScpiDevice",),
    "scpi.refusals": ("Refusal",),
    "serving.served": ("Served", "serve"),
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
