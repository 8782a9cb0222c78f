"""Parts of the SR830: offsets and expansion of its outputs, auxiliary ports, and the data buffer.

Pages: SR830 DSP Lock-In Amplifier, Operation Manual, Revision 2.5, chapter 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from luthier import Channel, ScpiInstrument, group, parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import parse_list
from luthier.validators import Numbers

from luthier_stanford_research.lock_in_tables import by_number, numbered

if TYPE_CHECKING:
    from luthier.parameter import Declaration
    from numpy.typing import NDArray

__all__ = ["AuxiliaryPort", "Sr830Buffer", "Sr830Output"]

SAMPLE_RATES = {**numbered(2.0**power for power in range(-4, 10)), 0.0: "14"}


class Sr830Output(Channel):
    """Offset and expansion of X, Y or R, at the output and in what is displayed (Display and Output)."""

    offset = parameter(
        float,
        group="scaling",
        unit="%",
        validator=Numbers(-105, 105),
        resolution=0.01,
        doc="Offset, of the full scale.",
    )
    expansion = parameter(
        int,
        group="scaling",
        unit="",
        mapping={1: "0", 10: "1", 100: "2"},
        doc="What the output is multiplied by.",
    )
    scaling = group(
        "offset",
        "expansion",
        get_cmd="OEXP? {number}",
        set_cmd="OEXP {number},{offset},{expansion}",
        doc="Offset and expansion, by one message (OEXP).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number
        self.add_function("auto_offset", self._auto_offset, doc="Offset it to zero (AOFF, page 5-8).")

    def _auto_offset(self) -> None:
        self.root.write(f"AOFF {self.number}")
        self.forget()


class AuxiliaryPort(Channel):
    """One of the four auxiliary inputs and outputs on the rear panel."""

    input = parameter(
        float,
        get_cmd="OAUX? {number}",
        unit="V",
        snapshot=False,
        doc="Voltage at the input, in steps of 1/3 mV (OAUX?, page 5-16).",
    )
    output = parameter(
        float,
        get_cmd="AUXV? {number}",
        set_cmd="AUXV {number},{}",
        unit="V",
        validator=Numbers(-10.5, 10.5),
        resolution=0.001,
        doc="Voltage at the output, in steps of 1 mV (AUXV, Aux Input and Output).",
    )

    def __init__(self, parent: ScpiInstrument, name: str, number: int) -> None:
        super().__init__(parent, name)
        self.number = number


def _column(display: int) -> Declaration[NDArray[Any]]:
    def read(buffer: Sr830Buffer) -> NDArray[np.float64]:
        return buffer.read(display)

    return parameter(
        np.ndarray,
        get_cmd=read,
        unit="",
        shape=("count",),
        axes=("times",),
        snapshot=False,
        doc=f"What display {display} showed, in its unit (TRCA?, page 5-16).",
    )


def _times(buffer: Sr830Buffer) -> NDArray[np.float64]:
    rate = buffer.sample_rate()
    if not rate:
        raise IrrelevantParameterError(
            "the times of the samples are not known: one is taken at each trigger",
            who=buffer.full_name,
            state="Nothing was read.",
            advice="Set sample_rate before sampling, or number them.",
            condition="sample_rate is not 0",
        )
    times: NDArray[np.float64] = np.arange(buffer.count()) / rate
    return times


class Sr830Buffer(Channel):
    """The buffer for 16383 samples of both displays (Data Storage, Data Transfer).

    To fill it: ``display_1`` and ``display_2``, ``sample_rate``, ``reset()``, ``start()``; then ``pause()``, and read
    ``channel_1`` and ``channel_2``. Reading needs at least one sample.
    """

    display_1 = parameter(
        str,
        group="displays_1",
        mapping=by_number("X", "R", "X noise", "aux 1", "aux 2"),
        doc="What display 1 shows, and what is sampled.",
    )
    ratio_1 = parameter(
        str,
        group="displays_1",
        mapping=by_number("none", "aux 1", "aux 2"),
        doc="What display 1 is divided by.",
    )
    displays_1 = group(
        "display_1",
        "ratio_1",
        get_cmd="DDEF? 1",
        set_cmd="DDEF 1,{display_1},{ratio_1}",
        doc="Display 1 (Display and Output).",
    )
    display_2 = parameter(
        str,
        group="displays_2",
        mapping=by_number("Y", "theta", "Y noise", "aux 3", "aux 4"),
        doc="What display 2 shows, and what is sampled.",
    )
    ratio_2 = parameter(
        str,
        group="displays_2",
        mapping=by_number("none", "aux 3", "aux 4"),
        doc="What display 2 is divided by.",
    )
    displays_2 = group(
        "display_2",
        "ratio_2",
        get_cmd="DDEF? 2",
        set_cmd="DDEF 2,{display_2},{ratio_2}",
        doc="Display 2 (Display and Output).",
    )
    sample_rate = parameter(
        float,
        get_cmd="SRAT?",
        set_cmd="SRAT {}",
        unit="Hz",
        mapping=SAMPLE_RATES,
        doc="Samples per second: 62.5 mHz to 512 Hz in factors of 2; 0: one at each trigger (Data Storage).",
    )
    at_end = parameter(
        str,
        get_cmd="SEND?",
        set_cmd="SEND {}",
        mapping=by_number("stop", "loop"),
        doc='What happens when it is full: it stops ("stop"), or overwrites the oldest ("loop") (Data Storage).',
    )
    starts_on_trigger = parameter(
        bool, get_cmd="TSTR?", set_cmd="TSTR {}", doc="Whether a trigger starts sampling (Data Storage)."
    )
    count = parameter(int, get_cmd="SPTS?", unit="", snapshot=False, doc="Samples in the buffer (page 5-16).")
    times = parameter(
        np.ndarray,
        get_cmd=_times,
        unit="s",
        shape=("count",),
        depends_on=("sample_rate",),
        snapshot=False,
        doc="When each sample was taken, since the first; computed.",
    )
    channel_1 = _column(1)
    channel_2 = _column(2)

    def __init__(self, parent: ScpiInstrument, name: str) -> None:
        super().__init__(parent, name)
        self.add_function("start", "STRT", doc="Start sampling, or go on (Data Storage).")
        self.add_function("pause", "PAUS", doc="Pause sampling (Data Storage).")
        self.add_function("reset", "REST", doc="Stop sampling and empty the buffer (Data Storage).")
        self.add_function("trigger", "TRIG", doc="Do what the rear panel's trigger does (Data Storage).")

    def read(self, display: int) -> NDArray[np.float64]:
        """Return all samples of display 1 or 2; :class:`~luthier.errors.ReplyError` where another number comes.

        Pause first where ``at_end`` is "loop".
        """
        with self.monitor:
            count = self.parameters["count"].get()
            if not count:
                raise IrrelevantParameterError(
                    "there is nothing to read: the buffer is empty",
                    who=self.full_name,
                    state="Nothing was read.",
                    advice=f"Call {self.full_name}.start(), and read after a while.",
                    condition="the buffer holds samples",
                )
            query = f"TRCA? {display},0,{count}"
            reply = self.query(query)
        samples = parse_list(reply.strip().removesuffix(","))
        if len(samples) != count:
            raise ReplyError(
                f"{query} was answered by {len(samples)} numbers; expected: {count}",
                command=query,
                reply=reply[:80],
                expected=f"{count} numbers",
                advice="Pause sampling before reading.",
            )
        return np.array(samples)
