"""The inputs of the Lake Shore 372: sixteen of the scanner, and the control input.

Where the commands are known from is said in :mod:`luthier_lakeshore.bridge372`.
"""

from __future__ import annotations

from enum import IntFlag
from math import inf, nan
from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Channel, group, parameter
from luthier.errors import InstrumentFaultError, ReplyError
from luthier.scpi import format_string, parse_float, parse_int, parse_string
from luthier.validators import Enum, Ints, Numbers, Strings

from luthier_lakeshore.event_status import parts_of
from luthier_lakeshore.inputs import HEADER_PARTS, NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier_lakeshore.event_status import LakeShoreInstrument

__all__ = ["FREQUENCIES", "BridgeInput", "BridgeStatus", "ControlInput", "MeasurementInput"]

VOLTAGES: Final = tuple(
    f"{number} {unit}" for unit in ("µV", "mV") for number in ("2", "6.32", "20", "63.2", "200", "632")
)
CURRENTS: Final = (
    *(f"{number} {unit}" for unit in ("pA", "nA", "µA") for number in ("1", "3.16", "10", "31.6", "100", "316")),
    *(f"{number} mA" for number in ("1", "3.16", "10", "31.6")),
)
CONTROL_CURRENTS: Final = CURRENTS[5:11]
RANGES: Final = {
    float(f"{digits}e{power}"): 2 * place + half + 1
    for place, power in enumerate(range(-3, 8))
    for half, digits in enumerate(("2", "6.32"))
}
"""The full scales of resistance, in Ω: 2 mΩ to 63.2 MΩ."""
AUTO_RANGE: Final = {"off": 0, "current": 1}
UNITS: Final = {"K": 1, "Ω": 2}
COEFFICIENTS: Final = {"negative": 1, "positive": 2}
FREQUENCIES: Final = {9.8: 1, 13.7: 2, 16.2: 3, 11.6: 4, 18.2: 5}
SETUP_PARTS: Final = 6
CHANNEL_PARTS: Final = 5


class BridgeStatus(IntFlag):
    """Why a reading is not valid; none of it: the reading is (``RDGST?``)."""

    CURRENT_SOURCE_OVERLOAD = 1
    COMMON_MODE_OVERLOAD = 2
    MIXER_OVERLOAD = 4
    DIFFERENTIAL_OVERLOAD = 8
    RESISTANCE_OVER_RANGE = 16
    RESISTANCE_UNDER_RANGE = 32
    TEMPERATURE_OVER_RANGE = 64
    TEMPERATURE_UNDER_RANGE = 128


TEMPERATURE_ONLY: Final = BridgeStatus.TEMPERATURE_OVER_RANGE | BridgeStatus.TEMPERATURE_UNDER_RANGE


def _parse_status(text: str) -> BridgeStatus:
    return BridgeStatus(parse_int(text))


def _parse_reading(reply: str) -> tuple[float, BridgeStatus]:
    reading, semicolon, status = reply.partition(";")
    if not semicolon:
        raise ReplyError(
            f"the reply {reply!r} has one part; expected: a reading and its status",
            reply=reply,
            expected="a reading, a semicolon, and its status",
        )
    return parse_float(reading), _parse_status(status)


def _parse_temperature(reply: str) -> float:
    """Return a temperature; an input without a curve answers 0, which is none."""
    value, status = _parse_reading(reply)
    return nan if status or not value else value


def _parse_ohms(reply: str) -> float:
    """Return a resistance, which is valid also where the curve does not reach that far."""
    value, status = _parse_reading(reply)
    return nan if status & ~TEMPERATURE_ONLY else value


def _ask_setup(channel: BridgeInput) -> list[object]:
    question = f"INTYPE? {channel.number}"
    mode, excitation, auto, place, shunted, units = (
        parse_int(part) for part in parts_of(channel, question, SETUP_PARTS)
    )
    excitations = channel.excitations.get(mode, ())
    if not 1 <= excitation <= len(excitations):
        raise ReplyError(
            f"{question!r} was answered by mode {mode} with excitation {excitation}, which this input does not have",
            who=channel.full_name,
            command=question,
            expected=", ".join(f"{key} with 1 to {len(names)}" for key, names in channel.excitations.items()),
        )
    return [excitations[excitation - 1], auto, place, shunted, units]


