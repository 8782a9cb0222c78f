"""What is known of one plugin and of one distribution, without importing either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from luthier.plugins.naming import id_key

if TYPE_CHECKING:
    from luthier.plugins.kinds import Kind

__all__ = ["Distribution", "PluginEntry", "State"]

State: TypeAlias = Literal["available", "loaded", "broken", "disabled", "incompatible", "shadowed", "ambiguous"]
"""What can be done with a plugin.

- ``available``: it can be loaded, as far as can be told without importing it.
- ``loaded``: it was loaded in this process.
- ``broken``: loading failed, or what its distribution declares makes no sense. Others are not affected.
- ``disabled``: switched off by ``LUTHIER_DISABLE``, ``LUTHIER_ONLY`` or ``LUTHIER_NO_HOOKS``, or by the user's file.
- ``incompatible``: written for a version of the plugin interface that this core does not offer.
- ``shadowed``: another distribution has the better claim on the id; ask for it as ``distribution:id``.
- ``ambiguous``: several distributions claim the id equally; ask for one as ``distribution:id``.
"""


@attrs.frozen
class PluginEntry:
    """One plugin, as its distribution declares it. A picture of one moment: it does not change when the plugin does.

    Attributes
    ----------
    kind
        ``"drivers"``, ``"transports"``, …
    id
        As the distribution spells it (``keithley.2400``).
    distribution
        The canonical name of the distribution (``luthier-keithley``).
    version
        The distribution's version; empty where its metadata do not say.
    value
        What is loaded: ``module`` or ``module:attribute``.
    state
        What can be done with it.
    reason
        Why the state is neither available nor loaded, in words; otherwise empty, or a remark.
    api
        The versions of the plugin interface that the distribution was written for; empty where it states none.
    location
        The folder of the distribution's metadata.
    """

    kind: Kind
    id: str
    distribution: str
    version: str
    value: str
    state: State = "available"
    reason: str = ""
    api: tuple[str, ...] = ()
    location: str = ""

    @property
    def qualified_id(self) -> str:
        """The id that means this plugin and no other: ``distribution:id``."""
        return f"{self.distribution}:{self.id}"

    @property
    def key(self) -> tuple[Kind, str, str]:
        """Kind, distribution and the id's common spelling: the same for every picture of one plugin."""
        return self.kind, self.distribution, id_key(self.id)

    def __str__(self) -> str:
        """Id, distribution and version, for messages."""
        return f"{self.id} ({f'{self.distribution} {self.version}'.rstrip()})"


@attrs.frozen
class Distribution:
    """An installed distribution that declares anything in a group of Luthier's.

    Attributes
    ----------
    name
        The canonical name (``luthier-keithley``).
    version
        Empty where its metadata do not say.
    location
        The folder of its metadata.
    api
        The versions of the plugin interface that it was written for; empty where it states none.
    manifest
        ``package:file`` of its static description; empty where there is none.
    """

    name: str
    version: str
    location: str
    api: tuple[str, ...] = ()
    manifest: str = ""
