"""Devices under test for benches: each a class whose docstring has its equations, and where they come from."""

from luthier_sim.duts.cryostat import Cryostat
from luthier_sim.duts.diode import Diode
from luthier_sim.duts.double_dot import DoubleDot
from luthier_sim.duts.magnet import Magnet
from luthier_sim.duts.mosfet import Mosfet
from luthier_sim.duts.rc_filter import RcFilter
from luthier_sim.duts.resistor import Resistor
from luthier_sim.duts.resonator import Resonator
from luthier_sim.duts.transmon import Transmon

__all__ = ["Cryostat", "Diode", "DoubleDot", "Magnet", "Mosfet", "RcFilter", "Resistor", "Resonator", "Transmon"]
