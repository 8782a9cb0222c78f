"""The waveform generator of a 6221.

Commands and limits: see :mod:`luthier_keithley.source6221`; section 7 of the manual was not at hand.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, parameter
from luthier.errors import ValidationError
from luthier.scpi import format_float
from luthier.validators import AnyOf, Enum, Ints, Numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Wave", "finite_or_inf"]

FUNCTIONS = {
    "sine": "SIN",
    "square": "SQU",
    "ramp": "RAMP",
    "arbitrary 0": "ARB0",
    "arbitrary 1": "ARB1",
    "arbitrary 2": "ARB2",
    "arbitrary 3": "ARB3",
    "arbitrary 4": "ARB4",
}
LARGEST_CURRENT = 0.105
POINTS_OF_A_MESSAGE = 100
FEWEST_POINTS = 2
LOCATIONS = 4


def finite_or_inf(number: float) -> str:
    """Return what is sent for a number that may be infinite."""
    return "INF" if number == inf else format_float(number)


class Wave(Channel):
    """Sine, square, ramp and arbitrary waves: set up, ``arm()``, ``start()``, and ``abort()`` at the end.

    A wave is loaded when it is armed. It is started with the output on; arming switches that on by itself.
    """

    waveform = parameter(
        str,
        get_cmd="SOUR:WAVE:FUNC?",
        set_cmd="SOUR:WAVE:FUNC {}",
        mapping=FUNCTIONS,
        doc="Shape (SOURce:WAVE:FUNCtion).",
    )
    amplitude = parameter(
        float,
        get_cmd="SOUR:WAVE:AMPL?",
        set_cmd="SOUR:WAVE:AMPL {}",
        unit="A",
        validator=Numbers(2e-12, LARGEST_CURRENT),
        doc="Amplitude, from the offset to the peak (SOURce:WAVE:AMPLitude).",
    )
    frequency = parameter(
        float,
        get_cmd="SOUR:WAVE:FREQ?",
        set_cmd="SOUR:WAVE:FREQ {}",
        unit="Hz",
        validator=Numbers(1e-3, 1e5),
        doc="Frequency (SOURce:WAVE:FREQuency).",
    )
    offset = parameter(
        float,
        get_cmd="SOUR:WAVE:OFFS?",
        set_cmd="SOUR:WAVE:OFFS {}",
        unit="A",
        validator=Numbers(-LARGEST_CURRENT, LARGEST_CURRENT),
        doc="Offset (SOURce:WAVE:OFFSet).",
    )
    duty_cycle = parameter(
        float,
        get_cmd="SOUR:WAVE:DCYC?",
        set_cmd="SOUR:WAVE:DCYC {}",
        unit="%",
        validator=Numbers(0, 100),
        doc="Duty cycle of square and ramp (SOURce:WAVE:DCYCle).",
    )
    ranging = parameter(
        str,
        get_cmd="SOUR:WAVE:RANG?",
        set_cmd="SOUR:WAVE:RANG {}",
        mapping={"best": "BEST", "fixed": "FIX"},
        doc='"best" takes the lowest range that holds the wave when it is armed; "fixed" keeps the present one '
        "(SOURce:WAVE:RANGing).",
    )
    duration = parameter(
        float,
        get_cmd="SOUR:WAVE:DUR:TIME?",
        set_cmd="SOUR:WAVE:DUR:TIME {}",
        unit="s",
        validator=AnyOf(Numbers(100e-9, 999_999.999), Enum(inf)),
        set_parser=finite_or_inf,
        depends_on=("cycles",),
        doc="How long it goes on: up to 999999.999 s, or infinity (SOURce:WAVE:DURation:TIME).",
    )
    cycles = parameter(
        float,
        get_cmd="SOUR:WAVE:DUR:CYCL?",
        set_cmd="SOUR:WAVE:DUR:CYCL {}",
        unit="",
        validator=AnyOf(Numbers(1e-3, 99_999_999_900), Enum(inf)),
        set_parser=finite_or_inf,
        depends_on=("duration",),
        doc="The same in periods: up to 99999999900, or infinity (SOURce:WAVE:DURation:CYCLes).",
    )
    marker_phase = parameter(
        float,
        get_cmd="SOUR:WAVE:PMAR?",
        set_cmd="SOUR:WAVE:PMAR {}",
        unit="°",
        validator=Numbers(0, 360),
        doc="Where in the period the phase marker is, a reference for lock-in amplifiers (SOURce:WAVE:PMARk).",
    )
    marker_line = parameter(
        int,
        get_cmd="SOUR:WAVE:PMAR:OLIN?",
        set_cmd="SOUR:WAVE:PMAR:OLIN {}",
        validator=Ints(1, 6),
        doc="The line of the trigger link on which the phase marker is (SOURce:WAVE:PMARk:OLINe).",
    )
    marker = parameter(
        bool,
        get_cmd="SOUR:WAVE:PMAR:STAT?",
        set_cmd="SOUR:WAVE:PMAR:STAT {}",
        doc="Whether there is a phase marker (SOURce:WAVE:PMARk:STATe).",
    )

    def __init__(self, parent: Any, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("arm", "SOUR:WAVE:ARM", doc="Load the wave; the output goes on (SOURce:WAVE:ARM).")
        self.add_function("start", "SOUR:WAVE:INIT", doc="Start the armed wave (SOURce:WAVE:INITiate).")
        self.add_function("abort", "SOUR:WAVE:ABOR", doc="Stop the wave, and unload it (SOURce:WAVE:ABORt).")

    def upload(self, points: ArrayLike, location: int) -> None:
        """Store one period of an arbitrary wave, and choose it.

        ``SOUR:WAVE:ARB:DATA`` with up to 100 points, ``SOUR:WAVE:ARB:APP`` with the next ones, ``SOUR:WAVE:ARB:COPY``
        and ``SOUR:WAVE:FUNC`` are sent.

        Parameters
        ----------
        points
            At least two numbers from -1 to 1, in parts of the amplitude.
        location
            1 to 4, which survive switching off. What is there is overwritten.

        Raises
        ------
        ValidationError
            For other points or locations; nothing is sent.
        """
        samples = np.asarray(points, dtype=float)
        allowed = f"a row of {FEWEST_POINTS} or more numbers from -1 to 1, and a location from 1 to {LOCATIONS}"
        fits = samples.ndim == 1 and len(samples) >= FEWEST_POINTS and bool(np.all(np.abs(samples) <= 1))
        if not fits or location not in range(1, LOCATIONS + 1):
            raise ValidationError(
                f"cannot store points of shape {samples.shape} and of up to {np.max(np.abs(samples), initial=0):g} at "
                f"location {location!r}: allowed is {allowed}",
                who=self.full_name,
                state="Nothing was sent.",
                advice="Divide the points by their largest magnitude, and set the amplitude.",
                value=location if fits else samples.shape,
                allowed=allowed,
            )
        for start in range(0, len(samples), POINTS_OF_A_MESSAGE):
            header = "APP" if start else "DATA"
            part = ",".join(format_float(one) for one in samples[start : start + POINTS_OF_A_MESSAGE].tolist())
            self.write(f"SOUR:WAVE:ARB:{header} {part}")
        self.write(f"SOUR:WAVE:ARB:COPY {location}")
        self.waveform(f"arbitrary {location}")
