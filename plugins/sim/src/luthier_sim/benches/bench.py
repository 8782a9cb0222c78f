"""A bench: simulated instruments that are connected by devices under test."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from luthier.errors import UsageError

from luthier_sim.benches.netlist import Port, check_wires, order_of
from luthier_sim.benches.under_test import DeviceUnderTest, Value, remembers
from luthier_sim.benches.wires import NoisyWire, Wire, as_wire
from luthier_sim.clock import process_clock
from luthier_sim.device import Device

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from luthier_sim.clock import Clock

__all__ = ["Bench"]


class Bench:
    r"""Connects simulated instruments by devices under test, as cables do.

    Every wire is a pair: where it ends, a node of a device under test or an input of an instrument, and where it comes
    from, an output of either, or a number. Nothing is computed until an instrument looks at its input; then what it
    sees follows from what all the others put out at that moment.

    The instruments of a bench live by one clock, and carry out their messages one after another, under one lock.
    Connect them before others use them. An instrument can be on one bench at a time; a new one takes it over.

    Parameters
    ----------
    duts
        Devices under test by name. See :class:`~luthier_sim.DeviceUnderTest` for writing one.
    instruments
        Simulated instruments by name: devices, or the addresses of those of this process (``"sim://sim.daq/daq"``).
    wires
        By where they end (``"dot.left"``): where they come from (``"daq.out1"``), a number, or a
        :class:`~luthier_sim.Wire` with what is on the way.
    clock
        What all of them live by; ``None``: the clock of the process.
    seed
        Of the noise of all wires.

    Raises
    ------
    UsageError
        A name is used twice, there is no such port, units do not fit, or devices drive each other in a circle. Nothing
        was connected.

    Examples
    --------
    >>> from luthier_sim.duts import Resistor
    >>> from luthier_sim.demonstration.simulated_daq import SimulatedDaq
    >>> daq = SimulatedDaq()
    >>> wires = {"r.voltage": "daq.out1", "daq.in1": Wire("r.current", gain=1e3)}
    >>> bench = Bench({"r": Resistor(resistance=500.0)}, {"daq": daq}, wires)
    >>> daq.respond(b"SOUR1:VOLT 2;:MEAS1:VOLT?")
    b'4\n'
    >>> bench.see("r.current", {"r.voltage": 5.0})
    0.01
    """

    def __init__(
        self,
        duts: Mapping[str, DeviceUnderTest],
        instruments: Mapping[str, Device | str] | None = None,
        wires: Mapping[str, str | float | Wire] | None = None,
        *,
        clock: Clock | None = None,
        seed: int = 0,
    ) -> None:
        self.duts = dict(duts)
        self.instruments = {name: _device(one) for name, one in (instruments or {}).items()}
        _check_names(self.duts, self.instruments)
        declared = {end: as_wire(wire) for end, wire in (wires or {}).items()}
        self._sources = check_wires(self.duts, self.instruments, declared)
        self._wires = {
            port: NoisyWire(wire, end, seed) for (end, wire), port in zip(declared.items(), self._sources, strict=True)
        }
        self._order = order_of(self.duts, self._sources)
        self._remembering = [name for name in self._order if remembers(self.duts[name])]
        self._names = {id(device): name for name, device in self.instruments.items()}
        self._given: dict[Port, Value] = {}
        self._now = 0.0
        self.clock = clock or process_clock()
        self.lock = threading.RLock()
        for device in self.instruments.values():
            device.join(self, self.clock, self.lock)
        with self.lock:
            self.carried_out(self.clock.now())

    def __repr__(self) -> str:
        """Name what is on it."""
        return f"<Bench of {', '.join((*self.duts, *self.instruments)) or 'nothing'}>"

    def __enter__(self) -> Self:
        """Stay connected until the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect all instruments."""
        self.close()

    def close(self) -> None:
        """Disconnect all instruments: their inputs see what they see where nothing is connected. Twice is fine."""
        for device in self.instruments.values():
            device.leave(self)

    def see(self, port: str, given: Mapping[str, Value] | None = None) -> Value:
        """Return what is at a node, an input or an output now.

        Parameters
        ----------
        port
            ``"dot.sensor"``.
        given
            What would be at some nodes and outputs, by name; arrays too: then the answer is one. Nothing is changed
            by it, and no device remembers it. What other instruments put out meanwhile is worked out once, with the
            middle one of an array, where it depends on it at all (a source in compliance).

        Raises
        ------
        UsageError
            There is no such port.
        """
        with self.lock:
            now = max(self.clock.now(), *(device.now for device in self.instruments.values()), self._now)
            asked = {self._port(name): value for name, value in (given or {}).items()}
            return self._look(self._port(port), now, asked)

    # What instruments use

    def sensed(self, device: Device, name: str, given: Mapping[str, Value] | None) -> Value | None:
        """Return what an input of an instrument sees; ``None`` where nothing is connected.

        Parameters
        ----------
        device, name
            The instrument, and its input.
        given
            What some of its own outputs would put out, by name; the others, and other instruments, put out what they
            do.
        """
        owner = self._names[id(device)]
        port = Port(owner, name)
        if port not in self._wires:
            return None
        with self.lock:
            return self._look(port, device.now, {Port(owner, mine): value for mine, value in (given or {}).items()})

    def carried_out(self, now: float) -> None:
        """Let the devices that remember see what is at their nodes, after something may have changed."""
        if self._remembering:
            look = _Look(self, self._later(now), self._given)
            for name in self._remembering:
                look.response(name)

    def driven(self, device: Device, output: str) -> Value:
        """Return what an output of an instrument puts out: one value, whatever arrays are given elsewhere."""
        before = self._given
        self._given = {port: value if np.ndim(value) == 0 else _middle(value) for port, value in before.items()}
        try:
            return device.driven(output)
        finally:
            self._given = before

    # Inside

    def _look(self, port: Port, now: float, given: dict[Port, Value]) -> Value:
        """Look at a port; what is given holds for all who are asked on the way, and for whom they ask."""
        before = self._given
        self._given = {**before, **given}
        try:
            return _Look(self, self._later(now), self._given).at(port)
        finally:
            self._given = before

    def _later(self, now: float) -> float:
        self._now = max(self._now, now)
        return self._now

    def _port(self, text: str) -> Port:
        owner, _, name = text.partition(".")
        dut, device = self.duts.get(owner), self.instruments.get(owner)
        if dut is not None:
            known: list[str] = [*dut.nodes, *dut.outputs]
        elif device is not None:
            known = [*device.senses, *device.drives]
        else:
            raise UsageError(
                f"there is no {owner!r} on the bench", who=text, advice=f"It has {', '.join(self._all_names())}."
            )
        if name not in known:
            raise UsageError(f"{owner} has no {name!r}", who=text, advice=f"It has {', '.join(known)}.")
        return Port(owner, name)

    def _all_names(self) -> tuple[str, ...]:
        return (*self.duts, *self.instruments)

    def source_of(self, port: Port) -> tuple[NoisyWire, Port | float] | None:
        """Return the wire that ends at a port, and where it comes from; ``None`` where none does."""
        wire = self._wires.get(port)
        return None if wire is None else (wire, self._sources[port])


class _Look:
    """One look at a bench: everything at one moment, each device asked once."""

    def __init__(self, bench: Bench, now: float, given: Mapping[Port, Value]) -> None:
        self._bench = bench
        self._now = now
        self._given = given
        self._answers: dict[str, Mapping[str, Value]] = {}

    def at(self, port: Port) -> Value:
        """Return what is at a port."""
        if port in self._given:
            return self._given[port]
        connected = self._bench.source_of(port)
        if connected is not None:
            wire, source = connected
            return wire.carried(self.at(source) if isinstance(source, Port) else source)
        device = self._bench.instruments.get(port.owner)
        if device is not None:
            return self._bench.driven(device, port.name) if port.name in device.drives else 0.0
        dut = self._bench.duts[port.owner]
        return dut.nodes[port.name].otherwise if port.name in dut.nodes else self.response(port.owner)[port.name]

    def response(self, name: str) -> Mapping[str, Value]:
        """Return what a device under test puts out."""
        answer = self._answers.get(name)
        if answer is None:
            dut = self._bench.duts[name]
            nodes = {node: self.at(Port(name, node)) for node in dut.nodes}
            asked = copy.copy(dut) if self._given and remembers(dut) else dut
            answer = self._answers[name] = asked.respond(nodes, self._now)
        return answer


def _middle(values: Value) -> Value:
    flat = np.asarray(values).reshape(-1)
    return flat[flat.size // 2].item() if flat.size else 0.0


def _device(one: Any) -> Device:
    if isinstance(one, Device):
        return one
    from luthier_sim.opening import device_at  # noqa: PLC0415 - which this module is imported by

    return device_at(one)


def _check_names(duts: Mapping[str, Any], instruments: Mapping[str, Any]) -> None:
    for name in (*duts, *instruments):
        if not name.isidentifier():
            raise UsageError(f"{name!r} cannot be a name on a bench", advice="Allowed are letters, digits and _.")
    for name in duts.keys() & instruments.keys():
        raise UsageError(f"both an instrument and a device under test are called {name!r}", advice="Rename one.")
    for name, dut in duts.items():
        if isinstance(dut, type) or not isinstance(dut, DeviceUnderTest):
            raise UsageError(
                f"{name} is no device under test: {dut!r}",
                state="Nothing was connected.",
                advice="It has to be an object with nodes, outputs and respond(at, now).",
            )
