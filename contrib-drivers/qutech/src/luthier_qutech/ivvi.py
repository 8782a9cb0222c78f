"""The rack of voltage sources IVVI, by the RS-232 interface of its DAC module D5.

Protocol: the description "rs232linkformat" of the D5, which the driver of QCoDeS quotes; the page itself, and any other
manual, was not at hand. Actions of the protocol that no driver in public use sends (3, 5 and 7) are left out.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier import Channel, ChannelList, Instrument, parameter
from luthier.errors import InstrumentReportedError, ReplyError, ResponseTimeoutError, UsageError
from luthier.scpi import Identity
from luthier.validators import Numbers

from luthier_qutech.frames import ERRORS, LOWEST, SPAN, Action, FrameFormat, code_of, level_of, message_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["Dac", "Ivvi"]

_log = logging.getLogger("luthier.qutech.ivvi")

STEP: Final = 10e-3
RATE: Final = 0.1
_STRIDE: Final = 0.99 * STEP  # a step from where the rounded level is, so that it is one step
PER_SWITCH: Final = 4
COUNTS: Final = (4, 8, 12, 16)
SERIAL_SETTINGS: Final[dict[str, object]] = {"baud_rate": 115200, "data_bits": 8, "parity": "odd"}
WATCHDOG: Final = 0x20


def _get_voltage(dac: Dac) -> float:
    return float(dac.rack.read_levels()[dac.number - 1])


def _set_voltage(dac: Dac, voltage: float) -> None:
    code = code_of(voltage, dac.configured_polarity)
    dac.rack.exchange(message_for(Action.SET, dac.number, *code.to_bytes(2, "big")))


class Dac(Channel):
    """One output of the rack."""

    polarity = parameter(
        str,
        get_cmd=lambda dac: dac.configured_polarity,
        doc='Which voltages it can give: "bipolar" (-2 V to 2 V), "positive" (0 V to 4 V) or "negative" (-4 V to 0 V). '
        "A switch on the rack says it for four outputs at a time. The rack does not tell: it is what the instrument "
        "was opened with.",
    )
    voltage = parameter(
        float,
        get_cmd=_get_voltage,
        set_cmd=_set_voltage,
        unit="V",
        validator=Numbers(-SPAN, SPAN),
        minimum=lambda dac: LOWEST[dac.configured_polarity],
        maximum=lambda dac: LOWEST[dac.configured_polarity] + SPAN,
        step=STEP,
        rate=RATE,
        doc="Voltage at the output, in 65535 steps of 61 µV. It moves by 10 mV at a time and by 0.1 V/s at most "
        "(action 1; read by action 2).",
    )

    def __init__(self, rack: Ivvi, name: str, number: int, polarity: str) -> None:
        self.rack = rack
        self.number = number
        self.configured_polarity = polarity
        super().__init__(rack, name)


class Ivvi(Instrument):
    """QuTech IVVI rack: 4 to 16 voltage sources of 16 bits, for gates and other inputs of high impedance.

    Interface: RS-232 (115200 baud, odd parity, used unless ``transport_options`` says otherwise), by an optical fibre.

    The protocol is as the driver of QCoDeS quotes it; the rack's own manual was not at hand. Verified with the
    simulator, and with messages worked out from the quoted tables; not yet with hardware.

    Opening it sends nothing, and no output ever jumps: each moves by 10 mV at a time, and by 0.1 V/s at most. There is
    no switch for the outputs: they are on while the rack is. :meth:`make_safe` brings all of them to 0 V together, at
    that same rate, which can take 40 s.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`.
    dacs
        How many outputs the rack has: 4, 8, 12 or 16.
    polarities
        How the switches of the rack are set, which the rack does not tell: ``"bipolar"``, ``"positive"`` or
        ``"negative"``; one for all, or one for every four outputs. **A wrong one makes every voltage wrong, by 2 V or
        4 V.**

    Raises
    ------
    UsageError
        ``dacs`` or ``polarities`` is something else; nothing was opened.

    Examples
    --------
    >>> import luthier
    >>> with luthier.open("qutech.ivvi", "sim://", name="rack", dacs=8, polarities=["bipolar", "positive"]) as rack:
    ...     rack.dac1.voltage(-0.02)
    ...     rack.outputs[7].voltage.limits
    (0.0, 4.0)
    """

    simulator = "qutech.ivvi"
    write_termination = ""
    read_termination = ""

    voltages = parameter(
        np.ndarray,
        get_cmd=lambda rack: rack.read_levels(),
        unit="V",
        shape=(lambda rack: len(rack.outputs),),
        doc="Voltages at all outputs, from the first, in one exchange (action 2).",
    )
    version = parameter(
        int,
        get_cmd=lambda rack: rack.exchange(message_for(Action.VERSION))[0],
        unit="",
        snapshot=False,
        doc="Version of the program in the D5 (action 4). Not every rack is said to answer.",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        dacs: int = 16,
        polarities: str | Sequence[str] = "bipolar",
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        each = _checked(name, dacs, polarities)
        if isinstance(address, str) and address.upper().startswith("ASRL"):
            transport_options = {**SERIAL_SETTINGS, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        self.outputs = ChannelList(
            self, "outputs", [Dac(self, f"dac{number}", number, each[number - 1]) for number in range(1, dacs + 1)]
        )

    def exchange(self, message: bytes) -> bytes:
        """Send one message, and return the data of the reply: what follows its size and the byte of errors.

        Raises :class:`~luthier.errors.InstrumentReportedError` where the rack reports an error; that its watchdog has
        reset it is only logged, as a warning. After :class:`~luthier.errors.ResponseTimeoutError` and
        :class:`~luthier.errors.ReplyError` the connection was cleared.
        """
        with self.monitor:
            try:
                reply: bytes = self.query_array(message.decode("latin-1"), FrameFormat(size=message[2]))
            except (ReplyError, ResponseTimeoutError):
                self.clear()
                raise
        self._report(reply[1], message)
        return reply[2:]

    def read_levels(self) -> NDArray[np.float64]:
        """Ask for all outputs, and return their voltages, in V, from the first."""
        data = self.exchange(message_for(Action.READ, dacs=len(self.outputs)))
        codes = np.frombuffer(data, dtype=">u2")
        polarities = [dac.configured_polarity for dac in self.outputs]
        return np.array([level_of(int(code), polarity) for code, polarity in zip(codes, polarities, strict=True)])

    def trigger(self) -> None:
        """Send a pulse to the trigger output (action 6)."""
        self.exchange(message_for(Action.TRIGGER))

    def make_safe(self) -> None:
        """Bring all outputs to 0 V, together, in steps of 10 mV at 0.1 V/s; returns when they are there."""
        levels: list[float] = self.read_levels().tolist()
        while any(levels):
            for place, dac in enumerate(self.outputs):
                if levels[place]:
                    levels[place] -= math.copysign(min(abs(levels[place]), _STRIDE), levels[place])
                    dac.voltage(levels[place])

    def identify(self) -> Identity:
        """Return vendor and model, without asking: the rack does not know *IDN?."""
        return Identity("QuTech", "IVVI")

    def _report(self, errors: int, message: bytes) -> None:
        if errors & WATCHDOG:
            _log.warning("%s: its watchdog has reset the rack; outputs may have changed.", self.full_name)
        entries = tuple((bit, text) for bit, text in ERRORS.items() if errors & bit)
        if entries:
            raise InstrumentReportedError(
                f"the rack reported after {message.hex(' ')}: {'; '.join(text for _, text in entries)}",
                who=self.who,
                state="The rack may not have done what was asked.",
                advice="Read the parameter 'voltages' to see where the outputs are.",
                command=message.decode("latin-1"),
                entries=entries,
            )


def _checked(name: str, dacs: int, polarities: str | Sequence[str]) -> list[str]:
    """Return the polarity of each output, from one for all or one for each four."""
    if dacs not in COUNTS:
        raise UsageError(
            f"cannot have {dacs!r} outputs: allowed are {', '.join(map(str, COUNTS))}",
            who=name,
            state="Nothing was opened.",
            advice="Give dacs=, as many as the rack has; four belong to one module.",
        )
    groups = [polarities] * (dacs // PER_SWITCH) if isinstance(polarities, str) else list(polarities)
    if len(groups) != dacs // PER_SWITCH or not all(each in LOWEST for each in groups):
        raise UsageError(
            f"cannot take the polarities {polarities!r}: allowed is {', '.join(map(repr, LOWEST))}, one for all "
            f"outputs, or a list with one for every four ({dacs // PER_SWITCH})",
            who=name,
            state="Nothing was opened.",
            advice="Look at the switches of the rack.",
        )
    return [each for each in groups for _ in range(PER_SWITCH)]
