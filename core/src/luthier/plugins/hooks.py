"""The typed way to send news and to collect contributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.plugins.detection import DiscoveryMethod
    from luthier.plugins.dispatch import Dispatcher
    from luthier.plugins.health import HealthReport
    from luthier.plugins.hookspecs import IdentifiedRun, NamedInstrument, NamedServer
    from luthier.transport import Transport

__all__ = ["Hooks"]

T = TypeVar("T")


class Hooks:
    """One method for each hook; :mod:`luthier.plugins.hookspecs` says when each is called, and by whom.

    The first call loads the installed plugins of the kind ``hooks``. A failing implementation is logged and does no
    harm to the others or to the caller, unless ``LUTHIER_STRICT_PLUGINS=1``. Methods that collect return a dictionary
    by plugin: ``distribution:id``, or the name given to :meth:`register`. Several threads may call at once.

    Get the one of the process as ``luthier.plugins.hooks``.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._listeners = dispatcher.listeners

    def register(self, plugin: object, name: str | None = None) -> str:
        """Let an object's or a module's functions marked with ``hookimpl`` be called; return the name it has.

        What was registered under the same name before is replaced, so that a cell of a notebook can be run again.

        Parameters
        ----------
        plugin
            An instance or a module, not a class.
        name
            For the log and for contributions; ``None`` takes the name of the module or of the instance's class.

        Raises
        ------
        UsageError
            It implements no hook, or one that does not exist, or with other arguments, or is registered already under
            another name. Nothing is registered then.
        """
        given = name or getattr(plugin, "__name__", None) or f"{type(plugin).__module__}.{type(plugin).__qualname__}"
        self._dispatcher.register(plugin, str(given))
        return str(given)

    def unregister(self, plugin: object) -> bool:
        """Call the functions of `plugin` no more; tell whether it was registered."""
        return self._dispatcher.unregister(plugin)

    def instrument_opened(self, instrument: NamedInstrument) -> None:
        """Tell that an instrument was opened and is ready."""
        for listener in self._listeners("instrument_opened"):
            listener.call({"instrument": instrument}, _as_it_is)

    def instrument_closing(self, instrument: NamedInstrument) -> None:
        """Tell that an instrument is about to be closed."""
        for listener in self._listeners("instrument_closing"):
            listener.call({"instrument": instrument}, _as_it_is)

    def instrument_closed(self, instrument: NamedInstrument) -> None:
        """Tell that an instrument was closed."""
        for listener in self._listeners("instrument_closed"):
            listener.call({"instrument": instrument}, _as_it_is)

    def run_started(self, run: IdentifiedRun) -> None:
        """Tell that a run begins."""
        for listener in self._listeners("run_started"):
            listener.call({"run": run}, _as_it_is)

    def run_metadata(self, run: IdentifiedRun) -> dict[str, dict[str, object]]:
        """Collect what plugins want stored with a run."""
        return self._collect("run_metadata", {"run": run}, _as_metadata)

    def run_finished(self, run: IdentifiedRun) -> None:
        """Tell that a run has ended."""
        for listener in self._listeners("run_finished"):
            listener.call({"run": run}, _as_it_is)

    def server_started(self, server: NamedServer) -> None:
        """Tell that a server accepts connections."""
        for listener in self._listeners("server_started"):
            listener.call({"server": server}, _as_it_is)

    def server_stopping(self, server: NamedServer) -> None:
        """Tell that a server is about to end."""
        for listener in self._listeners("server_stopping"):
            listener.call({"server": server}, _as_it_is)

    def health_checks(self) -> dict[str, tuple[Callable[[], HealthReport], ...]]:
        """Collect the health checks of plugins; none is run."""
        return self._collect("health_checks", {}, _as_checks)

    def discover(self) -> dict[str, tuple[DiscoveryMethod, ...]]:
        """Collect the ways to look for instruments; nothing is looked for."""
        return self._collect("discover", {}, _as_methods)

    def identify(self, address: str, reply: str) -> dict[str, tuple[str, ...]]:
        """Collect the ids of drivers that plugins hold fit for the instrument at `address`, best first."""
        return self._collect("identify", {"address": address, "reply": reply}, _as_ids)

    def transport_middleware(self, transport: Transport, name: str = "") -> Transport:
        """Let plugins stand before a transport just opened; return the foremost, `transport` itself if none does.

        `name` is that of the instrument.
        One that fails is passed over: the connection works without it.
        """
        for listener in self._listeners("transport_middleware"):
            transport = listener.call({"transport": transport, "name": name}, _as_transport) or transport
        return transport

    def _collect(self, hook: str, arguments: Mapping[str, object], convert: Callable[[Any], T]) -> dict[str, T]:
        results = ((one.plugin, one.call(arguments, convert)) for one in self._listeners(hook))
        return {plugin: result for plugin, result in results if result is not None}


def _as_it_is(result: object) -> object:
    return result


def _as_metadata(result: Mapping[str, object]) -> dict[str, object]:
    metadata = dict(result)
    if not all(isinstance(key, str) for key in metadata):
        raise TypeError("its result has keys that are not text")
    return metadata


def _as_checks(result: Any) -> tuple[Callable[[], HealthReport], ...]:
    checks = tuple(result)
    if not all(callable(check) for check in checks):
        raise TypeError("its result holds something that cannot be called")
    return checks


def _as_methods(result: Any) -> tuple[DiscoveryMethod, ...]:
    from luthier.plugins.detection import DiscoveryMethod  # noqa: PLC0415 - only detecting needs it

    methods = tuple(result)
    if not all(isinstance(method, DiscoveryMethod) for method in methods):
        raise TypeError("its result holds something that is no DiscoveryMethod")
    return methods


def _as_ids(result: Any) -> tuple[str, ...]:
    ids = tuple(result)
    if isinstance(result, str) or not all(isinstance(one, str) for one in ids):
        raise TypeError(f"its result is not a list of ids but {result!r}")
    return ids


def _as_transport(result: object) -> Transport:
    if not callable(getattr(result, "query", None)):
        raise TypeError(f"its result is not a transport but {result!r}")
    return cast("Transport", result)
