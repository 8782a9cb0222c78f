"""A device that speaks Modbus, with the parameters of a register table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from luthier import Instrument
from luthier.errors import ConfigurationError, ReplyError, ResponseTimeoutError, UsageError

from luthier_modbus.frames import RtuFrame, TcpFrame
from luthier_modbus.protocol import (
    MOST_BITS,
    MOST_REGISTERS,
    Understood,
    bits_in,
    confirmed,
    reading,
    registers_in,
    writing,
)
from luthier_modbus.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from luthier_modbus.entries import Area, Entry

__all__ = ["ModbusController"]

_SERIAL: Final[dict[str, object]] = {"baud_rate": 9600, "data_bits": 8, "parity": "even"}
_FRAMES: Final = {"tcp": TcpFrame, "rtu": RtuFrame}
_LARGEST_UNIT: Final = 255
_LAST: Final = 0xFFFF
_OWN: Final = ("unit", "table", "framing")
_MOST_WRITTEN: Final = {"holding": 123, "coil": 1968}


class ModbusController(Instrument):
    """A controller, oven, chiller, meter or PLC that speaks Modbus, over TCP or on a serial line (RTU).

    Its parameters are those of a register table, a file in TOML that is written from the device's manual; without one
    there are only :meth:`read_registers` and the like. Opening it sends nothing. What the table does not call writable
    is never written, and every number that can be set has limits. :meth:`make_safe` sets what the table has under
    ``[safe]``, in that order, and nothing where there is no such thing.

    Interfaces: ``tcp://host:502`` (Modbus TCP), ``ASRL3::INSTR`` (RTU at 9600 baud with even parity, which the standard
    recommends, unless ``transport_options`` says otherwise). One message at a time; threads may share it.

    Sources: MODBUS Application Protocol Specification V1.1b3; MODBUS Messaging on TCP/IP Implementation Guide V1.0b;
    MODBUS over Serial Line V1.02. Verified with the simulator and with the server of pymodbus; not yet with hardware.

    Parameters
    ----------
    name, address, options
        As for :class:`~luthier.Instrument`.
    table
        The path of the register table; ``None``: there are no parameters.
    unit
        Which device behind the address is meant, 0 to 255; ``None``: the one of the table, or 1.
    framing
        ``"tcp"`` or ``"rtu"``; ``None``: RTU on a serial line (``ASRL…``), else TCP.

    Raises
    ------
    ConfigurationError, StationError
        The register table cannot be read, or something in it is wrong; nothing was opened.
    UsageError
        ``unit`` or ``framing`` is something else; nothing was opened.

    Examples
    --------
    >>> import luthier
    >>> with luthier.open("modbus.table", "sim://", name="oven") as oven:
    ...     oven.write_registers(10, [1, 2])
    ...     oven.read_registers(10, 3).tolist()
    [1, 2, 0]
    """

    simulator = "modbus.table"
    write_termination = ""
    read_termination = ""

    def __init__(
        self,
        name: str,
        address: str | None = None,
        *,
        table: str | Path | None = None,
        unit: int | None = None,
        framing: str | None = None,
        transport_options: Mapping[str, object] | None = None,
        **options: Any,
    ) -> None:
        serial = isinstance(address, str) and address.upper().startswith("ASRL")
        self.framing = _known_framing(name, framing or ("rtu" if serial else "tcp"))
        try:
            self.table = None if table is None else read_table(table, {*dir(type(self)), *vars(self), *_OWN})
        except ConfigurationError as error:
            error.complete(who=name, state="Nothing was opened.")
            raise
        self.unit = _known_unit(name, unit if unit is not None else self.table.unit if self.table else 1)
        if serial and not address.upper().startswith("ASRLSOCKET"):  # type: ignore[union-attr]  # serial says it is text
            transport_options = {**_SERIAL, **(transport_options or {})}
        super().__init__(name, address, transport_options=transport_options, **options)
        self._entries: dict[str, Entry] = {}
        for entry in self.table.entries if self.table else ():
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        self.add_parameter(
            entry.name,
            entry.value_type,
            get_cmd=partial(self._read, entry),
            set_cmd=partial(self._write, entry) if entry.writable else False,
            validator=entry.validator,
            resolution=entry.resolution,
            **entry.options,
        )
        self._entries[entry.name] = entry

    def _read(self, entry: Entry) -> Any:
        read = self._bits if entry.is_bit else self._words
        return entry.decode(read(entry.area, entry.address, entry.registers))

    def _write(self, entry: Entry, value: Any) -> None:
        self._exchange_writing(entry.area, entry.address, entry.encode(value))

    def read_all(self) -> dict[str, Any]:
        """Read all parameters of the table, and return their values by name.

        Registers that follow one another are read in one message, so that they are of one moment, and many parameters
        take little longer than one; the caches are not touched.
        """
        values: dict[str, Any] = {}
        with self.monitor:
            for area, start, count, entries in _blocks(self._entries.values()):
                found = (self._bits if area in ("coil", "discrete") else self._words)(area, start, count)
                for entry in entries:
                    place = entry.address - start
                    values[entry.name] = entry.decode(found[place : place + entry.registers])
        return {name: values[name] for name in self._entries}

    def make_safe(self) -> None:
        """Set what the table has under ``[safe]``, in that order; what fails does not keep the rest from being set.

        Raises the first error, once all was tried.
        """
        first: Exception | None = None
        for name, value in (self.table.safe if self.table else {}).items():
            try:
                self[name].set(value)
            except Exception as error:  # noqa: BLE001 - the rest has to become safe too; it is raised afterwards
                first = first or error
        if first is not None:
            raise first

    def read_registers(self, address: int, count: int = 1, *, area: str = "holding") -> NDArray[np.uint16]:
        """Read registers as they are, 16 bits each.

        Parameters
        ----------
        address
            Of the first, as it is sent: from 0.
        count
            How many, 1 to 125.
        area
            ``"holding"`` (function 3) or ``"input"`` (function 4).
        """
        self._check_place(address, count, MOST_REGISTERS)
        known: Area = _one_of(self.full_name, area, "input", "holding")
        return np.array(self._words(known, address, count), np.uint16)

    def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Write holding registers, 0 to 65535 each: one by function 6, several (to 123) by function 16.

        No limits of the table are looked at: this is for what the table does not have.
        """
        whole = self._whole(values, _LAST)
        self._check_place(address, len(whole), _MOST_WRITTEN["holding"])
        self._exchange_writing("holding", address, whole)

    def read_bits(self, address: int, count: int = 1, *, area: str = "coil") -> NDArray[np.bool_]:
        """Read coils (``"coil"``, function 1) or inputs (``"discrete"``, function 2), 1 to 2000 of them."""
        self._check_place(address, count, MOST_BITS)
        known: Area = _one_of(self.full_name, area, "discrete", "coil")
        return np.array(self._bits(known, address, count), np.bool_)

    def write_bits(self, address: int, values: Sequence[bool]) -> None:
        """Write coils: one by function 5, several (to 1968) by function 15; as for :meth:`write_registers`."""
        whole = self._whole(values, 1)
        self._check_place(address, len(whole), _MOST_WRITTEN["coil"])
        self._exchange_writing("coil", address, whole)

    def exchange(self, message: bytes) -> bytes:
        """Send a message (its function, and what belongs to that), and return that of the reply.

        After :class:`~luthier.errors.ResponseTimeoutError` and :class:`~luthier.errors.ReplyError` the connection was
        cleared. Raises :class:`~luthier.errors.InstrumentReportedError` for an exception of the device.
        """
        reply: bytes = self._exchange(message, lambda reply: reply)
        return reply

    def _exchange(self, message: bytes, understand: Callable[[bytes], Any]) -> Any:
        frame = _FRAMES[self.framing](unit=self.unit)
        with self.monitor:
            try:
                return self.query_array(
                    frame.wrap(message).decode("latin-1"),
                    Understood(frame=frame, message=message, understand=understand),
                )
            except (ReplyError, ResponseTimeoutError):
                self.clear()
                raise

    def _words(self, area: Area, address: int, count: int) -> list[int]:
        words: list[int] = self._exchange(reading(area, address, count), partial(registers_in, count=count))
        return words

    def _bits(self, area: Area, address: int, count: int) -> list[int]:
        bits: list[int] = self._exchange(reading(area, address, count), partial(bits_in, count=count))
        return bits

    def _exchange_writing(self, area: Area, address: int, values: list[int]) -> None:
        message = writing(area, address, values)
        self._exchange(message, partial(confirmed, message))

    def _check_place(self, address: int, count: int, most: int) -> None:
        if not 1 <= count <= most or not 0 <= address <= _LAST + 1 - count:
            raise UsageError(
                f"address={address} with {count} of them: allowed are 1 to {most}, at addresses 0 to {_LAST}",
                who=self.full_name,
                state="Nothing was sent.",
            )

    def _whole(self, values: Sequence[int], largest: int) -> list[int]:
        listed = list(values)
        try:
            whole = [int(value) for value in listed]
        except (TypeError, ValueError, OverflowError):
            whole = []
        if whole != listed or any(not 0 <= value <= largest for value in whole):
            raise UsageError(
                f"values={listed}: allowed are whole numbers from 0 to {largest}",
                who=self.full_name,
                state="Nothing was sent.",
            )
        return whole


