"""Simulated ESP300 and ESP301: three stages that move in time."""

from __future__ import annotations

from math import copysign
from typing import ClassVar, Final

from luthier_sim import LineDevice, answers

__all__ = ["SimulatedEsp300", "SimulatedEsp301", "Stage"]

_TEXTS: Final = {
    6: "COMMAND DOES NOT EXIST",
    7: "PARAMETER OUT OF RANGE",
    9: "AXIS NUMBER OUT OF RANGE",
    37: "AXIS NUMBER MISSING",
    104: "POSITIVE HARDWARE LIMIT DETECTED",
    105: "NEGATIVE HARDWARE LIMIT DETECTED",
    106: "POSITIVE SOFTWARE LIMIT DETECTED",
    107: "NEGATIVE SOFTWARE LIMIT DETECTED",
    110: "MAXIMUM VELOCITY EXCEEDED",
    111: "MAXIMUM ACCELERATION EXCEEDED",
    113: "MOTOR NOT ENABLED",
}
_QUEUE: Final = 10
_MILLIMETRES: Final = {2: 1.0, 3: 1e-3, 4: 25.4, 5: 25.4e-3, 6: 25.4e-6}
_SETTINGS: Final = ("SL", "SR", "VA", "AC", "AG", "OH", "VU", "AU")


class Stage:
    """A stage, in mm or °, which moves at its velocity from the first moment to the last.

    Attributes
    ----------
    settings
        By command: SL, SR, VA, AC, AG, OH, and what it can do, VU and AU.
    start, goal, began
        The last move: from where, to where, and when.
    switches
        Where the limit switches are, which end a move.
    unit
        Number of the unit that the axis counts in.
    """

    def __init__(self, identity: str, travel: float, velocity: float, unit: int) -> None:
        self.identity = identity
        self.unit = unit
        self.settings = {"SL": -travel, "SR": travel, "VA": velocity, "AC": velocity, "AG": velocity}
        self.settings |= {"OH": velocity / 2, "VU": velocity, "AU": 4 * velocity}
        self.start = self.goal = 0.0
        self.began = 0.0
        self.speed = velocity
        self.motor_on = False
        self.switches = (-1.1 * travel, 1.1 * travel)
        self.hit = 0

    def go(self, goal: float, now: float, speed: float | None = None) -> None:
        """Begin a move from where it is."""
        self.start, self.began = self.at(now), now
        self.goal = min(max(goal, self.switches[0]), self.switches[1])
        self.hit = 4 if goal > self.switches[1] else 5 if goal < self.switches[0] else 0
        self.speed = self.settings["VA"] if speed is None else speed

    def at(self, now: float) -> float:
        """Return where it is."""
        way = self.goal - self.start
        gone = self.speed * (now - self.began)
        return self.goal if gone >= abs(way) else self.start + copysign(gone, way)

    @property
    def scale(self) -> float:
        """One unit that the axis counts in, in mm or °."""
        return _MILLIMETRES.get(self.unit, 1.0)


