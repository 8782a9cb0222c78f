"""What the oscilloscopes of Rohde & Schwarz have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from luthier import Channel, ChannelList, ScpiInstrument, group, parameter
from luthier.errors import ReplyError
from luthier.scpi import ArrayFormat, format_float, parse_float
from luthier.validators import Ints, Numbers

if TYPE_CHECKING:
    from luthier import Parameter
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["DIVISIONS", "SOURCES_WITH_LEVEL", "Oscilloscope", "ScopeInput", "read_level", "set_level"]

VOLTAGES = ArrayFormat("f4", "little")
DIVISIONS = 5.0
"""From the middle of the screen to its edge."""
SOURCES_WITH_LEVEL = {"ch1": 1, "ch2": 2, "ch3": 3, "ch4": 4, "external": 5}
"""The suffix of the level of each trigger source that has one."""


def _smallest_scale(channel: ScopeInput) -> float:
    return 500e-6 * float(channel.probe.known_or_read())


def _largest_scale(channel: ScopeInput) -> float:
    return 10.0 * float(channel.probe.known_or_read())


def _times(channel: ScopeInput) -> NDArray[np.float64]:
    channel.waveform.get()
    return np.linspace(
        channel.first_time.known_or_read(), channel.last_time.known_or_read(), channel.points.known_or_read()
    )


def _trace(channel: ScopeInput) -> NDArray[np.float64]:
    channel.waveform.get()
    count = channel.values_per_point.known_or_read()
    if count != 1:
        raise ReplyError(
            f"the waveform of {channel.full_name} has {count} values at each time; expected: 1",
            command=f"CHAN{channel.number}:DATA:HEAD?",
            reply=f"{count} values at each time",
            expected="1 value at each time",
            advice="It is an envelope, or peaks are detected: end that, and acquire again.",
        )
    for command in channel.transfer:
        channel.write(command)
    return np.asarray(channel.query_array(f"CHAN{channel.number}:DATA?", VOLTAGES), dtype=np.float64)


class ScopeInput(Channel):
    """One input.

    ``transfer`` are the messages that choose how a trace travels; they are sent before each.
    """

    transfer: ClassVar[tuple[str, ...]] = ("FORM REAL,32", "FORM:BORD LSBF")
    probe: Declaration[float]

    scale = parameter(
        float,
        get_cmd="CHAN{number}:SCAL?",
        set_cmd="CHAN{number}:SCAL {}",
        unit="V",
        minimum=_smallest_scale,
        maximum=_largest_scale,
        depends_on=("probe",),
        doc="Voltage of one division: 500 µV to 10 V times the probe. With some models, and with 50 Ω, it is less, and "
        "beyond it the instrument reports an error (CHANnel:SCALe).",
    )
    position = parameter(
        float,
        get_cmd="CHAN{number}:POS?",
        set_cmd="CHAN{number}:POS {}",
        unit="",
        validator=Numbers(-DIVISIONS, DIVISIONS),
        depends_on=("offset",),
        doc="By how many divisions the trace is shown higher (CHANnel:POSition).",
    )
    enabled = parameter(
        bool,
        get_cmd="CHAN{number}:STAT?",
        set_cmd="CHAN{number}:STAT {}",
        doc="Whether the channel is acquired and shown (CHANnel:STATe).",
    )
    first_time = parameter(
        float,
        group="waveform",
        unit="s",
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Time of the first point, from the trigger.",
    )
    last_time = parameter(
        float,
        group="waveform",
        unit="s",
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Time of the last point, from the trigger.",
    )
    points = parameter(
        int,
        group="waveform",
        validator=Ints(0, None),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Number of points of the waveform.",
    )
    values_per_point = parameter(
        int,
        group="waveform",
        relevant_when={"enabled": True},
        snapshot=False,
        doc="How many values there are at each time: 1, and 2 where there is the lowest and the highest.",
    )
    waveform = group(
        "first_time",
        "last_time",
        "points",
        "values_per_point",
        get_cmd="CHAN{number}:DATA:HEAD?",
        relevant_when={"enabled": True},
        doc="What was acquired last (CHANnel:DATA:HEADer?).",
    )
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("points",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="Times of the trace, from the trigger; computed from the header (CHANnel:DATA:HEADer?).",
    )
    trace = parameter(
        np.ndarray,
        get_cmd=_trace,
        unit="V",
        shape=("points",),
        axes=("times",),
        relevant_when={"enabled": True},
        snapshot=False,
        doc="What was acquired last, as numbers of single precision (CHANnel:DATA?).",
    )

    def __init__(self, parent: Oscilloscope, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number


class Oscilloscope(ScpiInstrument):
    """What is alike with all of them; ``single_command`` starts one acquisition."""

    level_command: ClassVar[str]
    run_command: ClassVar[str]
    single_command: ClassVar[str]

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        kind, count = self.kind_of_inputs()
        self.inputs = ChannelList(self, "inputs", [kind(self, number + 1) for number in range(count)])
        for function, command, doc in (
            ("run", self.run_command, "Acquire again and again."),
            ("stop", "STOP", "Acquire no more; what was acquired last stays (STOP)."),
            ("single", self.single_command, "Acquire once, at the next trigger, and do not wait for it."),
        ):
            self.add_function(function, command, doc=doc)

    def kind_of_inputs(self) -> tuple[type[ScopeInput], int]:
        """Return what inputs the model has, and how many; asked once, when the instrument is opened."""
        raise NotImplementedError

    def acquire(self, timeout: float = 10.0) -> None:
        """Acquire once, at the next trigger, and wait up to ``timeout`` seconds for the end.

        After :class:`~luthier.errors.ResponseTimeoutError` the instrument still waits for its trigger: ``stop()``
        ends that.
        """
        with self.monitor:
            self.write(self.single_command)
            self.wait_complete(timeout=timeout)
            if self.error_policy != "never":
                self.check_errors(self.single_command)


def read_level(scope: Any) -> float:
    """Ask for the level of the source that triggers."""
    return parse_float(scope.query(f"{scope.level_command}{_level_number(scope.trigger_source)}?"))


def set_level(scope: Any, level: float) -> None:
    """Set the level of the source that triggers."""
    scope.write(f"{scope.level_command}{_level_number(scope.trigger_source)} {format_float(level)}")


def _level_number(source: Parameter[str]) -> int:
    return SOURCES_WITH_LEVEL[source.known_or_read()]
