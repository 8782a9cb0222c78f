"""The simulated devices of this process: each keeps its state for as long as the process lives."""

from __future__ import annotations

import threading
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pyvisa
from luthier.errors import UsageError
from luthier_visa.visa_resource import VisaResource
from pyvisa.rname import InvalidResourceName, to_canonical_name
from pyvisa.util import LibraryPath
from pyvisa_sim.highlevel import SimVisaLibrary
from pyvisa_sim.parser import get_devices

from luthier_sim.definitions import check_file, unusable
from luthier_sim.simulated_dialogue import SimulatedDialogue

if TYPE_CHECKING:
    from pyvisa.resources import MessageBasedResource
    from pyvisa_sim.devices import Device, Devices

__all__ = ["SimulatedDevice", "forget_devices", "simulated_device"]


@attrs.frozen(eq=False)
class SimulatedDevice:
    """One simulated device.

    Attributes
    ----------
    path
        The file that defines it.
    manager
        The PyVISA resource manager that knows this device, and nobody else's.
    resource
        Its VISA resource name.
    lock
        Held during an exchange, by whatever transport.
    """

    path: Path
    manager: pyvisa.ResourceManager
    resource: str
    lock: threading.RLock = attrs.field(factory=threading.RLock)

    def dialogue(self) -> SimulatedDialogue:
        """Open a connection to it."""
        return SimulatedDialogue(self._open_resource, self.device())

    def device(self) -> Device:
        """Return pyvisa-sim's own object for it."""
        found: Device = self.manager.visalib.devices[self.resource]  # type: ignore[attr-defined] # pyvisa-sim's
        return found

    def _open_resource(self) -> VisaResource:
        try:
            opened: MessageBasedResource = self.manager.open_resource(self.resource)  # type: ignore[assignment] # it is
        except Exception as error:
            raise unusable(self.path, error, f"the resource {self.resource}") from error
        return VisaResource(opened)


class _OwnPath(LibraryPath):
    """A path that equals itself only.

    PyVISA keeps one library for each path, and pyvisa-sim one set of devices for each library: this way each device
    gets its own, although the file is the same.
    """

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other


class _Library(SimVisaLibrary):  # type: ignore[misc] # it has no types
    """pyvisa-sim with the devices of a file as they are when it is read.

    pyvisa-sim reads a file anew for each library, which takes longer than all that most tests do with a device.
    """

    def _init(self) -> None:
        self.sessions: dict[int, object] = {}
        path = Path(self.library_path)
        state = path.stat()
        changed = (state.st_mtime_ns, state.st_size)
        known = _read.get(path)
        if known is None or known[0] != changed:
            known = _read[path] = (changed, get_devices(str(path), bundled=False))
        self.devices = deepcopy(known[1])


_read: dict[Path, tuple[tuple[int, int], Devices]] = {}
"""When a file was changed, its size, and the devices in it, which nobody speaks to."""

_devices: dict[tuple[Path, str, str], SimulatedDevice] = {}
_guard = threading.Lock()


def simulated_device(path: Path, resource: str, label: str, who: str, *, strict: bool) -> SimulatedDevice:
    """Return the device called `label` that the file `path` defines as `resource`; made at the first call.

    Parameters
    ----------
    path
        A pyvisa-sim file.
    resource
        The VISA resource name that the file gives to it; empty for the only one.
    label
        Tells several copies of the device apart.
    who
        The address, for messages.
    strict
        Whether a key that is not known is an error; otherwise it is warned of.

    Raises
    ------
    ConfigurationError
        The file cannot be read or used.
    UsageError
        It has no such resource.
    """
    name = _canonical(resource)
    with _guard:
        device = _devices.get((path, name, label))
        if device is None:
            device = _devices[path, name, label] = _made(path, name, who, strict=strict)
        return device


def forget_devices() -> None:
    """Close all devices; each is made anew, in the state that its file says, when it is opened again."""
    with _guard:
        for device in _devices.values():
            device.manager.close()
        _devices.clear()


def _made(path: Path, resource: str, who: str, *, strict: bool) -> SimulatedDevice:
    check_file(path, strict=strict)
    try:
        library = _Library(_OwnPath(str(path)))
    except Exception as error:
        raise unusable(path, error) from error
    present: tuple[str, ...] = library.devices.list_resources()
    name = present[0] if not resource and len(present) == 1 else resource
    if name not in present:
        what = f"{path} defines no {name}" if name else f"{path} does not define one resource, but {len(present)}"
        raise UsageError(
            what,
            who=who,
            state="Nothing was opened.",
            advice=f"It defines: {', '.join(present)}; say which by ?resource=…" if present else "It defines none.",
        )
    return SimulatedDevice(path, pyvisa.ResourceManager(library), name)


def _canonical(resource: str) -> str:
    try:
        return to_canonical_name(resource) if resource else ""
    except InvalidResourceName:
        return resource  # no file defines it, which is then said