class SimulatedEsp300(LineDevice):
    """An ESP300 with three linear stages of ±12.5 mm, whose motors are off.

    Errors are kept as the controller does, and asked for by TB? and TE?; each question for ``MD?`` takes it 50 ms.

    Attributes
    ----------
    stages
        By the number of the axis; another :class:`Stage` may be put in, also one that turns.
    errors
        Numbers of what was not asked for yet, oldest first.
    """

    terminator = b"\r\n"
    version: ClassVar[str] = "ESP300 Version 3.08 09/09/02"

    def reset(self) -> None:
        """Take the state after switching on."""
        self.stages = {
            1: Stage("MFA-CC, SN1001", 12.5, 200.0, 2),
            2: Stage("MFA-CC, SN1002", 12.5, 200.0, 2),
            3: Stage("MFA-CC, SN1003", 12.5, 200.0, 2),
        }
        self.errors: list[int] = []

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take what stands before a carriage return; a line feed is skipped."""
        del ended
        while buffer[:1] == b"\n":
            del buffer[:1]
        end = buffer.find(b"\r")
        if end < 0:
            return None
        message = bytes(buffer[:end])
        del buffer[: end + 1]
        return message

    def answer(self, line: str) -> str | None:
        """Carry out the commands of a line, in which blanks mean nothing."""
        replies = [super(SimulatedEsp300, self).answer(each) for each in "".join(line.split()).split(";") if each]
        return "\r\n".join(reply for reply in replies if reply is not None) or None

    def unknown(self, line: str) -> str | None:
        """Note the error."""
        self._note(6 if line[:1].isdigit() else 37 if line[:2].isalpha() else 6)
        return None

    def _note(self, number: int) -> None:
        self.errors = [*self.errors, number][-_QUEUE:]

    def _stage(self, axis: int) -> Stage | None:
        if axis not in self.stages:
            self._note(9)
            return None
        return self.stages[axis]

    # Asking

    @answers("VE?")
    @answers("VE")
    @answers("*IDN?")
    def say_version(self) -> str:
        """Answer model and version."""
        return self.version

    @answers("TB?")
    @answers("TB")
    def say_error(self) -> str:
        """Answer the oldest error with its time and text."""
        number = self.errors.pop(0) if self.errors else 0
        text = _TEXTS.get(number if number < 100 else 100 + number % 100, "ERROR") if number else "NO ERROR DETECTED"  # noqa: PLR2004 - the digit of the axis
        return f"{number}, {int(self.now * 1e3)}, {text}"

    @answers("TE?")
    @answers("TE")
    def say_error_number(self) -> str:
        """Answer the number of the oldest error."""
        return self.say_error().partition(",")[0]

    @answers("{axis:d}TP")
    @answers("{axis:d}TP?")
    def say_position(self, axis: int) -> str | None:
        """Answer where the stage is."""
        stage = self._stage(axis)
        return None if stage is None else _written(stage.at(self.now) / stage.scale)

    @answers("{axis:d}DP?")
    def say_desired_position(self, axis: int) -> str | None:
        """Answer where the stage ought to be, which is where it is."""
        return self.say_position(axis)

    @answers("{axis:d}MD?")
    def say_done(self, axis: int) -> str | None:
        """Answer whether the move is done; if a limit switch ended it, there is an error then."""
        stage = self._stage(axis)
        if stage is None:
            return None
        self.spend(0.05)
        if stage.at(self.now) != stage.goal:
            return "0"
        if stage.hit:
            self._note(100 * axis + stage.hit)
            stage.hit, stage.motor_on = 0, False
        return "1"

    @answers("{axis:d}MO?")
    def say_motor(self, axis: int) -> str | None:
        """Answer whether the motor is on."""
        stage = self._stage(axis)
        return None if stage is None else str(int(stage.motor_on))

    @answers("{axis:d}SN?")
    def say_unit(self, axis: int) -> str | None:
        """Answer the number of the unit."""
        stage = self._stage(axis)
        return None if stage is None else str(stage.unit)

    @answers("{axis:d}ID?")
    def say_stage(self, axis: int) -> str | None:
        """Answer model and serial number of the stage."""
        stage = self._stage(axis)
        return None if stage is None else stage.identity

    @answers("{axis:d}{command}?")
    def say_setting(self, axis: int, command: str) -> str | None:
        """Answer a limit, a velocity or an acceleration."""
        stage = self._stage(axis)
        if command.upper() not in _SETTINGS:
            raise ValueError(command)
        return None if stage is None else _written(stage.settings[command.upper()] / stage.scale)

    # Setting

    @answers("{axis:d}SL{value:g}")
    def set_lower_limit(self, axis: int, value: float) -> None:
        """Take the left limit."""
        self._set("SL", axis, value)

    @answers("{axis:d}SR{value:g}")
    def set_upper_limit(self, axis: int, value: float) -> None:
        """Take the right limit."""
        self._set("SR", axis, value)

    @answers("{axis:d}VA{value:g}")
    def set_velocity(self, axis: int, value: float) -> None:
        """Take the velocity."""
        self._set("VA", axis, value, largest="VU", error=10)

    @answers("{axis:d}OH{value:g}")
    def set_homing_velocity(self, axis: int, value: float) -> None:
        """Take the velocity of the search for home."""
        self._set("OH", axis, value, largest="VU", error=10)

    @answers("{axis:d}AC{value:g}")
    def set_acceleration(self, axis: int, value: float) -> None:
        """Take the acceleration."""
        self._set("AC", axis, value, largest="AU", error=11)

    @answers("{axis:d}AG{value:g}")
    def set_deceleration(self, axis: int, value: float) -> None:
        """Take the deceleration."""
        self._set("AG", axis, value, largest="AU", error=11)

    def _set(self, command: str, axis: int, value: float, *, largest: str = "", error: int = 0) -> None:
        stage = self._stage(axis)
        if stage is None:
            return
        if largest and not 0 <= value * stage.scale <= stage.settings[largest] * (1 + 1e-12):
            self._note(100 * axis + error)
            return
        stage.settings[command] = value * stage.scale

    @answers("{axis:d}SN{unit:d}")
    def set_unit(self, axis: int, unit: int) -> None:
        """Take the unit; the stage stays where it is."""
        stage = self._stage(axis)
        if stage is not None:
            stage.unit = unit

    @answers("{axis:d}DH")
    def define_zero(self, axis: int) -> None:
        """Call the present position 0."""
        self.define(axis, 0.0)

    @answers("{axis:d}DH{value:g}")
    def define(self, axis: int, value: float) -> None:
        """Call the present position so."""
        stage = self._stage(axis)
        if stage is not None:
            shift = value * stage.scale - stage.at(self.now)
            stage.start = stage.goal = value * stage.scale
            stage.switches = (stage.switches[0] + shift, stage.switches[1] + shift)

    @answers("{axis:d}MO")
    def switch_motor_on(self, axis: int) -> None:
        """Give the motor power."""
        stage = self._stage(axis)
        if stage is not None:
            stage.motor_on = True

    @answers("{axis:d}MF")
    def switch_motor_off(self, axis: int) -> None:
        """Take the power from the motor; the stage stands where it is."""
        self.stop(axis)
        if axis in self.stages:
            self.stages[axis].motor_on = False

    # Moving

    @answers("{axis:d}PA{value:g}")
    def move_to(self, axis: int, value: float) -> None:
        """Begin to move to a position."""
        stage = self._stage(axis)
        if stage is not None:
            self._move(axis, stage, value * stage.scale)

    @answers("{axis:d}PR{value:g}")
    def move_by(self, axis: int, value: float) -> None:
        """Begin to move by a distance."""
        stage = self._stage(axis)
        if stage is not None:
            self._move(axis, stage, stage.goal + value * stage.scale)

    def _move(self, axis: int, stage: Stage, goal: float) -> None:
        beyond = 1e-9 * abs(goal)
        if not stage.motor_on:
            self._note(100 * axis + 13)
        elif goal > stage.settings["SR"] + beyond:
            self._note(100 * axis + 6)
        elif goal < stage.settings["SL"] - beyond:
            self._note(100 * axis + 7)
        else:
            stage.go(goal, self.now)

    @answers("{axis:d}OR{mode:d}")
    def find_home(self, axis: int, mode: int) -> None:
        """Begin to go to zero, or to a limit."""
        stage = self._stage(axis)
        if stage is None:
            return
        if mode not in range(7):
            self._note(7)
        elif not stage.motor_on:
            self._note(100 * axis + 13)
        else:
            goals = {3: stage.switches[1], 4: stage.switches[0], 5: stage.switches[1], 6: stage.switches[0]}
            stage.go(goals.get(mode, 0.0), self.now, stage.settings["OH"])

    @answers("{axis:d}OR")
    def find_home_as_usual(self, axis: int) -> None:
        """Begin to go to zero."""
        self.find_home(axis, 1)

    @answers("{axis:d}ST")
    def stop(self, axis: int) -> None:
        """Stop at once."""
        stage = self._stage(axis)
        if stage is not None:
            stage.go(stage.at(self.now), self.now)


class SimulatedEsp301(SimulatedEsp300):
    """An ESP301 with the same stages."""

    version = "ESP301 Version 3.0.1 6/1/99"


def _written(number: float) -> str:
    return f"{number:.10g}"
