"""Whether what VISA needs is there, and may be used."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from luthier.errors import ConnectError
from luthier.plugins import HealthReport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["CHECKS", "accessible", "backend", "gpib", "serial_ports", "usb"]


def backend() -> HealthReport:
    """Look whether there is a VISA backend, and which."""
    from luthier_visa.backends import backend_of, is_pyvisa_py, resource_manager  # noqa: PLC0415 - takes 0.3 s

    subject = "VISA backend"
    try:
        library = resource_manager(backend_of(None, subject), subject).visalib
    except ConnectError as error:
        return HealthReport(subject, "bad", f"There is none: {error.what}.", error.advice)
    if not is_pyvisa_py(library):
        return HealthReport(subject, "good", f"{library} is used.")
    missing = [extra for extra, module in (("usb", "usb"), ("gpib", "gpib_ctypes")) if find_spec(module) is None]
    if missing:
        lacking = " nor ".join(map(str.upper, missing))
        detail = f"pyvisa-py is used. It reaches LAN and serial lines; as it is installed it does not reach {lacking}."
        advice = f'If you need that: pip install "luthier-visa[{",".join(missing)}]", or install a vendor VISA.'
        return HealthReport(subject, "doubtful", detail, advice)
    return HealthReport(subject, "good", "pyvisa-py is used, with USB and GPIB.")


def serial_ports() -> HealthReport:
    """Look whether this user may open the serial ports."""
    patterns = ("ttyUSB*", "ttyACM*") if sys.platform.startswith("linux") else ("cu.usb*",)
    group = "the group dialout (or uucp): sudo usermod -aG dialout $USER, and log in again"
    return accessible("serial ports", _devices(*patterns), group)


def usb() -> HealthReport:
    """Look whether this user may open the instruments on USB, where the system has a driver for them."""
    rule = "a rule of udev that lets your group use them, in /etc/udev/rules.d"
    return accessible("USB instruments", _devices("usbtmc*"), rule)


def gpib() -> HealthReport:
    """Look whether this user may use GPIB boards that the system knows."""
    return accessible("GPIB boards", _devices("gpib*"), "the group gpib: sudo usermod -aG gpib $USER")


def accessible(subject: str, files: Sequence[str], needed: str) -> HealthReport:
    """Say whether this user may read and write `files`; what else is `needed` completes the advice."""
    if not files:
        return HealthReport(subject, "good", "The system shows none, so that nothing stands in the way of any.")
    refused = [file for file in files if not os.access(file, os.R_OK | os.W_OK)]
    if refused:
        detail = f"This user may not open {', '.join(refused)}."
        return HealthReport(subject, "bad", detail, f"You need {needed}.")
    return HealthReport(subject, "good", f"This user may open {', '.join(files)}.")


def _devices(*patterns: str) -> list[str]:
    return [str(file) for pattern in patterns for file in sorted(Path("/dev").glob(pattern))]


CHECKS: tuple[Callable[[], HealthReport], ...] = (backend, serial_ports, usb, gpib)
"""All of them."""
