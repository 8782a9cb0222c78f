"""The programmable attenuators RCDAT and RC4DAT.

Commands as known from the drivers of QCoDeS and of Android's test suite; the programming manual was not at hand.
"""

from __future__ import annotations

import re
from typing import Any, Final

from luthier import Channel, ChannelList, parameter
from luthier.errors import ReplyError
from luthier.scpi import format_float
from luthier.validators import Numbers

from luthier_minicircuits.answered import AnsweringInstrument

__all__ = ["AttenuatorChannel", "Rc4dat", "Rcdat"]

LARGEST: Final = 120.0
STEP: Final = 0.25
STARTS: Final = {"last": "L", "fixed": "F", "default": "N"}
_MODEL: Final = re.compile(r"(?:MN=)?\w+-\d+-(\d+)\w*", re.ASCII)


def _maximum(reply: str) -> str:
    """Return the last number in the name of a model, which is its largest attenuation.

    >>> _maximum("MN=RCDAT-6000-60")
    '60'
    """
    found = _MODEL.fullmatch(reply.strip())
    if found is None:
        raise ReplyError(
            f"the model {reply!r} does not name its largest attenuation",
            command="MN?",
            reply=reply,
            expected="a model such as MN=RCDAT-6000-60",
        )
    return found[1]


class _Attenuator(AnsweringInstrument):
    largest_attenuation = parameter(
        float,
        get_cmd="MN?",
        get_parser=lambda reply: float(_maximum(reply)),
        unit="dB",
        doc="Largest attenuation, as the name of the model says (MN?).",
    )


class Rcdat(_Attenuator):
    """Mini-Circuits RCDAT: an attenuator in steps of 0.25 dB, by Ethernet.

    Interface: a socket, telnet's port 23 from the factory. Where a password is set in the attenuator, it is to be
    switched off. Models that have USB alone, such as the RUDAT, cannot be reached: they are no USB test instruments.

    The programming manual was not at hand; commands are as known from the drivers of QCoDeS and of Android's test
    suite. Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it sends nothing.

    >>> import luthier
    >>> with luthier.open("minicircuits.rcdat", "sim://", name="att") as att:
    ...     att.attenuation(12.25)
    ...     att.attenuation()
    12.25
    """

    simulator = "minicircuits.rcdat"

    attenuation = parameter(
        float,
        get_cmd=":ATT?",
        set_cmd=lambda att, value: att.command(f":SETATT={format_float(value)}"),
        unit="dB",
        validator=Numbers(0, LARGEST),
        resolution=STEP,
        maximum=lambda att: att.largest_attenuation.known_or_read(),
        doc="Attenuation, rounded to steps of 0.25 dB (:SETATT, :ATT?).",
    )
    startup_attenuation = parameter(
        float,
        get_cmd=":STARTUPATT:VALUE?",
        set_cmd=lambda att, value: att.command(f":STARTUPATT:VALUE:{format_float(value)}"),
        unit="dB",
        validator=Numbers(0, LARGEST),
        resolution=STEP,
        maximum=lambda att: att.largest_attenuation.known_or_read(),
        doc="Attenuation after switching on, where startup_mode is fixed (:STARTUPATT:VALUE).",
    )
    startup_mode = parameter(
        str,
        get_cmd=":STARTUPATT:INDICATOR?",
        set_cmd=lambda att, value: att.command(f":STARTUPATT:INDICATOR:{value}"),
        get_parser=str.strip,
        mapping=STARTS,
        doc="Attenuation after switching on: that before switching off, startup_attenuation, or the default of the "
        "factory (:STARTUPATT:INDICATOR).",
    )


class AttenuatorChannel(Channel):
    """One of the attenuators of an RC4DAT."""

    attenuation = parameter(
        float,
        get_cmd="CHAN:{number}:ATT?",
        set_cmd=lambda channel, value: channel.box.command(f"CHAN:{channel.number}:SETATT:{format_float(value)}"),
        unit="dB",
        validator=Numbers(0, LARGEST),
        resolution=STEP,
        maximum=lambda channel: channel.box.largest_attenuation.known_or_read(),
        doc="Attenuation, rounded to steps of 0.25 dB (CHAN:n:SETATT, CHAN:n:ATT?).",
    )

    def __init__(self, box: Rc4dat, name: str, number: int) -> None:
        self.box = box
        self.number = number
        super().__init__(box, name)


class Rc4dat(_Attenuator):
    """Mini-Circuits RC4DAT: four attenuators in steps of 0.25 dB, by Ethernet.

    Interface: a socket, telnet's port 23 from the factory.

    The programming manual was not at hand; commands are as known from the driver of Android's test suite. Verified with
    the simulator and with scripted messages; not yet with hardware.

    Opening it sends nothing.

    >>> import luthier
    >>> with luthier.open("minicircuits.rc4dat", "sim://", name="att") as att:
    ...     att.ch3.attenuation(20)
    ...     att.attenuators.attenuation()
    (0.0, 0.0, 20.0, 0.0)
    """

    simulator = "minicircuits.rc4dat"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        self.attenuators = ChannelList(
            self, "attenuators", [AttenuatorChannel(self, f"ch{number}", number) for number in (1, 2, 3, 4)]
        )
