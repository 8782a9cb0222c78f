"""The SIM900 mainframe, and the isolated voltage sources SIM928 in its slots.

Manuals: SIM900 Mainframe, Operation and Service Manual, and SIM928 Isolated Voltage Source, Operation and Service
Manual (chapter 2). Of the latter pages 2-2 (all commands), 2-8, 2-14 and 2-16, and the specifications, were at hand.
CONN with its escape string, and the answers to BATS?, are as in qtics.
"""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from luthier import Channel, ChannelList, Instrument, group, parameter
from luthier.errors import InstrumentReportedError, LuthierError, ReplyError, UsageError
from luthier.scpi import EventStatus, Identity, format_float, parse_bool, parse_float, parse_identity, parse_int
from luthier.validators import Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Sim900", "Sim928", "SimModule"]

SLOTS = range(1, 9)
ESCAPE = "luth_esc"
"""What ends a connection to a module; nothing that a module understands."""
BATTERIES = re.compile(r"([123]),\s*([123]),\s*([01])", re.ASCII)
BATTERY_STATES = {"1": "in use", "2": "charging", "3": "ready"}
MISTAKES = {
    EventStatus.QUERY_ERROR: "query error",
    EventStatus.DEVICE_ERROR: "device error",
    EventStatus.EXECUTION_ERROR: "execution error: a value out of its range, or not possible in this state",
    EventStatus.COMMAND_ERROR: "command error: the command is not known",
}


class SimModule(Channel):
    """One module, through the mainframe: messages are handed on to its slot."""

    def __init__(self, parent: Sim900, name: str, slot: int) -> None:
        super().__init__(parent, name)
        self.mainframe = parent
        self.slot = slot

    def send(self, command: str) -> None:
        """Hand a command on to the module, and raise what it says of it (``*ESR?``)."""
        with self.mainframe.connected(self.slot):
            self.mainframe.write(command)
            events = EventStatus(parse_int(self.mainframe.query("*ESR?")) & 0xFF)
        entries = tuple((int(bit), text) for bit, text in MISTAKES.items() if events & bit)
        if entries:
            raise InstrumentReportedError(
                f"the module in slot {self.slot} reported after {command!r}: {'; '.join(text for _, text in entries)}",
                who=self.full_name,
                state="Its event status register is empty now.",
                command=command,
                entries=entries,
            )

    def ask(self, query: str) -> str:
        """Hand a query on to the module, and return its answer."""
        with self.mainframe.connected(self.slot):
            return self.mainframe.query(query).strip()

    def identify(self) -> Identity:
        """Ask the module for its ``*IDN?``."""
        return parse_identity(self.ask("*IDN?"))


def _ask_voltage(module: Sim928) -> float:
    return parse_float(module.ask("VOLT?"))


def _set_voltage(module: Sim928, volts: float) -> None:
    module.send(f"VOLT {format_float(volts)}")


def _ask_output(module: Sim928) -> bool:
    return parse_bool(module.ask("EXON?"))


def _set_output(module: Sim928, on: bool) -> None:
    module.send("OPON" if on else "OPOF")


def _ask_batteries(module: Sim928) -> list[Any]:
    reply = module.ask("BATS?")
    found = BATTERIES.fullmatch(reply)
    if found is None:
        raise ReplyError(
            f"the reply {reply!r} is no state of batteries",
            command="BATS?",
            reply=reply,
            expected="two states of batteries and whether service is needed, such as 1,2,0",
        )
    return [BATTERY_STATES[found[1]], BATTERY_STATES[found[2]], found[3] == "1"]


