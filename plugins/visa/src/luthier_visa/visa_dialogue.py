"""A dialogue over a VISA resource whose interface knows where messages end: GPIB, USB, VXI-11, HiSLIP."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Never

from pyvisa.constants import StatusCode
from pyvisa.errors import InvalidSession, VisaIOError

from luthier_visa.dialogue import (
    HungUpError,
    RefusedError,
    ShortReplyError,
    SilenceError,
    StrayBytesError,
    TornReplyError,
    UnsentError,
)
from luthier_visa.visa_resource import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier_visa.dialogue import DialogueError
    from luthier_visa.visa_resource import VisaResource

__all__ = ["VisaDialogue"]

_CHUNK = 20_479  # bytes asked for when a reply's length is not known; no reply has this length by design
_LARGEST = 1024 * 1024  # bytes asked for at once when it is known; vendor libraries allocate them for each transfer
_SHOWN = 200  # bytes of what had come that an error carries

_CLEARS: Final = "The instrument is cleared (device clear) before the next message, so that the next query is in step."
_REOPENS: Final = "The resource is closed and opened anew before the next message, so that the next query is in step."

_LOST: Final = frozenset(
    {StatusCode.error_connection_lost, StatusCode.error_invalid_object, StatusCode.error_invalid_access_key}
)


class VisaDialogue:
    """Messages and replies through VISA.

    Parameters
    ----------
    open_resource
        Opens the resource; called once now, and again where the dialogue is out of step and cannot be cleared.
    clears
        Whether the interface has a device clear.
    """

    interruptible = False

    def __init__(self, open_resource: Callable[[], VisaResource], *, clears: bool) -> None:
        self._open_resource = open_resource
        self._clears = clears
        self._resource = open_resource()
        self._recovery = _CLEARS if clears else _REOPENS
        self._received = bytearray()
        self._ended = False  # whether the message that _received is the rest of has ended
        self._torn = False
        self._asked = False  # whether a question was sent and its answer not heard: Ctrl-C may come in between

    @property
    def signals_end(self) -> bool:
        """Whether the interface itself says where a reply ends."""
        return not self._resource.is_stream

    def tell(self, message: bytes, timeout: float | None, *, expecting: bytes | None) -> None:
        """Send `message`; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._torn or self._asked:
            self._recover()
        if expecting is not None:
            stray = bytes(self._received)
            self._forget()
            if stray not in {b"", expecting}:
                self._torn = True
                raise StrayBytesError(stray)
        self._ended = False
        self._asked = expecting is not None
        try:
            self._resource.wait_for(timeout)
            self._resource.write(message)
        except TimeoutError:
            self._torn = True
            raise UnsentError(self._recovery) from None
        except Exception as error:
            raise self._fault(error) from error
        except BaseException:
            self._give_up()
            raise

    def hear(self, termination: bytes, timeout: float | None) -> bytes:
        """Return one reply; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._torn:
            raise TornReplyError
        if self._received or self._ended:
            rest = self._rest(termination)
            if rest is not None:
                return rest
        reply = self._received
        self._received = bytearray()
        try:
            self._resource.wait_for(timeout)
            self._resource.end_at(termination[-1] if termination else None)
            self._receive_message(reply, termination)
        except TimeoutError as error:
            self._fall_silent(reply, None, error)
        except Exception as error:
            raise self._fault(error) from error
        except BaseException:
            self._give_up()
            raise
        self._asked = False
        return bytes(reply)

    def hear_exactly(self, count: int, timeout: float | None) -> bytearray:
        """Return `count` bytes; see :class:`~luthier_visa.dialogue.Dialogue`."""
        if self._torn:
            raise TornReplyError
        block = self._received[:count]
        del self._received[:count]
        try:
            self._resource.wait_for(timeout)
            self._resource.end_at(None)
            while len(block) < count and not self._ended:
                data, ending = self._resource.read(min(count - len(block), _LARGEST))
                block += data
                self._ended = ending is Ending.END
        except TimeoutError as error:
            self._fall_silent(block, count, error)
        except Exception as error:
            raise self._fault(error) from error
        except BaseException:
            self._give_up()
            raise
        if len(block) < count:
            self._forget()
            raise ShortReplyError(bytes(block), count)
        self._received = block[count:] + self._received
        del block[count:]
        return block

    def clear(self, timeout: float | None) -> None:
        """Abandon what is under way; see :class:`~luthier_visa.dialogue.Dialogue`."""
        with suppress(Exception):  # it is set again before the next transfer
            self._resource.wait_for(timeout)
        self._recover()

    def close(self) -> None:
        """Close the resource; twice is fine, and so is a resource that is gone."""
        with suppress(Exception):
            self._resource.close()

    def _receive_message(self, reply: bytearray, termination: bytes) -> None:
        """Append to `reply` what comes until the message ends; leave its termination out."""
        while True:
            data, ending = self._resource.read(_CHUNK)
            reply += data
            if ending is not Ending.COUNT and termination and reply.endswith(termination):
                del reply[-len(termination) :]
                return
            if ending is Ending.END:
                return

    def _rest(self, termination: bytes) -> bytes | None:
        """Return what is left of a message that was read in part, or ``None`` where more of it must be received."""
        found = self._received.find(termination) if termination else -1
        if found >= 0:
            rest = bytes(self._received[:found])
            del self._received[: found + len(termination)]
            self._ended = self._ended and bool(self._received)
        elif self._ended:
            rest = bytes(self._received)
            self._forget()
        else:
            return None
        return rest

    def _recover(self) -> None:
        """Get in step: by a device clear, or by opening the resource anew."""
        if self._clears:
            try:
                self._resource.clear()
            except Exception:  # noqa: BLE001 - whatever a backend may raise, opening anew is the next thing to try
                self._reopen()
        else:
            self._reopen()
        self._forget()
        self._torn = self._asked = False

    def _reopen(self) -> None:
        self.close()
        try:
            self._resource = self._open_resource()
        except Exception as error:
            raise HungUpError(f"it could not be opened anew: {error}", "no") from error

    def _forget(self) -> None:
        self._received = bytearray()
        self._ended = False

    def _give_up(self) -> None:
        self._forget()
        self._torn, self._asked = True, False

    def _fall_silent(self, reply: bytearray, expected: int | None, error: TimeoutError) -> Never:
        self._give_up()
        if self._resource.hung_up():
            raise HungUpError("the other side closed it", "maybe") from error.__cause__
        raise SilenceError(bytes(reply[:_SHOWN]), len(reply), expected, self._recovery) from None

    def _fault(self, error: Exception) -> DialogueError:
        self._give_up()
        if isinstance(error, VisaIOError):
            if error.error_code in _LOST or self._resource.hung_up():
                return HungUpError(error.description, "maybe")
            return RefusedError(f"{error.description} ({error.abbreviation})", self._recovery)
        if isinstance(error, InvalidSession):
            return HungUpError("another part of this program closed the VISA session", "maybe")
        what = f"{type(error).__name__}: {error}"
        if isinstance(error, (OSError, EOFError, RuntimeError)) or type(error).__module__.startswith("pyvisa_py."):
            return HungUpError(what, "maybe")  # pyvisa-py lets these through when the other side goes away
        return RefusedError(what, self._recovery)
