"""Who listens to which hook."""

from __future__ import annotations

import threading
from types import MappingProxyType
from typing import TYPE_CHECKING

from luthier.errors import UsageError
from luthier.plugins.kinds import PLUGIN_API

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluggy import PluginManager

    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.listener import Listener

__all__ = ["Dispatcher"]


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
        self._reported_as_slow: set[tuple[str, str]] = set()

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
                _report(entry, error)
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
        from luthier.plugins.hook_fit import misfit  # noqa: PLC0415 - it imports pluggy, and most processes have no hooks

        manager = self._manager()
        registered_as = manager.get_name(plugin) or name
        fault = misfit(plugin) if registered_as == name else f"it is registered already, as {registered_as!r}"
        if fault:
            advice = "The hooks and their arguments are listed in luthier.plugins.hookspecs."
            raise UsageError(fault, who=name, state="It was not registered.", advice=advice)
        self._remove(name)
        manager.register(plugin, name)
        self._arrange()
        for listener in self._listeners["configure"]:
            if listener.plugin == name:
                listener.call({"api": PLUGIN_API}, lambda result: result)

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
        from luthier.plugins.listener import Listener  # noqa: PLC0415 - most processes have no hooks

        listeners: dict[str, tuple[Listener, ...]] = {}
        for hook, caller in vars(self._manager().hook).items():
            # pluggy keeps implementations in the reverse of the order in which they are called.
            listeners[hook] = tuple(
                Listener(found.plugin_name, hook, found.function, found.argnames, self._reported_as_slow)
                for found in reversed(caller.get_hookimpls())
            )
        self._listeners = MappingProxyType(listeners)


def _report(entry: PluginEntry, error: BaseException) -> None:
    import logging  # noqa: PLC0415 - only failures need it

    logging.getLogger(__name__).error("The hooks of %s are not used: %s", entry, error)


def _strict() -> bool:
    from luthier.plugins.switches import strict  # noqa: PLC0415 - only failures need it

    return strict()