def _set_setup(channel: BridgeInput, values: Mapping[str, Any]) -> None:
    name = values["excitation"]
    mode = next(mode for mode, names in channel.excitations.items() if name in names)
    numbers = (
        mode,
        channel.excitations[mode].index(name) + 1,
        channel.auto_ranges[values["auto_range"]],
        RANGES[values["resistance_range"]],
        int(not values["excitation_on"]),
        UNITS[values["preferred_units"]],
    )
    channel.write(f"INTYPE {channel.number},{','.join(map(str, numbers))}")


def _set_settings(channel: BridgeInput, values: Mapping[str, Any]) -> None:
    curve = values["curve_number"]
    numbers = (int(values["enabled"]), values["dwell"], values["pause"], curve, COEFFICIENTS[values["coefficient"]])
    channel.write(f"INSET {channel.number},{','.join(map(str, numbers))}")
    taken = parse_int(parts_of(channel, f"INSET? {channel.number}", CHANNEL_PARTS)[3])
    if taken != curve:
        raise InstrumentFaultError(
            f"curve {curve} was not taken: the instrument has none there",
            who=channel.full_name,
            state=f"The input uses curve {taken} now" + (", that is none." if taken == 0 else "."),
            advice="Write the curve first, or choose another.",
        )


def _curve_limit(channel: BridgeInput) -> float:
    curve = channel.curve_number.known_or_read()
    if not curve:
        return inf
    return parse_float(parts_of(channel, f"CRVHDR? {curve}", HEADER_PARTS)[3])


class BridgeInput(Channel):
    """One measurement input.

    An input without a valid reading answers a number all the same, and one without a curve 0 K. So the status is asked
    in the same message, and readings are not a number then; ``status`` says why. An input that the scanner is not at
    answers its last reading, and the status of that (p. 174).
    """

    excitations: ClassVar[dict[int, tuple[str, ...]]] = {0: VOLTAGES, 1: CURRENTS}
    auto_ranges: ClassVar[dict[str, int]] = AUTO_RANGE

    temperature = parameter(
        float,
        get_cmd="RDGK? {number};RDGST? {number}",
        get_parser=_parse_temperature,
        unit="K",
        snapshot=False,
        doc="Temperature by the curve of the input; not a number where there is no valid reading, or no curve (RDGK?, "
        "RDGST?, p. 174).",
    )
    sensor_value = parameter(
        float,
        get_cmd="RDGR? {number};RDGST? {number}",
        get_parser=_parse_ohms,
        unit="Ω",
        snapshot=False,
        doc="Resistance: the part in phase with the excitation; not a number where there is no valid reading (RDGR?, "
        "RDGST?, p. 174).",
    )
    excitation_power = parameter(
        float,
        get_cmd="RDGPWR? {number}",
        unit="W",
        snapshot=False,
        doc="Power that the excitation puts into the sensor, as computed last. The page names no unit; taken for watts "
        "(RDGPWR?, p. 174).",
    )
    status = parameter(
        BridgeStatus,
        get_cmd="RDGST? {number}",
        get_parser=_parse_status,
        snapshot=False,
        doc="Why the reading is not valid; empty while it is (RDGST?, p. 174).",
    )
    sensor_name = parameter(
        str,
        get_cmd="INNAME? {number}",
        set_cmd="INNAME {number},{}",
        get_parser=parse_string,
        set_parser=format_string,
        validator=Strings(max_length=15, pattern=NAME),
        doc="Name of the sensor, up to 15 characters without quotes, commas and semicolons (INNAME).",
    )
    excitation = parameter(
        str,
        group="setup",
        validator=Enum(*VOLTAGES, *CURRENTS),
        doc="How the sensor is excited: its unit says whether with a constant voltage or a constant current, so that "
        "mode and size are one setting and neither jumps when the other is changed (INTYPE).",
    )
    auto_range = parameter(
        str,
        group="setup",
        mapping=AUTO_RANGE,
        doc='"current": the range follows the resistance (INTYPE).',
    )
    resistance_range = parameter(
        float,
        group="setup",
        unit="Ω",
        mapping=RANGES,
        depends_on=("auto_range", "excitation"),
        doc="Full scale. Not every one goes with every excitation; what this model does then was not found, so read it "
        "back (INTYPE).",
    )
    excitation_on = parameter(
        bool,
        group="setup",
        mapping={True: 0, False: 1},
        doc="False: the current source is shunted, and the sensor is not excited (INTYPE).",
    )
    preferred_units = parameter(
        str,
        group="setup",
        mapping=UNITS,
        doc="Units of the setpoint of an output that is controlled from this input (INTYPE).",
    )
    setup = group(
        "excitation",
        "auto_range",
        "resistance_range",
        "excitation_on",
        "preferred_units",
        get_cmd=_ask_setup,
        set_cmd=_set_setup,
        doc="All of how the sensor is measured, by one message (INTYPE).",
    )
    enabled = parameter(
        bool,
        group="settings",
        doc="Whether the input is measured. Where all are switched off, the instrument switches input 1 on (INSET).",
    )
    dwell = parameter(
        int, group="settings", unit="s", validator=Ints(1, 200), doc="How long autoscan stays at the input (INSET)."
    )
    pause = parameter(
        int,
        group="settings",
        unit="s",
        validator=Ints(3, 200),
        doc="How long readings are put off after a change to this input (INSET).",
    )
    curve_number = parameter(
        int,
        group="settings",
        validator=Ints(0, 59),
        doc="Curve from resistance to temperature; 0: none, from 21: those of users. A curve that is not there is not "
        "taken by the instrument; that raises InstrumentFaultError (INSET).",
    )
    coefficient = parameter(
        str,
        group="settings",
        mapping=COEFFICIENTS,
        doc="Whether the resistance rises with the temperature, for the control without a curve (INSET).",
    )
    settings = group(
        "enabled",
        "dwell",
        "pause",
        "curve_number",
        "coefficient",
        get_cmd="INSET? {number}",
        set_cmd=_set_settings,
        doc="What the scanner and the control need, by one message (INSET).",
    )
    setpoint_limit = parameter(
        float,
        get_cmd=_curve_limit,
        unit="K",
        depends_on=("curve_number",),
        snapshot=False,
        doc="The largest setpoint that the curve of the input allows; infinite without a curve (CRVHDR?, p. 159).",
    )
    temperature_limit = parameter(
        float,
        get_cmd="TLIMIT? {number}",
        set_cmd="TLIMIT {number},{}",
        unit="K",
        validator=Numbers(0, None),
        doc="Above this temperature the instrument switches all control outputs off; 0: no limit (TLIMIT).",
    )
    filtering = parameter(bool, group="filter_settings", doc="Whether readings are averaged (FILTER, p. 162).")
    filter_time = parameter(
        int,
        group="filter_settings",
        unit="s",
        validator=Ints(1, 200),
        doc="How long the average takes to settle (FILTER, p. 162).",
    )
    filter_window = parameter(
        int,
        group="filter_settings",
        unit="%",
        validator=Ints(1, 80),
        doc="A change by more than this part of full scale restarts the average (FILTER, p. 162).",
    )
    filter_settings = group(
        "filtering",
        "filter_time",
        "filter_window",
        get_cmd="FILTER? {number}",
        set_cmd="FILTER {number},{filtering},{filter_time},{filter_window}",
        doc="The average, by one message (FILTER, p. 162).",
    )

    def __init__(self, parent: LakeShoreInstrument, name: str, number: str) -> None:
        super().__init__(parent, name)
        self.number = number


