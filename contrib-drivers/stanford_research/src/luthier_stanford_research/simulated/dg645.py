"""A simulated DG645.

Like the instrument: the commands of the driver; limits; edges that count from each other, and what cannot be; the queue
of error numbers; cycles, which :meth:`SimulatedDg645.cycles` counts.

Unlike it: there is no external trigger; hold-off, inhibit, prescaling and bursts do not change the cycles; nothing is
stored.
"""

from __future__ import annotations

from typing import Final

from luthier_sim import Integer, Number, Refusal, command, query, setting

from luthier_stanford_research.simulated.srs_device import ErrorNumberDevice

__all__ = ["SimulatedDg645"]

_LONGEST: Final = 2000.0
_STEP: Final = 5e-12
_EDGE: Final = Integer(0, 9)
_OUTPUT: Final = Integer(0, 4)
_FIRST, _LAST = 2, 9
_INTERNAL, _SINGLE = 0, 5


class SimulatedDg645(ErrorNumberDevice):
    """A DG645, which waits for single shots."""

    identity = "Stanford Research Systems,DG645,s/n001301,ver1.10.10E"

    source = setting("TSRC", 5, minimum=0, maximum=6)
    rate = setting("TRAT", 1000.0, minimum=1e-4, maximum=10e6, unit="HZ", resolution=1e-6, form="{:.6f}")
    level = setting("TLVL", 1.0, minimum=-3.5, maximum=3.5, unit="V", resolution=0.01, form="{:.2f}")
    advanced = setting("ADVT", False)
    holdoff = setting("HOLD", 0.0, minimum=0, maximum=_LONGEST, unit="S", form="{:+.12f}")
    inhibit = setting("INHB", 1, minimum=0, maximum=5)
    burst = setting("BURM", False)
    burst_count = setting("BURC", 5, minimum=1, maximum=2**32 - 1)
    burst_period = setting("BURP", 100e-6, minimum=100e-9, maximum=42.94, resolution=1e-8, form="{:+.12f}")
    burst_t0 = setting("BURT", 0, minimum=0, maximum=1)
    burst_delay = setting("BURD", 0.0, minimum=0, maximum=_LONGEST, form="{:+.12f}")

    def reset(self) -> None:
        """Take the state of *RST beyond the settings."""
        self.edges: dict[int, tuple[int, float]] = dict.fromkeys(range(1, _LAST + 1), (0, 0.0))
        self.edges |= {edge: (edge - 1, 10e-9) for edge in range(_FIRST + 1, _LAST + 1, 2)}  # B after A, and so on
        self.amplitudes = dict.fromkeys(range(5), 2.5)
        self.offsets = dict.fromkeys(range(5), 0.0)
        self.polarities = dict.fromkeys(range(5), 1)
        self._cycles = 0
        self._counted_from = self.now

    def moment(self, edge: int) -> float:
        """Return seconds from T0 to an edge; 13 where edges count from each other in a circle."""
        moment = 0.0
        for _ in range(_LAST + 1):
            if edge == 0:
                return moment
            edge, delay = self.edges[edge]
            moment += delay
        raise Refusal(13)

    def cycles(self) -> int:
        """Return how many cycles there were since switching on."""
        if self.source == _INTERNAL:
            due = int((self.now - self._counted_from) * self.rate)
            self._cycles += due
            self._counted_from += due / self.rate
        return self._cycles

    @source.on_set
    def _count_from_now(self, source: int) -> None:
        del source
        self._counted_from = self.now

    def trigger(self) -> None:
        """Start one cycle."""
        if self.source != _SINGLE:
            raise Refusal(11)
        self._cycles += 1

    @command("DLAY", _EDGE, _EDGE, Number(-_LONGEST, _LONGEST, "S", resolution=_STEP))
    def set_delay(self, edge: int, reference: int, delay: float) -> None:
        """Set what an edge counts from, and how long after it comes."""
        if edge < _FIRST:
            raise Refusal(15)
        before = self.edges.copy()
        self.edges[edge] = reference, delay
        try:
            moments = [self.moment(each) for each in range(_FIRST, _LAST + 1)]
        except Refusal:
            self.edges = before
            raise
        if min(moments) < -_STEP or max(moments) > _LONGEST + _STEP:
            self.edges = before
            raise Refusal(12)

    @query("DLAY?", _EDGE)
    def ask_delay(self, edge: int) -> str:
        """Answer what an edge counts from, and its delay."""
        reference, delay = self.edges.get(edge, (0, 0.0))
        return f"{reference},{delay:+.12f}"

    @command("LINK", _EDGE, _EDGE)
    def link(self, edge: int, reference: int) -> None:
        """Let an edge count from another one, without moving it."""
        self.set_delay(edge, reference, self.moment(edge) - self.moment(reference))

    @query("LINK?", _EDGE)
    def ask_link(self, edge: int) -> int:
        """Answer what an edge counts from."""
        return self.edges.get(edge, (0, 0.0))[0]

    @command("LAMP", _OUTPUT, Number(0.5, 5.0, "V", resolution=0.01))
    def set_amplitude(self, output: int, amplitude: float) -> None:
        """Set the height of the pulse."""
        self.amplitudes[output] = amplitude

    @query("LAMP?", _OUTPUT)
    def ask_amplitude(self, output: int) -> str:
        """Answer the height of the pulse."""
        return f"{self.amplitudes[output]:.2f}"

    @command("LOFF", _OUTPUT, Number(-2.0, 2.0, "V", resolution=0.01))
    def set_offset(self, output: int, offset: float) -> None:
        """Set the level."""
        self.offsets[output] = offset

    @query("LOFF?", _OUTPUT)
    def ask_offset(self, output: int) -> str:
        """Answer the level."""
        return f"{self.offsets[output]:.2f}"

    @command("LPOL", _OUTPUT, Integer(0, 1))
    def set_polarity(self, output: int, polarity: int) -> None:
        """Set the polarity."""
        self.polarities[output] = polarity

    @query("LPOL?", _OUTPUT)
    def ask_polarity(self, output: int) -> int:
        """Answer the polarity."""
        return self.polarities[output]
