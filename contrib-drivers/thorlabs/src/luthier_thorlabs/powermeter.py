"""The optical power meters of the PM100 series.

Of the manuals the pages about the sensor, its flags and *IDN? (PM100D, pp. 47 and 49) and about wavelength, zero and
the form of messages (PM400, 2017, pp. 42 to 46, also for the PM100A, PM100D and PM100USB; PM100USB, 2020, p. 20) were
at hand. Power, its range and averaging as known from several drivers in public use that agree, among them those of
PyMeasure and InstrumentKit, and from Thorlabs' own example.
"""

from __future__ import annotations

from typing import Final

from luthier import Asked, ScpiInstrument, group, parameter
from luthier.errors import IrrelevantParameterError, ReplyError
from luthier.scpi import format_float
from luthier.validators import Ints, Numbers

__all__ = ["PowerMeter"]

NANO: Final = 1e9
FIELDS: Final = 6
POWER: Final = 1
WAVELENGTH: Final = 32
_POWERS: Final = Numbers(1e-15, 1e6)


def _sensor(meter: PowerMeter) -> dict[str, str | int]:
    """Ask for the sensor, and return what it says."""
    reply = meter.query("SYST:SENS:IDN?")
    fields = [field.strip().strip('"') for field in reply.split(",")]
    if len(fields) != FIELDS or not fields[-1].isdecimal():
        raise ReplyError(
            f"'SYST:SENS:IDN?' was answered by {reply!r}; expected: name, serial number, calibration, type, subtype "
            "and flags",
            who=meter.who,
            command="SYST:SENS:IDN?",
            reply=reply,
            expected="six fields, the last a number",
        )
    return {
        "sensor_name": fields[0],
        "sensor_serial": fields[1],
        "calibration": fields[2],
        "sensor_flags": int(fields[5]),
    }


def _measures_power(meter: PowerMeter) -> bool:
    """the sensor measures power"""  # noqa: D400, D401, D403 - completes a sentence
    return bool(meter.sensor_flags.known_or_read() & POWER)


def _takes_wavelength(meter: PowerMeter) -> bool:
    """the sensor takes a wavelength"""  # noqa: D400, D401, D403 - completes a sentence
    return bool(meter.sensor_flags.known_or_read() & WAVELENGTH)


class PowerMeter(ScpiInstrument):
    """Thorlabs PM100D, PM100A, PM100USB, PM101 or PM400, with a sensor for optical power.

    Interface: USB (USBTMC).

    Some pages of the manuals were at hand; the rest is as known from drivers in public use. Verified with the simulator
    and with scripted messages; not yet with hardware. That the PM101 is spoken to so is not confirmed.

    Opening it changes nothing. What the sensor cannot do is refused: it says what it can (``sensor_flags``). After
    another sensor was plugged in, call :meth:`forget`.

    >>> import luthier
    >>> with luthier.open("thorlabs.pm100", "sim://", name="meter") as meter:
    ...     meter.wavelength(532e-9)
    ...     meter.power()
    0.00125
    """

    simulator = "thorlabs.pm100"

    sensor = group(
        "sensor_name",
        "sensor_serial",
        "calibration",
        "sensor_flags",
        get_cmd=_sensor,
        doc="The sensor (SYST:SENS:IDN?).",
    )
    sensor_name = parameter(str, group="sensor", doc="Name of the sensor (SYST:SENS:IDN?).")
    sensor_serial = parameter(str, group="sensor", doc="Serial number of the sensor.")
    calibration = parameter(str, group="sensor", doc="When the sensor was calibrated, as it says it.")
    sensor_flags = parameter(
        int,
        group="sensor",
        unit="",
        doc="What the sensor can do, a sum: 1 power, 2 energy, 16 response can be set, 32 wavelength can be set, "
        "64 time constant can be set, 256 has a thermometer.",
    )
    wavelength = parameter(
        float,
        get_cmd="SENS:CORR:WAV?",
        set_cmd="SENS:CORR:WAV {}",
        unit="m",
        scale=NANO,
        validator=Numbers(100e-9, 30e-6),
        minimum=Asked("SENS:CORR:WAV? MIN"),
        maximum=Asked("SENS:CORR:WAV? MAX"),
        relevant_when=_takes_wavelength,
        doc="Wavelength of the light, by which the sensitivity is corrected; the instrument is told nanometres "
        "(SENS:CORR:WAV).",
    )
    average_count = parameter(
        int,
        get_cmd="SENS:AVER:COUN?",
        set_cmd="SENS:AVER:COUN {}",
        unit="",
        validator=Ints(1, 10000),
        doc="Samples of about 3 ms that a reading is the mean of (SENS:AVER:COUN). The upper limit is the "
        "driver's own.",
    )
    auto_range = parameter(
        bool,
        get_cmd="SENS:POW:RANG:AUTO?",
        set_cmd="SENS:POW:RANG:AUTO {}",
        relevant_when=_measures_power,
        doc="Whether it chooses the range of the power (SENS:POW:RANG:AUTO).",
    )
    power_range = parameter(
        float,
        get_cmd="SENS:POW:RANG:UPP?",
        unit="W",
        depends_on=("auto_range", "wavelength"),
        relevant_when=_measures_power,
        snapshot=False,
        doc="Upper end of the present range (SENS:POW:RANG:UPP?); see set_power_range().",
    )
    power = parameter(
        float,
        get_cmd="MEAS:POW?",
        unit="W",
        relevant_when=_measures_power,
        snapshot=False,
        doc="One reading of the power (MEAS:POW?).",
    )
    zero_offset = parameter(
        float,
        get_cmd="SENS:CORR:COLL:ZERO:MAGN?",
        unit="",
        snapshot=False,
        doc="What zero() found and every reading is corrected by, in the sensor's own unit: A for photodiodes, V for "
        "thermal sensors (SENS:CORR:COLL:ZERO:MAGN?).",
    )
    zeroing = parameter(
        bool,
        get_cmd="SENS:CORR:COLL:ZERO:STAT?",
        snapshot=False,
        doc="Whether the adjustment of zero is under way (SENS:CORR:COLL:ZERO:STAT?).",
    )

    def set_power_range(self, largest: float) -> None:
        """Take the smallest range that holds a power, in W, which ends automatic ranging (SENS:POW:RANG:UPP).

        ``power_range`` tells which it took. Raises :class:`~luthier.errors.IrrelevantParameterError` where the sensor
        measures no power, and :class:`~luthier.errors.ValidationError` for what is no power above 0.
        """
        if not _measures_power(self):
            raise IrrelevantParameterError(
                "cannot set the range of the power: the sensor measures none",
                who=self.who,
                state="Nothing was sent.",
                condition="the sensor measures power",
            )
        self.write(f"SENS:POW:RANG:UPP {format_float(_POWERS.check(largest))}")
        self.auto_range.cache.invalidate()
        self.power_range.cache.invalidate()
        if self.error_policy != "never":
            self.check_errors("SENS:POW:RANG:UPP")

    def start_zero(self) -> None:
        """Begin to adjust zero, with the sensor covered; ``zeroing`` tells when it is done (SENS:CORR:COLL:ZERO)."""
        self.write("SENS:CORR:COLL:ZERO:INIT")

    def abort_zero(self) -> None:
        """End the adjustment of zero; the old correction stays (SENS:CORR:COLL:ZERO:ABOR)."""
        self.write("SENS:CORR:COLL:ZERO:ABOR")
