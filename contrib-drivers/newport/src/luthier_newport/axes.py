"""The axes of an ESP controller: one stage each, that goes along a line or around a point."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from luthier import parameter
from luthier.errors import RampInterruptedError, ResponseTimeoutError, UsageError
from luthier.validators import Numbers

from luthier_newport.axis_messages import CountingAxis
from luthier_newport.displacements import DEGREES, METRES, UNITS

if TYPE_CHECKING:
    from luthier_newport.esp import Esp300

__all__ = ["HOME_SEARCHES", "Axis", "LinearAxis", "RotaryAxis"]

HOME_SEARCHES: Final = {
    "zero position": 0,
    "home and index": 1,
    "home": 2,
    "positive limit": 3,
    "negative limit": 4,
    "positive limit and index": 5,
    "negative limit and index": 6,
}
"""What ``home()`` can look for, and the numbers of OR."""

_FIRST_PAUSE: Final = 0.005  # s
_LONGEST_PAUSE: Final = 0.1
_GROWTH: Final = 1.5


def _asking(command: str) -> Any:
    def get(axis: Axis) -> float:
        return axis.ask_displacement(command)

    return get


def _telling(command: str) -> Any:
    def put(axis: Axis, value: float) -> None:
        axis.tell_displacement(command, value)

    return put


class Axis(CountingAxis):
    """One axis; see :class:`LinearAxis` and :class:`RotaryAxis`."""

    unlocked_methods = ("home", "move_by", "stop", "wait")

    # Limits first: a snapshot is restored in the order of declaration.

    lower_limit = parameter(
        float,
        get_cmd=_asking("SL"),
        set_cmd=_telling("SL"),
        maximum="upper_limit",
        doc="Where the controller refuses to go further to the left: the software limit (SL).",
    )
    upper_limit = parameter(
        float,
        get_cmd=_asking("SR"),
        set_cmd=_telling("SR"),
        minimum="lower_limit",
        doc="Where the controller refuses to go further to the right: the software limit (SR).",
    )
    max_velocity = parameter(float, get_cmd=_asking("VU"), doc="Largest velocity of the stage (VU?).")
    max_acceleration = parameter(float, get_cmd=_asking("AU"), doc="Largest acceleration of the stage (AU?).")
    velocity = parameter(
        float,
        get_cmd=_asking("VA"),
        set_cmd=_telling("VA"),
        validator=Numbers(0, None),
        maximum="max_velocity",
        doc="Velocity of moves (VA).",
    )
    acceleration = parameter(
        float,
        get_cmd=_asking("AC"),
        set_cmd=_telling("AC"),
        validator=Numbers(0, None),
        maximum="max_acceleration",
        doc="Acceleration of moves (AC).",
    )
    deceleration = parameter(
        float,
        get_cmd=_asking("AG"),
        set_cmd=_telling("AG"),
        validator=Numbers(0, None),
        maximum="max_acceleration",
        doc="Deceleration of moves, and of stop() (AG).",
    )
    homing_velocity = parameter(
        float,
        get_cmd=_asking("OH"),
        set_cmd=_telling("OH"),
        validator=Numbers(0, None),
        maximum="max_velocity",
        doc="Velocity of home() (OH).",
    )
    motor_on = parameter(
        bool,
        get_cmd=lambda axis: axis.ask_flag("MO"),
        set_cmd=lambda axis, on: axis.tell("MO" if on else "MF"),
        snapshot=False,
        doc="Whether the motor has power: only then it moves, and holds its position against a load (MO, MF).",
    )
    position = parameter(
        float,
        get_cmd=_asking("TP"),
        set_cmd=lambda axis, position: axis.travel_to(position),
        minimum="lower_limit",
        maximum="upper_limit",
        snapshot=False,
        doc="Where the stage is, counted from home (TP?). Setting it moves the stage, and returns when it stands still "
        "(PA, MD?); stop() of another thread, make_safe() and Ctrl-C stop it on the way. It says nothing before "
        "home() was called after switching on.",
    )
    desired_position = parameter(
        float,
        get_cmd=_asking("DP"),
        snapshot=False,
        doc="Where the controller means the stage to be (DP?).",
    )
    moving = parameter(
        bool,
        get_cmd=lambda axis: not axis.ask_flag("MD"),
        snapshot=False,
        doc="Whether it moves (MD?).",
    )
    controller_unit = parameter(
        str,
        get_cmd=lambda axis: axis.ask("SN"),
        mapping=UNITS,
        doc="What the controller counts in (SN?); the parameters here are in metres or degrees all the same.",
    )
    stage = parameter(str, get_cmd=lambda axis: axis.ask("ID"), doc="Model and serial number of the stage (ID?).")

    def __init__(self, controller: Esp300, name: str, number: int) -> None:
        self._halted = threading.Event()
        super().__init__(controller, name, number)

    # Moving

    def start_move(self, position: float) -> None:
        """Begin to move to a position, and return at once, so that several axes can move together (PA).

        Raises what setting ``position`` raises; see :meth:`wait` for the rest of it.
        """
        with self.monitor:
            self._begin(self.position.check(position))

    def travel_to(self, position: float) -> None:
        """Move to a position that was checked, and return when the stage stands still."""
        self._begin(position)
        self._wait(self.controller.move_timeout, position)

    def move_by(self, distance: float) -> None:
        """Move by a distance, in metres or degrees, and return when the stage stands still (PR).

        Raises
        ------
        InstrumentReportedError
            The controller refuses, because the motor is off, or the way leads beyond a limit.
        RampInterruptedError
            It was stopped by :meth:`stop` or ``make_safe()``.
        ResponseTimeoutError
            It still moves after ``move_timeout``; it goes on.
        """
        checked = Numbers().check(distance)
        self._start(lambda: self.tell_displacement("PR", checked))
        self._wait(self.controller.move_timeout, None)

    def home(self, search: str = "home and index") -> None:
        """Look for home, from which positions are counted, and return when it is found (OR).

        The stage may go along all of its way, at ``homing_velocity``: nothing must be in it.

        Parameters
        ----------
        search
            What it looks for, one of ``HOME_SEARCHES``: the home switch and the index pulse of the encoder, one of the
            limits, or only the position that is zero now.

        Raises
        ------
        UsageError
            Another word. Nothing was sent.

        And what :meth:`move_by` raises.
        """
        if search not in HOME_SEARCHES:
            raise UsageError(
                f"cannot look for {search!r}: allowed are {', '.join(map(repr, HOME_SEARCHES))}",
                who=self.full_name,
                state="Nothing was sent.",
            )
        self._start(lambda: self.tell(f"OR{HOME_SEARCHES[search]}"))
        self._wait(self.controller.move_timeout, None)

    def define_position(self, position: float = 0.0) -> None:
        """Call the present position so, without moving; the software limits then mean other places (DH)."""
        with self.monitor:
            self.tell_displacement("DH", Numbers().check(position))
            self.forget()

    def wait(self, timeout: float | None = None) -> None:
        """Return when the stage stands still.

        Parameters
        ----------
        timeout
            Seconds; ``None``: ``move_timeout`` of the controller.

        Raises
        ------
        InstrumentReportedError
            Something ended the move, such as a limit switch.
        RampInterruptedError
            It was stopped by :meth:`stop` or ``make_safe()``.
        ResponseTimeoutError
            It still moves; it goes on.
        """
        self._wait(self.controller.move_timeout if timeout is None else timeout, None)

    def stop(self) -> None:
        """Stop at ``deceleration``, also a move that another thread waits for; the motor stays on (ST).

        Returns at once; see ``moving``.
        """
        self.halt()
        with self.monitor:
            self.tell("ST")

    def halt(self) -> None:
        """Make who waits for a move stop it."""
        self._halted.set()

    def _start(self, tell: Any) -> None:
        with self.monitor:
            self._halted.clear()
            self.position.cache.invalidate()
            tell()

    def _begin(self, position: float) -> None:
        self._start(lambda: self.tell_displacement("PA", position))

    def _wait(self, timeout: float | None, target: float | None) -> None:
        give_up = None if timeout is None else time.monotonic() + timeout
        pause = _FIRST_PAUSE
        try:
            while self.moving():
                if self._halted.wait(pause):
                    break
                if give_up is not None and time.monotonic() > give_up:
                    raise self._too_slow(timeout)
                pause = min(pause * _GROWTH, _LONGEST_PAUSE)
        except KeyboardInterrupt:
            self.controller.write(f"{self.number}ST")
            raise
        if self._halted.is_set():
            self.controller.write(f"{self.number}ST")
            raise self._interrupted(target)
        self.controller.check_errors(f"{self.number}MD?")

    def _too_slow(self, timeout: float | None) -> ResponseTimeoutError:
        return ResponseTimeoutError(
            f"it still moves after {timeout:g} s",
            who=self.full_name,
            state="It goes on moving.",
            advice=f"Call {self.full_name}.stop(), or open the controller with a longer move_timeout.",
        )

    def _interrupted(self, target: float | None) -> RampInterruptedError:
        return RampInterruptedError(
            "the move was stopped" if target is None else f"the move to {target!r} {self.position.unit} was stopped",
            who=self.full_name,
            state=f"It stops where it is; read {self.full_name}.position.",
            value=None,
            target=target,
        )


class LinearAxis(Axis):
    """An axis whose stage goes along a line: positions in m, velocities in m/s, accelerations in m/s²."""

    factors = METRES

    lower_limit = Axis.lower_limit.replace(unit="m", validator=Numbers(-10, 10))
    upper_limit = Axis.upper_limit.replace(unit="m", validator=Numbers(-10, 10))
    max_velocity = Axis.max_velocity.replace(unit="m/s")
    max_acceleration = Axis.max_acceleration.replace(unit="m/s²")
    velocity = Axis.velocity.replace(unit="m/s")
    acceleration = Axis.acceleration.replace(unit="m/s²")
    deceleration = Axis.deceleration.replace(unit="m/s²")
    homing_velocity = Axis.homing_velocity.replace(unit="m/s")
    position = Axis.position.replace(unit="m")
    desired_position = Axis.desired_position.replace(unit="m")


class RotaryAxis(Axis):
    """An axis whose stage turns: positions in °, velocities in °/s, accelerations in °/s²."""

    factors = DEGREES

    lower_limit = Axis.lower_limit.replace(unit="°", validator=Numbers(-360_000, 360_000))
    upper_limit = Axis.upper_limit.replace(unit="°", validator=Numbers(-360_000, 360_000))
    max_velocity = Axis.max_velocity.replace(unit="°/s")
    max_acceleration = Axis.max_acceleration.replace(unit="°/s²")
    velocity = Axis.velocity.replace(unit="°/s")
    acceleration = Axis.acceleration.replace(unit="°/s²")
    deceleration = Axis.deceleration.replace(unit="°/s²")
    homing_velocity = Axis.homing_velocity.replace(unit="°/s")
    position = Axis.position.replace(unit="°")
    desired_position = Axis.desired_position.replace(unit="°")
