"""Every hook that there is.

Hooks carry news to whoever wants it and collect contributions; nothing is decided by the first who answers, and no hook
is called per message. A plugin implements a hook by a function or method of its name, marked with
:data:`~luthier.plugins.hookimpl`, that takes any of its arguments by name::

    from luthier.plugins import hookimpl

    @hookimpl
    def instrument_opened(instrument):
        print(instrument.name)

Put such functions into a module, or methods into an object, and name it in the entry-point group ``luthier.hooks``, or
call ``luthier.plugins.hooks.register(object)``.

What holds for all of them:

- An implementation that raises is logged under the plugin's name; everybody else is called all the same. With
  ``LUTHIER_STRICT_PLUGINS=1`` the failure is raised.
- It is called in the thread where the thing happens, and that thread waits for it: return quickly, and hand longer work
  to a thread of your own. More than 0.1 s is reported once in the log.
- Several threads may call at once.
- ``tryfirst`` and ``trylast`` are honoured; otherwise no order is promised. Wrappers are refused.
- Further arguments may be added; implementations that do not name them go on working.
- Plugins are loaded when the first news of the process comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from luthier.plugins.detection import DiscoveryMethod
    from luthier.plugins.health import HealthReport
    from luthier.transport import Transport

__all__ = ["HOOKS", "PROJECT", "hookimpl"]

PROJECT = "luthier"

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function or method as the implementation of the hook of its name."""

_hookspec = pluggy.HookspecMarker(PROJECT)


class NamedInstrument(Protocol):
    """What news about an instrument promise of it. It is a :class:`luthier.instrument.Instrument`."""

    @property
    def name(self) -> str:
        """Its name (``"smu"``)."""
        ...

    @property
    def address(self) -> str | None:
        """Its address as the user gave it; ``None`` for an instrument without one."""
        ...


class IdentifiedRun(Protocol):
    """What news about a run promise of it."""

    @property
    def id(self) -> str:
        """Its id, by which it can be loaded later."""
        ...

    @property
    def name(self) -> str:
        """The name that the user gave it."""
        ...


class NamedServer(Protocol):
    """What news about a server promise of it."""

    @property
    def name(self) -> str:
        """Its name (``"foo"`` of ``server_name="foo"``)."""
        ...


@_hookspec
def configure(api: tuple[int, int]) -> None:
    """Get ready: called once for each plugin, before any other of its hooks.

    This is the place to open files and start threads, which must not happen on import. Called in the thread of the
    process's first news, or of ``hooks.register``.

    Parameters
    ----------
    api
        The version of the plugin interface that the core offers: major, minor.
    """


@_hookspec
def instrument_opened(instrument: NamedInstrument) -> None:
    """Tell that an instrument was opened and is ready.

    Called after its constructor has ended, in the thread that opened it, in the process where it lives. The instrument
    may be used; what is sent to it then is the plugin's responsibility.
    """


@_hookspec
def instrument_closing(instrument: NamedInstrument) -> None:
    """Tell that an instrument is about to be closed; it can still be used.

    Called in the thread that closes it, once, before its connection is closed. Nothing can prevent the closing.
    """


@_hookspec
def instrument_closed(instrument: NamedInstrument) -> None:
    """Tell that an instrument was closed; only its name, address and caches can still be read.

    Called in the thread that closed it, once, also where closing the connection failed.
    """


@_hookspec
def run_started(run: IdentifiedRun) -> None:
    """Tell that a run was given its id and its place, before its first point.

    Called in the thread that measures.
    """


@_hookspec
def run_metadata(run: IdentifiedRun) -> Mapping[str, object] | None:
    """Contribute what shall be stored with a run, under the name of the plugin.

    Called once per run, after ``run_started`` and before the first point, in the thread that measures. Values must be
    expressible in JSON; ``None`` contributes nothing.
    """


@_hookspec
def run_finished(run: IdentifiedRun) -> None:
    """Tell that a run has ended, however it ended, and that its data are stored.

    Called in the thread that measured.
    """


@_hookspec
def server_started(server: NamedServer) -> None:
    """Tell that a server accepts connections. Called in its own process, in its main thread."""


@_hookspec
def server_stopping(server: NamedServer) -> None:
    """Tell that a server is about to make its instruments safe, close them and end.

    Called in its own process, once, in the thread that stops it. Not called when the process is killed.
    """


@_hookspec
def health_checks() -> Iterable[Callable[[], HealthReport]] | None:
    """Contribute checks of what the plugin needs: libraries, permissions, services.

    Only ``luthier plugins doctor`` and the like call this. Each check is a function without arguments that returns a
    :class:`~luthier.plugins.HealthReport`, changes nothing, and may take a few seconds; it may be called in any thread.
    """


@_hookspec
def discover() -> Iterable[DiscoveryMethod] | None:
    """Contribute ways to look for instruments.

    Called by ``luthier detect`` and the like, which then call the ``search`` of those that the user asked for, each in
    a thread of its own.
    """


@_hookspec
def identify(address: str, reply: str) -> Iterable[str] | None:
    """Contribute the ids of the drivers that serve the instrument at an address, best first.

    Called while instruments are being detected, in any thread. Nothing must be sent to the instrument.

    Parameters
    ----------
    address
        Where it was found.
    reply
        What it answered to ``*IDN?``, without termination; empty if it did not answer.
    """


@_hookspec
def transport_middleware(transport: Transport, name: str) -> Transport | None:
    """Put something between an instrument and its transport: a recorder, a filter, a fault.

    Called once for each connection, right after it was opened, in the thread that opens it. Return a transport that
    passes on to the one given, and closes it when it is closed; or ``None`` to leave it as it is. The next plugin is
    given what this one returned. ``name`` is that of the instrument.
    """


HOOKS: tuple[str, ...] = (
    "configure",
    "instrument_opened",
    "instrument_closing",
    "instrument_closed",
    "run_started",
    "run_metadata",
    "run_finished",
    "server_started",
    "server_stopping",
    "health_checks",
    "discover",
    "identify",
    "transport_middleware",
)
"""The names of all hooks."""
