"""A simulated device with all registers that Modbus can have, over TCP and on a serial line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from luthier_sim import Device

from luthier_modbus.frames import FAILED, checksum

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SimulatedModbus"]

_FUNCTION, _ADDRESS, _VALUE = 1, 2, 3
_MOST: Final = {1: 2000, 2: 2000, 3: 125, 4: 125, 15: 1968, 16: 123}
_FIXED: Final = 8
_SEVERAL: Final = (15, 16)


class SimulatedModbus(Device):
    """A device with 65536 holding and input registers, coils and inputs, all 0 after switching on.

    It answers in the framing in which it is asked, and to every unit number but those in ``silent_units``.

    Attributes
    ----------
    holding, input
        The registers, by address; what is not there is 0.
    coil, discrete
        The coils and inputs, likewise.
    lacking
        Addresses that do not exist: touching one is refused with exception 2.
    silent_units
        Units that do not answer.
    """

    def switch_on(self) -> None:
        """Forget all that was written."""
        self.holding: dict[int, int] = {}
        self.input: dict[int, int] = {}
        self.coil: dict[int, int] = {}
        self.discrete: dict[int, int] = {}
        self.lacking: set[int] = set()
        self.silent_units: set[int] = set()

    def take_message(self, buffer: bytearray, *, ended: bool) -> bytes | None:
        """Take one message, framed for TCP or for a serial line: that with the right checksum is of the latter."""
        del ended
        size = _serial_size(buffer)
        if size is None:
            return None
        if buffer[2:4] == b"\0\0" and checksum(bytes(buffer[: size - 2])) != bytes(buffer[size - 2 : size]):
            size = 6 + int.from_bytes(buffer[4:6], "big")
        if size > len(buffer):
            return None
        message = bytes(buffer[:size])
        del buffer[:size]
        return message

    def respond(self, message: bytes) -> bytes | None:
        """Carry out one message; what is framed in neither way, or for a silent unit, is not answered."""
        if checksum(message[:-2]) == message[-2:]:
            unit, asked = message[0], message[1:-2]
        elif message[2:4] == b"\0\0" and len(message) > _FIXED - 1:
            unit, asked = message[6], message[7:]
        else:
            return None
        if unit in self.silent_units or not asked:
            return None
        reply = self._carry_out(asked)
        if checksum(message[:-2]) == message[-2:]:
            whole = bytes([unit]) + reply
            return whole + checksum(whole)
        return message[:4] + (len(reply) + 1).to_bytes(2, "big") + bytes([unit]) + reply

    def _carry_out(self, asked: bytes) -> bytes:
        functions: dict[int, Callable[[bytes], bytes | int]] = {
            1: lambda message: self._read_bits(self.coil, message),
            2: lambda message: self._read_bits(self.discrete, message),
            3: lambda message: self._read(self.holding, message),
            4: lambda message: self._read(self.input, message),
            5: self._write_one,
            6: self._write_one,
            15: self._write_several,
            16: self._write_several,
        }
        function = asked[0]
        done = functions[function](asked) if function in functions else _FUNCTION
        return bytes([function | FAILED, done]) if isinstance(done, int) else bytes([function]) + done

    def _place(self, asked: bytes) -> range | int:
        """Return the addresses that a message is about, or the exception that answers it."""
        if len(asked) < 5:  # noqa: PLR2004 - the function, an address, a number
            return _VALUE
        start, count = int.from_bytes(asked[1:3], "big"), int.from_bytes(asked[3:5], "big")
        if not 1 <= count <= _MOST[asked[0]]:
            return _VALUE
        place = range(start, start + count)
        return _ADDRESS if place.stop > 0x10000 or self.lacking.intersection(place) else place  # noqa: PLR2004 - addresses end there

    def _read(self, registers: dict[int, int], asked: bytes) -> bytes | int:
        place = self._place(asked)
        if isinstance(place, int):
            return place
        return bytes([2 * len(place)]) + b"".join(registers.get(each, 0).to_bytes(2, "big") for each in place)

    def _read_bits(self, bits: dict[int, int], asked: bytes) -> bytes | int:
        place = self._place(asked)
        if isinstance(place, int):
            return place
        size = -(-len(place) // 8)
        packed = sum(bits.get(each, 0) << shift for shift, each in enumerate(place))
        return bytes([size]) + packed.to_bytes(size, "little")

    def _write_one(self, asked: bytes) -> bytes | int:
        if len(asked) != 5:  # noqa: PLR2004 - the function, an address, a value
            return _VALUE
        address, value = int.from_bytes(asked[1:3], "big"), int.from_bytes(asked[3:5], "big")
        if address in self.lacking:
            return _ADDRESS
        if asked[0] == 6:  # noqa: PLR2004 - write a single register
            self.holding[address] = value
        elif value in (0, 0xFF00):
            self.coil[address] = int(value > 0)
        else:
            return _VALUE
        return asked[1:5]

    def _write_several(self, asked: bytes) -> bytes | int:
        place = self._place(asked)
        if isinstance(place, int):
            return place
        data = asked[6:]
        registers = asked[0] == 16  # noqa: PLR2004 - write several registers
        size = 2 * len(place) if registers else -(-len(place) // 8)
        if asked[5] != size or len(data) != size:
            return _VALUE
        for shift, address in enumerate(place):
            if registers:
                self.holding[address] = int.from_bytes(data[2 * shift : 2 * shift + 2], "big")
            else:
                self.coil[address] = data[shift // 8] >> shift % 8 & 1
        return asked[1:5]


def _serial_size(buffer: bytearray) -> int | None:
    """Return how long a message on a serial line would be; ``None``: too little has come to tell."""
    if len(buffer) < 7:  # noqa: PLR2004 - so much has the shortest message of either framing
        return None
    return 9 + buffer[6] if buffer[1] in _SEVERAL else _FIXED
