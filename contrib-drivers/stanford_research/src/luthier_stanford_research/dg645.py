"""The DG645 digital delay generator.

The DG645 User Manual (chapter "Remote Programming") was not at hand. Commands, numbers of choices and the limits of the
trigger level are those of the maker's Python package srsinst.dg645 0.1.0, whose tests run on an instrument; error
numbers, and the limits of outputs and bursts, those of the driver in Lantz (2017). Not confirmed: the limits of rate,
hold-off and delays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from luthier import Channel, ChannelList, ScpiInstrument, group, parameter
from luthier.scpi import format_float
from luthier.validators import Ints, Numbers

from luthier_stanford_research.lock_in_tables import by_number
from luthier_stanford_research.reported_errors import ERROR_NUMBERS, ErrorNumberInstrument

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Dg645", "Dg645Delay", "Dg645Output"]

DELAYS = {name: number for number, name in enumerate("ABCDEFGH", start=2)}
REFERENCES = {"T0": "0", **{name: str(number) for name, number in DELAYS.items()}}
LONGEST = 2000.0


def _moment(generator: Dg645, name: str) -> float:
    """Return seconds from T0 to a reference, as known."""
    moment = 0.0
    for _ in DELAYS:
        if name == "T0":
            break
        delay = generator.delays[name]
        moment += delay.delay.known_or_read()
        name = delay.reference.known_or_read()
    return moment


def _reference_moment(delay: Dg645Delay) -> float:
    return _moment(delay.generator, delay.reference.known_or_read())


class Dg645Delay(Channel):
    """One edge, A to H: so long after T0, or after another edge."""

    reference = parameter(str, group="setting", mapping=REFERENCES, doc="What the delay counts from.")
    delay = parameter(
        float,
        group="setting",
        unit="s",
        validator=Numbers(-LONGEST, LONGEST),
        minimum=lambda delay: 0.0 - _reference_moment(delay),
        maximum=lambda delay: LONGEST - _reference_moment(delay),
        doc="Time from the reference to the edge, in steps of 5 ps. From T0 it may be 0 s to 2000 s; before another "
        "edge "
        "it is negative.",
    )
    setting = group(
        "reference",
        "delay",
        get_cmd="DLAY? {number}",
        set_cmd="DLAY {number},{reference},{delay}",
        doc="Both, by one message (DLAY). Edges that count from this one move with it.",
    )

    def __init__(self, parent: Dg645, name: str) -> None:
        super().__init__(parent, name)
        self.generator = parent
        self.number = DELAYS[name]

    def place(self, reference: str, delay: float) -> None:
        """Set both at once, so that the present reference does not limit the new delay (``DLAY``).

        Raises :class:`~luthier.errors.ValidationError` for a reference that there is not, and
        :class:`~luthier.errors.InstrumentReportedError` where the edge would come before T0 or after 2000 s; it is
        then as it was.
        """
        with self.monitor:
            counted = REFERENCES[self.reference.check(reference)]
            command = f"DLAY {self.number},{counted},{format_float(delay)}"
            self.forget()
            self.generator.write(command)
            if self.generator.confirm_set is not None:
                self.generator.confirm_set(command)


def _edge(name: str) -> type[Dg645Delay]:
    """Return the class of one edge, which counts from every other one."""
    others = {other: number for other, number in REFERENCES.items() if other != name}
    members = {"__doc__": f"The edge {name}.", "reference": Dg645Delay.reference.replace(mapping=others)}
    return type(f"Dg645Edge{name}", (Dg645Delay,), members)


EDGES = {name: _edge(name) for name in DELAYS}


class Dg645Output(Channel):
    """One output: T0, or the pulse between two edges."""

    amplitude = parameter(
        float,
        get_cmd="LAMP? {number}",
        set_cmd="LAMP {number},{}",
        unit="V",
        validator=Numbers(0.5, 5.0),
        resolution=0.01,
        doc="Height of the pulse into 50 Ω (LAMP).",
    )
    offset = parameter(
        float,
        get_cmd="LOFF? {number}",
        set_cmd="LOFF {number},{}",
        unit="V",
        validator=Numbers(-2, 2),
        resolution=0.01,
        doc="Level from which the pulse rises, or falls to (LOFF).",
    )
    polarity = parameter(
        str,
        get_cmd="LPOL? {number}",
        set_cmd="LPOL {number},{}",
        mapping=by_number("negative", "positive"),
        doc="Whether the output is high during the pulse, or low (LPOL).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number


class Dg645(ErrorNumberInstrument):
    """Stanford Research Systems DG645: a digital delay generator with eight edges and five outputs.

    Manual: DG645 User Manual, chapter "Remote Programming"; it was not at hand. Commands are those of the maker's
    Python package.

    Interfaces: GPIB, LAN (VXI-11, and raw TCP on port 5025) and RS-232.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it changes nothing. Errors are taken from the queue of ``LERR?`` after each set. Outputs cannot be switched
    off: :meth:`make_safe` chooses the trigger source "single shot", so that no further pulse comes.

    >>> import luthier
    >>> with luthier.open("stanford_research.dg645", "sim://", name="delays") as delays:
    ...     delays.delays["A"].delay(1e-6)
    ...     delays.delays["B"].setting({"reference": "A", "delay": 250e-9})
    ...     delays.trigger_rate(10e3)
    ...     delays.delays["B"].delay()
    2.5e-07
    """

    simulator = "stanford_research.dg645"
    error_numbers: ClassVar[Mapping[int, str]] = {
        **ERROR_NUMBERS,
        10: "illegal value",
        11: "illegal mode",
        12: "illegal delay",
        13: "illegal link",
        14: "recall failed",
        15: "not allowed",
        16: "failed self-test",
        17: "failed auto calibration",
    }

    trigger_source = parameter(
        str,
        get_cmd="TSRC?",
        set_cmd="TSRC {}",
        mapping=by_number(
            "internal",
            "external rising",
            "external falling",
            "single external rising",
            "single external falling",
            "single shot",
            "line",
        ),
        doc="What starts a cycle of delays (TSRC).",
    )
    trigger_rate = parameter(
        float,
        get_cmd="TRAT?",
        set_cmd="TRAT {}",
        unit="Hz",
        validator=Numbers(1e-4, 10e6),
        doc="Rate of the internal trigger, in steps of 1 µHz; its limits are not confirmed (TRAT).",
    )
    trigger_level = parameter(
        float,
        get_cmd="TLVL?",
        set_cmd="TLVL {}",
        unit="V",
        validator=Numbers(-3.5, 3.5),
        resolution=0.01,
        doc="Threshold of the external trigger (TLVL).",
    )
    advanced_triggering = parameter(
        bool, get_cmd="ADVT?", set_cmd="ADVT {}", doc="Whether hold-off and prescaling are in use (ADVT)."
    )
    holdoff = parameter(
        float,
        get_cmd="HOLD?",
        set_cmd="HOLD {}",
        unit="s",
        validator=Numbers(0, LONGEST),
        doc="Shortest time between two triggers, with advanced triggering; its limit is not confirmed (HOLD).",
    )
    inhibit = parameter(
        str,
        get_cmd="INHB?",
        set_cmd="INHB {}",
        mapping=by_number("off", "triggers", "AB", "AB CD", "AB CD EF", "AB CD EF GH"),
        doc="What the inhibit input holds back (INHB).",
    )
    burst = parameter(bool, get_cmd="BURM?", set_cmd="BURM {}", doc="Whether a trigger starts several cycles (BURM).")
    burst_count = parameter(
        int,
        get_cmd="BURC?",
        set_cmd="BURC {}",
        unit="",
        validator=Ints(1, 2**32 - 1),
        doc="Cycles of a burst (BURC).",
    )
    burst_period = parameter(
        float,
        get_cmd="BURP?",
        set_cmd="BURP {}",
        unit="s",
        validator=Numbers(100e-9, 42.94),
        resolution=1e-8,
        doc="Time between the cycles of a burst, in steps of 10 ns (BURP).",
    )
    burst_delay = parameter(
        float,
        get_cmd="BURD?",
        set_cmd="BURD {}",
        unit="s",
        validator=Numbers(0, LONGEST),
        doc="Time from the trigger to the first cycle of a burst (BURD).",
    )
    burst_t0 = parameter(
        str,
        get_cmd="BURT?",
        set_cmd="BURT {}",
        mapping=by_number("all", "first"),
        doc="Whether the output T0 is there in all cycles of a burst, or in the first one alone (BURT).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        names = ("T0", "AB", "CD", "EF", "GH")
        outputs = [Dg645Output(self, name, number) for number, name in enumerate(names)]
        self.outputs = ChannelList(self, "outputs", outputs)
        self.delays = ChannelList(self, "delays", [edge(self, name) for name, edge in EDGES.items()])
        self.add_function("trigger", "*TRG", doc='Start one cycle, with the trigger source "single shot" (*TRG).')

    def make_safe(self) -> None:
        """Choose the trigger source "single shot", so that no further pulse comes; levels stay as they are."""
        self.trigger_source("single shot")
