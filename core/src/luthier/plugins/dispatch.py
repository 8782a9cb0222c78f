"""Who listens to which hook, and how each listener is called without harm to anybody else."""

from __future__ import annotations

import logging
import threading
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from luthier.errors import PluginError, UsageError
from luthier.plugins.kinds import PLUGIN_API
from luthier.suggestions import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pluggy import PluginManager

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry

__all__ = ["Dispatcher", "Listener", "as_it_is"]

SLOW = 0.1
"""Seconds from which on an implementation is reported as slow."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Listener:
    """One plugin's implementation of one hook."""

    __slots__ = ("_argument_names", "_function", "_reported_as_slow", "hook", "plugin")

    def __init__(self, plugin: str, hook: str, function: Callable[..., Any], argument_names: tuple[str, ...]) -> None:
        self.plugin = plugin
        self.hook = hook
        self._function = function
        self._argument_names = argument_names
        self._reported_as_slow = False

    def call(self, arguments: Mapping[str, object], convert: Callable[[Any], T]) -> T | None:
        """Call the implementation with those of `arguments` that it names, and convert its result unless it is None.

        A failure, also of the conversion, is logged and gives ``None``; it is raised if the user asked for strictness.
        """
        start = perf_counter()
        try:
            result = self._function(**{name: arguments[name] for name in self._argument_names})
            return None if result is None else convert(result)
        except (Exception, SystemExit) as error:
            if _strict():
                raise
            _log.error("%s failed in the hook %s: %r", self.plugin, self.hook, error, exc_info=True)
            return None
        finally:
            elapsed = perf_counter() - start
            if elapsed > SLOW and not self._reported_as_slow:
                self._reported_as_slow = True
                _log.warning(
                    "%s took %.2f s in the hook %s; everybody waits meanwhile.", self.plugin, elapsed, self.hook
                )


class Dispatcher:
    """Loads the plugins of the kind ``hooks`` at the first question, and knows who implements which hook.

    Several threads may use it. While one loads the plugins the others wait; what a plugin asks while it is being loaded
    is answered with what is there so far.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._ready = False
        self._preparing = False
        self._manager_or_none: PluginManager | None = None
        self._listeners: Mapping[str, tuple[Listener, ...]] = MappingProxyType({})
        self._from_entries: set[str] = set()

    def listeners(self, hook: str) -> tuple[Listener, ...]:
        """List the implementations of a hook, in the order in which they are called."""
        if not self._ready:
            self._prepare()
        return self._listeners.get(hook, ())

    def register(self, plugin: object, name: str) -> None:
        """Let `plugin` listen under `name`, in place of what listened under it before."""
        with self._lock:
            self._add(plugin, name)

    def unregister(self, plugin: object) -> bool:
        """Let `plugin` listen no more; tell whether it did."""
        with self._lock:
            manager = self._manager()
            if not manager.is_registered(plugin):
                return False
            manager.unregister(plugin)
            self._arrange()
            return True

    def forget(self) -> None:
        """Look at the installed plugins again at the next question; what was registered by hand stays."""
        with self._lock:
            self._ready = False

    def _prepare(self) -> None:
        with self._lock:
            if self._ready or self._preparing:
                return
            self._preparing = True
            try:
                failures = self._load_entries()
                self._ready = True
            finally:
                self._preparing = False
        if failures and _strict():
            raise failures[0]

    def _load_entries(self) -> list[BaseException]:
        from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing

        catalogue = current()
        entries = {entry.qualified_id: entry for entry in catalogue.entries("hooks") if entry.state != "disabled"}
        if not entries and not self._from_entries:
            return []
        for name in self._from_entries - entries.keys():
            self._remove(name)
        failures: list[BaseException] = []
        for name, entry in entries.items():
            try:
                self._load(catalogue, entry)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - each plugin costs only itself
                failures.append(error)
                _log.error(
                    "The hooks of %s are not used: %s", entry, error, exc_info=not isinstance(error, PluginError)
                )
            else:
                self._from_entries.add(name)
        return failures

    def _load(self, catalogue: Catalogue, entry: PluginEntry) -> None:
        from luthier.plugins.loading import load  # noqa: PLC0415 - where nobody has hooks, nothing is loaded

        plugin = load(catalogue, entry)
        if self._manager().get_plugin(entry.qualified_id) is plugin:
            return
        try:
            self._add(plugin, entry.qualified_id)
        except UsageError as error:
            catalogue.failed(entry, error.what)
            raise

    def _add(self, plugin: object, name: str) -> None:
        manager = self._manager()
        self._remove(name)
        if isinstance(plugin, type):
            raise UsageError(f"{plugin.__qualname__} is a class; hooks are called on an instance or a module", who=name)
        if manager.is_registered(plugin):
            raise UsageError(f"this object is registered already, as {manager.get_name(plugin)!r}", who=name)
        try:
            manager.register(plugin, name)
            fault = _fault(manager, plugin)
        except Exception as error:
            manager.unregister(plugin)
            raise UsageError(f"its hooks do not fit: {error}", who=name, advice=_SEE) from error
        if fault:
            manager.unregister(plugin)
            raise UsageError(fault, who=name, advice=_SEE)
        self._arrange()
        for listener in self._listeners.get("configure", ()):
            if listener.plugin == name:
                listener.call({"api": PLUGIN_API}, as_it_is)

    def _remove(self, name: str) -> None:
        plugin = self._manager().get_plugin(name)
        if plugin is not None:
            self._manager().unregister(plugin)
            self._from_entries.discard(name)
            self._arrange()

    def _manager(self) -> PluginManager:
        if self._manager_or_none is None:
            from pluggy import PluginManager  # noqa: PLC0415 - most processes have no hooks

            from luthier.plugins import hookspecs  # noqa: PLC0415 - it imports pluggy

            self._manager_or_none = PluginManager(hookspecs.PROJECT)
            self._manager_or_none.add_hookspecs(hookspecs)
        return self._manager_or_none

    def _arrange(self) -> None:
        listeners: dict[str, tuple[Listener, ...]] = {}
        for hook, caller in vars(self._manager().hook).items():
            # pluggy keeps implementations in the reverse of the order in which they are called.
            listeners[hook] = tuple(
                Listener(implementation.plugin_name, hook, implementation.function, implementation.argnames)
                for implementation in reversed(caller.get_hookimpls())
            )
        self._listeners = MappingProxyType(listeners)


_SEE = "The hooks and their arguments are listed in luthier.plugins.hookspecs."


def _fault(manager: PluginManager, plugin: object) -> str:
    """Say what is wrong with the hooks of a plugin just registered, as far as pluggy lets it pass; empty if nothing."""
    callers = manager.get_hookcallers(plugin) or []
    if not callers:
        return "it implements no hook: none of its functions is marked with luthier.plugins.hookimpl"
    for caller in callers:
        mine = [one for one in caller.get_hookimpls() if one.plugin is plugin]
        if any(one.wrapper or one.hookwrapper for one in mine):
            return f"its {caller.name!r} is a wrapper; nobody may stand between other plugins and their news"
        if not caller.has_spec() and not all(one.optionalhook for one in mine):
            from luthier.plugins.hookspecs import HOOKS  # noqa: PLC0415 - it imports pluggy

            near = nearest(caller.name, HOOKS)
            return f"there is no hook {caller.name!r}" + (f"; {near[0]!r} may be meant" if near else "")
    return ""


def as_it_is(result: object) -> object:
    """Convert nothing."""
    return result


def _strict() -> bool:
    from luthier.plugins.switches import strict  # noqa: PLC0415 - only failures need it

    return strict()
