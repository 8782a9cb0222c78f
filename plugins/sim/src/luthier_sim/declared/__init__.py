"""Simulators made from what a driver declares: every parameter is a value that messages set and ask for."""

from luthier_sim.declared.choosing import simulator_of
from luthier_sim.declared.devices import DeclaredDevice, DeclaredLineDevice

__all__ = ["DeclaredDevice", "DeclaredLineDevice", "simulator_of"]
