"""The Rohde & Schwarz NGP800, HMP and HMC804x power supplies.

Their commands work on the output that was selected last, so that the driver selects an output before each message. The
manuals were not at hand: commands of the NGP800 as known from the maker's package RsNgx 3.1.0.49, which quotes its
manual (NGP800 Series User Manual, 5601.5610.02); those of the HMC804x from drivers of other projects, of which one has
the texts of its SCPI Programmers Manual; those of the HMP from drivers of other projects.
"""

from __future__ import annotations

from typing import Any, ClassVar

from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.validators import Numbers

__all__ = [
    "DelayedOutput",
    "Hmc804x",
    "HmcOutput",
    "Hmp",
    "HmpOutput",
    "LimitedOutput",
    "Ngp800",
    "NgpOutput",
    "ProtectedOutput",
    "SelectedOutput",
    "Supply",
]


class SelectedOutput(Channel):
    """One output; each message is preceded by one that selects it, and nobody else comes in between."""

    def __init__(self, parent: Supply, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number

    def write(self, command: str) -> None:
        """Select the output, and send a command."""
        with self.root.monitor:
            self.root.write(f"INST:NSEL {self.number}")
            super().write(command)

    def query(self, command: str) -> str:
        """Select the output, send a query and return the reply."""
        with self.root.monitor:
            self.root.write(f"INST:NSEL {self.number}")
            return super().query(command)


class LimitedOutput(SelectedOutput):
    """Current limit and voltage; a snapshot is restored in the order of declaration, the output last."""

    current_limit = parameter(
        float,
        get_cmd="CURR?",
        set_cmd="CURR {}",
        unit="A",
        minimum=Asked("CURR? MIN"),
        maximum=Asked("CURR? MAX"),
        depends_on=("voltage",),
        doc="The output holds its voltage up to this current; the limits are asked from the instrument "
        "(SOURce:CURRent:LEVel).",
    )
    voltage = parameter(
        float,
        get_cmd="VOLT?",
        set_cmd="VOLT {}",
        unit="V",
        validator=Numbers(0, None),
        maximum=Asked("VOLT? MAX"),
        doc="Level, at the terminals as soon as the output is on; it stays set when the output is switched off "
        "(SOURce:VOLTage:LEVel).",
    )
    measured_voltage = parameter(
        float, get_cmd="MEAS:VOLT?", unit="V", snapshot=False, doc="Voltage at the terminals (MEASure:VOLTage?)."
    )
    measured_current = parameter(
        float, get_cmd="MEAS:CURR?", unit="A", snapshot=False, doc="Current (MEASure:CURRent?)."
    )


class HmpOutput(LimitedOutput):
    """One output of an HMP."""

    selected = parameter(
        bool,
        get_cmd="OUTP:SEL?",
        set_cmd="OUTP:SEL {}",
        doc="Whether the output is switched together with others by outputs_enabled of the supply (OUTPut:SELect).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP?",
        set_cmd="OUTP {}",
        depends_on=("selected",),
        doc="Whether the voltage is at the terminals. Switching on an output switches on outputs_enabled of the supply "
        "too, and with it every other output that is selected: look at selected of all outputs first (OUTPut:STATe).",
    )

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class ProtectedOutput(SelectedOutput):
    """The protections of an output of an NGP800 or HMC804x; they come before levels and output."""

    overvoltage_level = parameter(
        float,
        get_cmd="VOLT:PROT:LEV?",
        set_cmd="VOLT:PROT:LEV {}",
        unit="V",
        minimum=Asked("VOLT:PROT:LEV? MIN"),
        maximum=Asked("VOLT:PROT:LEV? MAX"),
        doc="Beyond this voltage the output switches itself off (VOLTage:PROTection:LEVel).",
    )
    overvoltage_protection = parameter(
        bool,
        get_cmd="VOLT:PROT?",
        set_cmd="VOLT:PROT {}",
        doc="Whether the over-voltage protection is on (VOLTage:PROTection:STATe).",
    )
    overvoltage_tripped = parameter(
        bool,
        get_cmd="VOLT:PROT:TRIP?",
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off (VOLTage:PROTection:TRIPped?).",
    )
    overpower_level = parameter(
        float,
        get_cmd="POW:PROT:LEV?",
        set_cmd="POW:PROT:LEV {}",
        unit="W",
        validator=Numbers(0, 200),
        doc="Beyond this power the output switches itself off (POWer:PROTection:LEVel).",
    )
    overpower_protection = parameter(
        bool,
        get_cmd="POW:PROT?",
        set_cmd="POW:PROT {}",
        doc="Whether the over-power protection is on (POWer:PROTection:STATe).",
    )
    overpower_tripped = parameter(
        bool,
        get_cmd="POW:PROT:TRIP?",
        snapshot=False,
        doc="Whether the over-power protection has switched the output off (POWer:PROTection:TRIPped?).",
    )
    fuse = parameter(
        bool,
        get_cmd="FUSE?",
        set_cmd="FUSE {}",
        doc="Whether the output switches itself off at the current limit, instead of holding it (FUSE:STATe).",
    )
    fuse_tripped = parameter(
        bool,
        get_cmd="FUSE:TRIP?",
        snapshot=False,
        doc="Whether the fuse has switched the output off (FUSE:TRIPped?).",
    )
    ramp = parameter(
        bool,
        get_cmd="VOLT:RAMP?",
        set_cmd="VOLT:RAMP {}",
        doc="Whether the voltage rises slowly when the output is switched on (VOLTage:RAMP:STATe).",
    )
    ramp_duration = parameter(
        float,
        get_cmd="VOLT:RAMP:DUR?",
        set_cmd="VOLT:RAMP:DUR {}",
        unit="s",
        validator=Numbers(0, 60),
        doc="How long the voltage rises (VOLTage:RAMP:DURation).",
    )
    measured_power = parameter(float, get_cmd="MEAS:POW?", unit="W", snapshot=False, doc="Power (MEASure:POWer?).")

    def __init__(self, parent: Supply, number: int) -> None:
        super().__init__(parent, number)
        for name, command, what in (
            (
                "clear_overvoltage",
                "VOLT:PROT:CLE",
                "the over-voltage protection has tripped (VOLTage:PROTection:CLEar)",
            ),
            ("clear_overpower", "POW:PROT:CLE", "the over-power protection has tripped (POWer:PROTection:CLEar)"),
        ):
            self.add_function(name, command, doc=f"Allow the output on again after {what}; remove the cause first.")


class DelayedOutput(ProtectedOutput):
    """What an output of an NGP800 has beside: it can switch on later than it is told to."""

    output_delay = parameter(
        bool,
        get_cmd="OUTP:DEL?",
        set_cmd="OUTP:DEL {}",
        doc="Whether the output switches on later than it is told to (OUTPut:DELay:STATe).",
    )
    output_delay_duration = parameter(
        float,
        get_cmd="OUTP:DEL:DUR?",
        set_cmd="OUTP:DEL:DUR {}",
        unit="s",
        validator=Numbers(0.001, 10),
        doc="How much later it switches on (OUTPut:DELay:DURation).",
    )


class NgpOutput(HmpOutput, DelayedOutput):
    """One output of an NGP800."""

    def __init__(self, parent: Supply, number: int) -> None:
        super().__init__(parent, number)
        self.add_function(
            "clear_fuse",
            "FUSE:TRIP:CLE",
            doc="Allow the output on again after the fuse has tripped (FUSE:TRIPped:CLEar); remove the cause first.",
        )


class HmcOutput(LimitedOutput, ProtectedOutput):
    """One output of an HMC804x."""

    overpower_level = parameter(
        float,
        get_cmd="POW:PROT:LEV?",
        set_cmd="POW:PROT:LEV {}",
        unit="W",
        minimum=Asked("POW:PROT:LEV? MIN"),
        maximum=Asked("POW:PROT:LEV? MAX"),
        doc="Beyond this power the output switches itself off (POWer:PROTection:LEVel).",
    )
    ramp_duration = parameter(
        float,
        get_cmd="VOLT:RAMP:DUR?",
        set_cmd="VOLT:RAMP:DUR {}",
        unit="s",
        validator=Numbers(0.01, 10),
        doc="How long the voltage rises (VOLTage:RAMP:DURation).",
    )
    output = parameter(
        bool,
        get_cmd="OUTP:CHAN?",
        set_cmd="OUTP:CHAN {}",
        doc="Whether the output is on; the voltage is at the terminals only while outputs_enabled of the supply is on "
        "too (OUTPut:CHANnel:STATe).",
    )

    def make_safe(self) -> None:
        """Switch the output off; its voltage stays set."""
        self.output(False)


class Supply(ScpiInstrument):
    """What these supplies have in common; open one of the series.

    Interfaces: USB and LAN (VXI-11, and a socket on port 5025); replies end with a line feed.

    Verified with the simulators and with scripted messages; not yet with hardware, and without the manuals.

    Opening one asks who it is, because models differ in the number of outputs, and changes nothing. Outputs are ``ch1``
    and so on, or ``outputs[0]``, and together ``outputs.voltage.get()``. Whatever reads or sets one of an output also
    selects it, as its key on the front panel does. :meth:`make_safe` switches all outputs off.

    Raises
    ------
    IdentityError
        A model that the driver does not know answers.
    """

    channel_counts: ClassVar[dict[str, int]]
    """How many outputs there are, by model."""
    output_class: ClassVar[type[LimitedOutput]]
    switch: ClassVar[str]
    """The command for all outputs together."""

    outputs_enabled = parameter(
        bool,
        get_cmd="{switch}?",
        set_cmd="{switch} {}",
        doc="The switch for all outputs together: those that are selected (HMC804x: those that are on) come on with it "
        "(OUTPut:GENeral; HMC804x: OUTPut:MASTer).",
    )

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        model = self.idn.model.upper()
        if model not in self.channel_counts:
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: one of {', '.join(self.channel_counts)}",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address, or open it with the driver for that model.",
                sent="no",
                expected=", ".join(self.channel_counts),
                identity=str(self.idn),
            )
        channels = [self.output_class(self, number + 1) for number in range(self.channel_counts[model])]
        self.outputs = ChannelList(self, "outputs", channels)

    def make_safe(self) -> None:
        """Switch all outputs off together, and then each of them; where one fails, the others are tried all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        failures = []
        for switch in (self.outputs_enabled, *(output["output"] for output in self.outputs)):
            try:
                switch.set(False)
            except Exception as failure:  # noqa: BLE001 - whatever it is, the other outputs have to be switched off
                failures.append(failure)
        if failures:
            raise ExceptionGroup(f"{self.name}: outputs may still be on", failures)


class Ngp800(Supply):
    """Rohde & Schwarz NGP802, NGP804, NGP814, NGP822, NGP824: two or four outputs of up to 32 V, 20 A or 64 V, 10 A.

    See :class:`Supply`.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.ngp800", "sim://", name="psu") as psu:
    ...     psu.ch3.current_limit(0.5)
    ...     psu.ch3.voltage(12)
    ...     psu.ch3.output(True)
    ...     psu.ch3.measured_voltage(), psu.outputs.output.get()
    (12.0, (False, False, True, False))
    """

    simulator = "rohde_schwarz.ngp800"
    channel_counts: ClassVar[dict[str, int]] = {"NGP802": 2, "NGP804": 4, "NGP814": 4, "NGP822": 2, "NGP824": 4}
    output_class = NgpOutput
    switch = "OUTP:GEN"


class Hmp(Supply):
    """Rohde & Schwarz (HAMEG) HMP2020, HMP2030, HMP4030, HMP4040: two to four outputs of up to 32 V.

    See :class:`Supply`.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.hmp", "sim://", name="psu") as psu:
    ...     psu.ch1.voltage(5)
    ...     psu.ch1.output(True)
    ...     psu.ch1.measured_current()
    0.05
    """

    simulator = "rohde_schwarz.hmp"
    channel_counts: ClassVar[dict[str, int]] = {"HMP2020": 2, "HMP2030": 3, "HMP4030": 3, "HMP4040": 4}
    output_class = HmpOutput
    switch = "OUTP:GEN"


class Hmc804x(Supply):
    """Rohde & Schwarz HMC8041, HMC8042, HMC8043: one to three outputs of up to 32 V.

    See :class:`Supply`. An output puts out its voltage while its ``output`` and ``outputs_enabled`` are both on.

    >>> import luthier
    >>> with luthier.open("rohde_schwarz.hmc804x", "sim://", name="psu") as psu:
    ...     psu.ch1.voltage(5)
    ...     psu.ch1.output(True)
    ...     psu.outputs_enabled(True)
    ...     psu.ch1.measured_power()
    0.25
    """

    simulator = "rohde_schwarz.hmc804x"
    channel_counts: ClassVar[dict[str, int]] = {"HMC8041": 1, "HMC8042": 2, "HMC8043": 3}
    output_class = HmcOutput
    switch = "OUTP:MAST"
