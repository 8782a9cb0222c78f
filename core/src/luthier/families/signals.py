"""Families of what makes, watches and analyses signals."""

from __future__ import annotations

import attrs

from luthier.families.family import CommonFunction, CommonParameter, Family, Place

__all__ = [
    "FUNCTION_GENERATOR",
    "LOCK_IN",
    "NETWORK_ANALYZER",
    "OSCILLOSCOPE",
    "SIGNAL_GENERATOR",
    "SPECTRUM_ANALYZER",
]

_FREQUENCY = CommonParameter("frequency", "float", "Hz", "Frequency of the signal.", settable=True)
_PHASE = CommonParameter("phase", "float", "°", "Phase of the signal.", settable=True, required=False)

SIGNAL_GENERATOR = Family(
    "signal_generator",
    "signal generator",
    "A sine of high frequency at one output. No digit of the frequency is lost on the way.",
    (
        Place(
            parameters=(
                _FREQUENCY,
                CommonParameter("power", "float", "dBm", "Power of the signal, into 50 Ω.", settable=True),
                CommonParameter("output", "bool", "", "Whether the signal is at the output.", settable=True),
                _PHASE,
            )
        ),
    ),
)

FUNCTION_GENERATOR = Family(
    "function_generator",
    "function generator",
    "Also a generator with one output has it in outputs. Amplitude and offset are for the load that is set.",
    (
        Place(
            "outputs",
            (
                CommonParameter(
                    "waveform",
                    "str",
                    "",
                    "Form of the signal.",
                    settable=True,
                    words=("sine", "square", "ramp", "pulse", "noise", "dc", "arbitrary"),
                ),
                _FREQUENCY,
                CommonParameter("amplitude", "float", "V", "From peak to peak.", settable=True),
                CommonParameter("offset", "float", "V", "Mean of the signal.", settable=True),
                CommonParameter("output", "bool", "", "Whether the signal is at the output.", settable=True),
                _PHASE,
                CommonParameter(
                    "load",
                    "float",
                    "Ω",
                    "What the output is loaded with, infinite for an open one.",
                    settable=True,
                    required=False,
                ),
            ),
            many=True,
        ),
    ),
)

OSCILLOSCOPE = Family(
    "oscilloscope",
    "oscilloscope",
    "A trace is in volts, with the scale of its probe, and has the times as its axis.",
    (
        Place(
            parameters=(
                CommonParameter("time_scale", "float", "s", "Time of one division.", settable=True),
                CommonParameter("time_offset", "float", "s", "Where the trigger is; 0: in the middle.", settable=True),
                CommonParameter("trigger_level", "float", "V", "Level of the trigger.", settable=True, required=False),
                CommonParameter("trigger_source", "str", "", "What triggers.", settable=True, required=False),
            ),
            functions=(
                CommonFunction("run", "Acquire again and again."),
                CommonFunction("stop", "Acquire no more."),
                CommonFunction("single", "Acquire once, at the next trigger."),
            ),
        ),
        Place(
            "inputs",
            (
                CommonParameter("enabled", "bool", "", "Whether the channel is acquired.", settable=True),
                CommonParameter("scale", "float", "V", "Voltage of one division.", settable=True),
                CommonParameter("offset", "float", "V", "Voltage at the middle of the screen.", settable=True),
                CommonParameter("coupling", "str", "", "Coupling of the input.", settable=True, required=False),
                CommonParameter("trace", "array", "V", "What was acquired last.", axis="times"),
            ),
            many=True,
        ),
    ),
)

LOCK_IN = Family(
    "lock_in",
    "lock-in amplifier",
    "Readings are root mean square.",
    (
        Place(
            parameters=(
                CommonParameter("x", "float", "V", "Signal in phase with the reference."),
                CommonParameter("y", "float", "V", "Signal a quarter of a period behind it."),
                CommonParameter("r", "float", "V", "Magnitude of the signal."),
                CommonParameter("theta", "float", "°", "Phase of the signal against the reference."),
                attrs.evolve(_FREQUENCY, doc="Frequency of the reference."),
                CommonParameter("phase", "float", "°", "Phase that is added to the reference.", settable=True),
                CommonParameter("sensitivity", "float", "V", "Signal at full scale.", settable=True),
                CommonParameter("time_constant", "float", "s", "Of the low-pass filter.", settable=True),
                CommonParameter(
                    "amplitude",
                    "float",
                    "V",
                    "Of the reference output, root mean square.",
                    settable=True,
                    required=False,
                ),
                CommonParameter("harmonic", "int", "", "Which harmonic is detected.", settable=True, required=False),
            )
        ),
    ),
)

_SPAN = tuple(
    CommonParameter(name, "float", "Hz", doc, settable=True)
    for name, doc in (
        ("start", "First frequency."),
        ("stop", "Last frequency."),
        ("center", "Middle of the first and the last frequency."),
        ("span", "Distance of the first and the last frequency."),
    )
)
_POINTS = CommonParameter("points", "int", "", "How many frequencies.", settable=True)
_FREQUENCIES = CommonParameter("frequencies", "array", "Hz", "The frequencies of a trace.")

NETWORK_ANALYZER = Family(
    "network_analyzer",
    "network analyser",
    "Traces are arrays of complex ratios, named for the scattering parameter, with the frequencies as their axis.",
    (
        Place(
            parameters=(
                *_SPAN,
                _POINTS,
                CommonParameter("power", "float", "dBm", "Power of the stimulus.", settable=True),
                CommonParameter("if_bandwidth", "float", "Hz", "Bandwidth of the receiver.", settable=True),
                _FREQUENCIES,
                *(
                    CommonParameter(
                        name, "array", "", f"Scattering parameter {name[1:]}.", required=False, axis="frequencies"
                    )
                    for name in ("s11", "s12", "s21", "s22")
                ),
            ),
            one_of=("s11", "s12", "s21", "s22"),
        ),
    ),
)

SPECTRUM_ANALYZER = Family(
    "spectrum_analyzer",
    "spectrum analyser",
    "A trace has the frequencies as its axis.",
    (
        Place(
            parameters=(
                *_SPAN,
                _POINTS,
                CommonParameter("resolution_bandwidth", "float", "Hz", "Bandwidth of the filter.", settable=True),
                CommonParameter("video_bandwidth", "float", "Hz", "Bandwidth behind the detector.", settable=True),
                CommonParameter("reference_level", "float", "dBm", "Power at the top of the screen.", settable=True),
                _FREQUENCIES,
                CommonParameter("trace", "array", "dBm", "Power at each frequency.", axis="frequencies"),
            )
        ),
    ),
)
