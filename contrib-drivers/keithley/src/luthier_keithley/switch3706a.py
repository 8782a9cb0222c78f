"""The Keithley 3706A switch mainframe and its multimeter, spoken to in TSP.

Commands: Series 3700A System Switch/Multimeter Reference Manual, 3700AS-901-01 Rev. D, June 2018, of which only parts
were at hand (lists of channels: page 5-11; patterns: 5-20 and 11-78 to 11-82; channel.close and channel.connectrule:
11-47 and 11-48; exclusiveclose: 11-52; open: 11-76); the text of section 11 as Tektronix gives it with its TSP toolkit,
and Series 3700 System Switch/Multimeter Reference Manual, 3700S-901-01 Rev. C, July 2008, section 13 (dmm.range:
13-157, dmm.nplc: 13-153). Ranges of alternating quantities: specifications, Rev. A, 14 September 2007; that the ranges
of direct current begin at 10 µA is not confirmed, nor how an overflow is answered, nor the limit of 100 of
dmm.filter.count, nor that localnode.linefreq of the Series 2600A is there.
"""

from __future__ import annotations

from typing import Any

from luthier import Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError, ReplyError
from luthier.scpi import parse_float
from luthier.validators import Enum

from luthier_keithley.switch3706a_dmm import CHANNELS, NAME, MeterOf3706A, text

__all__ = ["Switch3706A"]

_WITHOUT_METER = ("-S", "-SNFP")
_RULES = {"none": "0", "break before make": "1", "make before break": "2"}


def _listed(reply: str) -> str:
    """Return channels with commas between; the second half of a four-pole channel, in parentheses, is left out."""
    fields = text(reply).replace(";", ",").split(",")
    return ",".join(field.partition("(")[0].strip() for field in fields if field.strip())


def _whole(reply: str) -> str:
    return f"{round(parse_float(reply))}"


class Slot(Channel):
    """One of the slots for cards."""

    card = parameter(
        str,
        get_cmd="print(slot[{number}].idn)",
        get_parser=text,
        doc='Model, description, firmware and serial number of the card, "Empty Slot" where there is none '
        "(slot[X].idn).",
    )

    def __init__(self, parent: Any, number: int) -> None:
        super().__init__(parent, f"slot{number}")
        self.number = number
        self.add_function(
            "open_all",
            'channel.open("slot{number}")',
            doc="Open all channels of the card (channel.open).",
        )


