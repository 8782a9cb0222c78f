"""Parameters of instruments elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from luthier import Parameter
from luthier.errors import LuthierError, NotGettableError, NotSettableError
from luthier.parameter.pipeline import fast_range
from luthier.server.values import Payload, to_wire

from luthier_servers import messages, surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from luthier.parameter.cache import Origin

    from luthier_servers.remote_host import RemoteHost

__all__ = ["RemoteParameter"]

T = TypeVar("T")


class RemoteParameter(Parameter[T]):
    """A parameter of an instrument on a server; used like any other.

    A value is checked here first, so that a wrong one costs no round trip, and again where the instrument lives, where
    the limits may depend on more. The cache holds what the driver accepted, and follows what others do by events.

    Thread-safe; two threads that read at the same time wait for the instrument there, not here.
    """

    __slots__ = (
        "_dynamic",
        "_gettable",
        "_home",
        "_link",
        "_motion_bounds",
        "_on",
        "_path",
        "_range",
        "_root",
        "_settable",
        "_shape",
    )

    def attach(self, home: RemoteHost, path: str, facts: dict[str, Any]) -> None:
        """Say where the parameter is; for the host that makes it."""
        self._home = home
        self._root = home.wire_root
        self._link, self._on, self._path = home.wire_link, home.wire_name, path
        self._gettable = bool(facts["gettable"])
        self._settable = bool(facts["settable"])
        self._dynamic = bool(facts["dynamic"])
        self._shape = facts["shape"]
        self._range = fast_range(self)
        self._motion_bounds: tuple[float | None, float | None] = (facts.get("step"), facts.get("rate"))

    @property
    def gettable(self) -> bool:
        """Whether :meth:`get` can work."""
        return self._gettable

    @property
    def settable(self) -> bool:
        """Whether :meth:`set` can work."""
        return self._settable

    def get(self) -> T:
        """Read the value from the instrument, remember it, and return it."""
        root = self._root
        if root.closed:
            root.require_open()
        if not self._gettable:
            raise NotGettableError(
                "cannot be read",
                who=self.full_name,
                state="Nothing was sent.",
                advice=f"{self.full_name}.cache.value is the last value set.",
            )
        reply, came = self._link.exchange(messages.Get(0, on=self._on, path=self._path), None, root.deadline)
        value: Any = reply.value
        if type(value) is not float:  # which most are, and which need not be read
            value = root.wire_reader.read(value, came)
        cache = self.cache
        before = cache.reading
        cache.reading = (value, value, time.monotonic(), "read", True)
        if self.watchers:
            self.publish(before)
        return value  # type: ignore[no-any-return]  # the server's parameter says what a T is

    def set(self, value: T) -> None:
        """Check ``value``, send it, and remember what the driver accepted."""
        root = self._root
        if root.closed:
            root.require_open()
        if not self._settable:
            raise NotSettableError("cannot be set: it can only be read", who=self.full_name, state="Nothing was sent.")
        low, high = self._range
        payload: Payload | None = None
        wire: Any = value
        if type(wire) is not float or not low <= wire <= high:
            payload = Payload()
            wire = to_wire(self.check(value), payload)
        request = messages.Set(0, on=self._on, path=self._path, value=wire)
        try:
            reply, came = self._link.exchange(request, payload, root.deadline)
        except BaseException as error:
            if not (isinstance(error, LuthierError) and error.sent == "no"):
                self.cache.invalidate()
            raise
        accepted: Any = reply.value
        self._remember(accepted if type(accepted) is float else root.wire_reader.read(accepted, came), "set")
        if reply.changed:
            root.wire_redescribe()

    def _remember(self, value: Any, origin: Origin) -> None:
        before = self.cache.reading
        self.cache.reading = (value, value, time.monotonic(), origin, True)
        if self.watchers:
            self.publish(before)

    def take_reading(self, value: Any, age: float, origin: Origin = "pushed", *, valid: bool = True) -> None:
        """Take over what an event told, unless something newer is known."""
        before = self.cache.reading
        when = time.monotonic() - age
        if when <= before[2]:
            return
        self.cache.reading = (value, value, when, origin, valid)
        if self.watchers:
            self.publish(before)

    # What depends on the instrument's state is asked of the server

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The tightest (minimum, maximum) in force now; asked of the server where they are not constant."""
        if not self._dynamic:
            return super().limits
        low, high = self._inspect()["limits"]
        return low, high

    @property
    def limits_are_dynamic(self) -> bool:
        """Whether only the server knows all limits; here only the constant ones are checked."""
        return False

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the value's axes now; asked of the server where they are not constant."""
        return tuple(self._inspect()["shape"] if self._shape is None else self._shape)

    def _inspect(self) -> dict[str, Any]:
        home = self._home
        home.require_open()
        found: dict[str, Any] = home.wire_link.ask(
            messages.Inspect(0, on=home.wire_name, path=self._path), None, home.deadline
        )
        return found

    def narrow(self, minimum: float | None = None, maximum: float | None = None) -> None:
        """Set limits of one's own, inside the driver's, for everybody who uses the instrument."""
        self._home.wire_call(f"{self._path}.narrow", (minimum, maximum), {})

    @property
    def bounds_of_motion(self) -> tuple[float | None, float | None]:
        """The largest step and the largest speed of a set, as the server's parameter has them."""
        return self._motion_bounds

    def limit_motion(self, *, step: float | None = None, rate: float | None = None) -> None:
        """Approach every later set in bounded steps, for everybody; see :meth:`luthier.Parameter.limit_motion`."""
        self._home.wire_call(f"{self._path}.limit_motion", (), {"step": step, "rate": rate})

    def stop(self) -> None:
        """Stop a ramp that anybody is driving: it raises RampInterruptedError there, at the last value sent."""
        self._home.wire_call(f"{self._path}.stop", (), {})

    def __reduce_ex__(self, protocol: object) -> Any:
        """Travel as a reference, in pickles too."""
        return surroundings.dial_part, (self._root.wire_reference.uri, self._path)

    # Several in one round trip

    @property
    def batch_key(self) -> object:
        """The server: one batch reads parameters of any instruments there."""
        return self._home.wire_link

    def get_batch(self, parameters: Sequence[Any]) -> tuple[Any, ...]:
        """Read several parameters of one server in one round trip."""
        items = [messages.Item("get", parameter._home.wire_name, parameter._path) for parameter in parameters]  # noqa: SLF001 - of this class
        for parameter in parameters:
            parameter._home.require_open()  # noqa: SLF001 - the same
        results, came = self._home.wire_batch(items)
        values = []
        for parameter, result in zip(parameters, results, strict=True):
            value = parameter._home.wire_reader.read(result, came)  # noqa: SLF001 - the same
            parameter._remember(value, "read")  # noqa: SLF001 - the same
            values.append(value)
        return tuple(values)

    def set_batch(self, parameters: Sequence[Any], values: Sequence[Any]) -> None:
        """Check all values, then set several parameters of one server in one round trip, in order."""
        for parameter in parameters:
            if not parameter.settable:
                raise NotSettableError("cannot be set", who=parameter.full_name, state="Nothing was sent.")
        payload = Payload()
        items = []
        for parameter, value in zip(parameters, values, strict=True):
            wire = to_wire(parameter.check(value), payload)
            items.append(messages.Item("set", parameter._home.wire_name, parameter._path, wire))  # noqa: SLF001 - the same
        try:
            results, came = self._home.wire_batch(items, payload)
        except BaseException:
            for parameter in parameters:
                parameter.cache.invalidate()
            raise
        for parameter, result in zip(parameters, results, strict=True):
            parameter._remember(parameter._home.wire_reader.read(result, came), "set")  # noqa: SLF001 - the same
