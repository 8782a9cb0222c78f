"""The Lake Shore 370 AC resistance bridge.

Commands: Model 370 AC Resistance Bridge User's Manual, pages 6-20, 6-21 and 6-34 (RDGRNG?, RDGST? and the common ones)
and paragraphs 3.7.4 and 4.11.2, which were at hand. The others as slave 0.4, pyHegel, secop and several drivers for
QTLab and QCoDeS have them, which agree: CMODE, CMR, CPOL, CSET, FILTER, FREQ, GUARD, HTR?, HTRRNG, HTRST?, INSET,
MOUT, PID, RAMP, RAMPST?, RDGK?, RDGR?, SCAN, SETP, STILL, and the order of the numbers of RDGRNG and CSET; ANALOG and
AOUT? as a program for this model and slave have them. That curves 1 to 20 are those of users, and have the headers of
the 372, is known from page 158 of the manual of the 372, of its emulation of a 370.

Left out because no source was sure enough, or not yet written: zones, alarms, relays, writing curves, the power of the
excitation, the display, and the minimum and maximum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Channel, ChannelList, group, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_int
from luthier.validators import Ints

from luthier_lakeshore.bridge370_heater import AnalogOutput, Heater370, StillOutput370
from luthier_lakeshore.bridge_inputs import CURRENTS, RANGES, VOLTAGES, BridgeInput
from luthier_lakeshore.event_status import LakeShoreInstrument, parts_of
from luthier_lakeshore.safety import make_all_safe, require_model

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Bridge370"]

INPUTS: Final = 16
USER_CURVES: Final = 20
EXCITATIONS: Final = {0: VOLTAGES, 1: CURRENTS}
SETUP_PARTS: Final = 5


def _ask_setup(channel: Input370) -> list[object]:
    question = f"RDGRNG? {channel.number}"
    mode, excitation, place, auto, shunted = (parse_int(part) for part in parts_of(channel, question, SETUP_PARTS))
    names = EXCITATIONS.get(mode, ())
    if not 1 <= excitation <= len(names):
        raise ReplyError(
            f"{question!r} was answered by mode {mode} with excitation {excitation}, which this model does not have",
            who=channel.full_name,
            command=question,
            expected="0 with 1 to 12, or 1 with 1 to 22",
        )
    return [names[excitation - 1], place, bool(auto), shunted]


def _set_setup(channel: Input370, values: Mapping[str, Any]) -> None:
    name = values["excitation"]
    mode = next(mode for mode, names in EXCITATIONS.items() if name in names)
    numbers = (
        mode,
        EXCITATIONS[mode].index(name) + 1,
        RANGES[values["resistance_range"]],
        int(values["auto_range"]),
        int(not values["excitation_on"]),
    )
    channel.write(f"RDGRNG {channel.number},{','.join(map(str, numbers))}")


class Input370(Channel):
    """One input of the scanner.

    An input without a valid reading answers a number all the same, and one without a curve 0 K. So the status is asked
    in the same message, and readings are not a number then; ``status`` says why. An input that the scanner is not at
    answers its last reading, and the status of that (page 6-34).
    """

    temperature = BridgeInput.temperature.replace(
        doc="Temperature by the curve of the input; not a number where there is no valid reading, or no curve (RDGK?, "
        "RDGST?)."
    )
    sensor_value = BridgeInput.sensor_value.replace(
        doc="Resistance; not a number where there is no valid reading (RDGR?, RDGST?)."
    )
    status = BridgeInput.status.replace(doc="Why the reading is not valid; empty while it is (RDGST?, page 6-34).")
    excitation = BridgeInput.excitation.replace(
        doc="How the sensor is excited: its unit says whether with a constant voltage or a constant current (RDGRNG)."
    )
    resistance_range = BridgeInput.resistance_range.replace(
        doc="Full scale. Not every one goes with every excitation (RDGRNG, table 1-1)."
    )
    auto_range = parameter(bool, group="setup", doc="Whether the range follows the resistance (RDGRNG).")
    excitation_on = BridgeInput.excitation_on.replace(
        doc="False: the current source is off, and the sensor is not excited (RDGRNG)."
    )
    setup = group(
        "excitation",
        "resistance_range",
        "auto_range",
        "excitation_on",
        get_cmd=_ask_setup,
        set_cmd=_set_setup,
        doc="All of how the sensor is measured, by one message (RDGRNG).",
    )
    enabled = BridgeInput.enabled
    dwell = BridgeInput.dwell
    pause = BridgeInput.pause
    curve_number = BridgeInput.curve_number.replace(
        validator=Ints(0, USER_CURVES),
        doc="Curve from resistance to temperature; 0: none. A curve that is not there is not taken by the instrument; "
        "that raises InstrumentFaultError (INSET).",
    )
    coefficient = BridgeInput.coefficient
    settings = BridgeInput.settings
    setpoint_limit = BridgeInput.setpoint_limit.replace(
        doc="The largest setpoint that the curve of the input allows; infinite without a curve (CRVHDR?)."
    )
    filtering = BridgeInput.filtering.replace(doc="Whether readings are averaged (FILTER).")
    filter_time = BridgeInput.filter_time.replace(doc="How long the average takes to settle (FILTER).")
    filter_window = BridgeInput.filter_window.replace(
        doc="A change by more than this part of full scale restarts the average (FILTER)."
    )
    filter_settings = BridgeInput.filter_settings.replace(doc="The average, by one message (FILTER).")

    def __init__(self, parent: Bridge370, number: int) -> None:
        super().__init__(parent, f"input{number}")
        self.number = str(number)


class Bridge370(LakeShoreInstrument):
    """Lake Shore 370: measures resistances down to millikelvins, and controls a temperature with one heater.

    Inputs of the scanner are ``input1`` … ``input16`` or ``inputs[0]``, together ``inputs.temperature.get()``; without
    a scanner ``input1`` is that of the bridge. The heater is ``heater``, also ``loops[0]``; the analog outputs are
    ``analog1`` and ``analog2``, which can heat a still.

    Manual: Model 370 AC Resistance Bridge User's Manual; commands are in chapter 6, of which pages 6-20, 6-21 and 6-34
    were at hand.

    Interfaces: GPIB (address 12 from the factory), or a serial line (9600 baud, 7 data bits, odd parity; these settings
    are used unless ``transport_options`` says otherwise). What is sent and answered ends with a carriage return and a
    line feed.

    Opening it asks who it is and changes nothing. What the instrument refuses raises
    :class:`~luthier.errors.InstrumentReportedError` after each set. :meth:`make_safe` switches heater and analog
    outputs off; excitations stay, because without them nobody knows the temperature. A snapshot is restored in the
    order of declaration: inputs before outputs, the range of the heater last.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Raises
    ------
    IdentityError
        Another model answers.

    >>> import luthier
    >>> with luthier.open("lakeshore.370", "sim://", name="bridge") as bridge:
    ...     bridge.input1.excitation("20 µV")
    ...     bridge.input1.temperature()
    ...     bridge.heater.mode("closed loop")
    ...     bridge.heater.setpoint(0.1)
    ...     bridge.heater.heater_range("3.16 mA")
    ...     bridge.make_safe()
    ...     bridge.heater.heater_range()
    0.01
    'off'
    """

    simulator = "lakeshore.370"
    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 9600, "data_bits": 7, "parity": "odd"}
    model: ClassVar[str] = "MODEL370"

    scanned_input = parameter(int, group="scan", validator=Ints(1, INPUTS), doc="Input that the scanner is at (SCAN).")
    autoscan = parameter(
        bool, group="scan", doc="Whether the scanner goes from one enabled input to the next by itself (SCAN)."
    )
    scan = group(
        "scanned_input",
        "autoscan",
        get_cmd="SCAN?",
        set_cmd="SCAN {scanned_input},{autoscan}",
        doc="Both, by one message (SCAN).",
    )
    excitation_frequency = parameter(
        float,
        get_cmd="FREQ?",
        set_cmd="FREQ {}",
        unit="Hz",
        mapping={9.8: 1, 13.7: 2, 16.2: 3},
        doc="Frequency of the excitation; a change takes several seconds (FREQ).",
    )
    common_mode_reduction = parameter(
        bool, get_cmd="CMR?", set_cmd="CMR {}", doc="Whether the common mode at the inputs is reduced (CMR)."
    )
    guard = parameter(bool, get_cmd="GUARD?", set_cmd="GUARD {}", doc="Whether the guards are driven (GUARD).")

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        require_model(self, self.model)
        self.inputs = ChannelList(self, "inputs", [Input370(self, number) for number in range(1, INPUTS + 1)])
        self.heater = Heater370(self, "heater")
        self.loops = ChannelList(self, "loops", [self.heater])
        self.analog1 = AnalogOutput(self, "analog1", 1)
        self.analog2 = StillOutput370(self, "analog2", 2)

    def make_safe(self) -> None:
        """Switch all outputs off; where one fails, the others are switched off all the same.

        An analog output stays as it is in the mode "channel": it follows a reading then.

        Raises an :class:`ExceptionGroup` with all failures.
        """
        make_all_safe(self.name, (self.heater, self.analog1, self.analog2))
