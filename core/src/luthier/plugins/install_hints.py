"""Which distribution brings what is missing: data for messages. Nothing here is looked up on a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier.suggestions import nearest

if TYPE_CHECKING:
    from luthier.plugins.kinds import Kind

__all__ = ["distribution_of_known_maker", "distribution_of_maker", "distribution_of_module", "distribution_of_name"]

_MAKERS = {
    "luthier-alicat": ("alicat",),
    "luthier-american-magnetics": ("american_magnetics", "americanmagnetics", "ami"),
    "luthier-keithley": ("keithley",),
    "luthier-keysight": ("keysight", "agilent", "hewlett_packard", "hp"),
    "luthier-lakeshore": ("lakeshore", "lake_shore"),
    "luthier-minicircuits": ("minicircuits", "mini_circuits"),
    "luthier-mks": ("mks",),
    "luthier-modbus": ("modbus",),
    "luthier-newport": ("newport",),
    "luthier-oxford-instruments": ("oxford_instruments", "oxford", "oxfordinstruments"),
    "luthier-pfeiffer": ("pfeiffer", "pfeiffer_vacuum"),
    "luthier-qdevil": ("qdevil",),
    "luthier-qutech": ("qutech",),
    "luthier-rigol": ("rigol",),
    "luthier-rohde-schwarz": ("rohde_schwarz", "rohdeschwarz", "rohde_and_schwarz", "rs"),
    "luthier-scpi": ("scpi",),
    "luthier-siglent": ("siglent",),
    "luthier-stanford-research": ("stanford_research", "stanford", "stanford_research_systems", "srs"),
    "luthier-tektronix": ("tektronix", "tek"),
    "luthier-thorlabs": ("thorlabs",),
    "luthier-weinschel": ("weinschel",),
    "luthier-yokogawa": ("yokogawa",),
}
"""The words by which people call makers, for each distribution of drivers that is kept with the project."""

_FIRST_PARTY: dict[Kind, dict[str, str]] = {
    "transports": {
        "visa": "luthier-visa",
        "socket": "luthier-visa",
        "sim": "luthier-sim",
        "faults": "luthier-sim",
        "tape": "luthier-sim",
    },
    "servers": {"local": "luthier-servers", "zenoh": "luthier-zenoh"},
    "strategies": {"meta": "luthier-meta"},
    "viewers": {"plot": "luthier-plot"},
    "sections": {"bench": "luthier-sim"},
    "duts": {"sim": "luthier-sim"},
}

_MODULES = {
    "clr": "pythonnet",
    "cv2": "opencv-python",
    "hid": "hidapi",
    "PIL": "pillow",
    "pythoncom": "pywin32",
    "pyvisa_py": "pyvisa-py",
    "serial": "pyserial",
    "usb": "pyusb",
    "usb1": "libusb1",
    "visa": "pyvisa",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
"""Modules that drivers import, and the distributions that bring them where the names differ."""


def distribution_of_maker(word: str) -> str:
    """Return the distribution with the drivers of a maker, however it is called or slightly mistyped; empty if none.

    >>> distribution_of_maker("agilent")
    'luthier-keysight'
    >>> distribution_of_maker("keithly")
    'luthier-keithley'
    """
    if found := distribution_of_known_maker(word):
        return found
    known = _makers()
    near = nearest(word.lower().replace("-", "_"), (name for name in known if len(name) > len("abc")))
    return known[near[0]] if near else ""


def distribution_of_known_maker(word: str) -> str:
    """Return the distribution with the drivers of a maker that is called exactly so, in any case; empty if none.

    >>> distribution_of_known_maker("Rohde-Schwarz"), distribution_of_known_maker("keithly")
    ('luthier-rohde-schwarz', '')
    """
    return _makers().get(word.lower().replace("-", "_"), "")


def _makers() -> dict[str, str]:
    return {name: distribution for distribution, names in _MAKERS.items() for name in names}


def distribution_of_name(kind: Kind, name: str) -> str:
    """Return the distribution that brings the plugin `name` of a kind, as far as the project knows; empty if not."""
    if kind in {"drivers", "simulators"}:
        return distribution_of_maker(name.partition(".")[0])
    return _FIRST_PARTY.get(kind, {}).get(name.lower().partition(".")[0], "")


def distribution_of_module(module: str) -> str:
    """Return the distribution that probably brings a module: a known one, else its top-level name.

    >>> distribution_of_module("serial.tools")
    'pyserial'
    """
    top = module.partition(".")[0]
    return _MODULES.get(top, top)
