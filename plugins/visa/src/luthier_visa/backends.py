"""The VISA library in use, one resource manager for each, and what it finds."""

from __future__ import annotations

import os
import threading
import warnings
from typing import TYPE_CHECKING, Final

import pyvisa
from luthier.errors import ConnectError, WrongTypeError

if TYPE_CHECKING:
    from pyvisa.highlevel import VisaLibraryBase

__all__ = ["BACKEND_VARIABLE", "backend_of", "is_pyvisa_py", "resource_manager", "resources_beside", "search_resources"]

BACKEND_VARIABLE: Final = "LUTHIER_VISA_BACKEND"

_managers: dict[str, pyvisa.ResourceManager] = {}
_guard = threading.Lock()


def backend_of(option: object, who: str) -> str:
    """Return the backend to use: `option`, else ``LUTHIER_VISA_BACKEND``, else ``""`` (PyVISA's own choice).

    PyVISA's choice is an installed vendor VISA, else pyvisa-py; ``PYVISA_LIBRARY`` and ``.pyvisarc`` are heeded.
    """
    if option is None:
        return os.environ.get(BACKEND_VARIABLE, "")
    if not isinstance(option, str):
        raise WrongTypeError(
            f"the option backend must be text, not {option!r}",
            who=who,
            state="Nothing was opened.",
            value=option,
            allowed='"@py", "@ivi", or the path of a VISA library',
        )
    return option


def resource_manager(backend: str, who: str) -> pyvisa.ResourceManager:
    """Return the resource manager of `backend`, made at the first call; PyVISA closes it when the process ends.

    Raises
    ------
    ConnectError
        The backend is not installed or cannot be loaded.
    """
    with _guard:
        manager = _managers.get(backend)
        if manager is None or not _is_open(manager):
            manager = _managers[backend] = _made(backend, who)
        return manager


def is_pyvisa_py(library: VisaLibraryBase) -> bool:
    """Whether pyvisa-py does the work, so that its sessions can be looked into."""
    return type(library).__module__.startswith("pyvisa_py.")


def search_resources(backend: str, *, lan: bool) -> tuple[str, ...]:
    """Find the resources that `backend` sees; those on the network only where `lan` is true."""
    manager = resource_manager(backend, "list_resources()")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyvisa-py names packages that would let it find more
        if is_pyvisa_py(manager.visalib):
            return _searched_by_pyvisa_py(None, lan=lan)
        found = _searched_by_vendor(manager, "?*")
    return tuple(name for name in found if lan or not name.upper().startswith(("TCPIP", "VICP")))


def resources_beside(manager: pyvisa.ResourceManager, address: str) -> tuple[str, ...]:
    """Find the resources of the interface that `address` names; none where looking would take long."""
    interface = address.partition("::")[0].rstrip("0123456789").upper()
    interface = "ASRL" if interface.startswith("ASRL") else interface
    if interface not in {"ASRL", "GPIB", "USB", "PXI", "VXI"}:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if is_pyvisa_py(manager.visalib):
                return _searched_by_pyvisa_py(interface, lan=False)
            return _searched_by_vendor(manager, f"{interface}?*")
    except Exception:  # noqa: BLE001 - this only adds to an error message, whatever a backend may do
        return ()


def _searched_by_vendor(manager: pyvisa.ResourceManager, pattern: str) -> tuple[str, ...]:
    try:
        return tuple(manager.list_resources(pattern))
    except pyvisa.errors.VisaIOError as error:
        if error.error_code == pyvisa.constants.StatusCode.error_resource_not_found:
            return ()
        raise


def _searched_by_pyvisa_py(interface: str | None, *, lan: bool) -> tuple[str, ...]:
    # ResourceManager.list_resources() asks every kind of session, and those on the network take seconds.
    from pyvisa_py.sessions import (  # type: ignore[import-untyped]  # noqa: PLC0415 - only where it is in use
        Session,
    )

    found: list[str] = []
    for (kind, _), session in Session.iter_valid_session_classes():
        on_lan = kind in {pyvisa.constants.InterfaceType.tcpip, pyvisa.constants.InterfaceType.vicp}
        if (interface is None or kind.name.upper() == interface) and (lan or not on_lan):
            found += session.list_resources()
    return tuple(found)


def _is_open(manager: pyvisa.ResourceManager) -> bool:
    try:
        return bool(manager.session)
    except pyvisa.errors.InvalidSession:  # somebody closed it; PyVISA shares one among all of a process
        return False


def _made(backend: str, who: str) -> pyvisa.ResourceManager:
    try:
        return pyvisa.ResourceManager(backend)
    except Exception as error:
        path, at, wrapper = backend.rpartition("@")
        if at and "No package named" in str(error):
            what = f"there is no VISA backend {backend!r}: the package pyvisa-{wrapper} is not installed"
            advice = f'Install it, or use another one: the option backend="@py", or {BACKEND_VARIABLE}=@py.'
        else:
            name = path or (backend if not at else "a vendor VISA library")
            said = str(error).removeprefix("Could not open VISA library:").split()
            what = f"{name} could not be loaded: {' '.join(said) or 'none was found'}"
            advice = (
                "Install NI-VISA, Keysight IO Libraries or R&S VISA of the same bitness as Python, or use pyvisa-py, "
                f'which needs none: the option backend="@py", or {BACKEND_VARIABLE}=@py.'
            )
        raise ConnectError(what, who=who, state="Nothing was opened.", advice=advice, address=who) from error