class MeasurementInput(BridgeInput):
    """One of the inputs of the scanner, which measure the part out of phase too."""

    quadrature = parameter(
        float,
        get_cmd="QRDG? {number};RDGST? {number}",
        get_parser=_parse_ohms,
        unit="Ω",
        snapshot=False,
        doc="The part of the resistance that is out of phase; not a number where there is no valid reading (QRDG?).",
    )


class ControlInput(BridgeInput):
    """The control input, A: excited by small currents only, and never scanned."""

    excitations = {1: CONTROL_CURRENTS}  # noqa: RUF012 - a class variable, as its base class says
    auto_ranges = {**AUTO_RANGE, "ROX102B": 2}  # noqa: RUF012 - a class variable, as its base class says

    excitation = BridgeInput.excitation.replace(
        validator=Enum(*CONTROL_CURRENTS), doc="How the sensor is excited, always with a constant current (INTYPE)."
    )
    auto_range = BridgeInput.auto_range.replace(
        mapping={**AUTO_RANGE, "ROX102B": 2},
        doc='"current": the excitation follows the resistance; "ROX102B": as that sensor needs it (INTYPE).',
    )
    resistance_range = BridgeInput.resistance_range.replace(
        doc="Without a meaning for this input; the instrument ignores it (INTYPE)."
    )
    dwell = BridgeInput.dwell.replace(
        validator=Ints(0, 200), doc="Without a meaning for this input, which is not scanned (INSET)."
    )
    excitation_frequency = parameter(
        float,
        get_cmd="FREQ? {number}",
        set_cmd="FREQ {number},{}",
        unit="Hz",
        mapping=FREQUENCIES,
        doc="Frequency of the excitation; a change takes several seconds (FREQ, p. 162).",
    )
