"""Simulated instruments: the simulators that driver packages bring, and pyvisa-sim files of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import plugins
from luthier.errors import BrokenPluginError, ConfigurationError, UsageError
from luthier.simulation import PyvisaSimDefinition, Simulator
from luthier_visa.message_transport import MessageTransport, checked_termination, checked_timeout
from luthier_visa.options import check_names

from luthier_sim.addresses import FileAddress, parse_simulated_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from luthier.transport import Transport

    from luthier_sim.devices import SimulatedDevice

__all__ = ["open_simulated", "reset_simulators"]


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
        For a pyvisa-sim definition a :class:`luthier_visa.MessageTransport`, otherwise what the simulator gives.

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
    if isinstance(place, FileAddress):
        device = _device(place.file, place.resource, place.label, address)
        return _transport(device, address, timeout, write_termination, read_termination)
    found = plugins.registry("simulators").load(place.simulator)
    if isinstance(found, PyvisaSimDefinition):
        device = _defined_device(found, place.simulator, place.label, address)
        return _transport(device, address, timeout, write_termination, read_termination)
    if isinstance(found, type) or not isinstance(found, Simulator):
        raise _broken(
            place.simulator, address, f"{found!r} is neither a PyvisaSimDefinition nor an object with connect()"
        )
    transport = found.connect(place.label)
    transport.timeout = timeout
    return transport


def reset_simulators() -> None:
    """Forget the state of all devices of pyvisa-sim, for tests.

    What is connected to them is cut off; the next connection meets a device in the state that its file says. Simulators
    that are no pyvisa-sim definitions keep theirs.
    """
    from luthier_sim.devices import forget_devices  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    forget_devices()


def _defined_device(definition: PyvisaSimDefinition, simulator: str, label: str, address: str) -> SimulatedDevice:
    from luthier_sim.definitions import definition_path  # noqa: PLC0415 - for these simulators only

    try:
        return _device(definition_path(definition), definition.resource, label, address)
    except (ConfigurationError, UsageError) as error:
        raise _broken(simulator, address, f"its definition is wrong: {error}") from error


def _device(path: Path, resource: str, label: str, address: str) -> SimulatedDevice:
    from luthier_sim.devices import simulated_device  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    return simulated_device(path, resource, label, address)


def _transport(
    device: SimulatedDevice, address: str, timeout: float | None, write_termination: str, read_termination: str
) -> MessageTransport:
    checked_timeout(timeout, address)
    checked_termination(write_termination, "write_termination", address)
    checked_termination(read_termination, "read_termination", address)
    return MessageTransport(
        address,
        device.dialogue(),
        lock=device.lock,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
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
