"""The step attenuator 8320.

Commands as known from the driver of QCoDeS, which is the only source; the manual was not at hand.
"""

from __future__ import annotations

from luthier import Instrument, parameter
from luthier.validators import Enum

__all__ = ["Attenuator8320"]

STEP = 2
LARGEST = 60


class Attenuator8320(Instrument):
    """Weinschel (Aeroflex) 8320: attenuators of 0 dB to 60 dB in steps of 2 dB, which are set together.

    Interface: GPIB; messages and replies end in a carriage return.

    The manual was not at hand; commands are as known from the driver of QCoDeS. Verified with the simulator, and with
    the device that QCoDeS simulates it by; not yet with hardware.

    Opening it sends nothing. All attenuators are set (ATTN ALL), and the first is read (ATTN? 1). Errors are not asked
    for, because it is not known how.

    >>> import luthier
    >>> with luthier.open("weinschel.8320", "sim://", name="att") as att:
    ...     att.attenuation(8)
    ...     att.attenuation()
    8
    """

    simulator = "weinschel.8320"
    write_termination = "\r"
    read_termination = "\r"

    attenuation = parameter(
        int,
        get_cmd="ATTN? 1",
        set_cmd="ATTN ALL {}",
        set_parser=lambda decibels: f"{decibels:02d}",
        unit="dB",
        validator=Enum(*range(0, LARGEST + 1, STEP)),
        doc="Attenuation: 0 dB to 60 dB in steps of 2 dB (ATTN ALL with two digits; ATTN? 1).",
    )
