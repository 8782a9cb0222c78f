"""The Keysight InfiniiVision 2000 X-Series and 3000 X-Series oscilloscopes, and their relatives.

Waveforms, their preamble and formats, trigger modes: InfiniiVision 2000 X-Series Oscilloscopes Programmer's Guide,
chapters 29 and 30 (pages 589, 631 to 633 and 644); levels of triggers: 3000T X-Series Oscilloscopes Programmer's Guide,
page 1014; measurements that cannot be made: M9241/42/43A PXIe Oscilloscopes SCPI Programmer's Guide, page 460. The
other commands are known from drivers and programs of other projects; those pages of the guides were not at hand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from luthier import ChannelList, ScpiInstrument, parameter
from luthier.scpi import parse_int
from luthier.validators import Enum, Ints, Numbers

from luthier_keysight.infiniivision_input import DIVISIONS, InfiniiVisionInput

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["InfiniiVision"]

RUNNING = 8
"""Bit 3 of the operation status condition register."""
SCREEN_POINTS = 1000
POINTS = (
    *(100, 250, 500, 1000),
    *(step * 10**decade for decade in (3, 4, 5) for step in (2, 5, 10)),
    *(2_000_000, 4_000_000, 8_000_000),
)
SOURCES: Mapping[str, str] = {
    **{f"ch{number}": f"CHAN{number}" for number in (1, 2, 3, 4)},
    "external": "EXT",
    "mains": "LINE",
    "generator": "WGEN",
    **{f"d{number}": f"DIG{number}" for number in range(16)},
}
WITH_LEVEL = ("ch1", "ch2", "ch3", "ch4", "external")


def _level(scope: InfiniiVision, divisions: float) -> float | None:
    source = scope.trigger_source.known_or_read()
    if source not in scope.channels:
        return None
    channel = scope.channels[source]
    scale = float(channel["scale"].known_or_read())  # first, because it ends what is known of the offset
    return float(channel["offset"].known_or_read()) + divisions * scale


def _lowest_level(scope: InfiniiVision) -> float | None:
    return _level(scope, -DIVISIONS)


def _highest_level(scope: InfiniiVision) -> float | None:
    return _level(scope, DIVISIONS)


def _most_points(scope: InfiniiVision) -> int | None:
    return SCREEN_POINTS if scope.points_mode.known_or_read() == "normal" else None


class InfiniiVision(ScpiInstrument):
    """Keysight InfiniiVision 2000 X-Series and 3000 X-Series: oscilloscopes of two or four channels.

    Interfaces: USB, LAN (VXI-11, and a socket on port 5025), GPIB as an option; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware, and without the whole guide.

    Opening one asks who it is, because the last figure of a model is the number of its inputs, and changes nothing. It
    measures only, so that there is nothing to make safe; the generator that some have inside is not driven. Inputs are
    ``ch1`` …, or ``inputs[0]``. Reading a trace chooses what the instrument sends (:WAVeform:SOURce, :FORMat,
    :BYTeorder and :UNSigned), which changes nothing of what it measures. To measure: ``acquire()``, then read the
    traces of the channels that are enabled.

    >>> import luthier
    >>> with luthier.open("keysight.infiniivision", "sim://", name="scope") as scope:
    ...     scope.ch1.scale(1.0)
    ...     scope.time_scale(500e-6)
    ...     scope.trigger_level(1.0)
    ...     scope.acquire()
    ...     trace = scope.ch1.trace()
    ...     trace.shape, round(float(trace.max()), 2), scope.ch1.frequency()
    ((1000,), 2.5, 1000.0)
    """

    simulator = "keysight.infiniivision"

    time_scale = parameter(
        float,
        get_cmd="TIM:SCAL?",
        set_cmd="TIM:SCAL {}",
        unit="s",
        validator=Numbers(500e-12, 50),
        doc="Time of one of the 10 divisions; the shortest depends on the bandwidth of the model, and what is not "
        "possible is reported by the instrument (:TIMebase:SCALe).",
    )
    time_offset = parameter(
        float,
        get_cmd="TIM:POS?",
        set_cmd="TIM:POS {}",
        unit="s",
        doc="Time at the place that time_reference says, from the trigger; what is possible depends on time_scale "
        "(:TIMebase:POSition).",
    )
    time_reference = parameter(
        str,
        get_cmd="TIM:REF?",
        set_cmd="TIM:REF {}",
        mapping={"left": "LEFT", "center": "CENT", "right": "RIGH"},
        doc="Where on the screen time_offset is: in the middle, or a division from one of the edges "
        "(:TIMebase:REFerence).",
    )
    acquisition = parameter(
        str,
        get_cmd="ACQ:TYPE?",
        set_cmd="ACQ:TYPE {}",
        mapping={"normal": "NORM", "average": "AVER", "high resolution": "HRES", "peak detect": "PEAK"},
        doc="How samples become points: one of them, the mean over averages acquisitions, the mean of neighbours, or "
        "the lowest and the highest (:ACQuire:TYPE, page 631).",
    )
    averages = parameter(
        int,
        get_cmd="ACQ:COUN?",
        set_cmd="ACQ:COUN {}",
        validator=Ints(2, 65_536),
        doc="Over how many acquisitions is averaged (:ACQuire:COUNt).",
    )
    sample_rate = parameter(
        float, get_cmd="ACQ:SRAT?", unit="Hz", snapshot=False, doc="Samples in a second (:ACQuire:SRATe?)."
    )
    waveform_points = parameter(
        int,
        get_cmd="WAV:POIN?",
        set_cmd="WAV:POIN {}",
        validator=Enum(*POINTS),
        maximum=_most_points,
        depends_on=("points_mode",),
        snapshot=False,
        doc="How many points a trace shall have: 100, 250, 500 or 1000, and with points_mode maximum or raw more, in "
        "steps of 1, 2 and 5; those above 50 000 are not confirmed. There may be fewer: points of a channel says how "
        "many (:WAVeform:POINts).",
    )
    points_mode = parameter(
        str,
        get_cmd="WAV:POIN:MODE?",
        set_cmd="WAV:POIN:MODE {}",
        mapping={"normal": "NORM", "maximum": "MAX", "raw": "RAW"},
        doc="Which points a trace has: those on the screen, those of the memory where it is stopped, or those of the "
        "memory (:WAVeform:POINts:MODE).",
    )
    trigger_type = parameter(
        str,
        get_cmd="TRIG:MODE?",
        set_cmd="TRIG:MODE {}",
        mapping={"edge": "EDGE", "pulse width": "GLIT", "pattern": "PATT", "video": "TV"},
        doc="Of what kind the trigger is; for the other parameters of triggers: edge (:TRIGger:MODE, page 589).",
    )
    trigger_source = parameter(
        str,
        get_cmd="TRIG:EDGE:SOUR?",
        set_cmd="TRIG:EDGE:SOUR {}",
        mapping=SOURCES,
        doc="Whose edge triggers; a model without generator or digital channels reports an error for those "
        "(:TRIGger[:EDGE]:SOURce).",
    )
    trigger_slope = parameter(
        str,
        get_cmd="TRIG:EDGE:SLOP?",
        set_cmd="TRIG:EDGE:SLOP {}",
        mapping={"rising": "POS", "falling": "NEG", "both": "EITH", "alternating": "ALT"},
        doc="Which edge triggers (:TRIGger[:EDGE]:SLOPe).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TRIG:EDGE:LEV?",
        set_cmd="TRIG:EDGE:LEV {}",
        unit="V",
        minimum=_lowest_level,
        maximum=_highest_level,
        relevant_when={"trigger_source": WITH_LEVEL},
        depends_on=("trigger_source",),
        doc="Level of the source that triggers: up to six divisions from the middle of the screen "
        "(:TRIGger[:EDGE]:LEVel).",
    )
    trigger_coupling = parameter(
        str,
        get_cmd="TRIG:EDGE:COUP?",
        set_cmd="TRIG:EDGE:COUP {}",
        mapping={"dc": "DC", "ac": "AC", "reject low frequencies": "LFR"},
        doc="Coupling of the source to the trigger; not confirmed (:TRIGger[:EDGE]:COUPling).",
    )
    trigger_sweep = parameter(
        str,
        get_cmd="TRIG:SWE?",
        set_cmd="TRIG:SWE {}",
        mapping={"auto": "AUTO", "normal": "NORM"},
        doc="Whether it acquires without a trigger too, or with triggers alone (:TRIGger:SWEep, page 589).",
    )
    trigger_holdoff = parameter(
        float,
        get_cmd="TRIG:HOLD?",
        set_cmd="TRIG:HOLD {}",
        unit="s",
        validator=Numbers(40e-9, 10),
        doc="Time from a trigger to where the next can be; that it is 40 ns to 10 s, and with some models 60 ns at "
        "least, is not confirmed (:TRIGger:HOLDoff).",
    )
    running = parameter(
        bool,
        get_cmd="OPER:COND?",
        get_parser=lambda reply: bool(parse_int(reply) & RUNNING),
        snapshot=False,
        doc="Whether it acquires, or waits for a trigger (:OPERegister:CONDition?, bit 3).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.inputs = ChannelList(
            self, "inputs", [InfiniiVisionInput(self, number + 1) for number in range(self._count_inputs())]
        )
        for function, command, doc in (
            ("run", "RUN", "Acquire again and again (:RUN)."),
            ("stop", "STOP", "Acquire no more; what was acquired last stays (:STOP)."),
            ("single", "SING", "Acquire once, at the next trigger, and do not wait: look at running (:SINGle)."),
            ("force_trigger", "TRIG:FORC", "Take now as the trigger (:TRIGger:FORCe)."),
            ("autoscale", "AUT", "Let it choose scales and trigger for what is at its inputs (:AUToscale)."),
        ):
            self.add_function(function, command, doc=doc)

    def _count_inputs(self) -> int:
        found = re.search(r"\d*([24])\D*$", self.idn.model)
        return int(found[1]) if found else 4

    def acquire(self, timeout: float = 10.0) -> None:
        """Acquire what is enabled, as ``acquisition`` says, and wait up to ``timeout`` seconds for the end.

        Sends :DIGitize, after which the instrument is stopped. After :class:`~luthier.errors.ResponseTimeoutError` it
        still waits for its trigger; what ends that is a device clear, or the trigger.
        """
        with self.monitor:
            self.write("DIG")
            self.wait_complete(timeout=timeout)
            if self.error_policy != "never":
                self.check_errors("DIG")
