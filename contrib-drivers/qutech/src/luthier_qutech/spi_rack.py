"""The SPI rack: voltage sources D5a and current sources S4g behind a controller C1b or C2.

Protocol as in the maker's Python package spirack 0.2.21; a manual was not at hand. Other modules are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from luthier import Channel, ChannelList, Instrument, parameter
from luthier.errors import InstrumentReportedError, IrrelevantParameterError, ReplyError, UsageError
from luthier.scpi import Identity
from luthier.validators import Numbers

from luthier_qutech.spi_frames import (
    CODES,
    CONTROLLER_SPEED,
    READ_SPEED,
    WRITE_SPEED,
    RawBytes,
    Register,
    choose,
    code_in,
    converter_message,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CurrentOutput", "SpiRack", "VoltageOutput"]

LARGEST_MODULE: Final = 15
VOLTAGE_SPANS: Final = {
    0: (0.0, 4.0),
    1: (0.0, 8.0),
    2: (-4.0, 4.0),
    3: (-8.0, 8.0),
    4: (-2.0, 2.0),
}
CURRENT_SPANS: Final = {0: (0.0, 1.0), 2: (-1.0, 1.0), 4: (-0.5, 0.5)}  # of the largest current
VOLTAGE_WORDS: Final = {
    "0 V to 4 V": 0,
    "0 V to 8 V": 1,
    "-4 V to 4 V": 2,
    "-8 V to 8 V": 3,
    "-2 V to 2 V": 4,
}
CURRENT_WORDS: Final = {"positive": 0, "full": 2, "half": 4}
DACS: Final = 16
SOURCES: Final = (7, 6, 3, 2)  # converters of an S4g, in the order of its outputs
SERIAL_SETTINGS: Final[dict[str, object]] = {"baud_rate": 115200}
_BATTERY: Final = {0: -2.148 * 3.3 / 4096, 1: 2.171 * 3.3 / 4096}  # V per step, of the minus and plus battery
_NEGATIVE: Final = 0x2000


class SpiOutput(Channel):
    """One output: a converter of 18 bits, with a span that can be chosen."""

    spans: ClassVar[Mapping[int, tuple[float, float]]] = {}

    def __init__(self, rack: SpiRack, name: str, module: int, converter: int) -> None:
        self.rack = rack
        self.module = module
        self.converter = converter
        self.scale = 1.0
        super().__init__(rack, name)

    def limits_of(self, span: int) -> tuple[float, float]:
        """Return lowest and highest level of a span."""
        low, high = self.spans[span]
        return low * self.scale, high * self.scale

    def read_span(self) -> int:
        """Ask for the span."""
        reply = self._read(Register.READ_SPAN)
        if reply[2] not in self.spans:
            raise ReplyError(
                f"the converter has the span {reply[2]}; expected: {', '.join(map(str, self.spans))}",
                who=self.full_name,
                advice=f"Is there such a module at number {self.module}?",
                command="",
                reply=reply,
                expected="a span",
            )
        return reply[2]

    def read_level(self) -> float:
        """Ask for the level, in V or A, by the span that it has."""
        with self.monitor:
            low, high = self.limits_of(self.read_span())
            return low + code_in(self._read(Register.READ_CODE)) / CODES * (high - low)

    def write_level(self, level: float) -> None:
        """Go to a level at once, and look whether it was taken."""
        with self.monitor:
            self._write_level(self.read_span(), level)

    def write_span(self, span: int) -> None:
        """Take another span; the level stays where it is, to within a step of the span."""
        with self.monitor:
            level = self.read_level()
            low, high = self.limits_of(span)
            if not low <= level <= high:
                raise IrrelevantParameterError(
                    f"cannot take the span from {low:g} to {high:g}: the output is at {level:g}, and would jump",
                    who=self.full_name,
                    state="Nothing was changed.",
                    advice="Bring the output to 0 first.",
                    condition=f"the output is between {low:g} and {high:g}",
                )
            # The span is taken over together with the code that makes the same level of it.
            self.rack.write_to(
                self.module, self.converter // 2, converter_message(Register.WRITE_SPAN, self.converter, span)
            )
            self._write_level(span, level)

    def _write_level(self, span: int, level: float) -> None:
        low, high = self.limits_of(span)
        code = min(round((level - low) / (high - low) * CODES), CODES - 1)
        chip = self.converter // 2
        self.rack.write_to(self.module, chip, converter_message(Register.WRITE_CODE_AND_UPDATE, self.converter, code))
        now = (self.read_span(), code_in(self._read(Register.READ_CODE)))
        if now != (span, code):
            raise InstrumentReportedError(
                f"the converter has the span and code {now}; expected: {(span, code)}",
                who=self.full_name,
                state=f"The output is at {self.read_level():g}.",
                advice="A rack is locked after it was switched on: say locked(False).",
                command="",
                entries=((0, "it was not taken"),),
            )

    def _read(self, register: Register) -> bytes:
        message = converter_message(register, self.converter)
        return self.rack.read_from(self.module, self.converter // 2, message, READ_SPEED)


class VoltageOutput(SpiOutput):
    """One of the outputs of a D5a."""

    spans = VOLTAGE_SPANS

    span = parameter(
        str,
        get_cmd=lambda output: output.read_span(),
        set_cmd=lambda output, span: output.write_span(span),
        mapping=VOLTAGE_WORDS,
        doc="Voltages that it can give. It is changed together with the code, so that the output stays where it is; "
        "refused where the new span does not hold the present voltage.",
    )
    voltage = parameter(
        float,
        get_cmd=lambda output: output.read_level(),
        set_cmd=lambda output, voltage: output.write_level(voltage),
        unit="V",
        validator=Numbers(-8.0, 8.0),
        minimum=lambda output: VOLTAGE_SPANS[VOLTAGE_WORDS[output.span.known_or_read()]][0],
        maximum=lambda output: VOLTAGE_SPANS[VOLTAGE_WORDS[output.span.known_or_read()]][1],
        depends_on=("span",),
        step=10e-3,
        rate=0.1,
        doc="Voltage at the output, in 262144 steps of the span. It moves by 10 mV at a time and by 0.1 V/s at most.",
    )


class CurrentOutput(SpiOutput):
    """One of the outputs of an S4g."""

    spans = CURRENT_SPANS

    span = parameter(
        str,
        get_cmd=lambda output: output.read_span(),
        set_cmd=lambda output, span: output.write_span(span),
        mapping=CURRENT_WORDS,
        doc='Currents that it can give: "full" is from the negative to the positive largest current, "half" is half of '
        'that, "positive" from 0. It is changed together with the code, so that the output stays where it is; refused '
        "where the new span does not hold the present current.",
    )
    current = parameter(
        float,
        get_cmd=lambda output: output.read_level(),
        set_cmd=lambda output, current: output.write_level(current),
        unit="A",
        validator=Numbers(-1.0, 1.0),
        minimum=lambda output: output.limits_of(CURRENT_WORDS[output.span.known_or_read()])[0],
        maximum=lambda output: output.limits_of(CURRENT_WORDS[output.span.known_or_read()])[1],
        depends_on=("span",),
        step=100e-6,
        rate=1e-3,
        doc="Current of the output, in 262144 steps of the span. It moves by 0.1 mA at a time and by 1 mA/s at most.",
    )


class SpiRack(Instrument):
    """QuTech SPI rack: voltage sources (D5a) and current sources (S4g) of 18 bits.

    Outputs are named for their module: ``d5a2_dac1`` is the first of the D5a with number 2, ``s4g3_source1`` the first
    of the S4g with number 3; ``outputs`` has all. After the rack was switched on, nothing can be set until
    ``locked(False)``.

    Interface: USB, which is a serial line. The protocol is that of the maker's package; a manual was not at hand.
    Verified with the simulator, and with messages worked out from that package; not yet with hardware.

    Opening it sends nothing, and no output ever jumps: each moves in steps, also where its span is changed.
    :meth:`make_safe` unlocks the rack, and brings all outputs to 0, which can take 80 s.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`.
    d5a, s4g
        The numbers that are set on the modules, 1 to 15.
    largest_current
        Of the S4g, in A, as it was built. **A wrong one makes every current wrong.**

    Raises
    ------
    UsageError
        A number is none, or there twice, or there is no module. Nothing was opened.

    Examples
    --------
    >>> import luthier
    >>> with luthier.open("qutech.spi_rack", "sim://", name="rack", d5a=[2], s4g=[3]) as rack:
    ...     rack.locked(False)
    ...     rack.d5a2_dac1.span("-4 V to 4 V")
    ...     rack.d5a2_dac1.voltage(0.02)
    ...     rack.s4g3_source1.span()
    'positive'
    """

    simulator = "qutech.spi_rack"
    write_termination = ""
    read_termination = "\n"

    locked = parameter(
        bool,
        set_cmd=lambda rack, locked: rack.write("l" if locked else "u"),
        doc="Whether nothing can be set, so that outputs stay where they are (l, u); so it is after the rack was "
        "switched on. The rack does not tell.",
    )
    temperature = parameter(
        float,
        get_cmd=lambda rack: rack.read_temperature(),
        unit="°C",
        snapshot=False,
        doc="Temperature in the controller, to half a degree.",
    )
    positive_battery = parameter(
        float,
        get_cmd=lambda rack: rack.read_battery(1),
        unit="V",
        snapshot=False,
        doc="Voltage of the positive battery.",
    )
    negative_battery = parameter(
        float,
        get_cmd=lambda rack: rack.read_battery(0),
        unit="V",
        snapshot=False,
        doc="Voltage of the negative battery, below 0 V.",
    )

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        d5a: Sequence[int] = (1,),
        s4g: Sequence[int] = (),
        largest_current: float = 50e-3,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        _check(name, [*d5a, *s4g], largest_current)
        if isinstance(address, str) and address.upper().startswith("ASRL"):
            transport_options = {**SERIAL_SETTINGS, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        outputs: list[SpiOutput] = [
            VoltageOutput(self, f"d5a{module}_dac{dac + 1}", module, dac) for module in d5a for dac in range(DACS)
        ]
        for module in s4g:
            for place, converter in enumerate(SOURCES, start=1):
                source = CurrentOutput(self, f"s4g{module}_source{place}", module, converter)
                source.scale = largest_current
                outputs.append(source)
        self.outputs = ChannelList(self, "outputs", outputs)

    def identify(self) -> Identity:
        """Ask for the firmware (v): version, date and author; there from version 1.5 on."""
        if self.address is None:
            return super().identify()
        return Identity(vendor="QuTech", model="SPI rack", serial="", firmware=self.query("v").strip())

    def write_to(self, module: int, chip: int, message: bytes) -> None:
        """Write bytes to a chip of a module."""
        with self.monitor:
            self.write(choose(module, chip, WRITE_SPEED).decode("latin-1"))
            self.write("w" + message.decode("latin-1"))

    def read_from(self, module: int, chip: int, message: bytes, speed: int) -> bytes:
        """Write bytes to a chip of a module, and return as many from it."""
        with self.monitor:
            self.write(choose(module, chip, speed).decode("latin-1"))
            reply: bytes = self.query_array("r" + message.decode("latin-1"), RawBytes(size=len(message)))
        return reply

    def read_temperature(self) -> float:
        """Ask for the temperature in the controller, in °C."""
        reply = int.from_bytes(self.read_from(0, 1, bytes(2), CONTROLLER_SPEED), "big")
        if reply >= 2 * _NEGATIVE:
            raise ReplyError(
                f"the temperature sensor answered {reply:#06x}; expected: 14 bits",
                who=self.who,
                advice="Is it a controller C1b or C2? A C1 has no temperature sensor.",
                command="",
                reply=str(reply),
                expected="14 bits",
            )
        return (reply - 2 * _NEGATIVE if reply & _NEGATIVE else reply) / 32

    def read_battery(self, channel: int) -> float:
        """Ask for the voltage of a battery, in V: 0 is the negative one, 1 the positive one."""
        reply = self.read_from(0, 0, bytes([1, 0xA0 | channel << 6, 0]), CONTROLLER_SPEED)
        return _BATTERY[channel] * ((reply[1] & 0xF) << 8 | reply[2])

    def make_safe(self) -> None:
        """Unlock the rack, and bring every output to 0, one after the other; returns when they are there."""
        with self.monitor:
            self.locked(False)
            for output in self.outputs:
                level = output["voltage" if isinstance(output, VoltageOutput) else "current"]
                if level.get():
                    level.set(0.0)


def _check(name: str, modules: Sequence[int], largest_current: float) -> None:
    wrong = not all(module in range(1, LARGEST_MODULE + 1) for module in modules)
    if wrong or not modules or len(set(modules)) < len(modules) or not 0 < largest_current <= 1:
        raise UsageError(
            f"cannot have modules with the numbers {list(modules)!r} and {largest_current!r} A: allowed are different "
            f"numbers, 1 to {LARGEST_MODULE}, and more than 0 A to 1 A",
            who=name,
            state="Nothing was opened.",
            advice="Give d5a= and s4g=, the numbers that are set on the modules.",
        )
