"""Opening VISA resources: the backend, the settings, and what to say when it fails."""

from __future__ import annotations

import contextlib
import errno
import io
import math
from typing import TYPE_CHECKING, Final

import attrs
from luthier.errors import ConnectError, UsageError
from pyvisa.constants import InterfaceType, StatusCode
from pyvisa.errors import VisaIOError
from pyvisa.resources import MessageBasedResource

from luthier_visa.backends import backend_of, is_pyvisa_py, resource_manager, resources_beside
from luthier_visa.bus_locks import lock_of
from luthier_visa.left_sockets import close_left_sockets
from luthier_visa.message_transport import MessageTransport, checked_termination, checked_timeout
from luthier_visa.open_faults import VISA_FORMS, visa_fault
from luthier_visa.options import check_names
from luthier_visa.serial_lines import claim_port, share_line
from luthier_visa.serial_settings import SERIAL_OPTIONS, SerialSettings, SettingError
from luthier_visa.visa_dialogue import VisaDialogue
from luthier_visa.visa_resource import VisaResource, close_resource

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    import pyvisa
    from pyvisa.highlevel import ResourceInfo
    from pyvisa.resources import Resource

    from luthier_visa.dialogue import Dialogue

__all__ = ["open_visa_transport"]

_SHORTEST_CONNECT: Final = 1.0  # seconds; a short timeout for replies is no reason to give up connecting
_CONNECT: Final = 10.0  # seconds where there is no timeout


def open_visa_transport(
    address: str,
    *,
    timeout: float | None,
    write_termination: str,
    read_termination: str,
    options: Mapping[str, object],
) -> MessageTransport:
    """Open a VISA resource; see :func:`luthier_visa.open_visa`."""
    check_names(options, ("backend", *SERIAL_OPTIONS), address)
    settings = SerialSettings.from_options(options, address)
    patience = checked_timeout(timeout, address)
    checked_termination(write_termination, "write_termination", address)
    checked_termination(read_termination, "read_termination", address)
    backend = backend_of(options.get("backend"), address)
    manager = resource_manager(backend, address)
    opener = _Opener(
        address=address,
        manager=manager,
        info=_identified(manager, address),
        settings=settings,
        connect_timeout=_CONNECT if patience is None else max(patience, _SHORTEST_CONNECT),
    )
    dialogue: Dialogue
    lock: threading.RLock | None
    release: Callable[[], None] | None
    if opener.is_serial:
        line = share_line(f"{backend} {opener.info.resource_name}", settings, opener.open_resource, address)
        dialogue, lock, release = line.dialogue, line.lock, line.release
    else:
        _refuse_serial_settings(settings, address)
        dialogue, lock, release = opener.dialogue(), opener.lock(backend), None
    return MessageTransport(
        address,
        dialogue,
        lock=lock,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
        release=release,
    )


@attrs.frozen
class _Opener:
    """What is needed to open a VISA resource, now or anew."""

    address: str
    manager: pyvisa.ResourceManager
    info: ResourceInfo
    settings: SerialSettings
    connect_timeout: float

    @property
    def is_serial(self) -> bool:
        return self.info.interface_type == InterfaceType.asrl

    def open_resource(self) -> VisaResource:
        """Open the resource and set what the user asked for; raise :class:`~luthier.errors.ConnectError`."""
        # pyvisa-py's HiSLIP prints to stdout.
        quiet = contextlib.redirect_stdout(io.StringIO()) if self._is_hislip() else contextlib.nullcontext()
        try:
            with quiet:
                resource = self.manager.open_resource(self.address, open_timeout=math.ceil(self.connect_timeout * 1000))
        except Exception as error:
            close_left_sockets(error)
            raise visa_fault(error, self.address, resources_beside(self.manager, self.address)) from error
        try:
            return self._made_ready(resource)
        except BaseException:
            with contextlib.suppress(Exception):
                close_resource(resource)
            raise

    def dialogue(self) -> VisaDialogue:
        """Open the resource for whole messages."""
        # A socket has no device clear (and pyvisa-py's never ends when the other side has hung up); nor does USB there.
        without = (InterfaceType.usb,) if is_pyvisa_py(self.manager.visalib) else ()
        clears = self.info.resource_class != "SOCKET" and self.info.interface_type not in without
        return VisaDialogue(self.open_resource, clears=clears)

    def lock(self, backend: str) -> threading.RLock | None:
        """Return the lock of the bus, or ``None`` for a connection of its own."""
        if self.info.interface_type == InterfaceType.gpib:
            return lock_of(f"{backend} GPIB{self.info.interface_board_number}")
        if self.info.interface_type == InterfaceType.tcpip:
            return None
        return lock_of(f"{backend} {self.info.resource_name}")

    def _is_hislip(self) -> bool:
        return "::HISLIP" in self.address.upper() and is_pyvisa_py(self.manager.visalib)

    def _made_ready(self, resource: Resource) -> VisaResource:
        if not isinstance(resource, MessageBasedResource):
            raise ConnectError(
                f"this resource carries no messages (it is a {type(resource).__name__})",
                who=self.address,
                state="It was closed again.",
                advice="Give the address of the instrument itself: it ends in ::INSTR, ::SOCKET or ::RAW.",
                address=self.address,
            )
        if not resource.session:  # pyvisa-sim's way to say that there is no such resource
            absent = VisaIOError(StatusCode.error_resource_not_found)
            raise visa_fault(absent, self.address, resources_beside(self.manager, self.address))
        try:
            if self.is_serial:
                claim_port(resource)
            self.settings.apply(resource)
            opened = VisaResource(resource)
        except SettingError as error:
            raise ConnectError(
                f"the port does not accept {error.name} = {error.value}: {error.__cause__}",
                who=self.address,
                state="It was closed again.",
                advice="Pseudo-terminals and some USB adapters support few settings: leave this option out.",
                address=self.address,
            ) from error.__cause__
        except Exception as error:
            raise visa_fault(error, self.address, ()) from error
        if opened.hung_up():  # pyvisa-py takes a refused connection for an open one
            refused = ConnectionRefusedError(errno.ECONNREFUSED, "the connection was refused")
            raise visa_fault(refused, self.address, ())
        return opened


def _identified(manager: pyvisa.ResourceManager, address: str) -> ResourceInfo:
    try:
        info = manager.resource_info(address)
    except Exception as error:
        raise visa_fault(error, address, resources_beside(manager, address)) from error
    if info.interface_type == InterfaceType.unknown and is_pyvisa_py(manager.visalib):
        raise UsageError(
            "this is not a VISA resource name",
            who=address,
            state="Nothing was opened.",
            advice=VISA_FORMS,
        )
    return info


def _refuse_serial_settings(settings: SerialSettings, address: str) -> None:
    if settings != SerialSettings():
        raise UsageError(
            "this is not a serial line: it has no baud rate, data bits, parity, stop bits or flow control",
            who=address,
            state="Nothing was opened.",
            advice="Leave these options out.",
        )
