"""The Keysight N6700 modular power system: N6705 DC power analysers, and N6700, N6701 and N6702 mainframes.

Of the manuals only pages were at hand: 77 of the Series N6700 User's Guide (outputs and their delays); 272 and 309 of
the Operating and Service Guide of N6700C, N6701C and N6702C (names of channels; bits of the status) and 350 of that of
the N6705C (the same bits). Other commands as known from QCoDeS 0.58 and from drivers in Python, Tcl, C# and JavaScript.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import Asked, Channel, ChannelList, ScpiInstrument, parameter
from luthier.errors import IdentityError
from luthier.scpi import format_float, parse_int
from luthier.validators import Numbers

from luthier_keysight.supply_outputs import (
    CURRENT_LIMIT,
    FALL_DELAY,
    MEASURED_CURRENT,
    MEASURED_VOLTAGE,
    OUTPUT,
    OVERCURRENT_DELAY,
    OVERCURRENT_PROTECTION,
    OVERVOLTAGE_LEVEL,
    RISE_DELAY,
    VOLTAGE,
)
from luthier_keysight.switched_off import require_off, switch_all_off

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ModuleOutput", "PowerSystemN6700"]

OVERVOLTAGE, OVERCURRENT = 1, 2
LONGEST_DELAY = 1.023


def _has(bit: int) -> Callable[[str], bool]:
    return lambda text: bool(parse_int(text) & bit)


class ModuleOutput(Channel):
    """One output; a snapshot is restored in the order of declaration: ranges and limits before the voltage."""

    model = parameter(str, get_cmd="SYST:CHAN:MOD? (@{number})", doc="Model of the module (SYSTem:CHANnel:MODel?).")
    serial_number = parameter(
        str, get_cmd="SYST:CHAN:SER? (@{number})", doc="Serial number of the module (SYSTem:CHANnel:SERial?)."
    )
    voltage_range = parameter(
        float,
        get_cmd="VOLT:RANG? (@{number})",
        unit="V",
        doc="Range of the voltage; choose_range() changes it ([SOURce:]VOLTage:RANGe).",
    )
    current_range = parameter(
        float,
        get_cmd="CURR:RANG? (@{number})",
        unit="A",
        doc="Range of the current; choose_range() changes it ([SOURce:]CURRent:RANGe).",
    )
    current_limit = CURRENT_LIMIT.replace(
        minimum=Asked("CURR? MIN,(@{number})"),
        maximum=Asked("CURR? MAX,(@{number})"),
        depends_on=("current_range",),
        doc="The output holds its voltage up to this current; the module says what it can be ([SOURce:]CURRent).",
    )
    overvoltage_level = OVERVOLTAGE_LEVEL.replace(
        minimum=Asked("VOLT:PROT? MIN,(@{number})"),
        maximum=Asked("VOLT:PROT? MAX,(@{number})"),
        doc="Beyond this voltage the output switches itself off; the module says what it can be "
        "([SOURce:]VOLTage:PROTection).",
    )
    overcurrent_delay = OVERCURRENT_DELAY.replace(
        minimum=Asked("CURR:PROT:DEL? MIN,(@{number})"),
        maximum=Asked("CURR:PROT:DEL? MAX,(@{number})"),
    )
    overcurrent_protection = OVERCURRENT_PROTECTION
    rise_delay = RISE_DELAY.replace(
        validator=Numbers(0, LONGEST_DELAY),
        doc="How much later than commanded the output switches on, in steps of 1 ms (OUTPut:DELay:RISE, page 77).",
    )
    fall_delay = FALL_DELAY.replace(
        validator=Numbers(0, LONGEST_DELAY),
        doc="How much later than commanded the output switches off, also when make_safe() does it; a protection "
        "switches it off at once (OUTPut:DELay:FALL, page 77).",
    )
    voltage = VOLTAGE.replace(
        minimum=Asked("VOLT? MIN,(@{number})"),
        maximum=Asked("VOLT? MAX,(@{number})"),
        depends_on=("voltage_range",),
        doc="Level, at the terminals as soon as the output is on; the module says what it can be ([SOURce:]VOLTage).",
    )
    output = OUTPUT
    measured_voltage = MEASURED_VOLTAGE
    measured_current = MEASURED_CURRENT
    overvoltage_tripped = parameter(
        bool,
        get_cmd="STAT:QUES:COND? (@{number})",
        get_parser=_has(OVERVOLTAGE),
        snapshot=False,
        doc="Whether the over-voltage protection has switched the output off (STATus:QUEStionable:CONDition?, bit 0; "
        "page 350).",
    )
    overcurrent_tripped = parameter(
        bool,
        get_cmd="STAT:QUES:COND? (@{number})",
        get_parser=_has(OVERCURRENT),
        snapshot=False,
        doc="Whether the over-current protection has switched the output off (STATus:QUEStionable:CONDition?, bit 1; "
        "page 350).",
    )

    def __init__(self, parent: PowerSystemN6700, number: int) -> None:
        super().__init__(parent, f"ch{number}")
        self.number = number
        self.add_function(
            "clear_protection",
            f"OUTP:PROT:CLE (@{number})",
            doc="Allow the output on again after a protection has tripped; it comes back as it was before, so remove "
            "the cause first (OUTPut:PROTection:CLEar).",
        )

    def choose_range(self, *, volts: float | None = None, amperes: float | None = None) -> None:
        """Change ranges, while the output is off; limits of levels change with them.

        The module takes the lowest range that holds a value, and reports a value that none holds. A snapshot says the
        ranges, but does not restore them.

        Parameters
        ----------
        volts
            What the voltage has to go to ([SOURce:]VOLTage:RANGe); ``None``: its range stays.
        amperes
            What the current has to go to ([SOURce:]CURRent:RANGe); ``None``: its range stays.

        Raises
        ------
        IrrelevantParameterError
            The output is on; nothing was changed.
        """
        require_off(self, "ranges")
        for header, name, value in (("VOLT", "voltage_range", volts), ("CURR", "current_range", amperes)):
            if value is not None:
                self.write(f"{header}:RANG {format_float(Numbers(0, None).check(value))},(@{self.number})")
                self[name].cache.invalidate()
                self[name].get()

    def make_safe(self) -> None:
        """Switch the output off, which takes ``fall_delay``, up to 1.023 s; its voltage stays set."""
        self.output(False)


class PowerSystemN6700(ScpiInstrument):
    """Keysight N6705 power analyser, or N6700, N6701 or N6702 mainframe, with up to four modules.

    Of the manuals only pages were at hand; the module's documentation says what the commands are known from.

    Interfaces: USB, LAN (VXI-11, or a socket on port 5025) and GPIB; replies end with a line feed.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Opening one asks who it is and how many outputs there are, and changes nothing: outputs stay as they are. Limits are
    those that a module says. :meth:`make_safe` switches all outputs off. Outputs are ``ch1`` and so on, or
    ``outputs[0]``, and together ``outputs.voltage.get()``. Source-measure and load modules are driven as supplies, with
    voltage priority; arbitrary waveforms, lists, the scope and the data logger are not driven.

    >>> import luthier
    >>> with luthier.open("keysight.n6700", "sim://", name="psu") as psu:
    ...     psu.outputs[2].current_limit(0.1)
    ...     psu.outputs[2].voltage(12)
    ...     psu.outputs[2].output(True)
    ...     psu.outputs[2].measured_voltage()
    12.0

    Raises
    ------
    IdentityError
        Something else answers.
    """

    simulator = "keysight.n6700"

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        if not self.idn.model.startswith("N670"):
            raise IdentityError(
                f"{self.idn.vendor} {self.idn.model} answers; expected: an N6700, N6701, N6702 or N6705",
                who=f"{name} ({self.address})",
                state="Nothing was changed on it; the connection is closed.",
                advice="Check the address.",
                sent="no",
                expected="N670x",
                identity=str(self.idn),
            )
        outputs = [ModuleOutput(self, number) for number in range(1, parse_int(self.query("SYST:CHAN?")) + 1)]
        for output in outputs:
            setattr(self, f"ch{output.number}", output)
        self.outputs = ChannelList(self, "outputs", outputs)

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        switch_all_off(self, list(self.outputs))
