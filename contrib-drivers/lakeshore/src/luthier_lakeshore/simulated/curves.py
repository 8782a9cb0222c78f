"""The curves in simulated Lake Shore instruments."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import attrs

from luthier_lakeshore.simulated.messages import LakeShoreDevice, number, six_digits, within

__all__ = ["CurveKeeper", "StoredCurve", "unquoted"]

_POINTS: Final = 200
_FIRST_USER: Final = 21


@attrs.define
class StoredCurve:
    """One curve: header and points (sensor value, temperature)."""

    name: str = ""
    serial: str = ""
    format: int = 2
    limit: float = 375.0
    coefficient: int = 1
    points: dict[int, tuple[float, float]] = attrs.Factory(dict)

    def at(self, temperature: float) -> float:
        """Return the sensor value at a temperature, along straight lines, also beyond the ends."""
        points = sorted(((kelvin, value) for value, kelvin in self.points.values()), key=lambda point: point[0])
        if len(points) < 2:  # noqa: PLR2004 - a line
            return 1.0
        for low, high in pairwise(points):
            if temperature <= high[0] or high is points[-1]:
                return low[1] + (high[1] - low[1]) * (temperature - low[0]) / (high[0] - low[0])
        raise AssertionError


def _standard() -> dict[int, StoredCurve]:
    """Return some of the standard curves, with far fewer points than the instrument's."""
    diode = {1: (0.0906, 475.0), 2: (0.519, 300.0), 3: (1.02, 77.35), 4: (1.1, 28.0), 5: (1.626, 4.2), 6: (1.698, 1.4)}
    platinum = {1: (3.82, 30.0), 2: (20.2, 77.0), 3: (110.4, 300.0), 4: (332.0, 800.0)}
    return {
        1: StoredCurve("DT-470", "STANDARD C", 2, 475.0, 1, diode),
        2: StoredCurve("DT-670", "STANDARD", 2, 500.0, 1, diode),
        6: StoredCurve("PT-100", "STANDARD C", 3, 800.0, 2, platinum),
    }


class CurveKeeper(LakeShoreDevice):
    """The part of an instrument that keeps curves (CRVHDR, CRVPT, CRVDEL), also while it is off."""

    last_curve = 59

    def switch_on(self) -> None:
        """Keep the curves; a new instrument has the standard ones."""
        super().switch_on()
        if not hasattr(self, "curves"):
            self.curves = _standard()

    def curve(self, text: str) -> StoredCurve:
        """Return a curve by its number; a user's that was never written is empty."""
        place = int(within(text, 1, self.last_curve))
        return self.curves.setdefault(place, StoredCurve(f"User {place}"))

    def user_curve(self, text: str) -> StoredCurve:
        """Return a curve that can be written."""
        within(text, _FIRST_USER, self.last_curve)
        return self.curve(text)

    def ask_crvhdr(self, place: str) -> str:
        """Answer a header."""
        curve = self.curve(place)
        return f"{curve.name:15},{curve.serial:10},{curve.format},{curve.limit:+08.3f},{curve.coefficient}"

    def do_crvhdr(  # noqa: PLR0917 - what the command brings
        self, place: str, name: str, serial: str, form: str, limit: str, coefficient: str = "1"
    ) -> None:
        """Set a header."""
        curve = self.user_curve(place)
        read = self.format_of(form), within(limit, 0, 9999), int(within(coefficient, 1, 2))
        curve.name, curve.serial = unquoted(name)[:15], unquoted(serial)[:10]
        curve.format, curve.limit, curve.coefficient = read

    def format_of(self, text: str) -> int:
        """Return the number of a format, where the instrument has it."""
        return int(within(text, 1, 4))

    def ask_crvpt(self, place: str, index: str) -> str:
        """Answer a point; zeros where there is none."""
        value, kelvin = self.curve(place).points.get(int(within(index, 1, _POINTS)), (0.0, 0.0))
        return f"{six_digits(value)},{six_digits(kelvin)}"

    def do_crvpt(self, place: str, index: str, value: str, kelvin: str) -> None:
        """Set a point."""
        curve = self.user_curve(place)
        curve.points[int(within(index, 1, _POINTS))] = (number(value), number(kelvin))
        if len(curve.points) > 1:
            first, second = (curve.points[at] for at in sorted(curve.points)[:2])
            curve.coefficient = 2 if (second[1] - first[1]) * (second[0] - first[0]) > 0 else 1

    def do_crvdel(self, place: str) -> None:
        """Delete a curve."""
        self.user_curve(place)
        del self.curves[int(place)]


def unquoted(text: str) -> str:
    """Return text without the quotes around it."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
