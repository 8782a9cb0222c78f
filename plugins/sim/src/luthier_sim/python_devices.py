"""The Python devices of this process: each keeps its state for as long as the process lives."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luthier_sim.device import Device

__all__ = ["forget_python_devices", "python_device"]

_devices: dict[tuple[type[Device], str], Device] = {}
_guard = threading.Lock()


def python_device(kind: type[Device], label: str) -> Device:
    """Return the device of class `kind` called `label`; made at the first call."""
    with _guard:
        device = _devices.get((kind, label))
        if device is None:
            device = _devices[kind, label] = kind(label)
        return device


def forget_python_devices() -> None:
    """Cut off who is connected to a device; each is made anew when it is opened again."""
    with _guard:
        for device in _devices.values():
            device.cut_connections()
        _devices.clear()
