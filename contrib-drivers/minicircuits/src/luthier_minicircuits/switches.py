"""The boxes of radio-frequency switches RC-1SPDT to RC-8SPDT.

Commands as known from the driver of QCoDeS; the programming manual was not at hand.
"""

from __future__ import annotations

from typing import Any, Final

from luthier import Channel, ChannelList, parameter
from luthier.errors import ReplyError, UsageError
from luthier.validators import Ints

from luthier_minicircuits.answered import AnsweringInstrument

__all__ = ["RcSpdt", "Switch"]

LETTERS: Final = "ABCDEFGH"


def _position(switch: Switch) -> int:
    reply = switch.box.query("SWPORT?").strip()
    if not (reply.isascii() and reply.isdigit() and int(reply) < 1 << len(LETTERS)):
        raise ReplyError(
            f"'SWPORT?' was answered by {reply!r}; expected: 0 to 255",
            who=switch.full_name,
            command="SWPORT?",
            reply=reply,
            expected="0 to 255",
        )
    return 1 + (int(reply) >> switch.place & 1)


class Switch(Channel):
    """One switch, between its port COM and the ports 1 and 2."""

    position = parameter(
        int,
        get_cmd=_position,
        set_cmd=lambda switch, value: switch.box.command(f"SET{switch.letter}={value - 1}"),
        unit="",
        validator=Ints(1, 2),
        doc="The port that COM is connected to (SETA to SETH; read from the bits of SWPORT?).",
    )

    def __init__(self, box: RcSpdt, name: str, place: int) -> None:
        self.box = box
        self.place = place
        self.letter = LETTERS[place]
        super().__init__(box, name)


class RcSpdt(AnsweringInstrument):
    """Mini-Circuits RC-nSPDT: 1 to 8 switches of two positions, by Ethernet.

    Interface: a socket, telnet's port 23 from the factory.

    The programming manual was not at hand; commands are as known from the driver of QCoDeS. Verified with the simulator
    and with scripted messages; not yet with hardware.

    Opening it sends nothing.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`.
    switches
        How many switches the box has, 1 to 8: the digit in its name.

    Raises
    ------
    UsageError
        ``switches`` is something else; nothing was opened.

    Examples
    --------
    >>> import luthier
    >>> with luthier.open("minicircuits.rc_spdt", "sim://", name="box", switches=4) as box:
    ...     box.b.position(2)
    ...     box.switches.position()
    (1, 2, 1, 1)
    """

    simulator = "minicircuits.rc_spdt"

    def __init__(self, name: str, address: str | None = None, *, switches: int = 4, **options: Any) -> None:
        if switches not in range(1, len(LETTERS) + 1):
            raise UsageError(
                f"cannot have {switches!r} switches: allowed are 1 to 8",
                who=name,
                state="Nothing was opened.",
                advice="Give switches=, the digit in the name of the model.",
            )
        super().__init__(name, address, **options)
        self.switches = ChannelList(
            self, "switches", [Switch(self, LETTERS[place].lower(), place) for place in range(switches)]
        )
