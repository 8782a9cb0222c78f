"""The Lake Shore 218 temperature monitor.

Commands: Model 218 Temperature Monitor User's Manual, chapter 6 (pages 6-9, 6-16, 6-22, 6-26, 6-27 and 6-29 were at
hand). INPUT and INTYPE were compared with pyLabLib 1.4.5, and the curves that INCRV and CRVHDR? know too.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from luthier import Channel, ChannelList, parameter
from luthier.errors import ReplyError
from luthier.scpi import parse_int
from luthier.validators import Enum, Ints

from luthier_lakeshore.curves import Curve
from luthier_lakeshore.event_status import LakeShoreInstrument
from luthier_lakeshore.inputs import SensorInput, reading_in_turn

__all__ = ["Monitor218"]

INPUTS: Final = 8
SENSOR_TYPES: Final = {
    "diode 2.5 V": 0,
    "diode 7.5 V": 1,
    "platinum 250 Ω": 2,
    "platinum 500 Ω": 3,
    "platinum 5 kΩ": 4,
    "Cernox 7.5 kΩ": 5,
}


CURVES: Final = ("none", *(f"standard {number}" for number in range(1, 10)))
FIRST_USER_CURVE: Final = 21


def _user_curve(channel: MonitorInput) -> int:
    return FIRST_USER_CURVE - 1 + int(channel.number)


def _ask_curve(channel: MonitorInput) -> str:
    question = f"INCRV? {channel.number}"
    reply = channel.query(question)
    number = parse_int(reply)
    if 0 <= number < len(CURVES):
        return CURVES[number]
    if number != _user_curve(channel):
        expected = f"0 to {len(CURVES) - 1}, or {_user_curve(channel)}"
        raise ReplyError(
            f"{question!r} was answered by {reply!r}; expected: {expected}",
            command=question,
            reply=reply,
            expected=expected,
        )
    return "user"


def _set_curve(channel: MonitorInput, curve: str) -> None:
    number = _user_curve(channel) if curve == "user" else CURVES.index(curve)
    channel.write(f"INCRV {channel.number},{number}")


class MonitorInput(SensorInput):
    """One input of the 218."""

    temperature = SensorInput.temperature.replace(get_cmd=reading_in_turn("KRDG?"), get_parser=None)
    sensor_value = SensorInput.sensor_value.replace(get_cmd=reading_in_turn("SRDG?"), get_parser=None)
    enabled = parameter(
        bool, get_cmd="INPUT? {number}", set_cmd="INPUT {number},{}", doc="Whether the input is read (INPUT)."
    )
    curve = parameter(
        str,
        get_cmd=_ask_curve,
        set_cmd=_set_curve,
        validator=Enum(*CURVES, "user"),
        doc="Curve from sensor values to temperatures: none, one of the standard ones (1 to 5 for diodes, 6 to 9 for "
        "platinum), or the user's of this input, which is curve 21 for input 1 and so on (INCRV).",
    )


class InputGroup(Channel):
    """The inputs that have one type of sensor in common: A is 1 to 4, B is 5 to 8."""

    sensor_type = parameter(
        str,
        get_cmd="INTYPE? {letter}",
        set_cmd="INTYPE {letter},{}",
        mapping=SENSOR_TYPES,
        doc="What is connected to the four inputs (INTYPE).",
    )

    def __init__(self, parent: Monitor218, letter: str) -> None:
        super().__init__(parent, f"group_{letter.lower()}")
        self.letter = letter


class MonitorCurve(Curve):
    """The curves of the 218."""

    number = parameter(
        int, initial=21, validator=Ints(1, 28), snapshot=False, doc="Which curve is looked at; held here."
    )


class Monitor218(LakeShoreInstrument):
    """Lake Shore 218: reads eight temperature sensors.

    Inputs are ``input1`` … or ``inputs[0]``, together ``inputs.temperature.get()``. The first four and the last four
    have one type of sensor each, ``group_a`` and ``group_b``.

    Manual: Model 218 Temperature Monitor User's Manual, chapter 6.

    Interfaces: a serial line (9600 baud, 7 data bits, odd parity; these settings are used unless ``transport_options``
    says otherwise), and GPIB with the 218S. What is sent and answered ends with a carriage return and a line feed. It
    takes one query in a message, and about twenty messages in a second.

    Opening it changes nothing. It sources nothing.

    Verified with the simulator and with scripted messages; not yet with hardware.

    >>> import luthier
    >>> with luthier.open("lakeshore.218", "sim://", name="monitor") as monitor:
    ...     monitor.input1.temperature()
    77.0
    """

    simulator = "lakeshore.218"
    serial_settings: ClassVar[dict[str, object]] = {"baud_rate": 9600, "data_bits": 7, "parity": "odd"}

    def __init__(self, name: str, address: str | None = None, **options: Any) -> None:
        super().__init__(name, address, **options)
        numbers = range(1, INPUTS + 1)
        self.inputs = ChannelList(
            self, "inputs", [MonitorInput(self, f"input{number}", str(number)) for number in numbers]
        )
        self.group_a, self.group_b = InputGroup(self, "A"), InputGroup(self, "B")
        self.curve = MonitorCurve(self)
