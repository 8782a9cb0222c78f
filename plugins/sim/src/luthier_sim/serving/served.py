"""Serving a simulated device: on a port, as HiSLIP, on a pseudo-terminal, or on all of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from luthier_sim.serving.choosing import device_for
from luthier_sim.serving.hislip import HislipServer
from luthier_sim.serving.listener import Listener
from luthier_sim.serving.streams import talk_on_socket

if TYPE_CHECKING:
    import socket
    from types import TracebackType
    from typing import Self

    from luthier_sim.device import Device

__all__ = ["Served", "serve"]


class Served:
    """A simulated device that others can reach, until :meth:`close`, or the end of the ``with`` block.

    Attributes
    ----------
    device
        The device itself, to look at and to change; hold its ``lock`` meanwhile.
    addresses
        VISA resource names that lead to it; those that any client takes.
    """

    def __init__(self, device: Device, *, port: int | None, hislip: int | None, pty: bool, host: str) -> None:
        self.device = device
        self.addresses: tuple[str, ...] = ()
        self.port: int | None = None
        self.hislip_port: int | None = None
        self.path: str | None = None
        self._ended = False
        self._stack = ExitStack()
        with ExitStack() as stack:
            stack.callback(self._begin_to_end)
            if port is not None:
                plain = Listener(host, port, self._talk, f"{device!r}")
                stack.callback(plain.close)
                self.port = plain.port
                self.addresses += (f"TCPIP0::{plain.host}::{plain.port}::SOCKET",)
            if hislip is not None:
                server = HislipServer(device, self._is_ending)
                fast = Listener(host, hislip, server.talk, f"{device!r}, HiSLIP")
                stack.callback(fast.close)
                stack.callback(server.close)
                self.hislip_port = fast.port
                self.addresses += (f"TCPIP0::{fast.host}::hislip0,{fast.port}::INSTR",)
            if pty:
                from luthier_sim.serving.pty_line import PtyLine  # noqa: PLC0415 - not on every system

                line = PtyLine(device)
                stack.callback(line.close)
                self.path = line.path
                self.addresses += (f"ASRL{line.path}::INSTR",)
            stack.callback(self._begin_to_end)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        """Serve until the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.close()

    @property
    def address(self) -> str:
        """The first of :attr:`addresses`."""
        return self.addresses[0]

    def close(self) -> None:
        """Stop serving, and cut off who is connected; twice is fine. The device keeps its state."""
        self._stack.close()

    def _talk(self, connection: socket.socket) -> None:
        talk_on_socket(self.device, connection, self._is_ending)

    def _begin_to_end(self) -> None:
        self._ended = True
        self.device.clock.wake()

    def _is_ending(self) -> bool:
        return self._ended or self.device.cut_off


def serve(
    what: Any,
    *,
    port: int | None = None,
    hislip: int | None = None,
    pty: bool = False,
    host: str = "127.0.0.1",
    label: str = "",
) -> Served:
    """Serve a simulated device over real wires, in threads of this process.

    Parameters
    ----------
    what
        A simulator's id (``"keithley.2400"``), its address (``"sim://keithley.2400/left"``: the very device that is
        opened in this process by that), a pyvisa-sim file (``"./lamp.yaml"``), a class of devices
        (``"./lamps.py:SimulatedLamp"``, ``"module:Class"``, or the class itself), or a device. A driver's class, and
        the id of a driver that has no simulator, mean a device made from what it declares.
    port
        Of a plain socket; 0 takes a free one. Where neither this nor another way is given, it is 0.
    hislip
        Port of a HiSLIP server; 4880 is the standard's, 0 takes a free one.
    pty
        Whether to serve on a pseudo-terminal, which clients open as a serial port (Linux and macOS).
    host
        Where to listen. By default only programs of this machine can connect; nobody is asked who he is.
    label
        Tells several devices of a kind apart.

    Returns
    -------
    Served
        Has ``address``, ``addresses``, ``port``, ``device`` and ``close()``; a context manager.

    Raises
    ------
    UnknownPluginError, BrokenPluginError, ConfigurationError, UsageError
        There is no such simulator, or it does not work.
    ConnectError
        The port is taken, or the system has no pseudo-terminals.

    Examples
    --------
    >>> import socket
    >>> from luthier_sim import ScpiDevice, serve
    >>> with serve(ScpiDevice, port=0) as served, socket.create_connection(("127.0.0.1", served.port)) as client:
    ...     client.sendall(b"*OPC?;*IDN?" + bytes([10]))
    ...     print(client.makefile().readline().strip())
    1;LUTHIER,SIMULATED DEVICE,0,0
    """
    device = device_for(what, label)
    if port is None and hislip is None and not pty:
        port = 0
    return Served(device, port=port, hislip=hislip, pty=pty, host=host)
