"""Calling one plugin's implementation of one hook without harm to anybody else."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from luthier.plugins.switches import strict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Listener"]

SLOW = 0.1
"""Seconds from which on an implementation is reported as slow."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Listener:
    """One plugin's implementation of one hook."""

    __slots__ = ("_argument_names", "_function", "_reported_as_slow", "hook", "plugin")

    def __init__(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., Any],
        argument_names: Iterable[str],
        reported_as_slow: set[tuple[str, str]],
    ) -> None:
        self.plugin = plugin
        self.hook = hook
        self._function = function
        self._argument_names = argument_names
        self._reported_as_slow = reported_as_slow

    def call(self, arguments: Mapping[str, object], convert: Callable[[Any], T]) -> T | None:
        """Call the implementation with those of `arguments` that it names, and convert its result unless it is None.

        A failure, also of the conversion, is logged and gives ``None``; it is raised if the user asked for strictness.
        """
        start = perf_counter()
        try:
            result = self._function(**{name: arguments[name] for name in self._argument_names})
            return None if result is None else convert(result)
        except (Exception, SystemExit) as error:
            if strict():
                raise
            _log.exception("%s failed in the hook %s: %s", self.plugin, self.hook, type(error).__name__)
            return None
        finally:
            self._report_if_slow(perf_counter() - start)

    def _report_if_slow(self, elapsed: float) -> None:
        if elapsed > SLOW and (self.plugin, self.hook) not in self._reported_as_slow:
            self._reported_as_slow.add((self.plugin, self.hook))
            _log.warning("%s took %.2f s in the hook %s, and its caller waits.", self.plugin, elapsed, self.hook)
