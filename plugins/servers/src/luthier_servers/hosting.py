"""An instrument as a server offers it: what can be reached from elsewhere, and nothing else."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from luthier.errors import ClosedError, UnknownNameError
from luthier.instrument import ParameterHost
from luthier.parameter.messages import unknown_name
from luthier.server import InstrumentRef
from luthier.server.descriptor import (
    PARAMETER_METHODS,
    describe,
    enum_classes,
    exported_methods,
    exported_properties,
    outline,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier import Instrument, Parameter
    from luthier.instrument import Progress
    from luthier.monitor import Monitor
    from luthier.parameter import Change
    from luthier.server.values import ValueReader

__all__ = ["HostedInstrument"]

_SELF_LOCKING = frozenset({"make_safe"})
"""Methods that must get through while the instrument is in use."""


class HostedInstrument:
    """One instrument of a server.

    Names that arrive are looked up in tables that were made from the class and from what was added, never with
    ``getattr``.
    """

    def __init__(
        self,
        instrument: Instrument,
        server: str,
        make_reader: Callable[[dict[str, Any]], ValueReader],
        publish: Callable[[tuple[str, str], Change], None],
        tell_progress: Callable[[Progress], None],
    ) -> None:
        self.instrument = instrument
        self.monitor = instrument.monitor
        self._publish = publish
        self._make_reader = make_reader
        self.found: dict[str, tuple[Parameter[Any], Monitor]] = {}
        """The parameters that were asked for so far, by path, with what makes a get or set one step."""
        self._watched: set[int] = set()
        self._outline: tuple[int, ...] = ()
        self._added = 0
        self._table = instrument.added_parameters
        self._description: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.reader = make_reader({})
        # What stands for the instrument where it is sent elsewhere.
        object.__setattr__(instrument, "wire_reference", InstrumentRef("local", server, instrument.name))
        instrument.subscribe_progress(tell_progress)
        self.refresh()

    def seems_unchanged(self) -> bool:
        """Whether the instrument has as many parameters as at the last look; does not look at its channels."""
        return len(self._table) == self._added

    def refresh(self) -> bool:
        """Look whether something was added since the last look; ``True`` where there was."""
        present = outline(self.instrument)
        if present == self._outline:
            return False
        with self._lock:
            self._outline = present
            self._added = len(self._table)
            self._description = {}
            self.reader = self._make_reader(enum_classes(self.instrument))
            self._watch(self.instrument, "")
        return True

    def _watch(self, host: ParameterHost, prefix: str) -> None:
        for name in list(host.parameters):
            parameter = host.live(name)
            if id(parameter) not in self._watched:
                self._watched.add(id(parameter))
                key = (self.instrument.name, f"{prefix}{name}")
                parameter.subscribe(partial(self._publish, key))
        for name, channel in list(host.channels.items()):
            if isinstance(channel, ParameterHost):
                self._watch(channel, f"{prefix}{name}.")

    def description(self) -> dict[str, Any]:
        """Return what proxies are built from; nothing is asked of the instrument."""
        self.refresh()
        if not self._description:
            self._description = describe(self.instrument)
        return self._description

    def readings(self) -> dict[str, Parameter[Any]]:
        """Return the parameters that something is known of, by path."""
        found: dict[str, Parameter[Any]] = {}
        self._collect(self.instrument, "", found)
        return found

    def _collect(self, host: ParameterHost, prefix: str, found: dict[str, Parameter[Any]]) -> None:
        for name in list(host.parameters):
            parameter = host.live(name)
            if parameter.cache.origin is not None:
                found[f"{prefix}{name}"] = parameter
        for name, channel in list(host.channels.items()):
            if isinstance(channel, ParameterHost):
                self._collect(channel, f"{prefix}{name}.", found)

    def parameter(self, path: str) -> Parameter[Any]:
        """Return the parameter at ``path`` (``voltage``, ``ch1.voltage``)."""
        return self.find(path)[0]

    def find(self, path: str) -> tuple[Parameter[Any], Monitor]:
        """Return the parameter at ``path``, and what makes a get or set of it one step."""
        found = self.found.get(path)
        if found is None:
            parameter = self.instrument.find(path)
            found = self.found[path] = parameter, parameter.monitor
        return found

    def callable(self, path: str) -> tuple[Callable[..., Any], bool]:
        """Return the function or method at ``path``, and whether it is to be called with the monitor held."""
        owner, _, name = path.rpartition(".")
        try:
            host = self._host(owner)
        except UnknownNameError:
            if name in PARAMETER_METHODS:
                method = getattr(self.parameter(owner), name)
                return (method if name == "stop" else partial(self._outdating, method)), False
            raise
        if name in host.functions:
            return host.functions[name], False
        methods = exported_methods(type(host))
        if name not in methods:
            raise unknown_name("function or method", name, (*host.functions, *methods), who=host.full_name)
        alone = name in _SELF_LOCKING or name in getattr(type(host), "unlocked_methods", ())
        return getattr(host, name), not alone

    def _outdating(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call what changes what is described: proxies are told to ask again."""
        try:
            return method(*args, **kwargs)
        finally:
            self._outline = ()

    def property_of(self, path: str) -> tuple[ParameterHost, str, property]:
        """Return the host that has the property at ``path``, its name, and the property."""
        owner, _, name = path.rpartition(".")
        host = self._host(owner)
        properties = exported_properties(type(host))
        if name not in properties:
            raise unknown_name("property", name, properties, who=host.full_name)
        return host, name, properties[name]

    def host(self, path: str) -> ParameterHost:
        """Return the instrument itself (for an empty path), or a channel."""
        return self._host(path)

    def _host(self, path: str) -> ParameterHost:
        host: ParameterHost = self.instrument
        for name in path.split(".") if path else ():
            channel = host.channels.get(name)
            if not isinstance(channel, ParameterHost):
                raise unknown_name("channel", name, host.channels, who=host.full_name)
            host = channel
        if host.closed:
            raise ClosedError("the instrument is closed", who=host.full_name, state="Nothing was sent.")
        return host