class Sim928(SimModule):
    """An isolated source of ±20 V, in steps of 1 mV, on batteries that take turns (SIM928 manual, chapter 2)."""

    voltage = parameter(
        float,
        get_cmd=_ask_voltage,
        set_cmd=_set_voltage,
        unit="V",
        validator=Numbers(-20, 20),
        resolution=0.001,
        doc="Voltage, at the terminals as soon as the output is on (VOLT, section 2.4.4).",
    )
    output = parameter(
        bool,
        get_cmd=_ask_output,
        set_cmd=_set_output,
        doc="Whether the source is at the terminals; that switching leaves the voltage as it is, is not "
        "confirmed (OPON, OPOF, EXON, section 2.4.4).",
    )
    battery_a = parameter(str, group="batteries", snapshot=False, doc="State of the first battery.")
    battery_b = parameter(str, group="batteries", snapshot=False, doc="State of the second battery.")
    service_needed = parameter(bool, group="batteries", snapshot=False, doc="Whether a battery has to be replaced.")
    batteries = group(
        "battery_a",
        "battery_b",
        "service_needed",
        get_cmd=_ask_batteries,
        doc='State of both batteries, "in use", "charging" or "ready", and whether service is needed (BATS?, section '
        "2.4.5).",
    )

    def swap_batteries(self) -> None:
        """Take the other battery into use now, if it is ready (``BCOR``); the output glitches, by less than 1 mV."""
        self.send("BCOR")
        self.forget()


class Sim900(Instrument):
    """Stanford Research Systems SIM900: a mainframe for eight modules; here for SIM928 voltage sources.

    Manuals: SIM900 Mainframe, and SIM928 Isolated Voltage Source, Operation and Service Manuals.

    Interfaces: GPIB (address 2 from the factory) and RS-232 (9600 baud from the factory).

    Verified with the simulator and with scripted messages; not yet with hardware.

    Parameters
    ----------
    sources
        Slots, 1 to 8, that hold a SIM928; each is a channel: ``rack.slot1.voltage``. Empty: no module is a channel, and
        any is spoken to through :meth:`connected`.

    Opening it changes nothing and asks nothing. For each message the mainframe is connected to a module (``CONN``), and
    is let go by an escape string; nobody else's message comes between. After each set the module's event status
    register is read. :meth:`make_safe` switches off all ``sources``.

    >>> import luthier
    >>> with luthier.open("stanford_research.sim900", "sim://", name="rack", sources=[1, 4]) as rack:
    ...     rack.slot4.voltage(1.25)
    ...     rack.slot4.output(True)
    ...     rack.outputs.voltage()
    (0.0, 1.25)
    """

    simulator = "stanford_research.sim900"

    def __init__(self, name: str, address: str | None = None, *, sources: Sequence[int] = (1,), **options: Any) -> None:
        wrong = [slot for slot in sources if slot not in SLOTS]
        if wrong or len(set(sources)) != len(sources):
            raise UsageError(
                f"sources={list(sources)!r}: allowed are different slots from 1 to 8",
                who=name,
                state="Nothing was opened.",
            )
        super().__init__(name, address, **options)
        self.outputs = ChannelList(self, "outputs", [Sim928(self, f"slot{slot}", slot) for slot in sources])

    @contextmanager
    def connected(self, slot: int) -> Iterator[None]:
        """Connect the mainframe to the module in a slot: inside, :meth:`write` and :meth:`query` are the module's.

        The monitor is held meanwhile. At the end, after an error too, the mainframe is let go by the escape string.

        >>> import luthier
        >>> with luthier.open("stanford_research.sim900", "sim://", name="rack") as rack:
        ...     with rack.connected(8):
        ...         rack.query("*IDN?")
        'Stanford_Research_Systems,SIM928,s/n003173,ver2.2'
        """
        if slot not in SLOTS:
            raise UsageError(f"there is no slot {slot!r}: allowed are 1 to 8", who=self.who, state="Nothing was sent.")
        with self.monitor:
            self.write(f'CONN {slot},"{ESCAPE}"')
            try:
                yield
            except BaseException:
                with suppress(LuthierError):  # the first error is the one to tell
                    self.write(ESCAPE)
                raise
            self.write(ESCAPE)

    def make_safe(self) -> None:
        """Switch off the output of each of ``sources``; the voltages stay as they are."""
        for module in self.outputs:
            module.output(False)
