"""Plugins that take care of a table of a ``lab.toml``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from luthier import plugins
from luthier.errors import BrokenPluginError
from luthier.station.sections import INSTRUMENTS, declared_sections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from luthier.station.description import StationDescription

__all__ = ["Section", "keys_of", "prepared"]

_log = logging.getLogger("luthier.station")


@runtime_checkable
class Section(Protocol):
    """What an entry point of the group ``luthier.sections`` refers to: it takes care of the table of its name.

    The entry point refers to the object, or to a class that is called without arguments.
    """

    keys: Mapping[str, type]
    """The keys that the table may have, as of :func:`declare_section`."""

    def prepare(self, description: StationDescription) -> Callable[[], None]:
        """Do what the table asks for, before the instruments of a station are opened.

        Returns
        -------
        callable
            Undoes it; called once, after the instruments were closed. It should not raise.

        Raises
        ------
        StationError, ConfigurationError
            The table is wrong; nothing was done, and nothing is opened.
        """
        ...


def keys_of(name: str) -> Mapping[str, type] | None:
    """Return the keys of the table ``[name]``: one that was declared, or that an installed plugin takes care of.

    ``None``: there is no such table. Raises :class:`~luthier.errors.PluginError` where the plugin does not work.
    """
    declared = declared_sections().get(name)
    if declared is not None or name not in plugins.registry("sections"):
        return declared
    return _plugin(name).keys


def prepared(description: StationDescription) -> Callable[[], None]:
    """Let the plugins that take care of tables of a file do what these ask for; return what undoes it.

    Raises what :meth:`Section.prepare` raises, with everything undone.
    """
    undo: list[Callable[[], None]] = []

    def undo_all() -> None:
        while undo:
            try:
                undo.pop()()
            except Exception:  # noqa: BLE001 - one that fails keeps no other from being undone
                _log.exception("%s: a section could not be undone", description.file)

    try:
        for name in description.document.data:
            if name != INSTRUMENTS and name not in declared_sections():
                undo.append(_plugin(name).prepare(description))  # noqa: PERF401 - one by one: the next may fail
    except BaseException:
        undo_all()
        raise
    return undo_all


def _plugin(name: str) -> Section:
    found = plugins.registry("sections").load(name)
    section = found() if isinstance(found, type) else found
    if not isinstance(section, Section):
        distribution = plugins.registry("sections").find(name).distribution
        raise BrokenPluginError(
            f"the plugin of {distribution} for the section [{name}] does not work: {found!r} has no keys and prepare()",
            state="Nothing was opened.",
            advice=f"Tell its authors; until then, another version of {distribution} may do.",
            kind="sections",
            name=name,
            distribution=distribution,
        )
    return section
