"""Two or three Model 430 that make one field vector."""

from __future__ import annotations

import time
from itertools import pairwise
from math import acos, atan2, cos, degrees, hypot, radians, sin
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Instrument, group, parameter
from luthier.errors import InstrumentFaultError, UsageError, ValidationError
from luthier.validators import Enum, Numbers

from luthier_american_magnetics.safe_volume import Ball, Box, Point, Region, SafeVolume

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier_american_magnetics.ami430 import Ami430

__all__ = ["ThreeAxisMagnet", "TwoAxisMagnet", "VectorMagnet"]

_POLL: Final = 0.1  # s
_CLOSE: Final = 0.002  # T; how far a magnet that holds may be from its setpoint


def _set_one(magnet: VectorMagnet, axis: int, field: float) -> None:
    point = list(magnet.fields())
    point[axis] = field
    magnet.ramp_to(point)


class VectorMagnet(Instrument):
    """What the two- and the three-axis magnet have in common; open one of them.

    Setting a component or a vector ramps the magnets there, and returns when they are there. The field never leaves the
    safe volume on the way: before anything is sent the whole way is checked, and where there is no safe one the set is
    refused. The volume is what a ball (``radius``) and boxes (``boxes``) cover together.

    With ``path`` at "axes" one magnet moves at a time, in an order that is safe, if need be by way of zero. At
    "straight" the field follows the line, in steps of at most ``step``: all magnets move together within a step, and
    wait for each other at its end, and a step is allowed only if the field may be anywhere between its corners. A
    target has to be inside the volume; on the way 2 mT beyond it are allowed, as magnets do not hold exactly what they
    were told.

    When something goes wrong on the way, or it is interrupted, all magnets are held where they are. The magnets are
    not to be moved by others meanwhile: that is noticed after each move, and ends it.

    Parameters
    ----------
    name
        As for :class:`~luthier.Instrument`.
    magnets
        The :class:`Ami430` of each axis, in order; on whatever server.
    radius
        The largest magnitude in T, in any direction.
    boxes
        For directions in which more is allowed: the largest component along each axis, in T.
    step
        Of straight paths, in T.
    options
        As for :class:`~luthier.Instrument`.

    Raises
    ------
    UsageError
        The number of magnets is wrong, or there is no safe volume.
    """

    axes: ClassVar[tuple[str, ...]]

    path = parameter(
        str,
        initial="axes",
        validator=Enum("axes", "straight"),
        doc='How the field goes to a new one: "axes", one magnet after the other, or "straight".',
    )
    magnitude = parameter(
        float, get_cmd=lambda magnet: hypot(*magnet.fields()), unit="T", snapshot=False, doc="Magnitude of the field."
    )

    def __init__(
        self,
        name: str,
        magnets: Sequence[Ami430],
        *,
        radius: float | None = None,
        boxes: Sequence[Sequence[float]] = (),
        step: float = 0.02,
        **options: Any,
    ) -> None:
        super().__init__(name, **options)
        if len(magnets) != len(self.axes):
            raise UsageError(
                f"got {len(magnets)} magnets; expected: {len(self.axes)}, for {', '.join(self.axes)}",
                who=name,
                state="Nothing was sent.",
            )
        self._magnets = tuple(magnets)
        self._volume = self._checked_volume(radius, boxes, 0.0)
        self._ways = self._checked_volume(radius, boxes, _CLOSE)
        if not step > 0:
            raise UsageError(f"step={step!r}: allowed are steps above 0 T", who=name, state="Nothing was sent.")
        self._step = float(step)

    def _checked_volume(self, radius: float | None, boxes: Sequence[Sequence[float]], margin: float) -> SafeVolume:
        wrong = [box for box in boxes if len(box) != len(self.axes)]
        if wrong or (radius is None and not boxes):
            raise UsageError(
                f"the box {wrong[0]!r} has {len(wrong[0])} limits for {len(self.axes)} axes"
                if wrong
                else "it has no safe volume",
                who=self.name,
                state="Nothing was sent.",
                advice="Say radius=, the largest magnitude in T, or boxes=, the largest components, or both.",
            )
        try:
            _ = SafeVolume([*_balls(radius, 0.0), *_boxes(boxes, 0.0)])  # what is refused is what the user gave
            return SafeVolume([*_balls(radius, margin), *_boxes(boxes, margin)])
        except (TypeError, ValueError) as error:
            raise UsageError(f"the safe volume is wrong: {error}", who=self.name, state="Nothing was sent.") from error

    def fields(self) -> tuple[float, ...]:
        """Read the field of each magnet, in T."""
        return tuple(magnet.field() for magnet in self._magnets)

    def plan(self, target: Sequence[float]) -> list[list[float]]:
        """Return the points from the present field to `target` that :meth:`ramp_to` would go through; nothing moves.

        Raises :class:`~luthier.errors.ValidationError` as that does.
        """
        return [list(point) for point in self._way(self.fields(), self._point(target))]

    def ramp_to(self, target: Sequence[float]) -> None:
        """Ramp to a field vector on a safe way, and return when it is there.

        Parameters
        ----------
        target
            Components in T, one for each axis.

        Raises
        ------
        ValidationError
            The target, or every way to it, leaves the safe volume. Nothing was sent but questions.
        InstrumentFaultError
            A magnet quenched, or was stopped or moved by others. All magnets are held.
        """
        point = self._point(target)
        with self.monitor:
            way = self._way(self.fields(), point)
            try:
                for number, (start, stop) in enumerate(pairwise(way)):
                    self.report_progress(number / (len(way) - 1), f"ramping to {_shown(stop)}")
                    self._move(start, stop)
            except BaseException as error:
                self._hold_all(error)
                raise

    def _point(self, target: Sequence[float]) -> Point:
        values = list(target)
        if len(values) != len(self.axes):
            raise ValidationError(
                f"{values!r} has {len(values)} components; allowed: {len(self.axes)}, {', '.join(self.axes)}",
                who=self.full_name,
                state="Nothing was sent.",
                value=values,
                allowed=f"{len(self.axes)} numbers",
            )
        return tuple(Numbers().check(value) for value in values)

    def _way(self, start: Point, stop: Point) -> list[Point]:
        for point, what, volume in ((stop, "target", self._volume), (start, "present field", self._ways)):
            if point not in volume:
                raise self._unsafe(f"the {what} {_shown(point)} is outside the safe volume", stop)
        straight = self.path() == "straight"
        way = self._ways.way_in_steps(start, stop, self._step) if straight else self._ways.way_by_axes(start, stop)
        if way is None:
            raise self._unsafe(f"no safe way from {_shown(start)} to {_shown(stop)} was found", stop)
        return way

    def _unsafe(self, what: str, value: Point) -> ValidationError:
        return ValidationError(
            what,
            who=self.full_name,
            state="Nothing moved.",
            advice="Go by way of a field that is well inside, or set path to 'axes'.",
            value=value,
            allowed=f"fields inside {self._volume.regions}",
        )

    def _move(self, start: Point, stop: Point) -> None:
        """Move from one corner to the next, all magnets that have to at once, and wait for them."""
        self._require_near(start, "before the move")
        moving = [
            (magnet, target)
            for magnet, begin, target in zip(self._magnets, start, stop, strict=True)
            if begin != target
        ]
        for magnet, target in moving:
            magnet.hold()
            magnet.field_setpoint(target)
        for magnet, _ in moving:
            magnet.ramp_to_setpoint()
        for magnet, _ in moving:
            while (state := magnet.state()) == "ramping":
                time.sleep(_POLL)
            if state != "holding":
                raise InstrumentFaultError(
                    f"{magnet.name} ended its ramp as {state!r}",
                    who=self.full_name,
                    state="All magnets are told to hold.",
                    advice="Look for the cause of the quench." if state == "quench" else "Who stopped it?",
                )
        self._require_near(stop, "after the move")

    def _require_near(self, point: Point, when: str) -> None:
        present = self.fields()
        if any(abs(now - meant) > _CLOSE for now, meant in zip(present, point, strict=True)):
            raise InstrumentFaultError(
                f"the field is {_shown(present)} {when}, where {_shown(point)} was expected",
                who=self.full_name,
                state="All magnets are told to hold.",
                advice="Is a persistent switch cold, or does somebody else move a magnet?",
            )

    def _hold_all(self, error: BaseException) -> None:
        for magnet in self._magnets:
            try:
                if magnet.state() == "ramping":
                    magnet.hold()
            except Exception as failure:  # noqa: BLE001 - whatever it is, the others have to be held
                error.add_note(f"{magnet.name} could not be held: {failure}")

    def make_safe(self) -> None:
        """Ramp to zero on a safe way, and return when it is there."""
        self.ramp_to([0.0 for _ in self.axes])


