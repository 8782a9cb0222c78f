"""The outputs of the Rohde & Schwarz NGP800, HMP and HMC804x power supplies.

Where their commands are known from is said at the head of ``luthier_rohde_schwarz.supplies``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from luthier import Asked, Channel, parameter
from luthier.validators import Numbers

if TYPE_CHECKING:
    from luthier_rohde_schwarz.supplies import Supply

__all__ = [
    "DelayedOutput",
    "HmcOutput",
    "HmpOutput",
    "LevelProtectedOutput",
    "LimitedOutput",
    "NgpOutput",
    "ProtectedOutput",
    "SelectedOutput",
    "SwitchedOutput",
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


class SwitchedOutput(LimitedOutput):
    """How an output of an HMP or NGP800 is switched, by itself and together with others."""

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


class LevelProtectedOutput(SelectedOutput):
    """The over-voltage protection of an output of an HMP, which is always on; it comes before levels and output."""

    overvoltage_level = parameter(
        float,
        get_cmd="VOLT:PROT?",
        set_cmd="VOLT:PROT {}",
        unit="V",
        minimum=Asked("VOLT:PROT? MIN"),
        maximum=Asked("VOLT:PROT? MAX"),
        doc="Beyond this voltage the output switches itself off (VOLTage:PROTection:LEVel).",
    )
    overvoltage_tripped = parameter(
        bool,
        get_cmd="VOLT:PROT:TRIP?",
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off (VOLTage:PROTection:TRIPped?).",
    )


class HmpOutput(SwitchedOutput, LevelProtectedOutput):
    """One output of an HMP."""

    def __init__(self, parent: Supply, number: int) -> None:
        super().__init__(parent, number)
        self.add_function(
            "clear_overvoltage",
            "VOLT:PROT:CLE",
            doc="Allow the output on again after the over-voltage protection has tripped (VOLTage:PROTection:CLEar); "
            "remove the cause first.",
        )


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


class NgpOutput(SwitchedOutput, DelayedOutput):
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
