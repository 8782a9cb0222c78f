"""Why a connection could not be opened, and what to do about it."""

from __future__ import annotations

import errno
import re
import socket
import sys
from typing import TYPE_CHECKING, Final

from luthier.errors import ConnectError

if TYPE_CHECKING:
    from luthier_visa.addresses import TcpAddress

__all__ = ["VISA_FORMS", "socket_fault", "visa_fault"]

VISA_FORMS: Final = (
    "The forms are GPIB0::24::INSTR, USB0::0x05E6::0x2450::04409123::INSTR, TCPIP0::192.0.2.7::inst0::INSTR, "
    "TCPIP0::192.0.2.7::5025::SOCKET, ASRL/dev/ttyUSB0::INSTR, ASRL3::INSTR."
)
"""What VISA resource names look like, as a sentence."""

_GPIB_ADVICE: Final = (
    "Install the driver of the GPIB adapter with its vendor VISA (NI-VISA, Keysight IO Libraries), or linux-gpib and "
    "its Python package, or gpib-ctypes (pip install luthier-visa[gpib])."
)
_LAN_ADVICE: Final = (
    "Is the instrument switched on, is its LAN interface enabled, and does it speak this protocol? Many also offer a "
    "raw socket: TCPIP::host::5025::SOCKET."
)
_NO_ROUTE: Final = frozenset(
    getattr(errno, name) for name in ("EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EHOSTDOWN") if hasattr(errno, name)
)
_BUSY_ADVICE: Final = "Close the other program or notebook that uses it; a kernel that still runs may hold it."


def socket_fault(error: OSError, address: str, target: TcpAddress, seconds: float | None) -> ConnectError:
    """Return the error for a TCP connection that could not be made."""
    within = f" within {seconds:g} s" if seconds is not None else ""
    listening = "Is the instrument switched on, is its LAN interface enabled, and is the port right (often 5025)?"
    what, advice = _network(error, target.host, f"port {target.port}", within, listening)
    return ConnectError(what, who=address, state="Nothing was opened.", advice=advice, address=address)


def visa_fault(error: Exception, address: str, present: tuple[str, ...]) -> ConnectError:
    """Return the error for a VISA resource that could not be opened.

    Parameters
    ----------
    error
        What the backend raised.
    address
        The address as the user gave it.
    present
        The resources of that interface that are there, as far as that is known.
    """
    what, advice = _explained(error, address, present)
    return ConnectError(what, who=address, state="Nothing was opened.", advice=advice, address=address)


def _explained(error: Exception, address: str, present: tuple[str, ...]) -> tuple[str, str]:
    interface = address.upper()
    text = " ".join(str(error).split())
    code = _system_error(error)
    if "install" in text and interface.startswith("GPIB"):
        return (
            "this computer has no GPIB library that Python can use",
            _GPIB_ADVICE,
        )
    if "PyUSB" in text:
        return (
            "pyvisa-py cannot reach USB instruments here: PyUSB or its libusb is missing",
            "pip install luthier-visa[usb], or install a vendor VISA.",
        )
    if "No class registered" in text or "install PyVICP" in text:
        return (
            "this interface needs more than pyvisa-py offers",
            "Install a vendor VISA (NI-VISA, Keysight IO Libraries, R&S VISA).",
        )
    if code in {errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK} or _says(error, "RSRC_BUSY", "RSRC_LOCKED"):
        return "it is in use by somebody else", _BUSY_ADVICE
    if code in {errno.EACCES, errno.EPERM}:
        return _not_permitted(interface)
    if interface.startswith("TCPIP") and (network := _network_error(error, text)):
        return _network(
            network, address.partition("::")[2].partition("::")[0].partition(",")[0], "this protocol", "", _LAN_ADVICE
        )
    if code == errno.ENOENT or _says(error, "RSRC_NFOUND") or "No device found" in text:
        return _absent(interface, present)
    if _says(error, "INV_RSRC_NAME"):
        return (
            "this is neither a VISA resource name nor an alias that the VISA library knows",
            VISA_FORMS,
        )
    if _says(error, "VI_ERROR_TMO") or isinstance(error, TimeoutError):
        return "it did not answer in time", _LAN_ADVICE if interface.startswith("TCPIP") else "Is it switched on?"
    return f"it could not be opened: {text or type(error).__name__}", _listed(present)


def _network(error: OSError, host: str, where: str, within: str, listening: str) -> tuple[str, str]:
    if isinstance(error, socket.gaierror):
        return (
            f"the name {host!r} is not known",
            "See that it is spelled as the instrument's LAN page shows it, or use the IP address.",
        )
    if isinstance(error, ConnectionRefusedError):
        return (
            f"{host} is there, but refuses connections to {where}",
            f"{listening} Some instruments accept one client only: close other programs that use it.",
        )
    if isinstance(error, TimeoutError):
        return f"{host} did not answer on {where}{within}", f"Try: ping {host}. {listening}"
    if error.errno in _NO_ROUTE:
        advice = f"Try: ping {host}. Is the cable in, and is this computer on the same network?"
        return f"there is no way to {host}: {error.strerror}", advice
    return f"no connection to {host} could be made: {error.strerror or error}", f"Try: ping {host}. {listening}"


def _network_error(error: Exception, text: str) -> OSError | None:
    """Return the operating system's error below pyvisa-py's: the last one in the chain."""
    found: OSError | None = None
    seen: BaseException | None = error
    while seen is not None:
        found = seen if isinstance(seen, OSError) else found
        seen = seen.__cause__ or seen.__context__
    if found is not None and found.errno == errno.EBADF:  # so pyvisa-py tells of a name that is not known
        return socket.gaierror(socket.EAI_NONAME, text)
    return found


def _not_permitted(interface: str) -> tuple[str, str]:
    if interface.startswith("USB"):
        return (
            "this user may not use the USB device",
            "On Linux, add a udev rule for it (see pyvisa-py's documentation, 'Installation') and plug it in again.",
        )
    if sys.platform == "win32":  # Windows says "access denied" for a port that is open elsewhere
        return "it is in use by somebody else", _BUSY_ADVICE
    return (
        "this user may not use the serial port",
        "On Linux: sudo usermod -a -G dialout $USER (on Arch: uucp), then log out and in again.",
    )


def _absent(interface: str, present: tuple[str, ...]) -> tuple[str, str]:
    if interface.startswith("TCPIP"):
        return "no instrument answers there", _LAN_ADVICE
    what = "there is no such serial port" if interface.startswith("ASRL") else "there is no such instrument"
    return what, f"See that it is switched on and plugged in. {_listed(present)}".strip()


def _listed(present: tuple[str, ...]) -> str:
    return f"There are: {', '.join(present)}." if present else ""


def _says(error: Exception, *abbreviations: str) -> bool:
    said = str(getattr(error, "abbreviation", ""))
    return any(abbreviation in said for abbreviation in abbreviations)


def _system_error(error: Exception) -> int | None:
    """Return the number of the operating system's error, which pyserial and PyUSB hide in various ways."""
    seen: BaseException | None = error
    while seen is not None:
        number = getattr(seen, "errno", None)
        if isinstance(number, int):
            return number
        if found := re.search(r"\[Errno (\d+)\]", str(seen)):
            return int(found[1])
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, OSError) and "PermissionError" in str(error):  # pyserial on Windows
        return errno.EACCES
    if isinstance(error, OSError) and "FileNotFoundError" in str(error):
        return errno.ENOENT
    return None
