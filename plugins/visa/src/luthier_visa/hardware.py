"""Which hardware an address means, however it is written, so that two processes do not open the same."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING, Final

from luthier.errors import UsageError

from luthier_visa.addresses import parse_tcp_address

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["socket_hardware", "visa_hardware"]

BACKEND_VARIABLE: Final = "LUTHIER_VISA_BACKEND"
_INTERFACE: Final = re.compile(r"(GPIB|USB|TCPIP|PXI|VXI|GPIB-VXI)(\d*)", re.IGNORECASE)
_SERIAL_LINE: Final = re.compile(r"ASRL(?P<port>.+?)(?:::INSTR)?", re.IGNORECASE)
_SERIAL_SOCKET: Final = re.compile(r"socket://(?P<host>.+):(?P<port>\d+)", re.IGNORECASE)
_CLASSES: Final = ("INSTR", "SOCKET", "RAW", "INTFC", "BACKPLANE", "MEMACC", "SERVANT")
_USB_WITHOUT_INTERFACE: Final = 3


def visa_hardware(address: str, options: Mapping[str, object]) -> str | None:
    """Return one text for all spellings of a VISA resource name; ``None`` where no hardware of this machine's is meant.

    That is so for pyvisa-sim's backend, and for LAN addresses of this machine itself, where simulators and forwarded
    ports are. The name of a host is taken as it is written.

    >>> visa_hardware("gpib::24", {})
    'GPIB0::24::INSTR'
    >>> visa_hardware("USB::0x05E6::9312::1234567::INSTR", {})
    'USB0::1510::9312::1234567::0::INSTR'
    >>> visa_hardware("TCPIP::192.0.2.7::INSTR", {})
    'TCPIP::192.0.2.7::INST0::INSTR'
    >>> visa_hardware("TCPIP::127.0.0.1::INSTR", {})
    """
    if _is_simulated(options):
        return None
    serial = _SERIAL_LINE.fullmatch(address)
    if serial is not None:
        return _serial_hardware(serial["port"])
    first, *rest = address.strip().split("::")
    interface = _INTERFACE.fullmatch(first)
    if interface is None:
        return address.strip().upper()  # an alias, which the VISA library knows
    kind, board = interface[1].upper(), interface[2] or "0"
    if not rest or rest[-1].upper() not in _CLASSES:
        rest.append("INSTR")
    *where, resource_class = rest
    if kind == "TCPIP":
        return _network_hardware(where, resource_class.upper())
    if kind == "USB" and len(where) == _USB_WITHOUT_INTERFACE:
        where.append("0")
    return "::".join([f"{kind}{int(board)}", *map(_plain_number, where), resource_class.upper()])


def socket_hardware(address: str, options: Mapping[str, object]) -> str | None:
    """Return one text for all spellings of a TCP address; ``None`` on this machine itself.

    >>> socket_hardware("tcp://192.0.2.7:5025", {}) == visa_hardware("TCPIP0::192.0.2.7::5025::SOCKET", {})
    True
    """
    del options
    try:
        place = parse_tcp_address(address)
    except UsageError:
        return None  # said where it is opened
    return _network_hardware([place.host, str(place.port)], "SOCKET")


def _is_simulated(options: Mapping[str, object]) -> bool:
    backend = options.get("backend", os.environ.get(BACKEND_VARIABLE, ""))
    return isinstance(backend, str) and backend.endswith("@sim")


def _serial_hardware(port: str) -> str | None:
    socket = _SERIAL_SOCKET.fullmatch(port)
    if socket is not None:
        return _network_hardware([socket["host"], socket["port"]], "SOCKET")
    # A port has several names in /dev, by its number and by what is plugged in.
    return f"ASRL{os.path.realpath(port)}" if port.startswith("/") else f"ASRL{port.upper()}"


def _network_hardware(where: list[str], resource_class: str) -> str | None:
    host = where[0].strip("[]").lower() if where else ""
    if _is_this_machine(host):
        return None
    rest = [part.upper() for part in where[1:]] or ["INST0"]
    return "::".join(["TCPIP", host, *rest, resource_class])


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _plain_number(text: str) -> str:
    if text.lower().startswith("0x"):
        return str(int(text, 16))
    return str(int(text)) if text.isdigit() else text
