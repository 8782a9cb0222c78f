"""The Oxford Instruments Triton dilution refrigerators, by the TCP port of their control software.

Commands as known from the drivers of QCoDeS, frappy (PSI) and Lab::Measurement, and from the emulator of ISIS, which
agree with each other; the manual of the system was not at hand. Its magnet, its automations and the settings of the
bridge are left out.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any, Final

from luthier import Channel, ChannelList, parameter
from luthier.errors import UsageError
from luthier.scpi import format_float
from luthier.validators import Enum, Numbers

from luthier_oxford_instruments.mercury import MercuryInstrument, on_or_off, puts, quantity, value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Triton"]

SENSORS: Final = 16
HEATERS: Final = {"mixing_chamber": "H1", "still": "H2"}
VALVES: Final = 9
PRESSURES: Final = 6
RANGES: Final = (31.6e-6, 100e-6, 316e-6, 1e-3, 3.16e-3, 10e-3, 31.6e-3, 100e-3)  # A
PASCALS_PER_BAR: Final = 1e5
STATES: Final = {True: "OPEN", False: "CLOSE"}


def _set_range(loop: TritonLoop, amperes: float) -> None:
    loop.put(f"{loop.place}:RANGE", float(f"{amperes * 1e3:.6g}"))


def _set_power(heater: TritonHeater, watts: float) -> None:
    heater.put(f"{heater.place}:SIG:POWR", format_float(float(f"{watts * 1e6:.15g}")))


def _is_open(reply: str) -> bool:
    return value_of(reply).startswith(STATES[True])


def _output(loop: TritonLoop) -> float:
    heater = loop.fridge.mixing_chamber
    with loop.monitor:
        largest = loop.heater_range.get() or RANGES[-1]
        return 100 * sqrt(heater.power.get() / heater.resistance.get()) / largest


class TritonPart(Channel):
    """Anything that the control software knows by an identifier, such as T8 or V1."""

    def __init__(self, parent: Triton, name: str, place: str) -> None:
        self.fridge = parent
        self.place = f"DEV:{place}"
        super().__init__(parent, name)

    def put(self, place: str, value: str | float) -> None:
        """Set what is at a place, as :meth:`MercuryInstrument.put` does."""
        self.fridge.put(place, value)


class TritonInput(TritonPart):
    """One of the temperature sensors, which a bridge measures one after the other."""

    temperature = parameter(
        float,
        get_cmd="READ:{place}:SIG:TEMP",
        get_parser=quantity("K"),
        unit="K",
        snapshot=False,
        doc="Temperature of the sensor when it was measured last (SIG:TEMP).",
    )
    sensor_value = parameter(
        float,
        get_cmd="READ:{place}:SIG:RES",
        get_parser=quantity("Ohm", "O", "R"),
        unit="Ω",
        snapshot=False,
        doc="Resistance of the sensor (SIG:RES).",
    )
    enabled = parameter(
        bool,
        get_cmd="READ:{place}:MEAS:ENAB",
        get_parser=on_or_off,
        set_cmd=puts("MEAS:ENAB"),
        doc="Whether the sensor is measured (MEAS:ENAB).",
    )


class TritonLoop(TritonPart):
    """The control loop of the mixing chamber. What switches its heater on comes last in a snapshot."""

    p = parameter(
        float,
        get_cmd="READ:{place}:P",
        get_parser=quantity(""),
        set_cmd=puts("P"),
        unit="",
        validator=Numbers(0, 1000),
        doc="Proportional part, as the control software has it (P).",
    )
    i = parameter(
        float,
        get_cmd="READ:{place}:I",
        get_parser=quantity(""),
        set_cmd=puts("I"),
        unit="",
        validator=Numbers(0, 1000),
        doc="Integral part, as the control software has it (I).",
    )
    d = parameter(
        float,
        get_cmd="READ:{place}:D",
        get_parser=quantity(""),
        set_cmd=puts("D"),
        unit="",
        validator=Numbers(0, 1000),
        doc="Derivative part, as the control software has it (D).",
    )
    ramp_rate = parameter(
        float,
        get_cmd="READ:{place}:RAMP:RATE",
        get_parser=quantity("K/min", "K/m", "K"),
        set_cmd=puts("RAMP:RATE"),
        unit="K/min",
        validator=Numbers(0, 100),
        doc="How fast the setpoint is approached while ramping is on (RAMP:RATE). The upper limit is the driver's own.",
    )
    ramping = parameter(
        bool,
        get_cmd="READ:{place}:RAMP:ENAB",
        get_parser=on_or_off,
        set_cmd=puts("RAMP:ENAB"),
        depends_on=("setpoint",),
        doc="Whether a new setpoint is approached at ramp_rate (RAMP:ENAB).",
    )
    setpoint = parameter(
        float,
        get_cmd="READ:{place}:TSET",
        get_parser=quantity("K"),
        set_cmd=puts("TSET"),
        unit="K",
        validator=Numbers(0, 300),
        doc="Temperature that is aimed at (TSET). The upper limit is the driver's own. While it ramps, what is read "
        "may be where the ramp has come to.",
    )
    heater_range = parameter(
        float,
        get_cmd="READ:{place}:RANGE",
        get_parser=quantity("A"),
        set_cmd=_set_range,
        unit="A",
        validator=Enum(*RANGES),
        doc="Largest current of the heater (RANGE).",
    )
    automatic_heater = parameter(
        bool,
        get_cmd="READ:{place}:MODE",
        get_parser=on_or_off,
        set_cmd=puts("MODE"),
        doc="Whether the heater of the mixing chamber is controlled; otherwise it gives the power that is set (MODE).",
    )
    heater_output = parameter(
        float,
        get_cmd=_output,
        unit="%",
        snapshot=False,
        doc="Current of the heater of the mixing chamber, of heater_range; worked out from its power and resistance.",
    )


class TritonHeater(TritonPart):
    """A heater: of the mixing chamber (H1) or the still (H2)."""

    power = parameter(
        float,
        get_cmd="READ:{place}:SIG:POWR",
        get_parser=quantity("W"),
        set_cmd=_set_power,
        unit="W",
        validator=Numbers(0, 0.3),
        doc="Power (SIG:POWR, in µW). While the loop controls it, what is set does not last.",
        snapshot=False,
    )
    resistance = parameter(
        float,
        get_cmd="READ:{place}:RES",
        get_parser=quantity("Ohm", "O", "R"),
        unit="Ω",
        doc="Resistance that the control software knows (RES).",
    )


class TritonValve(TritonPart):
    """A valve of the gas handling."""

    is_open = parameter(
        bool,
        get_cmd="READ:{place}:SIG:STATE",
        get_parser=_is_open,
        set_cmd=lambda valve, is_open: valve.put(f"{valve.place}:SIG:STATE", STATES[is_open]),
        doc="Whether it is open (SIG:STATE). A wrong valve can lose the mixture: know what it does.",
        snapshot=False,
    )


class TritonPump(TritonPart):
    """A pump of the gas handling."""

    running = parameter(
        bool,
        get_cmd="READ:{place}:SIG:STATE",
        get_parser=on_or_off,
        set_cmd=puts("SIG:STATE"),
        doc="Whether it is on (SIG:STATE).",
        snapshot=False,
    )


class TurboPump(TritonPump):
    """The turbo pump."""

    speed = parameter(
        float,
        get_cmd="READ:{place}:SIG:SPD",
        get_parser=quantity("Hz"),
        unit="Hz",
        snapshot=False,
        doc="How fast it turns (SIG:SPD).",
    )


class TritonGauge(TritonPart):
    """A pressure sensor, which the control software reads in mbar."""

    pressure = parameter(
        float,
        get_cmd="READ:{place}:SIG:PRES",
        get_parser=lambda reply: quantity("B")(reply) * PASCALS_PER_BAR,
        unit="Pa",
        snapshot=False,
        doc="Pressure (SIG:PRES).",
    )


class Triton(MercuryInstrument):
    """Oxford Instruments Triton: a dilution refrigerator, by its control software.

    Sensors are ``input1`` … (T1 …), the control of the mixing chamber is ``loop1``, heaters are ``mixing_chamber`` and
    ``still``, valves ``valve1`` to ``valve9``, pumps ``turbo`` and ``compressor``, pressures ``pressure1`` to
    ``pressure6``. What a refrigerator does not have it refuses as not found. :meth:`make_safe` switches both heaters
    off; valves and pumps stay as they are.

    Interface: LAN, a socket on port 33576 of the computer with the control software, which takes one connection at a
    time, and can need more than ten seconds for an answer: `timeout` is 20 s. Opening it asks nothing.

    Verified with the simulator and with scripted messages; not yet with hardware.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`.
    sensors
        Numbers of the temperature sensors, 1 to 16.
    control
        Number of the sensor that the mixing chamber is controlled by.

    >>> import luthier
    >>> with luthier.open("oxford_instruments.triton", "sim://", name="triton", sensors=[5, 8]) as triton:
    ...     print(triton.inputs[1].temperature())
    ...     triton.loop1.heater_range(3.16e-3)
    ...     triton.loop1.setpoint(0.1)
    ...     triton.loop1.automatic_heater(True)
    0.01
    """

    simulator = "oxford_instruments.triton"

    action = parameter(
        str,
        get_cmd="READ:SYS:DR:ACTN",
        get_parser=value_of,
        snapshot=False,
        doc="Automation that runs: NONE, COND (condensing), COLL (collecting the mixture), PCL (pre-cooling), EPCL "
        "(emptying the pre-cooling loop), CLDN (cooling down), WARM (SYS:DR:ACTN).",
    )
    status = parameter(
        str, get_cmd="READ:SYS:DR:STATUS", get_parser=value_of, snapshot=False, doc="Its own words (SYS:DR:STATUS)."
    )
    mixing_chamber_sensor = parameter(
        str,
        get_cmd="READ:SYS:DR:CHAN:MC",
        get_parser=value_of,
        doc="Identifier of the sensor that it takes for that of the mixing chamber, such as T8 (SYS:DR:CHAN:MC).",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        sensors: Sequence[int] = (1, 2, 3, 4, 5, 6, 7, 8),
        control: int = 8,
        timeout: float | None = 20.0,
        **options: Any,
    ) -> None:
        _check(name, [*sensors, control])
        super().__init__(name, address, timeout=timeout, **options)
        inputs = [TritonInput(self, f"input{number}", f"T{number}:TEMP") for number in sensors]
        self.inputs = ChannelList(self, "inputs", inputs)
        self.mixing_chamber = TritonHeater(self, "mixing_chamber", f"{HEATERS['mixing_chamber']}:HTR")
        self.still = TritonHeater(self, "still", f"{HEATERS['still']}:HTR")
        self.loop1 = TritonLoop(self, "loop1", f"T{control}:TEMP:LOOP")
        self.loops = ChannelList(self, "loops", [self.loop1])
        valves = [TritonValve(self, f"valve{number}", f"V{number}:VALV") for number in range(1, VALVES + 1)]
        self.valves = ChannelList(self, "valves", valves)
        self.turbo = TurboPump(self, "turbo", "TURB1:PUMP")
        self.compressor = TritonPump(self, "compressor", "COMP:PUMP")
        gauges = [TritonGauge(self, f"pressure{number}", f"P{number}:PRES") for number in range(1, PRESSURES + 1)]
        self.pressures = ChannelList(self, "pressures", gauges)

    def make_safe(self) -> None:
        """Switch the control of the mixing chamber off, and both heaters; valves and pumps stay as they are."""
        with self.monitor:
            self.loop1.automatic_heater(False)
            self.mixing_chamber.power(0)
            self.still.power(0)


def _check(name: str, numbers: Sequence[int]) -> None:
    if not all(number in range(1, SENSORS + 1) for number in numbers) or len(set(numbers[:-1])) < len(numbers) - 1:
        raise UsageError(
            f"cannot take sensors={list(numbers[:-1])!r} and control={numbers[-1]!r}: allowed are different numbers, 1 "
            f"to {SENSORS}",
            who=name,
            state="Nothing was opened.",
        )
