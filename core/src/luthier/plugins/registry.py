"""The plugins of one kind, found and loaded by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from luthier.plugins.catalogue import Catalogue
    from luthier.plugins.entry import PluginEntry
    from luthier.plugins.kinds import Kind

__all__ = ["Registry"]


class Registry:
    """The plugins of one kind.

    It holds nothing itself: it always speaks of the process's one scan, which the first question makes, and after
    :func:`luthier.plugins.refresh` of the new one. Several threads may use it.

    Ids are ``<namespace>.<name>`` (``keithley.2400``), or one word for what the project itself brings (``visa``). Case
    does not matter, nor ``-`` against ``_``. ``distribution:id`` means the plugin of that very distribution.

    Get one from :func:`luthier.plugins.registry`.
    """

    __slots__ = ("_kind",)

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    @property
    def kind(self) -> Kind:
        """The kind, ``"drivers"`` for example."""
        return self._kind

    def names(self) -> tuple[str, ...]:
        """List the ids that :meth:`load` accepts as they are, sorted. Nothing is imported.

        What is known not to work is left out: disabled, incompatible, broken, and ids that are ambiguous. An id that
        is listed may still turn out to be broken when it is loaded.
        """
        catalogue = self._catalogue()
        usable = [entry for entry in catalogue.entries(self._kind) if entry.state in {"available", "loaded"}]
        meant = [(entry, catalogue.claims(self._kind, entry.id)) for entry in usable]
        return tuple(entry.id for entry, claims in meant if [claim.key for claim in claims] == [entry.key])

    def entries(self) -> tuple[PluginEntry, ...]:
        """List every plugin of the kind whatever its state, in the order of ids, then of distributions."""
        return self._catalogue().entries(self._kind)

    def find(self, name: str) -> PluginEntry:
        """Return what is known of the plugin that `name` means, whatever its state. Nothing is imported.

        An id that a driver had once is understood where its distribution says so (``[redirects]`` of its manifest); a
        ``FutureWarning`` says what to write instead.

        Raises
        ------
        UnknownPluginError
            No installed plugin has that id.
        AmbiguousPluginError
            Several distributions claim it and none has the better claim.
        """
        return self._find(self._catalogue(), name)

    def load(self, name: str) -> object:
        """Import the plugin that `name` means and return the object, the same one each time.

        A plugin that fails does not harm the others; its state says why. It is tried again at the next call. With
        ``LUTHIER_STRICT_PLUGINS=1`` the failure itself is raised instead of a ``BrokenPluginError``.

        Raises
        ------
        UnknownPluginError, AmbiguousPluginError
            As :meth:`find`.
        DisabledPluginError
            It is switched off by the environment.
        IncompatiblePluginError
            It was written for a version of the plugin interface that this core does not offer.
        BrokenPluginError
            Its import failed in any way (also by ``sys.exit``), or what it gave is no plugin of this kind. The cause
            is chained. ``KeyboardInterrupt`` alone passes through as it is.
        """
        from luthier.plugins.loading import load  # noqa: PLC0415 - listing plugins loads none

        catalogue = self._catalogue()
        return load(catalogue, self._find(catalogue, name))

    def __contains__(self, name: object) -> bool:
        """Tell whether `name` means a plugin of this kind, or several; whether it can be loaded does not matter."""
        return isinstance(name, str) and bool(self._catalogue().claims(self._kind, name))

    def __repr__(self) -> str:
        """Say what it is, without scanning."""
        return f"<registry of {self._kind}>"

    def _find(self, catalogue: Catalogue, name: str) -> PluginEntry:
        claims = catalogue.claims(self._kind, name)
        if len(claims) == 1:
            return claims[0]
        from luthier.plugins import missing, moved  # noqa: PLC0415 - only old names and mistakes need it

        claims = claims or moved.follow(catalogue, self._kind, name)
        if len(claims) == 1:
            return claims[0]
        raise missing.ambiguous(self._kind, name, claims) if claims else missing.unknown(catalogue, self._kind, name)

    @staticmethod
    def _catalogue() -> Catalogue:
        from luthier.plugins.catalogue import current  # noqa: PLC0415 - importing luthier scans nothing

        return current()
