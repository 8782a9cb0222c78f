"""The table ``[bench]`` of a ``lab.toml``: read, checked, and made into a bench."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar

from luthier import plugins
from luthier.errors import ConfigurationError, LuthierError, StationError
from luthier.suggestions import nearest

from luthier_sim.benches.bench import Bench
from luthier_sim.benches.netlist import WiringError
from luthier_sim.benches.wires import Wire, as_wire
from luthier_sim.clock import Clock
from luthier_sim.serving.choosing import class_at
from luthier_sim.serving.yaml_device import YamlDevice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from luthier.station import StationDescription

    from luthier_sim.device import Device

__all__ = ["BenchTable", "bench_of"]

_WIRE_KEYS = ("from", "gain", "offset", "noise")


class BenchTable:
    """What is done with the table ``[bench]`` when a station is opened; an entry point of ``luthier.sections``."""

    keys: ClassVar[Mapping[str, type]] = {"duts": dict, "wires": dict, "seed": int, "speed": float}

    def prepare(self, description: StationDescription) -> Callable[[], None]:
        """Connect the simulated instruments of a station that are in this process, before it is opened.

        Returns
        -------
        callable
            Disconnects them again.

        Raises
        ------
        StationError
            All that is wrong in the table, with its lines. Nothing was connected.
        """
        from luthier_sim.station_devices import devices_of_station  # noqa: PLC0415 - loads simulators

        mistakes = [
            description.document.mistake(
                ("instruments", name, "server"),
                f"{name} is on a bench, and lives on the server {entry.server!r}, another process than this one",
                advice="Serve the bench, 'luthier sim serve --station', and open the instruments at its addresses.",
            )
            for name, entry in description.instruments.items()
            if entry.server is not None and name in _owners(description.section("bench"))
        ]
        _raise(description, mistakes)
        here = [name for name, entry in description.instruments.items() if entry.server is None]
        return bench_of(description, devices_of_station(description, here)).close


def bench_of(description: StationDescription, devices: Mapping[str, Device]) -> Bench:
    """Return the bench that a station describes, of the devices given by the names of their instruments.

    Raises
    ------
    StationError
        All that is wrong in the table, with its lines. Nothing was connected.
    """
    table = description.section("bench")
    reading = _Reading(description, devices)
    duts = reading.duts(table.get("duts", {}))
    wires = reading.wires(table.get("wires", {}))
    reading.check_instruments(table)
    clock = reading.clock(table)
    _raise(description, reading.mistakes)
    on_it = {name: device for name, device in devices.items() if not isinstance(device, YamlDevice)}
    try:
        return Bench(duts, on_it, wires, clock=clock, seed=table.get("seed", 0))
    except WiringError as error:
        mistake = description.document.mistake(_path_of(error.end, table), str(error))
        raise StationError(_headline(description, 1) + f"\n  {mistake}", [mistake]) from error


class _Reading:
    """One way through the table; what is wrong is kept."""

    def __init__(self, description: StationDescription, devices: Mapping[str, Device]) -> None:
        self._description = description
        self._devices = devices
        self.mistakes: list[ConfigurationError] = []

    def wrong(self, path: tuple[str, ...], what: str, advice: str = "") -> None:
        """Keep a mistake."""
        self.mistakes.append(self._description.document.mistake(("bench", *path), what, advice=advice))

    def duts(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """Make the devices under test."""
        made = {name: self._dut(name, entry) for name, entry in table.items()}
        return {name: dut for name, dut in made.items() if dut is not None}

    def _dut(self, name: str, entry: Any) -> Any:
        path = ("duts", name)
        if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str):
            self.wrong(path, f"{name} has no kind", f'Write [bench.duts.{name}] and kind = "sim.resistor".')
            return None
        try:
            kind = self._class(entry["kind"])
        except LuthierError as error:
            self.wrong((*path, "kind"), f"the device under test {name} cannot be used: {error}")
            return None
        options = {key: value for key, value in entry.items() if key != "kind"}
        if not self._options_fit(name, kind, options):
            return None
        try:
            return kind(**options)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's class raises is told with its line
            self.wrong(path, f"{name} cannot be made: {error}")
        return None

    def _class(self, text: str) -> Callable[..., Any]:
        found = (
            class_at(text, self._description.folder) if ":" in text.lstrip() else plugins.registry("duts").load(text)
        )
        if not callable(found):
            raise ConfigurationError(f"{text!r} is no class of devices under test")
        return found

    def _options_fit(self, name: str, kind: Callable[..., Any], options: Mapping[str, Any]) -> bool:
        parameters = inspect.signature(kind).parameters
        if any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
            return True
        unknown = [key for key in options if key not in parameters]
        for key in unknown:
            near = nearest(key, parameters)
            meant = f"Did you mean {near[0]!r}?" if near else f"It has: {', '.join(parameters) or 'none'}."
            if key in getattr(kind, "nodes", ()):
                meant = f"It is a node: write {name}.{key} = {options[key]!r} under [bench.wires]."
            self.wrong(("duts", name, key), f"{name} has no option {key!r}", meant)
        return not unknown

    def wires(self, table: Mapping[str, Any]) -> dict[str, Wire]:
        """Return the wires by where they end."""
        found = {}
        for end, path, given in _ends(table):
            try:
                found[end] = self._wire(end, path, given)
            except LuthierError as error:
                self.wrong(path, f"{end}: {error}")
        return found

    def _wire(self, end: str, path: tuple[str, ...], given: Any) -> Wire:
        if not isinstance(given, dict):
            return as_wire(given)
        for key in given:
            if key not in _WIRE_KEYS:
                near = nearest(key, _WIRE_KEYS)
                meant = f"Did you mean {near[0]!r}?" if near else f"The keys are {', '.join(_WIRE_KEYS)}."
                self.wrong((*path, key), f"the wire to {end} has no {key!r}", meant)
        if "from" not in given:
            self.wrong(path, f"the wire to {end} comes from nowhere", 'Write from = "daq.out1", or a number.')
        rest = {key: given[key] for key in ("gain", "offset", "noise") if key in given}
        return Wire(as_wire(given.get("from", 0.0)).source, **rest)

    def check_instruments(self, table: Mapping[str, Any]) -> None:
        """Keep as mistakes the instruments that wires lead to and that nothing can be connected to."""
        described = self._description.instruments
        for name in sorted(_owners(table) & described.keys()):
            device = self._devices.get(name)
            if device is None:
                what = f"is not simulated: its address is {described[name].address or 'none'}"
                self._not_connectable(name, what, "Give it the address sim://, or take its wires out of [bench.wires].")
            elif isinstance(device, YamlDevice):
                what = "its simulator is a pyvisa-sim file, which answers from tables and sees nothing"
                self._not_connectable(name, what, "Use an instrument whose simulator is a Python device.")

    def _not_connectable(self, name: str, what: str, advice: str) -> None:
        path = ("instruments", name, "address")
        self.mistakes.append(
            self._description.document.mistake(path, f"{name} is on a bench, and {what}", advice=advice)
        )

    def clock(self, table: Mapping[str, Any]) -> Clock | None:
        """Return the clock of the bench; ``None``: that of the process."""
        if "speed" not in table:
            return None
        try:
            return Clock(table["speed"])
        except LuthierError as error:
            self.wrong(("speed",), str(error))
            return None


def _ends(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Any]]:
    """Yield where each wire ends, where that is written, and what; ``dot.left`` in quotes or without."""
    for key, given in table.items():
        if "." not in key and isinstance(given, dict):
            for port, inner in given.items():
                yield f"{key}.{port}", ("wires", key, port), inner
        else:
            yield key, ("wires", key), given


def _path_of(end: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    found = next((path for text, path, _ in _ends(table.get("wires", {})) if text == end), ("wires",))
    return ("bench", *found)


def _owners(table: Mapping[str, Any]) -> set[str]:
    """Return the names that wires end or begin at."""
    found = set()
    for end, _, given in _ends(table.get("wires", {})):
        source = given.get("from") if isinstance(given, dict) else given
        found |= {text.partition(".")[0] for text in (end, source) if isinstance(text, str)}
    return found - set(table.get("duts", {}))


def _headline(description: StationDescription, count: int) -> str:
    several = "a mistake" if count == 1 else f"{count} mistakes"
    return f"{description.file} has {several}; nothing was opened:"


def _raise(description: StationDescription, mistakes: list[ConfigurationError]) -> None:
    if mistakes:
        in_order = sorted(mistakes, key=lambda mistake: mistake.line or 0)
        lines = (_headline(description, len(in_order)), *(f"  {mistake}" for mistake in in_order))
        raise StationError("\n".join(lines), in_order)
