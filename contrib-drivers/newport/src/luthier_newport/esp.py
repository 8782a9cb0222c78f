"""The motion controllers ESP300 and ESP301.

Commands: of the ESP300 Motion Controller/Driver User's Manual (2002) the pages 3-2 (how commands are written), 3-86
(ID), 3-101 (MV) and 3-142 (TS) were at hand; all others are as known from four drivers of other projects that agree
with each other: PyMeasure, InstrumentKit, Odemis, and that of EPICS. The numbers of OR and of units, and AU, VU, OH and
DH, only InstrumentKit or PyMeasure have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from luthier import ChannelList, Instrument
from luthier.errors import InstrumentReportedError, ReplyError, UsageError
from luthier.scpi import Identity

from luthier_newport.axes import Axis, LinearAxis, RotaryAxis

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Esp300", "Esp301"]

_MOST_AXES: Final = 3
_QUEUE: Final = 10
_FIELDS: Final = 3
_NO_SUCH_AXIS: Final = 9
_OF_AXIS: Final = 100
_ADVICE: Final = {
    3: "The stage did not follow: look for what blocks it. Then switch its motor on.",
    6: "The way leads beyond upper_limit.",
    7: "The way leads beyond lower_limit.",
    8: "No stage is connected; leave the axis out (axes=…).",
    10: "Compare velocity and max_velocity.",
    11: "Compare acceleration and max_acceleration.",
    13: "Switch the motor on first: motor_on(True).",
    20: "The stage refuses to move until home() was successful.",
}
"""For errors of axes, without the digit of the axis."""


class Esp300(Instrument):
    """Newport ESP300: moves up to three stages.

    Interfaces: GPIB, and RS-232 with 19200 baud and hardware handshake; say so by ``transport_options``. Replies end
    in a carriage return and a line feed.

    Of the manual four pages were at hand; most commands are as known from drivers of other projects that agree.
    Verified with the simulator and with scripted messages; not yet with hardware. Groups of axes, programs, digital
    lines, servo and motor settings are left out.

    Opening it sends nothing, and nothing moves. After each command the controller is asked for errors, which are
    raised. Positions are in metres, of rotary stages in degrees, whatever the controller counts in.

    :meth:`make_safe` stops all axes. Their motors stay on: without power a stage that stands upright falls.

    Parameters
    ----------
    axes
        Numbers of the axes that have stages, 1 to 3.
    rotary
        Those of them whose stages turn.
    move_timeout
        Seconds that setting a position, ``move_by()``, ``home()`` and ``wait()`` wait at most; ``None``: for ever.

    Raises
    ------
    UsageError
        Other numbers of axes; nothing was opened.

    >>> import luthier
    >>> with luthier.open("newport.esp300", "sim://", name="stages", axes=(1, 2)) as stages:
    ...     x = stages.axis1
    ...     x.motor_on(True)
    ...     x.home()
    ...     x.position(0.005)
    ...     x.position(), x.moving()
    (0.005, False)
    """

    simulator = "newport.esp300"
    write_termination = "\r"
    read_termination = "\r\n"

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        axes: Iterable[int] = (1, 2, 3),
        rotary: Iterable[int] = (),
        move_timeout: float | None = 600.0,
        **options: Any,
    ) -> None:
        there, turning = tuple(axes), frozenset(rotary)
        _check(name, "axes", there, range(1, _MOST_AXES + 1))
        _check(name, "rotary", tuple(turning), there)
        super().__init__(name, address, **options)
        self.move_timeout = move_timeout
        kinds = {number: RotaryAxis if number in turning else LinearAxis for number in there}
        made: list[Axis] = [kind(self, f"axis{number}", number) for number, kind in kinds.items()]
        self.axes = ChannelList(self, "axes", made)

    def tell(self, message: str) -> None:
        """Send a command, and raise what the controller reports then, by :meth:`check_errors`."""
        with self.monitor:
            self.write(message)
            self.check_errors(message)

    def check_errors(self, after: str = "TB?") -> None:
        """Read all errors that the controller holds, and raise them (TB?).

        Raises
        ------
        InstrumentReportedError
            There were any; they may be older than the last message.
        ReplyError
            The reply is no error.
        """
        entries = self.read_errors()
        if entries:
            raise InstrumentReportedError(
                f"after {after!r} the controller reports: {_told(entries)}",
                who=self.who,
                state="Its errors are read; what it does not refuse it has done.",
                advice=_ADVICE.get(entries[-1][0] % _OF_AXIS, "") if entries[-1][0] > _OF_AXIS else "",
                command=after,
                entries=entries,
            )

    def read_errors(self) -> tuple[tuple[int, str], ...]:
        """Ask for errors until there are none, at most ten, and return their numbers and texts (TB?)."""
        entries: list[tuple[int, str]] = []
        with self.monitor:
            while len(entries) < _QUEUE:
                reply = self.query("TB?")
                fields = [field.strip() for field in reply.split(",", _FIELDS - 1)]
                if len(fields) != _FIELDS or not fields[0].isdecimal():
                    raise ReplyError(
                        f"'TB?' was answered by {reply!r}; expected: a number, a time and a text",
                        who=self.who,
                        command="TB?",
                        reply=reply,
                        expected="such as 0, 450322, NO ERROR DETECTED",
                    )
                if int(fields[0]) == 0:
                    break
                entries.append((int(fields[0]), fields[2]))
        return tuple(entries)

    def identify(self) -> Identity:
        """Ask for the version, such as ``ESP300 Version 3.08 09/09/02`` (VE?)."""
        model, _, version = self.query("VE?").strip().partition(" Version ")
        return Identity("Newport", model, "", version.strip())

    def make_safe(self) -> None:
        """Stop all axes, also those that another thread waits for, and leave the motors on (ST). Returns at once.

        Raises :class:`~luthier.errors.InstrumentReportedError` for errors that the controller holds then, but for those
        of axes that it does not have.
        """
        for axis in self.axes:
            axis.halt()
        with self.monitor:
            for axis in self.axes:
                self.write(f"{axis.number}ST")
            self.forget()
            entries = [entry for entry in self.read_errors() if entry[0] != _NO_SUCH_AXIS]
        if entries:
            raise InstrumentReportedError(
                f"all axes were stopped; the controller reports: {_told(entries)}",
                who=self.who,
                state="Motors are as they were.",
                command="ST",
                entries=tuple(entries),
            )


class Esp301(Esp300):
    """Newport ESP301: moves up to three stages; spoken to as the ESP300.

    Interfaces: USB, which is a serial port, and RS-232 with 19200 baud and hardware handshake; say so by
    ``transport_options``.

    >>> import luthier
    >>> with luthier.open("newport.esp301", "sim://", name="stages", axes=(1, 2)) as stages:
    ...     stages.axes.motor_on(True)
    ...     for axis in stages.axes:
    ...         axis.start_move(1e-3)  # together
    ...     for axis in stages.axes:
    ...         axis.wait()
    ...     stages.axes.position()
    (0.001, 0.001)
    """

    simulator = "newport.esp301"


def _told(entries: Iterable[tuple[int, str]]) -> str:
    return "; ".join(f"{code}, {text}" for code, text in entries)


def _check(name: str, option: str, numbers: tuple[int, ...], allowed: Iterable[int]) -> None:
    if not set(numbers) <= set(allowed) or len(set(numbers)) != len(numbers) or (option == "axes" and not numbers):
        words = ", ".join(map(str, allowed))
        raise UsageError(f"{option}={numbers!r}: allowed are {words}, each once", who=name, state="Nothing was opened.")