def _balls(radius: float | None, margin: float) -> list[Region]:
    return [] if radius is None else [Ball(radius + margin)]


def _boxes(boxes: Sequence[Sequence[float]], margin: float) -> list[Region]:
    return [Box(tuple(limit + margin for limit in box)) for box in boxes]


def _shown(point: Point) -> str:
    return f"({', '.join(f'{component:g}' for component in point)}) T"


class TwoAxisMagnet(VectorMagnet):
    """Two magnets, for x and y; see :class:`VectorMagnet`.

    >>> import luthier
    >>> from luthier_american_magnetics.vector_magnet import TwoAxisMagnet
    >>> x, y = (luthier.open("american_magnetics.ami430", f"sim://american_magnetics.ami430/{axis}") for axis in "xy")
    >>> magnet = TwoAxisMagnet("magnet", [x, y], radius=1.0)
    >>> magnet.plan([0.5, 0.5])
    [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]]
    >>> magnet.x(1.5)
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: magnet.x: the target (1.5, 0) T is outside the safe volume. Nothing moved. \
Go by way of a field that is well inside, or set path to 'axes'.
    >>> for one in (magnet, x, y):
    ...     one.close()
    """

    axes: ClassVar[tuple[str, ...]] = ("x", "y")

    x = parameter(
        float,
        get_cmd=lambda magnet: magnet.fields()[0],
        set_cmd=lambda magnet, field: _set_one(magnet, 0, field),
        unit="T",
        validator=Numbers(),
        snapshot=False,
        doc="Field along x; setting it moves there, y stays.",
    )
    y = parameter(
        float,
        get_cmd=lambda magnet: magnet.fields()[1],
        set_cmd=lambda magnet, field: _set_one(magnet, 1, field),
        unit="T",
        validator=Numbers(),
        snapshot=False,
        doc="Field along y; setting it moves there, x stays.",
    )
    phi = parameter(
        float,
        get_cmd=lambda magnet: degrees(atan2(*reversed(magnet.fields()[:2]))),
        unit="°",
        snapshot=False,
        doc="Direction of the field in the plane of x and y, from x, -180° to 180°.",
    )

    def ramp_to_polar(self, magnitude: float, phi: float) -> None:
        """Ramp to a magnitude in T at an angle in degrees, as :meth:`ramp_to` does."""
        self.ramp_to([magnitude * cos(radians(phi)), magnitude * sin(radians(phi))])


