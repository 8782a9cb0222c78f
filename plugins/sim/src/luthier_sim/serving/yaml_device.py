"""A device of a pyvisa-sim file, carried over wires like a Python device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier_sim.device import Device

if TYPE_CHECKING:
    from pathlib import Path

    from luthier_sim.devices import SimulatedDevice

__all__ = ["YamlDevice", "yaml_device"]


class YamlDevice(Device):
    """Hands messages to pyvisa-sim; the same device, with its state, that is opened in process.

    Parameters
    ----------
    simulated
        The device in process.
    inner
        pyvisa-sim's own device.
    """

    def __init__(self, simulated: SimulatedDevice, inner: Any) -> None:
        self._inner = inner
        self._ends = inner._query_eom  # noqa: SLF001 - pyvisa-sim keeps it to itself
        super().__init__(simulated.resource)
        self.lock = simulated.lock

    def __repr__(self) -> str:
        """Name the resource."""
        return f"<pyvisa-sim device {self.label}>"

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take one message off the front of `buffer`; it ends as the file says."""
        end = buffer.find(self._ends)
        if end < 0 or not self._ends:
            return self._rest(buffer) if ended and buffer else None
        message = bytes(buffer[:end])
        del buffer[: end + len(self._ends)]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Let pyvisa-sim answer; what comes with nobody having asked is sent too, as it is on a real line."""
        self._inner.write(message + self._ends)
        reply = bytearray()
        while byte := self._inner.read()[0]:
            reply += byte
        return bytes(reply) or None

    def give_up(self) -> None:
        """Forget half a message."""
        super().give_up()
        self._inner._input_buffer.clear()  # noqa: SLF001 - pyvisa-sim has no device clear

    def failed(self) -> None:
        """Forget the message that pyvisa-sim could not understand."""
        self._inner._input_buffer.clear()  # noqa: SLF001 - as above

    @staticmethod
    def _rest(buffer: bytearray) -> bytes:
        message = bytes(buffer).rstrip(b"\r\n")
        buffer.clear()
        return message


def yaml_device(path: Path, resource: str, label: str, *, strict: bool) -> YamlDevice:
    """Return the device that the file `path` defines as `resource` (empty: the only one).

    Raises
    ------
    ConfigurationError, UsageError
        As :func:`luthier_sim.open_simulated`.
    """
    from luthier_sim.devices import simulated_device  # noqa: PLC0415 - PyVISA takes 0.3 s to import

    simulated = simulated_device(path, resource, label, str(path), strict=strict)
    return YamlDevice(simulated, simulated.device())