def _blocks(entries: Iterable[Entry]) -> Iterator[tuple[Area, int, int, list[Entry]]]:
    """Put together what one message can read: neighbours without a gap, since a gap may be no register at all."""
    area: Area | None = None
    start = end = 0
    block: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: (entry.area, entry.address)):
        ends = entry.address + entry.registers
        fits = ends - start <= (MOST_BITS if entry.is_bit else MOST_REGISTERS)
        if area is not None and (entry.area != area or entry.address > end or not fits):
            yield area, start, end - start, block
            block = []
        if not block:
            area, start, end = entry.area, entry.address, ends
        end = max(end, ends)
        block.append(entry)
    if area is not None:
        yield area, start, end - start, block


def _known_framing(who: str, framing: str) -> str:
    if framing not in _FRAMES:
        raise UsageError(f"framing={framing!r}: allowed are 'tcp' and 'rtu'", who=who, state="Nothing was opened.")
    return framing


def _known_unit(who: str, unit: int) -> int:
    if not 0 <= unit <= _LARGEST_UNIT:
        raise UsageError(f"unit={unit}: allowed are 0 to {_LARGEST_UNIT}", who=who, state="Nothing was opened.")
    return unit


def _one_of(who: str, area: str, first: Area, second: Area) -> Area:
    for known in (first, second):
        if area == known:
            return known
    raise UsageError(f"area={area!r}: allowed are {first!r} and {second!r}", who=who, state="Nothing was sent.")
