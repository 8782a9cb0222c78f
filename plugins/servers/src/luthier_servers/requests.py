"""What a server does for each kind of request."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from luthier import instruments, plugins
from luthier.errors import UsageError
from luthier.monitor import on_behalf_of, waiting
from luthier.parameter.messages import unknown_name
from luthier.scpi import Identity
from luthier.server.values import Payload, ValueReader, to_wire
from luthier.validators import from_data

from luthier_servers import messages
from luthier_servers.hosting import HostedInstrument
from luthier_servers.running import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from luthier.monitor import Monitor
    from luthier.parameter import Change
    from luthier.server import InstrumentRef

    from luthier_servers.births import Births
    from luthier_servers.leases import Leases
    from luthier_servers.running import RunningCall, RunningCalls
    from luthier_servers.subscribers import Subscribers

__all__ = ["Requests"]

_TYPES: dict[str, Any] = {kind.__name__: kind for kind in (object, float, int, bool, str, complex, list, tuple, dict)}


class Requests:
    """The handlers, by type of request; each takes the running call, the payload that came, and that of the reply."""

    def __init__(
        self,
        server: str,
        *,
        running: RunningCalls,
        subscribers: Subscribers,
        leases: Leases,
        births: Births,
        resolve: Callable[[InstrumentRef], Any],
        stop: Callable[[], None],
        fault: Callable[[BaseException, RunningCall, Payload], dict[str, Any]],
    ) -> None:
        self._server = server
        self._running = running
        self._subscribers = subscribers
        self._leases = leases
        self._births = births
        self._resolve = resolve
        self._stop = stop
        self._fault = fault
        self._started = time.monotonic()
        self._hosted: dict[str, HostedInstrument] = {}
        self._lock = threading.Lock()
        self.handlers: dict[type, Callable[[Any, RunningCall, Any, Payload], Any]] = {
            messages.Ping: self._ping,
            messages.ListInstruments: self._list,
            messages.Describe: self._describe,
            messages.Get: self._get,
            messages.Set: self._set,
            messages.Call: self._call,
            messages.Attribute: self._attribute,
            messages.SetAttribute: self._set_attribute,
            messages.Inspect: self._inspect,
            messages.Batch: self._batch,
            messages.Snapshot: self._snapshot,
            messages.AddParameter: self._add_parameter,
            messages.Create: self._create,
            messages.Close: self._close,
            messages.Lease: self._lease,
            messages.Renew: self._renew,
            messages.Release: self._release,
            messages.Cancel: self._cancel,
            messages.Outcome: self._outcome,
            messages.Shutdown: self._shutdown,
        }

    # Which instrument

    def hosted(self, name: str) -> HostedInstrument:
        """Return the open instrument of that name, as it is offered."""
        hosted = self._hosted.get(name)
        return self._host_anew(name) if hosted is None or hosted.instrument.closed else hosted

    def _host_anew(self, name: str) -> HostedInstrument:
        found = instruments()
        if name not in found:
            raise unknown_name("instrument", name, found, who=f"server {self._server}")
        with self._lock:
            hosted = self._hosted.get(name)
            if hosted is None or hosted.instrument is not found[name]:
                tell = self._subscribers.tell_progress
                hosted = HostedInstrument(found[name], self._server, self._reader, self._publish, tell)
                self._hosted[name] = hosted
        return hosted

    def forget(self, name: str) -> None:
        """Drop what is kept of an instrument that was closed."""
        with self._lock:
            hosted = self._hosted.get(name)
            if hosted is not None and hosted.instrument.closed:
                del self._hosted[name]

    def changed(self, name: str, *, quickly: bool) -> bool:
        """Whether something was added to an instrument since it was last looked at; others are told then.

        ``quickly``: without a look at functions and channels.
        """
        hosted = self._hosted.get(name)
        if hosted is None or (quickly and hosted.seems_unchanged()) or hosted.instrument.closed or not hosted.refresh():
            return False
        self._subscribers.publish("changed", name)
        return True

    def _reader(self, enums: dict[str, Any]) -> ValueReader:
        return ValueReader(enums, self._resolve)

    def _publish(self, key: tuple[str, str], change: Change) -> None:
        running = self._running.by_thread.get(threading.get_ident())
        known_by = running.caller.session if running is not None and running.answers is change.parameter else ""
        for subscriber in self._subscribers.all:
            if subscriber.session != known_by:
                self._subscribers.publish_reading(key, change, known_by)
                return

    @contextmanager
    def _holding(self, monitor: Monitor, request: messages.Request) -> Iterator[None]:
        """Hold an instrument, unless nobody waits for the call any more when it is its turn."""
        ground = monitor.ground
        leave = ground.release if ground.acquire(blocking=False) else monitor.contend(request.wait)
        try:
            self._require_wanted(request)
            yield
        finally:
            leave()

    def _require_wanted(self, request: messages.Request) -> None:
        if request.id in self._running.cancelled:
            raise Cancelled

    # About the server; none of these waits for an instrument

    def _ping(self, request: messages.Ping, running: RunningCall, came: Any, goes: Payload) -> dict[str, Any]:
        del request, running, came, goes
        import os  # noqa: PLC0415 - only here

        now = time.monotonic()
        calls = [call for call in list(self._running.by_thread.values()) if call.subject]
        busy: dict[str, Any] = {}
        for call in sorted(calls, key=lambda call: call.since):
            if call.subject not in busy:
                told, progress = self._subscribers.progress.get(call.subject, (0.0, None))
                busy[call.subject] = {
                    "what": call.describe(),
                    "since": now - call.since,
                    "call": call.request.id,
                    "progress": progress if told >= call.since else None,
                }
        return {
            "server": self._server,
            "pid": os.getpid(),
            "uptime": now - self._started,
            "clients": len(self._subscribers),
            "calls": self._running.count,
            "instruments": {name: {"kind": one.kind, "busy": busy.get(name)} for name, one in instruments().items()},
        }

    def _list(self, request: messages.ListInstruments, running: RunningCall, came: Any, goes: Payload) -> list[str]:
        del request, running, came, goes
        return list(instruments())

    def _describe(self, request: messages.Describe, running: RunningCall, came: Any, goes: Payload) -> dict[str, Any]:
        del running, came
        hosted = self.hosted(request.on)
        readings = {}
        for path, parameter in hosted.readings().items():
            value, _, when, origin, valid = parameter.cache.reading
            try:
                readings[path] = [to_wire(value, goes), time.monotonic() - when, origin, valid]
            except UsageError:
                continue
        return {"description": hosted.description(), "readings": readings}

    def _outcome(self, request: messages.Outcome, running: RunningCall, came: Any, goes: Payload) -> str:
        del running, came, goes
        return self._running.outcome(request.call)

    def _cancel(self, request: messages.Cancel, running: RunningCall, came: Any, goes: Payload) -> str:
        del running, came, goes
        given_up = self._running.cancel(request.call)
        if given_up is not None and isinstance(given_up.request, messages.Set):
            self.hosted(given_up.request.on).parameter(given_up.request.path).stop()
        return self._running.outcome(request.call)

    def _shutdown(self, request: messages.Shutdown, running: RunningCall, came: Any, goes: Payload) -> None:
        del request, running, came, goes
        self._stop()

    # Using an instrument

    # The next two do in few steps what the others do with `hosted` and `_holding`: nothing is asked so often.

    def _get(self, request: messages.Get, running: RunningCall, came: Any, goes: Payload) -> Any:
        del came
        hosted = self._hosted.get(request.on)
        if hosted is None or hosted.instrument.closed:
            hosted = self._host_anew(request.on)
        found = hosted.found.get(request.path)
        parameter, monitor = hosted.find(request.path) if found is None else found
        running.answers = parameter
        ground = monitor.ground
        leave = ground.release if ground.acquire(False) else monitor.contend(request.wait)
        try:
            if request.id in self._running.cancelled:
                raise Cancelled
            value = parameter.get()
        finally:
            leave()
        return value if type(value) is float else to_wire(value, goes)

    def _set(self, request: messages.Set, running: RunningCall, came: Any, goes: Payload) -> Any:
        hosted = self._hosted.get(request.on)
        if hosted is None or hosted.instrument.closed:
            hosted = self._host_anew(request.on)
        found = hosted.found.get(request.path)
        parameter, monitor = hosted.find(request.path) if found is None else found
        running.answers = parameter
        value = request.value
        if type(value) is not float:
            value = hosted.reader.read(value, came)
        if parameter.motion is not None:  # a ramp leaves the instrument free between its steps
            self._require_wanted(request)
            parameter.set(value)
            return to_wire(parameter.cache.value, goes)
        ground = monitor.ground
        leave = ground.release if ground.acquire(False) else monitor.contend(request.wait)
        try:
            if request.id in self._running.cancelled:
                raise Cancelled
            parameter.set(value)
            return to_wire(parameter.cache.reading[0], goes)
        finally:
            leave()

    def _call(self, request: messages.Call, running: RunningCall, came: Any, goes: Payload) -> Any:
        del running
        hosted = self.hosted(request.on)
        function, alone = hosted.callable(request.path)
        args = [hosted.reader.read(argument, came) for argument in request.args]
        kwargs = {str(name): hosted.reader.read(argument, came) for name, argument in request.kwargs.items()}
        if not alone:
            self._require_wanted(request)
            return to_wire(function(*args, **kwargs), goes)
        with self._holding(hosted.monitor, request):
            return to_wire(function(*args, **kwargs), goes)

    def _attribute(self, request: messages.Attribute, running: RunningCall, came: Any, goes: Payload) -> Any:
        del running, came
        hosted = self.hosted(request.on)
        host, name, _ = hosted.property_of(request.path)
        with self._holding(hosted.monitor, request):
            value = getattr(host, name)
        if isinstance(value, Identity):
            value = (value.vendor, value.model, value.serial, value.firmware)
        return to_wire(value, goes)

    def _set_attribute(self, request: messages.SetAttribute, running: RunningCall, came: Any, goes: Payload) -> None:
        del running, goes
        hosted = self.hosted(request.on)
        host, name, found = hosted.property_of(request.path)
        if found.fset is None:
            raise UsageError(f"the property {name!r} can only be read", who=host.full_name, state="Nothing was sent.")
        value = hosted.reader.read(request.value, came)
        with self._holding(hosted.monitor, request):
            setattr(host, name, value)

    def _inspect(self, request: messages.Inspect, running: RunningCall, came: Any, goes: Payload) -> dict[str, Any]:
        del running, came
        hosted = self.hosted(request.on)
        parameter = hosted.parameter(request.path)
        with self._holding(hosted.monitor, request):
            return {"limits": to_wire(list(parameter.limits), goes), "shape": list(parameter.shape)}

    def _snapshot(self, request: messages.Snapshot, running: RunningCall, came: Any, goes: Payload) -> Any:
        del running, came
        hosted = self.hosted(request.on)
        with self._holding(hosted.monitor, request):
            return to_wire(hosted.instrument.snapshot(update=request.update), goes)

    def _add_parameter(self, request: messages.AddParameter, running: RunningCall, came: Any, goes: Payload) -> None:
        del running, goes
        hosted = self.hosted(request.on)
        if request.type not in _TYPES:
            raise UsageError(f"a parameter of the type {request.type!r} cannot be added from elsewhere")
        options = {str(name): hosted.reader.read(option, came) for name, option in request.options.items()}
        if isinstance(options.get("validator"), dict):
            options["validator"] = from_data(options["validator"])
        host = hosted.host(request.path)
        with self._holding(hosted.monitor, request):
            host.add_parameter(request.name, _TYPES[request.type], **options)

    # Several at once

    def _batch(self, request: messages.Batch, running: RunningCall, came: Any, goes: Payload) -> list[Any]:
        results: list[dict[str, Any]] = [{} for _ in request.items]
        if not request.parallel:
            self._run_items(range(len(request.items)), running, came, goes, results)
            return results
        groups: dict[str, list[int]] = {}
        for index, item in enumerate(request.items):
            groups.setdefault(item.on, []).append(index)
        payloads = [Payload() for _ in groups]

        def work(indices: list[int], payload: Payload, calls: tuple[int, ...]) -> None:
            with on_behalf_of(calls):
                self._run_items(indices, running, came, payload, results)

        with waiting() as calls, ThreadPoolExecutor(max_workers=max(1, len(groups))) as pool:
            for indices, payload in zip(groups.values(), payloads, strict=True):
                pool.submit(work, indices, payload, calls)
        if any(payload.size for payload in payloads):
            raise UsageError("arrays cannot come back from a parallel batch; read them one by one")
        return results

    def _run_items(
        self, indices: Any, running: RunningCall, came: Any, goes: Payload, results: list[dict[str, Any]]
    ) -> None:
        """Carry out some items of a batch in order; what comes after a failure is not begun."""
        items: Any = running.request
        for index in indices:
            try:
                results[index] = {"value": self._run_item(items.items[index], running, came, goes)}
            except Exception as error:  # noqa: BLE001 - told to who asked
                results[index] = {"fault": self._fault(error, running, goes)}
                return

    def _run_item(self, item: messages.Item, running: RunningCall, came: Any, goes: Payload) -> Any:
        request = running.request
        if item.op == "get":
            return self._get(messages.Get(request.id, on=item.on, path=item.path), running, came, goes)
        if item.op == "set":
            return self._set(
                messages.Set(request.id, on=item.on, path=item.path, value=item.value), running, came, goes
            )
        raise UsageError(f"a batch cannot hold {item.op!r}: allowed are 'get' and 'set'", state="Nothing was sent.")

    # Life

    def _create(self, request: messages.Create, running: RunningCall, came: Any, goes: Payload) -> str:
        del running, goes
        if request.ticket:
            kind, args, options = self._births.take(request.ticket)
        else:
            # An id is looked up among the installed drivers; nothing else can be named.
            kind = self._driver(request.driver)
            reader = ValueReader({}, self._resolve)
            args = tuple(reader.read(argument, came) for argument in request.args)
            options = {str(name): reader.read(option, came) for name, option in request.kwargs.items()}
        options.pop("server_name", None)
        instrument: Any = kind(*args, **options)
        self.hosted(instrument.name)
        self._subscribers.publish("opened", instrument.name)
        return str(instrument.name)

    @staticmethod
    def _driver(name: str) -> Any:
        return plugins.registry("drivers").load(name)

    def _close(self, request: messages.Close, running: RunningCall, came: Any, goes: Payload) -> None:
        del running, came, goes
        instrument = instruments().get(request.on)
        if instrument is not None:
            instrument.close()
            self.forget(request.on)
            self._subscribers.publish("closed", request.on)

    def _lease(self, request: messages.Lease, running: RunningCall, came: Any, goes: Payload) -> int:
        del came, goes
        monitors = [self.hosted(name).monitor for name in dict.fromkeys(request.names)]
        threads: dict[int, Any] = self._running.by_thread
        return self._leases.take(monitors, running.caller.session, request.duration, running, threads)

    def _renew(self, request: messages.Renew, running: RunningCall, came: Any, goes: Payload) -> None:
        del came, goes
        self._leases.renew(request.lease, running.caller.session, request.duration)

    def _release(self, request: messages.Release, running: RunningCall, came: Any, goes: Payload) -> None:
        del came, goes
        self._leases.release(request.lease, running.caller.session)
