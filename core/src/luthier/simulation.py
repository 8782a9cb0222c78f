"""What a simulator plugin is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

if TYPE_CHECKING:
    from luthier.transport import Transport

__all__ = ["PyvisaSimDefinition", "Simulator"]


@runtime_checkable
class Simulator(Protocol):
    """What an entry point of the group ``luthier.simulators`` refers to, unless it is a :class:`PyvisaSimDefinition`.

    The entry point has the id of the driver that it simulates (``keithley.2400``).
    """

    def connect(self, label: str) -> Transport:
        """Return a connection to the simulated device called ``label``.

        The same label is the same device, with its state, for as long as the process lives.
        """
        ...


@attrs.frozen
class PyvisaSimDefinition:
    """A device in a pyvisa-sim definition file inside a package.

    Plain data, so that a driver's distribution can name its simulator without depending on pyvisa-sim.

    Attributes
    ----------
    package
        The package that the file is in (``"luthier_keithley"``).
    file
        The file, relative to the package, with ``/`` (``"simulated/smu2400.yaml"``).
    resource
        The VISA resource name that the file gives to the device (``"GPIB0::24::INSTR"``).
    """

    package: str
    file: str
    resource: str
