"""The settings of a simulated Keithley 2400, and which of them exclude each other.

Commands, ranges and defaults: Model 2400 Series SourceMeter User's Manual, 2400S-900-01 Rev. K, section 18; numbers and
texts of errors: its appendix B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier_sim import Boolean, Choice, Integer, Number, Refusal, ScpiDevice, command, query, setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CURRENT_RANGES", "VOLTAGE_RANGES", "Smu2400Settings"]

# Full scale, which is 105 % of the nominal range and what the instrument answers (table 3-1).
VOLTAGE_RANGES: Final = (0.21, 2.1, 21.0, 210.0)
CURRENT_RANGES: Final = (1.05e-6, 1.05e-5, 1.05e-4, 1.05e-3, 1.05e-2, 0.105, 1.05)
RESISTANCE_RANGES: Final = tuple(2.1 * 10.0**decade for decade in range(9))
PROTECTIONS: Final = (20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 160.0, 210.0)

_LOWER_VOLTAGE: Final = VOLTAGE_RANGES[-2]
_LOWER_CURRENT: Final = CURRENT_RANGES[-2]
LARGEST_VOLTAGE: Final = 210.0
LARGEST_CURRENT: Final = 1.05
MOST_READINGS: Final = 2500
FORM: Final = "{:+.6E}"
FUNCTIONS: Final = ("VOLTage[:DC]", "CURRent[:DC]", "RESistance")
ELEMENTS: Final = ("VOLT", "CURR", "RES", "TIME", "STAT")

SOURCE_VOLTAGE: Final = "SOURce[1]:VOLTage"
SOURCE_CURRENT: Final = "SOURce[1]:CURRent"
SENSE_VOLTAGE: Final = "[SENSe[1]:]VOLTage[:DC]"
SENSE_CURRENT: Final = "[SENSe[1]:]CURRent[:DC]"
SENSE_RESISTANCE: Final = "[SENSe[1]:]RESistance"


def range_for(value: float, ranges: tuple[float, ...]) -> float:
    """Return the lowest range that holds a value; -222 where none does."""
    for full_scale in ranges:
        if abs(value) <= full_scale * (1 + 1e-9):
            return full_scale
    raise Refusal(-222)


class _OnOffOnce(Boolean):
    """A boolean, or the word ``ONCE``, which is ``None``."""

    def read(self, datum: Any, device: Any, suffixes: tuple[int, ...]) -> Any:
        """Return the truth value, or ``None``."""
        return None if datum.text == "ONCE" else super().read(datum, device, suffixes)


def _level_limit(name: str) -> Any:
    def limit(smu: Any) -> float:
        largest = LARGEST_VOLTAGE if name == "voltage" else LARGEST_CURRENT
        fixed: float = largest if getattr(smu, f"source_{name}_auto") else getattr(smu, f"source_{name}_range")
        return fixed

    return limit


def _level(name: str, unit: str) -> Number:
    limit = _level_limit(name)
    return Number(lambda smu: -limit(smu), limit, unit, default=0.0, form=FORM)


class Smu2400Settings(ScpiDevice):
    """Everything of a 2400 that is only set and asked for."""

    error_queue_size = 10
    scpi_version = "1996.0"
    error_texts: ClassVar[Mapping[int, str]] = {
        -222: "Parameter data out of range",
        -410: "Query interrupted",
        -420: "Query unterminated",
        -430: "Query deadlocked",
        803: "Not permitted with OUTPUT off",
        824: "Cannot exceed compliance range",
        826: "Attempt to exceed power limit",
    }

    # Terminals and output

    terminals = setting("ROUTe:TERMinals", "FRON", choices=("FRONt", "REAR"))
    remote_sense = setting("SYSTem:RSENse", False)
    off_state = setting("OUTPut[1]:SMODe", "NORM", choices=("NORMal", "ZERO", "GUARd", "HIMPedance"))
    output = setting("OUTPut[1][:STATe]", False)
    auto_clear = setting("SOURce[1]:CLEar:AUTO", False)

    # Source

    function = setting("SOURce[1]:FUNCtion[:MODE]", "VOLT", choices=("VOLTage", "CURRent"))
    voltage = setting(f"{SOURCE_VOLTAGE}[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("voltage", "V"))
    current = setting(f"{SOURCE_CURRENT}[:LEVel][:IMMediate][:AMPLitude]", 0.0, _level("current", "A"))
    voltage_mode = setting(f"{SOURCE_VOLTAGE}:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    current_mode = setting(f"{SOURCE_CURRENT}:MODE", "FIX", choices=("FIXed", "SWEep", "LIST"))
    source_voltage_range = setting(f"{SOURCE_VOLTAGE}:RANGe", 21.0, minimum=-210, maximum=210, unit="V", form=FORM)
    source_current_range = setting(f"{SOURCE_CURRENT}:RANGe", 1.05e-4, minimum=-1.05, maximum=1.05, unit="A", form=FORM)
    source_voltage_auto = setting(f"{SOURCE_VOLTAGE}:RANGe:AUTO", True)
    source_current_auto = setting(f"{SOURCE_CURRENT}:RANGe:AUTO", True)
    protection = setting(f"{SOURCE_VOLTAGE}:PROTection[:LEVel]", 210.0, minimum=-210, maximum=210, unit="V", form=FORM)
    delay = setting("SOURce[1]:DELay", 0.0, minimum=0, maximum=999.9999, unit="s", form="{:.6f}")
    auto_delay = setting("SOURce[1]:DELay:AUTO", True)

    # Sweeps

    voltage_start = setting(f"{SOURCE_VOLTAGE}:STARt", 0.0, minimum=-210, maximum=210, unit="V", form=FORM)
    voltage_stop = setting(f"{SOURCE_VOLTAGE}:STOP", 0.0, minimum=-210, maximum=210, unit="V", form=FORM)
    current_start = setting(f"{SOURCE_CURRENT}:STARt", 0.0, minimum=-1.05, maximum=1.05, unit="A", form=FORM)
    current_stop = setting(f"{SOURCE_CURRENT}:STOP", 0.0, minimum=-1.05, maximum=1.05, unit="A", form=FORM)
    sweep_points = setting("SOURce[1]:SWEep:POINts", 2500, minimum=2, maximum=MOST_READINGS)
    sweep_spacing = setting("SOURce[1]:SWEep:SPACing", "LIN", choices=("LINear", "LOGarithmic"))
    sweep_direction = setting("SOURce[1]:SWEep:DIRection", "UP", choices=("UP", "DOWN"))
    sweep_ranging = setting("SOURce[1]:SWEep:RANGing", "BEST", choices=("BEST", "AUTO", "FIXed"))
    voltage_list = setting("SOURce[1]:LIST:VOLTage", (0.0,), minimum=-210, maximum=210, form=FORM)
    current_list = setting("SOURce[1]:LIST:CURRent", (0.0,), minimum=-1.05, maximum=1.05, form=FORM)

    # Limits and measuring ranges

    current_limit = setting(
        f"{SENSE_CURRENT}:PROTection[:LEVel]", 1.05e-4, minimum=-1.05, maximum=1.05, unit="A", form=FORM
    )
    voltage_limit = setting(f"{SENSE_VOLTAGE}:PROTection[:LEVel]", 21.0, minimum=-210, maximum=210, unit="V", form=FORM)
    current_range = setting(f"{SENSE_CURRENT}:RANGe[:UPPer]", 1.05e-4, minimum=-1.05, maximum=1.05, unit="A", form=FORM)
    voltage_range = setting(f"{SENSE_VOLTAGE}:RANGe[:UPPer]", 21.0, minimum=-210, maximum=210, unit="V", form=FORM)
    resistance_range = setting(
        f"{SENSE_RESISTANCE}:RANGe[:UPPer]", 2.1e5, minimum=0, maximum=2.1e8, unit="Ω", form=FORM
    )
    current_auto = setting(f"{SENSE_CURRENT}:RANGe:AUTO", True)
    voltage_auto = setting(f"{SENSE_VOLTAGE}:RANGe:AUTO", True)
    resistance_auto = setting(f"{SENSE_RESISTANCE}:RANGe:AUTO", True)
    resistance_mode = setting(f"{SENSE_RESISTANCE}:MODE", "AUTO", choices=("MANual", "AUTO"))

    # What is measured, and how

    concurrent = setting("[SENSe[1]:]FUNCtion:CONCurrent", True)
    nplc = setting(f"{SENSE_CURRENT}:NPLCycles", 1.0, minimum=0.01, maximum=10, form="{:.2f}")
    averaging = setting("[SENSe[1]:]AVERage[:STATe]", False)
    averaging_count = setting("[SENSe[1]:]AVERage:COUNt", 10, minimum=1, maximum=100)
    averaging_type = setting("[SENSe[1]:]AVERage:TCONtrol", "REP", choices=("REPeat", "MOVing"))
    auto_zero = setting("SYSTem:AZERo[:STATe]", True, _OnOffOnce())
    byte_order = setting("FORMat:BORDer", "NORM", choices=("NORMal", "SWAPped"))
    arm_count = setting("ARM[:SEQuence[1]][:LAYer[1]]:COUNt", 1, minimum=1, maximum=MOST_READINGS)
    trigger_count = setting("TRIGger[:SEQuence[1]]:COUNt", 1, minimum=1, maximum=MOST_READINGS)
    trigger_delay = setting("TRIGger[:SEQuence[1]]:DELay", 0.0, minimum=0, maximum=999.9999, unit="s", form="{:.6f}")
    display = setting("DISPlay:ENABle", True)

    # The buffer, which *RST leaves as it is

    buffer_points = setting("TRACe:POINts", 100, minimum=1, maximum=MOST_READINGS, keep=True)
    buffer_source = setting(
        "TRACe:FEED", "SENS1", choices=("SENSe", "SENSe1", "CALCulate", "CALCulate1", "CALCulate2"), keep=True
    )
    buffer_control = setting("TRACe:FEED:CONTrol", "NEV", choices=("NEXT", "NEVer"), keep=True)

    measured: set[str]
    elements: tuple[str, ...]
    data_format: str

    def reset(self) -> None:
        """Measure current alone, and answer all elements as text."""
        self.measured = {"CURR:DC"}
        self.elements = ELEMENTS
        self.data_format = "ASC"

    # What follows from a setting, and what it must not be

    @terminals.on_set
    @remote_sense.on_set
    @function.on_set
    def _switches_off(self, _value: object) -> None:
        self.output = False

    @voltage.on_set
    @voltage_limit.on_set
    @current.on_set
    @current_limit.on_set
    def _follow_levels(self, _value: float) -> None:
        self.current_limit, self.voltage_limit = abs(self.current_limit), abs(self.voltage_limit)
        if self.source_voltage_auto:
            self.source_voltage_range = range_for(self.voltage, VOLTAGE_RANGES)
        if self.source_current_auto:
            self.source_current_range = range_for(self.current, CURRENT_RANGES)
        self._check_power()

    def _check_power(self) -> None:
        """Refuse more than 105 mA on the 200 V range, and more than 21 V on the 1 A range (page 18-68)."""
        if (
            self.function == "VOLT"
            and self.source_voltage_range > _LOWER_VOLTAGE
            and self.current_limit > _LOWER_CURRENT
        ):
            raise Refusal(826)
        if (
            self.function == "CURR"
            and self.source_current_range > _LOWER_CURRENT
            and self.voltage_limit > _LOWER_VOLTAGE
        ):
            raise Refusal(826)

    @source_voltage_range.on_set
    def _choose_voltage_range(self, value: float) -> None:
        chosen = range_for(value, VOLTAGE_RANGES)
        if abs(self.voltage) > chosen:
            raise Refusal(-221)
        self.source_voltage_range, self.source_voltage_auto = chosen, False
        self._check_power()

    @source_current_range.on_set
    def _choose_current_range(self, value: float) -> None:
        chosen = range_for(value, CURRENT_RANGES)
        if abs(self.current) > chosen:
            raise Refusal(-221)
        self.source_current_range, self.source_current_auto = chosen, False
        self._check_power()

    @source_voltage_auto.on_set
    @source_current_auto.on_set
    def _range_anew(self, _on: bool) -> None:
        self._follow_levels(0.0)

    @protection.on_set
    def _choose_protection(self, value: float) -> None:
        self.protection = range_for(value, PROTECTIONS)

    @current_range.on_set
    def _choose_measured_current(self, value: float) -> None:
        chosen = range_for(value, CURRENT_RANGES)
        if self.function == "VOLT" and chosen > range_for(self.current_limit, CURRENT_RANGES):
            raise Refusal(824)
        self.current_range, self.current_auto = chosen, False

    @voltage_range.on_set
    def _choose_measured_voltage(self, value: float) -> None:
        chosen = range_for(value, VOLTAGE_RANGES)
        if self.function == "CURR" and chosen > range_for(self.voltage_limit, VOLTAGE_RANGES):
            raise Refusal(824)
        self.voltage_range, self.voltage_auto = chosen, False

    @resistance_range.on_set
    def _choose_resistance(self, value: float) -> None:
        self.resistance_range, self.resistance_auto = range_for(value, RESISTANCE_RANGES), False

    @delay.on_set
    def _delay_by_hand(self, _seconds: float) -> None:
        self.auto_delay = False

    @arm_count.on_set
    @trigger_count.on_set
    def _bounded(self, _count: int) -> None:
        if self.arm_count * self.trigger_count > MOST_READINGS:
            raise Refusal(-221)

    @auto_zero.on_set
    def _zero_once(self, on: bool | None) -> None:
        if on is None:  # ONCE: zero and reference are measured now, and no more after it
            self.auto_zero = False

    # What is set in other ways than one value by one header

    @command(f"{SENSE_VOLTAGE}:NPLCycles", Number(0.01, 10, default=1.0))
    @command(f"{SENSE_RESISTANCE}:NPLCycles", Number(0.01, 10, default=1.0))
    def set_nplc(self, periods: float) -> None:
        """Set the one integration time that all functions have."""
        self.nplc = periods

    @query(f"{SENSE_VOLTAGE}:NPLCycles?", form="{:.2f}")
    @query(f"{SENSE_RESISTANCE}:NPLCycles?", form="{:.2f}")
    def ask_nplc(self) -> float:
        """Answer the one integration time."""
        return self.nplc

    @command("[SENSe[1]:]FUNCtion[:ON]", *(Choice(*FUNCTIONS, quoted=True, optional=place > 0) for place in range(3)))
    def measure_too(self, *functions: str | None) -> None:
        """Measure some functions; without concurrent measuring, the last one alone."""
        for name in filter(None, functions):
            self.measured = {*self.measured, name} if self.concurrent else {name}

    @command("[SENSe[1]:]FUNCtion:OFF", *(Choice(*FUNCTIONS, quoted=True, optional=place > 0) for place in range(3)))
    def measure_no_more(self, *functions: str | None) -> None:
        """Measure some functions no more."""
        self.measured = self.measured.difference(filter(None, functions))

    @query("[SENSe[1]:]FUNCtion[:ON]?")
    def ask_measured(self) -> str:
        """Answer what is measured."""
        return ",".join(f'"{name}"' for name in sorted(self.measured, reverse=True))

    @query("[SENSe[1]:]FUNCtion:STATe?", Choice(*FUNCTIONS, quoted=True))
    def is_measured(self, function: str) -> bool:
        """Answer whether a function is measured."""
        return function in self.measured

    @command(
        "FORMat:ELEMents[:SENSe[1]]",
        *(
            Choice("VOLTage", "CURRent", "RESistance", "TIME", "STATus", optional=place > 0)
            for place in range(len(ELEMENTS))
        ),
    )
    def choose_elements(self, *elements: str | None) -> None:
        """Choose what a reading consists of; the order is always the same (page 18-49)."""
        self.elements = tuple(name for name in ELEMENTS if name in elements)

    @query("FORMat:ELEMents[:SENSe[1]]?")
    def ask_elements(self) -> str:
        """Answer what a reading consists of."""
        return ",".join(self.elements)

    @command("FORMat[:DATA]", Choice("ASCii", "REAL", "SREal"), Integer(32, 32, optional=True))
    def choose_format(self, kind: str, bits: int | None) -> None:
        """Choose text, or single precision numbers in a block (pages 18-47 to 18-49)."""
        if kind == "ASC" and bits is not None:
            raise Refusal(-108)
        self.data_format = "ASC" if kind == "ASC" else "REAL,32"

    @query("FORMat[:DATA]?")
    def ask_format(self) -> str:
        """Answer how readings are sent."""
        return self.data_format

    @command("SOURce[1]:CLEar[:IMMediate]")
    def switch_off(self) -> None:
        """Switch the output off."""
        self.output = False

    @command("SYSTem:CLEar")
    def clear_errors(self) -> None:
        """Clear the error queue."""
        self.errors.clear()
