"""Opening simulated instruments in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from luthier import plugins
from luthier.errors import BrokenPluginError, ConfigurationError, UsageError
from luthier.simulation import PyvisaSimDefinition, Simulator
from luthier_visa.message_transport import MessageTransport, checked_termination, checked_timeout
from luthier_visa.options import check_names

from luthier_sim.addresses import FileAddress, parse_simulated_address
from luthier_sim.python_devices import forget_python_devices, python_device

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from pathlib import Path

    from luthier.transport import Transport
    from luthier_visa.dialogue import Dialogue

    from luthier_sim.device import Device
    from luthier_sim.devices import SimulatedDevice

__all__ = ["connect", "device_at", "open_simulated", "reset_simulators"]


def open_simulated(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: Mapping[str, object] | None = None,
) -> Transport:
    r"""Open a connection to a simulated instrument, in this process.

    The device keeps its state for as long as the process lives: another connection to the same address meets it as the
    last one left it. Another label is another device. Several threads and connections may use one device; they share
    its lock.

    Parameters
    ----------
    address
        ``sim://keithley.2400`` or ``sim://keithley.2400/left``: the simulator with the id of a driver, and a label that
        tells several devices of that kind apart.

        ``sim:///home/me/lamp.yaml`` or ``sim://./lamp.yaml``: a pyvisa-sim file of one's own; with
        ``?resource=GPIB0::1::INSTR`` where it defines several, and ``&label=left`` to tell several copies apart.
        Percent signs stand for characters as in URLs.
    timeout
        Seconds, 0 to 2,000,000; ``None`` waits for ever. A device that gives no reply lets it pass.
    write_termination, read_termination
        Sent after each message; ends each reply. They must be those of the definition: a pyvisa-sim device waits for
        more where a message ends in another way. A simulator that is no pyvisa-sim definition has its own.
    options
        There are none.

    Returns
    -------
    Transport
        For a Python device and a pyvisa-sim definition a :class:`luthier_visa.MessageTransport`, otherwise what the
        simulator gives.

    Raises
    ------
    UnknownPluginError
        No simulator with that id is installed.
    BrokenPluginError
        It is installed, and does not work.
    ConfigurationError
        The file cannot be read, or is wrong; with its line where that is known.
    UsageError
        The address has another form, the file has no such resource, or there are options.
    """
    check_names(options or {}, (), address)
    place = parse_simulated_address(address)
    how = _How(address, timeout, write_termination, read_termination)
    if isinstance(place, FileAddress):
        device = _device(place.file, place.resource, place.label, address, strict=False)
        return _transport(device, how)
    found = plugins.registry("simulators").load(place.simulator)
    if isinstance(found, PyvisaSimDefinition):
        device = _defined_device(found, place.simulator, place.label, address)
        return _transport(device, how)
    if (kind := _device_class(found)) is not None:
        return _python_transport(python_device(kind, place.label), how)
    if isinstance(found, type) or not isinstance(found, Simulator):
        raise _broken(
            place.simulator,
            address,
            f"{found!r} is neither a PyvisaSimDefinition nor an object with connect(), nor a class of devices",
        )
    transport = found.connect(place.label)
    transport.timeout = timeout
    return transport


def device_at(address: str) -> Device:
    """Return the Python device at an address of this process, to look at it and to change it.

    What is an attribute of the device can be set at any time: what is at its terminals, its clock, its latency. Where
    other threads talk to it, hold its ``lock``.

    Parameters
    ----------
    address
        ``sim://keithley.2400/left``, as :func:`open_simulated` takes it and as an instrument's ``address`` says it.

    Raises
    ------
    UnknownPluginError, BrokenPluginError
        As :func:`open_simulated`.
    UsageError
        The address has another form, or the simulator is no Python device.
    """
    place = parse_simulated_address(address)
    found = None if isinstance(place, FileAddress) else plugins.registry("simulators").load(place.simulator)
    kind = _device_class(found)
    if isinstance(place, FileAddress) or kind is None:
        raise UsageError("this simulator is no Python device, and cannot be looked at", who=address)
    return python_device(kind, place.label)


def connect(device: Device, *, timeout: float | None = 5.0) -> Transport:
    """Return a connection to a Python device of this process, for the ``transport`` of an instrument.

    Parameters
    ----------
    device
        The device. It needs no entry point, and may have other connections.
    timeout
        Seconds to wait for a reply; ``None``: for ever.
    """
    from luthier_sim.declared.twin import reply_terminator  # noqa: PLC0415 - for these devices only

    how = _How(
        f"sim://{type(device).__name__}/{device.label}",
        timeout,
        device.terminator.decode("latin-1"),
        reply_terminator(device).decode("latin-1"),
    )
    return _python_transport(device, how)


def reset_simulators() -> None:
    """Forget the state of all devices, for tests.

    What is connected to them is cut off; the next connection meets a device that has just been switched on, or is in
    the state that its file says. Simulators that are neither Python devices nor pyvisa-sim definitions keep theirs.
    """
    from luthier_sim.devices import forget_devices  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    forget_devices()
    forget_python_devices()


def _device_class(found: object) -> type[Device] | None:
    if not isinstance(found, type):
        return None
    from luthier_sim.device import Device  # noqa: PLC0415 - for these simulators only

    return found if issubclass(found, Device) else None


@attrs.frozen
class _How:
    """How a transport is opened."""

    address: str
    timeout: float | None
    write_termination: str
    read_termination: str


def _python_transport(device: Device, how: _How) -> MessageTransport:
    from luthier_sim.device_dialogue import DeviceDialogue  # noqa: PLC0415 - for these simulators only

    return _message_transport(DeviceDialogue(device), device.lock, how)


def _defined_device(definition: PyvisaSimDefinition, simulator: str, label: str, address: str) -> SimulatedDevice:
    from luthier_sim.definitions import definition_path  # noqa: PLC0415 - for these simulators only

    try:
        return _device(definition_path(definition), definition.resource, label, address, strict=True)
    except (ConfigurationError, UsageError) as error:
        raise _broken(simulator, address, f"its definition is wrong: {error}") from error


def _device(path: Path, resource: str, label: str, address: str, *, strict: bool) -> SimulatedDevice:
    from luthier_sim.devices import simulated_device  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    return simulated_device(path, resource, label, address, strict=strict)


def _transport(device: SimulatedDevice, how: _How) -> MessageTransport:
    checked_timeout(how.timeout, how.address)
    checked_termination(how.write_termination, "write_termination", how.address)
    checked_termination(how.read_termination, "read_termination", how.address)
    return _message_transport(device.dialogue(), device.lock, how)


def _message_transport(dialogue: Dialogue, lock: threading.RLock, how: _How) -> MessageTransport:
    return MessageTransport(
        how.address,
        dialogue,
        lock=lock,
        timeout=how.timeout,
        write_termination=how.write_termination,
        read_termination=how.read_termination,
    )


def _broken(simulator: str, address: str, what: str) -> BrokenPluginError:
    distribution = plugins.registry("simulators").find(simulator).distribution
    return BrokenPluginError(
        f"the simulator {simulator!r} of {distribution} does not work: {what}",
        who=address,
        state="Nothing was opened.",
        advice=f"Tell its authors; until then, another version of {distribution} may do.",
        kind="simulators",
        name=simulator,
        distribution=distribution,
    )
