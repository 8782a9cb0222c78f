"""The live parameter: one quantity of one instrument."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, Unpack, overload

from luthier.errors import UsageError, ValidationError, WrongTypeError
from luthier.monitor import Monitor
from luthier.parameter.awaiting import AwaitedParameter
from luthier.parameter.cache import Cache
from luthier.parameter.conversion import build_decoder
from luthier.parameter.dependence import link, outdate
from luthier.parameter.limits import Limits
from luthier.parameter.messages import explain_refusal
from luthier.parameter.moving import MovingParameter
from luthier.parameter.pipeline import compile_get, compile_set, fast_range, refusing
from luthier.parameter.specification import ParameterOptions, ParameterSpecification
from luthier.parameter.subscription import Change, Subscription
from luthier.parameter.sweep import ParameterSweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from luthier.parameter.cache import Origin, Reading
    from luthier.parameter.host import Host

__all__ = ["ManualParameter", "Parameter"]

T = TypeVar("T")

_log = logging.getLogger("luthier.parameter")


class Parameter(MovingParameter[T], AwaitedParameter[T]):
    """A quantity that can be set, read, or both.

    Usually made by an instrument class (see :func:`luthier.parameter.parameter`). In a script it can stand alone:

    >>> level = Parameter("level", float, set_cmd=print, unit="V")
    >>> level(0.25)
    0.25

    Thread-safe: a get or a set holds the instrument's monitor from its first byte to its last. In coroutines there are
    :meth:`aget` and :meth:`aset`.

    Parameters
    ----------
    name
        An identifier.
    type
        The type of the value; decides how text is written and read, and what is accepted without a ``validator``.
    options
        As for :func:`luthier.parameter.parameter`; callables get no instrument: ``get_cmd()`` and ``set_cmd(value)``.
    """

    __slots__ = ("__weakref__", "_get", "_set", "dependents", "followed", "watchers")

    def __init__(
        self,
        name: str,
        type: type[T] = object,  # type: ignore[assignment]  # noqa: A002 - T is object then
        **options: Unpack[ParameterOptions],
    ) -> None:
        self._adopt(name, ParameterSpecification(type, **options), None)

    @classmethod
    def of(cls, name: str, specification: ParameterSpecification, host: Host | None) -> Parameter[T]:
        """Return a live parameter of ``host`` with that specification; for instruments, not for scripts."""
        parameter = cls.__new__(cls)
        parameter._adopt(name, specification, host)  # noqa: SLF001 - its own class
        return parameter

    def _adopt(self, name: str, specification: ParameterSpecification, host: Host | None) -> None:
        if not name.isidentifier():
            raise UsageError(f"cannot name a parameter {name!r}: allowed are letters, digits and _, no digit first")
        self.name = name
        self.specification = specification
        self.host = host
        self.cache: Cache[T] = Cache(specification.max_age)
        self.watchers: tuple[Subscription, ...] = ()
        self.dependents: tuple[Parameter[Any], ...] = ()
        self.followed = False
        """Whether there are watchers or dependents: one question on the way of every get and set."""
        self._get: Callable[[], T] | None = None
        self._set: Callable[[T], None] | None = None
        self._extras: dict[str, Any] | None = None

    # Reading and setting

    def get(self) -> T:
        """Read the value from the instrument, remember it, and return it.

        Raises :class:`~luthier.errors.NotGettableError`, :class:`~luthier.errors.IrrelevantParameterError`,
        :class:`~luthier.errors.ReplyError`, and what the connection or the driver's own code raises; the cache then
        keeps the reading before.
        """
        return (self._get or self._compile_get())()

    def set(self, value: T) -> None:
        """Validate ``value``, send it, remember it, and tell those who subscribed.

        With ``step`` or ``rate`` the value is approached in bounded steps from a fresh reading (see :meth:`stop`).
        Where pint is installed, text such as ``"5 mV"`` and pint quantities are converted to :attr:`unit` first.

        Raises :class:`~luthier.errors.ValidationError` (nothing was sent), :class:`~luthier.errors.NotSettableError`,
        :class:`~luthier.errors.IrrelevantParameterError`, and what the connection or the driver's own code raises: the
        cache is then marked as not valid unless nothing was sent.
        """
        (self._set or self._compile_set())(value)

    @overload
    def __call__(self) -> T: ...

    @overload
    def __call__(self, value: T, /) -> None: ...

    def __call__(self, *value: T) -> T | None:
        """``p()`` is ``p.get()`` and ``p(1.0)`` is ``p.set(1.0)``."""
        if not value:
            return self.get()
        self.set(*value)
        return None

    def known_or_read(self) -> T:
        """Return the cached value where it is valid, else read it."""
        reading = self.cache.reading
        return reading[0] if reading[4] and self.cache.valid else self.get()

    def check(self, value: object, *, in_any_state: bool = False) -> T:
        """Validate exactly as :meth:`set` would, and return the value in its canonical form; sets nothing.

        Limits that are other parameters, or asked from the instrument, may be read. With ``in_any_state`` they do not
        count, and nothing is read: for a value that is to be set after others, which may change them.
        """
        try:
            return self._checked(value, in_any_state)
        except ValidationError as error:
            explain_refusal(self, error, value)
            raise

    def check_all(self, values: Iterable[object]) -> tuple[T, ...]:
        """Validate many values, as :meth:`check` does one; sets nothing."""
        low, high = fast_range(self)
        check = self.check
        # The comparison is what lets long sweeps of floats begin at once.
        return tuple(
            value if type(value) is float and low <= value <= high else check(value)  # type: ignore[misc]  # a T then
            for value in values
        )

    def _checked(self, value: Any, in_any_state: bool) -> T:
        validator = self.validator
        accepted = value
        if validator is not None:
            try:
                accepted = validator.check(value)
            except WrongTypeError:
                converted = self._without_unit(value)
                if converted is None:
                    raise
                accepted = validator.check(converted)
        if self.limits_are_dynamic:
            self._limits.check(accepted, in_any_state=in_any_state)
        if self.specification.resolution is not None:
            accepted = self._rounded(self.specification.resolution, accepted, in_any_state)
        return accepted  # type: ignore[no-any-return]  # the validator says what a T is

    def _rounded(self, resolution: float, value: Any, in_any_state: bool) -> Any:
        """Round an allowed value; what that makes of it has to be allowed as well."""
        from luthier.parameter.scaling import round_to  # noqa: PLC0415 - decimal is only loaded when needed

        rounded = round_to(resolution, value)
        if rounded != value:
            if self.validator is not None:
                self.validator.check(rounded)
            if self.limits_are_dynamic:
                self._limits.check(rounded, in_any_state=in_any_state)
        return rounded

    def _without_unit(self, value: object) -> float | None:
        if self.specification.type not in (float, int) or not (isinstance(value, str) or hasattr(value, "magnitude")):
            return None
        from luthier.parameter.quantity import in_unit  # noqa: PLC0415 - pint is only loaded for quantities

        return in_unit(value, self.unit)

    def _compile_get(self) -> Callable[[], T]:
        with self.monitor:
            link(self)
            self._get = refusing(self) if self._closed else compile_get(self)
            return self._get

    def _compile_set(self) -> Callable[[T], None]:
        with self.monitor:
            link(self)
            if self._closed:
                self._set = refusing(self)
            else:
                at_once = compile_set(self)
                motion = self.motion
                self._set = at_once if motion is None else motion.mover(at_once)
            return self._set

    @property
    def _closed(self) -> bool:
        return self.host is not None and self.host.closed

    def recompile(self) -> None:
        """Forget the compiled pipelines; for instruments (on closing) and after a change of limits or motion.

        Also where somebody begins to follow: who goes on with a pipeline that was compiled before sees it by this.
        """
        self._get = None
        self._set = None

    def build_decoder(self, *, textual: bool) -> Callable[[Any], Any] | None:
        """Return what turns a reply into a value; ``None``: the reply is the value."""
        return build_decoder(self.specification, textual=textual)

    # Limits

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The tightest (minimum, maximum) in force now, in :attr:`unit`; ``None``: unbounded.

        May read other parameters, or ask the instrument, where the limits depend on them.
        """
        return self._limits.bounds()

    def narrow(self, minimum: float | None = None, maximum: float | None = None) -> None:
        """Set limits of one's own, inside the driver's; ``None`` lifts that one.

        Raises :class:`~luthier.errors.UsageError` where that would widen the driver's limits; they then stay as they
        were.
        """
        with self.monitor:
            self._limits.narrow(minimum, maximum)
            self.recompile()

    @property
    def limits_are_dynamic(self) -> bool:
        """Whether the limits are more than constants of the validator."""
        specification = self.specification
        if specification.minimum is None and specification.maximum is None and self._extras is None:
            return False
        return self._limits.dynamic

    def forget_asked_limits(self) -> None:
        """Ask the instrument again for the limits that come from it."""
        if self._extras is not None and "limits" in self._extras:
            self._limits.forget_asked()

    @property
    def _limits(self) -> Limits:
        limits: Limits = self._extra("limits", lambda: Limits(self))
        return limits

    # Being watched

    def subscribe(self, callback: Callable[[Change], object]) -> Subscription:
        """Call ``callback(change)`` after each get and set, in the thread that did it, after the monitor is released.

        An exception in it is logged and goes no further.
        """
        subscription = Subscription(callback, self._unsubscribe)
        with self.monitor:
            self.watchers = (*self.watchers, subscription)
            self.followed = True
            self.recompile()
        return subscription

    def _unsubscribe(self, subscription: Subscription) -> None:
        with self.monitor:
            self.watchers = tuple(other for other in self.watchers if other is not subscription)
            # Dependents may come at any moment, without the monitor; they never go. So this is not put back.

    def accept_reading(self, value: T, raw: object, origin: Origin) -> None:
        """Take over a value that was read or set on this parameter's behalf (by its group, or by an event)."""
        link(self)
        before = self.cache.reading
        self.cache.store(value, raw, origin)
        if self.dependents:
            outdate(self, before)
        if self.watchers:
            self.publish(before)

    def publish(self, before: Reading) -> None:
        """Tell those who subscribed of the present reading; for the pipeline.

        A callback that raises is logged, and disturbs neither the others nor the caller.
        """
        value, _, _, origin, _ = self.cache.reading
        change = Change(self, value, before[0], origin)
        for watcher in self.watchers:
            try:
                watcher.callback(change)
            except Exception:  # noqa: BLE001 - it is the watcher's failure, not the instrument's
                _log.exception("%s: a subscriber's callback failed", self.full_name)

    # Sweeping

    @overload
    def sweep(self, start: T, stop: T, *, num: int) -> ParameterSweep[T]: ...

    @overload
    def sweep(self, start: T, stop: T, *, step: float) -> ParameterSweep[T]: ...

    @overload
    def sweep(self, start: Iterable[T]) -> ParameterSweep[T]: ...

    def sweep(
        self,
        start: Any,
        stop: Any = None,
        *,
        num: int | None = None,
        step: float | None = None,
    ) -> ParameterSweep[T]:
        """Return the setpoints of a sweep, each checked now, none set.

        Either ``num`` values from ``start`` to ``stop``, both included; or steps of ``step``, with ``stop`` included
        where it falls on a step; or a list of values.

        >>> ManualParameter("x", float).sweep(0, 1, num=3).values
        (0.0, 0.5, 1.0)
        """
        from luthier.parameter.setpoints import setpoints  # noqa: PLC0415 - decimal is only loaded for sweeps

        return ParameterSweep(self, self.check_all(setpoints(start, stop, num=num, step=step, who=self.full_name)))

    def __getitem__(self, key: slice) -> ParameterSweep[T]:
        """``p[0:1:0.1]`` sweeps from 0 in steps of 0.1 up to, not including, 1, as slices do in Python."""
        from luthier.parameter.setpoints import sliced  # noqa: PLC0415 - decimal is only loaded for sweeps

        return ParameterSweep(self, self.check_all(sliced(key, who=self.full_name)))

    # Snapshot

    def snapshot(self, *, update: bool = False) -> dict[str, Any]:
        """Return value, unit and label, with when and how the value came to be known, as plain JSON data.

        Nothing is sent, unless ``update`` asks for a fresh reading.
        """
        if update and self.gettable:
            self.get()
        return self.known()

    def __bool__(self) -> bool:
        """Refuse ``if inst.output:``, which would always hold."""
        raise TypeError(f"{self.full_name} is a parameter, not its value: write {self.full_name}.get()")

    def __iter__(self) -> NoReturn:
        """Refuse iteration, which ``__getitem__`` would otherwise allow."""
        raise TypeError(f"{self.full_name} is a parameter, not its value: write {self.full_name}.get() or .sweep(…)")

    @property
    def monitor(self) -> Monitor:
        """The instrument's monitor; a parameter that stands alone has one of its own."""
        if self.host is not None:
            return self.host.monitor
        monitor: Monitor = self._extra("monitor", lambda: Monitor(self.name))
        return monitor


class ManualParameter(Parameter[T]):
    """A parameter that holds its value itself: something set by hand, or a setting of the measurement.

    >>> power = ManualParameter("pump_power", float, unit="W", initial=0.0)
    >>> power(0.25)
    >>> power()
    0.25
    """

    __slots__ = ()

    def __init__(
        self,
        name: str,
        type: type[T] = object,  # type: ignore[assignment]  # noqa: A002 - T is object then
        **options: Unpack[ParameterOptions],
    ) -> None:
        for option in ("get_cmd", "set_cmd", "group", "delegate"):
            if option in options:
                raise UsageError(f"a manual parameter holds its value itself; {option}= has no place", who=name)
        super().__init__(name, type, **options)
