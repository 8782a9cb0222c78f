"""The CTC100 cryogenic temperature controller.

Manual: CTC100 Cryogenic Temperature Controller, User Manual, Version 2.1 (May 14, 2019); its pages of commands were not
at hand. Commands as known from InstrumentKit (getOutput, geterror?, sensor), razorbill-lab, and the programs of three
laboratories that agree (PID, HiLmt, LowLmt, outputEnable, IOType, System.COM.Verbose). That PID.Ramp is in K/s is
taken from one of them, which sets 0.033 for 2 K/min; the manual was not at hand to confirm it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import ChannelList, ScpiInstrument, parameter
from luthier.errors import UsageError
from luthier.scpi import ErrorEntry, Identity, parse_int

from luthier_stanford_research.ctc100_channels import AnalogPort, Ctc100Input, Ctc100Loop, bare, number, word

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Ctc100"]

INPUTS: Final = ("In1", "In2", "In3", "In4")
OUTPUTS: Final = ("Out1", "Out2")
ANALOG_PORTS: Final = ("AIO1", "AIO2", "AIO3", "AIO4")
MOST_ERRORS: Final = 16


def _small(reply: str) -> str:
    return bare(reply).lower()


class Ctc100(ScpiInstrument):
    """Stanford Research Systems CTC100: four temperature inputs, two heaters with feedback, four analog ports.

    Channels are known by their names, which can be changed at the front panel: ``In1`` is ``controller.in1`` and
    ``inputs[0]``, ``Out1`` is ``controller.out1`` and ``loops[0]``. Where channels have other names, give them, and
    leave out what is not used: ``luthier.open("stanford_research.ctc100", address, inputs=["Stage", "Shield"])`` has
    ``controller.stage``. :meth:`channel_names` tells them all.

    Temperatures are in K also where the display shows °C; its units are asked for once and kept. Call
    :meth:`channel_units` after they were changed at the front panel.

    An instrument that answers commands too (System.COM.Verbose, Medium or High) would get out of step with the driver.
    Nothing is set while that is so; :meth:`quieten` makes it answer questions alone.

    Manual: CTC100 Cryogenic Temperature Controller, User Manual, Version 2.1.

    Interfaces: LAN, a socket on port 23, for one program at a time; USB, which is a serial line (9600 baud); GPIB as an
    option. Answers end with a carriage return and a line feed.

    Opening it changes nothing. :meth:`make_safe` switches all outputs off.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Parameters
    ----------
    inputs, outputs, analog_ports
        Names of the channels, with or without spaces.

    >>> import luthier
    >>> with luthier.open("stanford_research.ctc100", "sim://", name="controller") as controller:
    ...     controller.out1.input("In2")
    ...     controller.out1.setpoint(77.35)
    ...     controller.out1.mode("on")
    ...     controller.outputs_enabled(True)
    ...     controller.make_safe()
    ...     controller.out1.setpoint(), controller.outputs_enabled()
    (77.35, False)
    """

    simulator = "stanford_research.ctc100"
    read_termination = "\r\n"
    error_query: ClassVar[str] = "geterror?"

    outputs_enabled = parameter(
        bool,
        get_cmd="outputEnable?",
        get_parser=_small,
        set_cmd="outputEnable {}",
        mapping={True: "on", False: "off"},
        doc="Whether heaters and analog outputs give anything (outputEnable).",
    )
    verbosity = parameter(
        str,
        get_cmd="System.COM.Verbose?",
        get_parser=word,
        mapping={"low": "Low", "medium": "Medium", "high": "High"},
        snapshot=False,
        doc='Whether it answers questions alone ("low"), or commands too; see quieten() (System.COM.Verbose).',
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        inputs: Sequence[str] = INPUTS,
        outputs: Sequence[str] = OUTPUTS,
        analog_ports: Sequence[str] = ANALOG_PORTS,
        **options: Any,
    ) -> None:
        super().__init__(name, address, **options)
        self._quiet = False
        self._units: dict[str, str] | None = None
        self.inputs = ChannelList(self, "inputs", [Ctc100Input(self, remote) for remote in inputs])
        self.loops = ChannelList(self, "loops", [Ctc100Loop(self, remote) for remote in outputs])
        self.analog_ports = ChannelList(self, "analog_ports", [AnalogPort(self, remote) for remote in analog_ports])

    def identify(self) -> Identity:
        """Ask ``*IDN?``; version and serial number stand the other way round than in the standard."""
        vendor, *rest = [part.strip() for part in bare(self.query("*IDN?")).split(",")]
        model = rest[0] if rest else ""
        firmware = next((part for part in rest if part.lower().startswith("version")), "")
        serial = next((part for part in rest if part.upper().startswith("S/N")), "")
        return Identity(vendor, model, serial.partition(" ")[2], firmware.partition(" ")[2])

    def write(self, command: str) -> None:
        """Send a command, unless it would be answered.

        Raises
        ------
        UsageError
            The instrument answers commands. Nothing was sent but the question.
        """
        with self.monitor:
            if not self._quiet and self.verbosity() != "low":
                raise UsageError(
                    f"{command!r} would be answered, and questions then would get the answers to others: "
                    f"System.COM.Verbose is {self.verbosity()}",
                    who=self.who,
                    state="Nothing was sent.",
                    advice=f"Call {self.name}.quieten(), or set it to Low at the front panel.",
                )
            self._quiet = True
            super().write(command)

    def quieten(self) -> None:
        """Let the instrument answer questions alone (System.COM.Verbose Low)."""
        with self.monitor:
            if self.verbosity() != "low":
                self.query("System.COM.Verbose Low")  # as talkative as it is, it answers that
                self.verbosity.cache.invalidate()
            self._quiet = True

    def make_safe(self) -> None:
        """Switch heaters and analog outputs off; settings stay."""
        with self.monitor:
            if self.verbosity() == "low":
                self.outputs_enabled(False)
            else:
                self.query("outputEnable off")
                self.outputs_enabled.cache.invalidate()

    def channel_names(self) -> list[str]:
        """Ask for the names of all channels (getOutput.names?)."""
        return [name.strip() for name in bare(self.query("getOutput.names?")).split(",")]

    def channel_units(self) -> dict[str, str]:
        """Ask for the units of all channels on the display, by name without spaces (getOutput.units?)."""
        with self.monitor:
            names = [name.replace(" ", "") for name in self.channel_names()]
            units = [unit.strip() for unit in bare(self.query("getOutput.units?")).split(",")]
            self._units = dict(zip(names, units, strict=False))
            return self._units

    def known_units(self) -> dict[str, str]:
        """Return the units of all channels as they were when they were asked for last; the first time it asks."""
        return self._units or self.channel_units()

    def all_values(self) -> dict[str, float]:
        """Read all channels at once, by name, each in the units of the display (getOutput?)."""
        with self.monitor:
            names = self.channel_names()
            values = [number(text) for text in bare(self.query("getOutput?")).split(",")]
        return dict(zip(names, values, strict=False))

    def take_errors(self) -> tuple[ErrorEntry, ...]:
        """Take the errors that are kept for this connection (``geterror?``)."""
        entries: list[ErrorEntry] = []
        while len(entries) < MOST_ERRORS:
            code, _, text = bare(self.query(self.error_query)).partition(",")
            entry = ErrorEntry(parse_int(code), text.strip().strip('"'))
            if entry.code == 0 or entry in entries:
                break
            entries.append(entry)
        return tuple(entries)
