"""What every simulated device is: state, a clock, noise, and an answer to each message."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING, ClassVar, Protocol
from zlib import crc32

from luthier_sim.clock import process_clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_sim.benches.bench import Bench
    from luthier_sim.benches.under_test import Value
    from luthier_sim.clock import Clock

__all__ = ["Client", "Device", "DeviceFaults", "Unended"]


class Client:
    """What a device may know of one client's connection.

    Attributes
    ----------
    replies_due
        Moments and bytes of the replies that the client has not been sent, oldest first.
    last_reply
        The reply before, where faults are asked for.
    hung_up
        Whether the device has cut this connection.
    """

    __slots__ = ("hung_up", "last_reply", "replies_due")

    def __init__(self) -> None:
        self.replies_due: list[tuple[float, bytes]] = []
        self.last_reply = b""
        self.hung_up = False


class Unended(bytes):
    """Bytes of a reply after which an interface that marks the ends of messages marks none."""

    __slots__ = ()


class DeviceFaults(Protocol):
    """What stands between a device and its clients, and lets things go wrong."""

    def carry_out(self, device: Device, message: bytes, client: Client) -> None:
        """Carry out one message as :meth:`Device.carry_out` does, and spoil it; the device's lock is held."""
        ...


class Device:
    """A simulated instrument; subclasses say where a message ends, and what it is answered with.

    A subclass implements :meth:`respond`, and :meth:`take_message` unless its messages end in :attr:`terminator`. Most
    derive from :class:`~luthier_sim.ScpiDevice` or :class:`~luthier_sim.LineDevice`, which have both.

    All messages, of whatever client and thread, are carried out one after another, under :attr:`lock`. They are carried
    out at once: what takes time (:meth:`spend`) moves the device's own time (:attr:`now`) ahead of the clock, and the
    replies wait until the clock has caught up. So a device needs no thread, and sees the times that it would see.

    Parameters
    ----------
    label
        Tells several devices of a kind apart.
    clock
        What the device lives by; ``None``: the clock of the process.
    seed
        Of :attr:`random`; ``None``: made from class and label, so that every run gives the same numbers.
    """

    terminator: ClassVar[bytes] = b"\n"
    """Ends each message, and each reply."""
    latency: float = 0.0
    """Seconds from a message to its reply, besides what the commands in it take."""
    faults: DeviceFaults | None = None
    """What goes wrong for its clients; see :func:`~luthier_sim.inject`."""
    largest_message: ClassVar[int] = 2**24
    """Bytes of the longest message; a longer one is thrown away, see :meth:`overrun`."""
    largest_reply: ClassVar[int] = 2**26
    """Bytes of the longest reply to one message."""
    message_based: ClassVar[bool] = False
    """Whether the instrument has an interface that marks the ends of messages, such as GPIB.

    In process it is then spoken to as over that one: a message ends where it ends, whatever its terminator, and one
    that comes before the reply to the last one was read throws that reply away. Otherwise it is spoken to as over a
    serial line.
    """
    drives: ClassVar[Mapping[str, str]] = {}
    """Outputs that a bench can connect: the unit of each, by name; :meth:`driven` says what they put out."""
    senses: ClassVar[Mapping[str, str]] = {}
    """Inputs that a bench can connect: the unit of each, by name; :meth:`sense` says what they see."""

    def __init__(self, label: str = "", *, clock: Clock | None = None, seed: int | None = None) -> None:
        self.label = label
        self.clock = clock or process_clock()
        self.random = Random(crc32(f"{type(self).__name__}/{label}".encode()) if seed is None else seed)  # noqa: S311 - noise
        self.lock = threading.RLock()
        self._ahead_until = 0.0
        self._cut_off = False
        self._bench: Bench | None = None
        self.switch_on()

    def __repr__(self) -> str:
        """Name the class and the label."""
        return f"<{type(self).__name__} {self.label!r}>"

    # What a subclass says

    def switch_on(self) -> None:
        """Take the state of a device that has just been switched on; called when it is made."""

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take one whole message off the front of `buffer`, and return it without its terminator; ``None``: none yet.

        `ended` says that the interface has marked the end of a message after the last byte in the buffer, as GPIB and
        HiSLIP do. What was taken must be gone from the buffer.
        """
        end = buffer.find(self.terminator)
        if end < 0:
            if not ended or not buffer:
                return None
            message = bytes(buffer)
            buffer.clear()
            return message
        message = bytes(buffer[:end])
        del buffer[: end + len(self.terminator)]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message, and return its reply with everything that belongs to it; ``None``: no reply."""
        raise NotImplementedError

    def overrun(self) -> None:
        """Note that a message was longer than :attr:`largest_message`, and was thrown away."""

    def interrupted(self) -> None:
        """Note that a reply was thrown away because the next message came before it was read."""

    def unasked(self) -> None:
        """Note that a reply was to be read and no question had been asked."""

    def failed(self) -> None:
        """Note that the code of the device itself failed, while it was served to others."""

    def poll(self, *, message_available: bool) -> int:
        """Return the status byte, as a serial poll does; 0 where the device has none.

        `message_available` says whether the client that asks has a reply to read.
        """
        del message_available
        return 0

    def driven(self, output: str) -> Value:
        """Return what one of the outputs in :attr:`drives` puts out now, in its unit."""
        raise NotImplementedError(output)

    # What a subclass uses

    def sense(self, name: str, given: Mapping[str, Value] | None = None, *, otherwise: Value = None) -> Value:
        """Return what one of the inputs in :attr:`senses` sees now; `otherwise` where no bench connects it.

        Parameters
        ----------
        name
            The input.
        given
            What it would see if some of the device's own outputs put out this, by name. Arrays too; then it is one.
        otherwise
            What an open input sees, in its unit.
        """
        seen = None if self._bench is None else self._bench.sensed(self, name, given)
        return otherwise if seen is None else seen

    @property
    def now(self) -> float:
        """Seconds; the time at which what is carried out at present happens."""
        return max(self.clock.now(), self._ahead_until)

    def spend(self, seconds: float) -> None:
        """Let the device be busy for `seconds`: what comes after it happens that much later."""
        self._ahead_until = self.now + seconds

    def spend_until(self, moment: float) -> None:
        """Let the device be busy until :attr:`now` is `moment`; one that has passed changes nothing."""
        self._ahead_until = max(self._ahead_until, moment)

    def noise(self, deviation: float) -> float:
        """Return a normally distributed number of that standard deviation, from the device's own seed."""
        return self.random.gauss(0.0, deviation) if deviation else 0.0

    # What connections use

    @property
    def ready_at(self) -> float:
        """The moment of the clock at which what was carried out is done; one that has passed: at once."""
        return self._ahead_until

    def carry_out(self, message: bytes, client: Client) -> None:
        """Carry out one message for `client`; what is answered is appended to its ``replies_due``."""
        with self.lock:
            if self.latency:
                self.spend(self.latency)
            if self.faults is not None:
                self.faults.carry_out(self, message, client)
                return
            reply = self.respond(message)
            if reply:
                client.replies_due.append((self._ahead_until, reply))
            if self._bench is not None:
                self._bench.carried_out(self.now)

    @property
    def bench(self) -> Bench | None:
        """The bench that connects the device to others; ``None`` where none does."""
        return self._bench

    def join(self, bench: Bench, clock: Clock, lock: threading.RLock) -> None:
        """Be connected by a bench, with its clock, and its lock in place of the device's own."""
        with self.lock:
            self._bench = bench
            if clock is not self.clock:
                self.clock, self._ahead_until = clock, 0.0
            self.lock = lock

    def leave(self, bench: Bench) -> None:
        """Be connected no more, if it is by that bench; lock and clock stay."""
        with self.lock:
            if self._bench is bench:
                self._bench = None

    def give_up(self) -> None:
        """Stop being busy: what was under way is abandoned (device clear)."""
        with self.lock:
            self._ahead_until = min(self._ahead_until, self.clock.now())

    @property
    def cut_off(self) -> bool:
        """Whether the device has been switched off for good, so that every connection to it is lost."""
        return self._cut_off

    def cut_connections(self) -> None:
        """Lose every connection to the device, for good; it can still be looked at."""
        self._cut_off = True
        self.clock.wake()