def _polar_angle(magnet: ThreeAxisMagnet) -> float:
    fields = magnet.fields()
    size = hypot(*fields)
    return degrees(acos(max(-1.0, min(1.0, fields[2] / size)))) if size else 0.0


class ThreeAxisMagnet(TwoAxisMagnet):
    """Three magnets, for x, y and z; see :class:`VectorMagnet`."""

    axes = ("x", "y", "z")

    z = parameter(
        float,
        get_cmd=lambda magnet: magnet.fields()[2],
        set_cmd=lambda magnet, field: _set_one(magnet, 2, field),
        unit="T",
        validator=Numbers(),
        snapshot=False,
        doc="Field along z; setting it moves there, x and y stay.",
    )
    theta = parameter(
        float,
        get_cmd=_polar_angle,
        unit="°",
        snapshot=False,
        doc="Angle between the field and z, 0° to 180°; 0 at zero.",
    )
    vector = group(
        "x",
        "y",
        "z",
        get_cmd=lambda magnet: magnet.fields(),
        set_cmd=lambda magnet, values: magnet.ramp_to([values[axis] for axis in magnet.axes]),
        doc="All components; setting it moves there.",
    )

    def ramp_to_spherical(self, magnitude: float, theta: float, phi: float) -> None:
        """Ramp to a magnitude in T at angles in degrees, as :meth:`ramp_to` does."""
        across = magnitude * sin(radians(theta))
        self.ramp_to([across * cos(radians(phi)), across * sin(radians(phi)), magnitude * cos(radians(theta))])

    def ramp_to_polar(self, magnitude: float, phi: float) -> None:
        """Ramp to a magnitude in T in the plane of x and y at an angle in degrees; z goes to zero."""
        self.ramp_to_spherical(magnitude, 90.0, phi)
