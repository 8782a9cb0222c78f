"""The curves from sensor values to temperatures that Lake Shore instruments keep."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from luthier import Channel, group, parameter
from luthier.errors import ReplyError, UsageError, ValidationError
from luthier.scpi import format_float, format_string, parse_float, parse_int, parse_string
from luthier.validators import Ints, Numbers, Strings

from luthier_lakeshore.event_status import parts_of
from luthier_lakeshore.inputs import HEADER_PARTS, NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier import ScpiInstrument

__all__ = ["LARGEST_CURVE", "Curve"]

LARGEST_CURVE: Final = 200
"""Points."""


def _require_user_curve(curve: Curve) -> None:
    if curve.number() < curve.first_user_curve:
        raise UsageError(
            f"curve {curve.number()} is a standard curve of the instrument and cannot be changed",
            who=curve.full_name,
            state="Nothing was sent.",
            advice=f"Set {curve.full_name}.number to {curve.first_user_curve} or more.",
        )


def _ask_header(curve: Curve) -> tuple[str, str, int, float, int]:
    name, serial, form, limit, coefficient = parts_of(curve, f"CRVHDR? {curve.number()}", HEADER_PARTS)
    return parse_string(name), parse_string(serial), parse_int(form), parse_float(limit), parse_int(coefficient)


def _set_header(curve: Curve, values: dict[str, Any]) -> None:
    _require_user_curve(curve)
    texts = (
        format_string(values["curve_name"]),
        format_string(values["serial_number"]),
        curve.formats[values["format"]],
        format_float(values["setpoint_limit"]),
        COEFFICIENTS[values["coefficient"]],
    )
    curve.write(f"CRVHDR {curve.number()},{','.join(map(str, texts))}")


def _count_points(curve: Curve) -> int:
    """Find the last point that is not 0, 0: points come one after the other, so that eight questions are enough."""
    low, high = 0, LARGEST_CURVE
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if any(curve.point(middle)) else (low, middle - 1)
    return low


def _read_points(curve: Curve) -> tuple[np.ndarray, np.ndarray]:
    points = []
    for index in range(1, LARGEST_CURVE + 1):
        point = curve.point(index)
        if not any(point):
            break
        points.append(point)
    curve.points.accept_reading(len(points), len(points), "read")
    columns = np.array(points, dtype=float).reshape(-1, 2).T
    return columns[0], columns[1]


FORMATS: Final = {"mV/K": 1, "V/K": 2, "Ω/K": 3, "log Ω/K": 4}
COEFFICIENTS: Final = {"negative": 1, "positive": 2}


class Curve(Channel):
    """The curves of the instrument, of which one is looked at: choose it by ``number``.

    >>> import luthier
    >>> controller = luthier.open("lakeshore.336", "sim://", name="controller")
    >>> controller.curve.number(21)
    >>> controller.curve.header({"curve_name": "X12345", "serial_number": "12345", "format": "log Ω/K",
    ...     "setpoint_limit": 325.0, "coefficient": "negative"})
    >>> controller.curve.write_points([1.5, 2.0, 3.0], [300.0, 77.0, 4.2])
    >>> controller.curve.temperatures()
    array([300. ,  77. ,   4.2])
    >>> controller.close()
    """

    first_user_curve = 21
    formats: ClassVar[dict[str, int]] = FORMATS

    number = parameter(
        int, initial=21, validator=Ints(1, 59), snapshot=False, doc="Which curve is looked at; held here."
    )
    curve_name = parameter(
        str,
        group="header",
        validator=Strings(max_length=15, pattern=NAME),
        depends_on=("number",),
        snapshot=False,
        doc="Name, up to 15 characters (CRVHDR).",
    )
    serial_number = parameter(
        str,
        group="header",
        validator=Strings(max_length=10, pattern=NAME),
        depends_on=("number",),
        snapshot=False,
        doc="Serial number of the sensor, up to 10 characters (CRVHDR).",
    )
    format = parameter(
        str,
        group="header",
        mapping=FORMATS,
        depends_on=("number",),
        snapshot=False,
        doc="Units of the sensor values (CRVHDR).",
    )
    setpoint_limit = parameter(
        float,
        group="header",
        unit="K",
        validator=Numbers(0, 9999),
        depends_on=("number",),
        snapshot=False,
        doc="The largest setpoint of loops that use the curve (CRVHDR).",
    )
    coefficient = parameter(
        str,
        group="header",
        mapping=COEFFICIENTS,
        depends_on=("number",),
        snapshot=False,
        doc="Whether sensor values rise with the temperature; the instrument finds it from the first points (CRVHDR).",
    )
    header = group(
        "curve_name",
        "serial_number",
        "format",
        "setpoint_limit",
        "coefficient",
        get_cmd=_ask_header,
        set_cmd=_set_header,
        doc="Everything but the points, by one message; only of curves from 21 (CRVHDR).",
    )
    points = parameter(
        int,
        get_cmd=_count_points,
        depends_on=("number",),
        snapshot=False,
        doc="How many points the curve has, 200 at most; found by up to eight messages.",
    )
    sensor_values = parameter(
        np.ndarray,
        group="record",
        shape=("points",),
        depends_on=("number",),
        snapshot=False,
        doc="Sensor value of each point, in the units of the format (CRVPT?).",
    )
    temperatures = parameter(
        np.ndarray,
        group="record",
        unit="K",
        shape=("points",),
        axes=("sensor_values",),
        depends_on=("number",),
        snapshot=False,
        doc="Temperature of each point (CRVPT?).",
    )
    record = group(
        "sensor_values",
        "temperatures",
        get_cmd=_read_points,
        doc="All points, a message for each (CRVPT?).",
    )

    def __init__(self, parent: ScpiInstrument) -> None:
        super().__init__(parent, "curve")

    def point(self, index: int) -> tuple[float, float]:
        """Return sensor value and temperature of a point; both 0: there is none. ``index`` is 1 to 200."""
        question = f"CRVPT? {self.number()},{index}"
        reply = self.query(question)
        parts = reply.split(",")
        if len(parts) < 2:  # noqa: PLR2004 - a spline curve has a third part, its curvature
            raise ReplyError(
                f"{question!r} was answered by {reply!r}; expected: a sensor value and a temperature",
                command=question,
                reply=reply,
                expected="two numbers",
            )
        return parse_float(parts[0]), parse_float(parts[1])

    def write_points(self, sensor_values: Sequence[float], temperatures: Sequence[float]) -> None:
        """Replace the points of the curve, in the instrument, which keeps them when it is switched off.

        Its header stays. Where a point is refused, those before it are in the instrument, and no others.

        Parameters
        ----------
        sensor_values
            In the units of the format, rising all the way.
        temperatures
            In K; as many, at most 200.

        Raises
        ------
        ValidationError
            Not as many of both, too few or too many, not rising, not finite. Nothing was sent.
        UsageError
            The curve is one of the standard ones. Nothing was sent.
        """
        values, kelvins = [float(value) for value in sensor_values], [float(value) for value in temperatures]
        _require_user_curve(self)
        _check_points(self, values, kelvins)
        root: Any = self.root
        number = self.number()
        with self.monitor:
            header = self.header.get()
            try:
                self.write(f"CRVDEL {number}")
                self.header.set(header)
                for index, (value, kelvin) in enumerate(zip(values, kelvins, strict=True), start=1):
                    self.write(f"CRVPT {number},{index},{value!r},{kelvin!r}")
                    root.check_errors(f"CRVPT {number},{index},{value!r},{kelvin!r}")
            finally:
                for name in ("points", "sensor_values", "temperatures", "record"):
                    self.live(name).cache.invalidate()


def _check_points(curve: Curve, values: list[float], kelvins: list[float]) -> None:
    rising = all(first < second for first, second in pairwise(values))
    finite = all(map(isfinite, values + kelvins))
    if len(values) != len(kelvins) or not 2 <= len(values) <= LARGEST_CURVE or not rising or not finite:  # noqa: PLR2004 - a line
        raise ValidationError(
            f"cannot write {len(values)} sensor values and {len(kelvins)} temperatures: allowed are 2 to "
            f"{LARGEST_CURVE} of both, all finite, with sensor values that rise",
            who=curve.full_name,
            state="Nothing was sent.",
            value=values,
            allowed=f"2 to {LARGEST_CURVE} rising sensor values, and as many temperatures",
        )