class Switch3706A(ScpiInstrument):
    """Keithley 3706A: a mainframe with six slots for switch cards, and with a multimeter in models without -S.

    Manual: Series 3700A System Switch/Multimeter Reference Manual, 3700AS-901-01 Rev. D, June 2018, of which only parts
    were at hand.

    Interfaces: GPIB, LAN (VXI-11, or a socket on port 5025), USB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening it asks who it is, because models without a multimeter have no ``dmm``, and changes nothing: relays stay as
    they are. Channels are named as the instrument names them, ``"1003"`` for slot 1, channel 3, ``"1911"`` for a relay
    to the analog backplane, ``"1001:1005,3003"`` for several; names of patterns stand in such a list too. They stay
    text, so that what ``closed_channels`` answered can be given to every function. ``close_channels`` opens nothing;
    ``close_exclusively`` opens everything else. Nothing is closed by restoring a snapshot.

    ``dmm`` is a multimeter of its own: ``mux.dmm.voltage()``. :meth:`make_safe` opens every relay; see decision 0141.
    Scans, reading buffers, labels, and the digital lines, counters and DACs of a 3750 card are left out, also from
    :meth:`make_safe`.

    Raises
    ------
    IdentityError
        Another instrument answers.

    >>> import luthier
    >>> with luthier.open("keithley.3706a", "sim://", name="mux") as mux:
    ...     mux.dmm.configure_channels("1001:1010", "dcvolts")
    ...     mux.dmm.connect_channel("1003")
    ...     mux.closed_channels()
    ...     round(mux.dmm.voltage(), 3)
    ...     mux.make_safe()
    ...     mux.closed_channels()
    '1003,1911'
    1.0
    ''
    """

    simulator = "keithley.3706a"
    error_query = 'local c,t=errorqueue.next() print(c..","..t)'

    connect_rule = parameter(
        str,
        get_cmd="print(channel.connectrule)",
        set_cmd="channel.connectrule={}",
        mapping=_RULES,
        get_parser=_whole,
        doc='What comes first where one command closes and opens. "make before break" connects what is switched for a '
        'moment, and "none" may (channel.connectrule, page 11-48).',
    )
    connect_sequentially = parameter(
        bool,
        get_cmd="print(channel.connectsequential)",
        set_cmd="channel.connectsequential={}",
        get_parser=lambda reply: parse_float(reply) == 1,
        doc="Whether the channels of a list close one after another (channel.connectsequential).",
    )
    closed_channels = parameter(
        str,
        get_cmd='print(channel.getclose("allslots"))',
        get_parser=_listed,
        doc="The channels and backplane relays that are closed, with commas between; of a four-pole channel the first "
        "half. Empty where all are open (channel.getclose).",
    )
    forbidden_channels = parameter(
        str,
        get_cmd='print(channel.getforbidden("allslots"))',
        get_parser=_listed,
        doc="The channels and backplane relays that must not close, with commas between (channel.getforbidden).",
    )
    line_frequency = parameter(
        float, get_cmd="print(localnode.linefreq)", unit="Hz", doc="Frequency of the mains (localnode.linefreq)."
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model.upper().removeprefix("MODEL ").strip()
        if not model.startswith("3706"):
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: a 3706 or 3706A",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected="3706, 3706A, 3706A-S, 3706A-NFP or 3706A-SNFP",
                identity=str(self.idn),
            )
        self.slots = ChannelList(self, "slots", [Slot(self, number) for number in range(1, 7)])
        if not model.endswith(_WITHOUT_METER):
            self.dmm = MeterOf3706A(self, "dmm")
        self._add_switching()
        self._add_routes()

    def _add_switching(self) -> None:
        self.add_function(
            "close_channels",
            'channel.close("{}")',
            arguments=(CHANNELS,),
            doc="Close channels, and open none; nothing closes where one of them is forbidden (channel.close).",
        )
        self.add_function(
            "open_channels",
            'channel.open("{}")',
            arguments=(CHANNELS,),
            doc='Open channels; "slot3" and "allslots" stand for all of them (channel.open).',
        )
        self.add_function(
            "close_exclusively",
            'channel.exclusiveclose("{}")',
            arguments=(CHANNELS,),
            doc="Close channels, and open all others of the instrument (channel.exclusiveclose).",
        )
        self.add_function(
            "close_exclusively_in_slots",
            'channel.exclusiveslotclose("{}")',
            arguments=(CHANNELS,),
            doc="Close channels, and open all others of their slots (channel.exclusiveslotclose).",
        )
        self.add_function(
            "open_all",
            'channel.exclusiveclose("")',
            doc="Open all channels and backplane relays (channel.exclusiveclose with an empty list, page 11-52).",
        )
        self.add_function(
            "closure_counts",
            self._closure_counts,
            arguments=(CHANNELS,),
            doc="Return how often the relays of channels have closed in their life, in the order of the list "
            "(channel.getcount).",
        )

    def _add_routes(self) -> None:
        self.add_function(
            "forbid",
            'channel.setforbidden("{}")',
            arguments=(CHANNELS,),
            doc="Let channels close no more, until allow; patterns that have them are deleted. Whether one that is "
            "closed opens is not confirmed (channel.setforbidden).",
        )
        self.add_function(
            "allow",
            'channel.clearforbidden("{}")',
            arguments=(CHANNELS,),
            doc="Let forbidden channels close again (channel.clearforbidden).",
        )
        self.add_function(
            "set_backplane",
            'channel.setbackplane("{}","{}")',
            arguments=(CHANNELS, CHANNELS),
            doc="Say which backplane relays go with channels: set_backplane('2001', '2911'). The multimeter chooses "
            "its own (channel.setbackplane).",
        )
        self.add_function(
            "set_poles",
            'channel.setpole("{}",{})',
            arguments=(CHANNELS, Enum(1, 2, 4)),
            doc="Say how many wires channels switch; 4 takes each a second channel. Their backplane relays are "
            "forgotten, and patterns that have them deleted (channel.setpole).",
        )
        self.add_function(
            "define_pattern",
            lambda name, channels: self.write(f'channel.pattern.setimage("{channels}","{name}")'),
            arguments=(NAME, CHANNELS),
            doc="Give channels and backplane relays one name, until power goes; the pattern of that name before is "
            "lost (channel.pattern.setimage).",
        )
        self.add_function(
            "store_closed_as_pattern",
            'channel.pattern.snapshot("{}")',
            arguments=(NAME,),
            doc="Give what is closed now one name (channel.pattern.snapshot).",
        )
        self.add_function(
            "delete_pattern",
            'channel.pattern.delete("{}")',
            arguments=(NAME,),
            doc="Forget a pattern; its relays stay as they are (channel.pattern.delete).",
        )
        self.add_function(
            "channels_of_pattern",
            lambda name: _listed(self.query(f'print(channel.pattern.getimage("{name}"))')),
            arguments=(NAME,),
            doc="Return the channels of a pattern, with commas between; empty where there is no such pattern "
            "(channel.pattern.getimage).",
        )

    def _closure_counts(self, channels: str) -> list[int]:
        command = f'print(channel.getcount("{channels}"))'
        reply = self.query(command)
        try:
            return [round(float(field)) for field in text(reply).split(",") if field]
        except ValueError:
            raise ReplyError(
                f"{command!r} was answered {reply!r}; expected: whole numbers with commas between",
                command=command,
                reply=reply,
                expected="whole numbers with commas between",
            ) from None

    def make_safe(self) -> None:
        """Open all relays, those to the analog backplane too.

        What was routed is then disconnected. Sources that drive through the mainframe have to be off before: make them
        safe first, because a current that is interrupted drives its source to its limit of voltage.
        """
        self.open_all()
