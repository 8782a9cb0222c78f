"""The driver that is checked: its class, what its distribution says of it, and openings on its simulator."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from luthier import plugins
from luthier.errors import LuthierError, ManifestError
from luthier.instrument import driver_class
from luthier.testing.conformance.declared import Declared, read_declared
from luthier.testing.conformance.recording import RecordingTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier.instrument import Instrument
    from luthier.plugins import PluginEntry
    from luthier.plugins.manifests import Manifest
    from luthier.plugins.manifests.description import DriverDescription
    from luthier.transport import TransportFactory

__all__ = ["Subject"]

_numbers = count(1)


class Subject:
    """A driver that is checked.

    Parameters
    ----------
    driver
        Its id.
    declared
        Exemptions and arrangements; ``None``: those of its distribution's ``conformance.toml``.

    Raises
    ------
    UnknownPluginError
        There is no such driver.
    """

    def __init__(self, driver: str, declared: Declared | None = None) -> None:
        self.entry: PluginEntry = plugins.registry("drivers").find(driver)
        self.id = self.entry.id
        self._declared = declared

    @cached_property
    def package(self) -> str:
        """The top-level package of the driver."""
        return self.entry.value.partition(":")[0].partition(".")[0]

    @cached_property
    def kind(self) -> type[Instrument]:
        """The driver's class, which is imported now."""
        return driver_class(self.entry.qualified_id)

    @cached_property
    def declared(self) -> Declared:
        """Exemptions and arrangements."""
        return read_declared(self.package, self.id) if self._declared is None else self._declared

    @cached_property
    def manifest(self) -> Manifest | None:
        """What the distribution says of its plugins; ``None`` where it says nothing that can be read."""
        with suppress(ManifestError):
            return plugins.manifest(self.entry.distribution)
        return None

    @property
    def description(self) -> DriverDescription | None:
        """What the manifest says of the driver; ``None`` where it says nothing."""
        return self.manifest.driver(self.id) if self.manifest else None

    @property
    def simulator(self) -> str:
        """The id of the simulator; empty where there is none."""
        return (self.description.simulator if self.description else "") or getattr(self.kind, "simulator", "")

    @property
    def has_connection(self) -> bool:
        """Whether it talks to an instrument by itself; not so where its only interface is "none"."""
        return self.description is None or self.description.interfaces != ("none",)

    def can(self, capability: str) -> bool:
        """Tell whether the manifest says that the driver can do something."""
        return self.description is not None and capability in self.description.capabilities

    def new_address(self) -> str:
        """Return the address of a simulated device that nobody has met yet."""
        return f"sim://{self.simulator}/conformance{next(_numbers)}"

    def connect(self, address: str) -> RecordingTransport:
        """Open a connection to a simulated device, which is written down.

        The clock of a device that luthier-sim runs is stopped: nothing waits for it.
        """
        open_simulated = cast("TransportFactory", plugins.registry("transports").load("sim"))
        transport = open_simulated(
            address,
            timeout=5.0,
            write_termination=self.kind.write_termination,
            read_termination=self.kind.read_termination,
        )
        _stop_clock(address)
        return RecordingTransport(transport)

    @contextmanager
    def opened(self, address: str = "") -> Iterator[tuple[Any, RecordingTransport]]:
        """Open the driver on a new simulated device, or on the one at ``address``; gives it with its connection."""
        wire = self.connect(address or self.new_address())
        instrument = self.kind(f"conformance{next(_numbers)}", None, transport=wire)
        try:
            yield instrument, wire
        finally:
            wire.fault = None
            with suppress(LuthierError):  # what closing raises is found by the checks for it
                instrument.close()


def _stop_clock(address: str) -> None:
    # By name: the core does not depend on the package that simulates.
    try:
        simulation = import_module("luthier_sim")
        device = simulation.device_at(address)
    except Exception:  # noqa: BLE001 - a simulator of another kind has no clock that could be stopped
        return
    device.clock = simulation.Clock(speed=0)
