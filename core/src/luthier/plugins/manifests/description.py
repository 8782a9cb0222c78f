"""What a distribution says of its plugins in its ``luthier.toml``, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from luthier.plugins.naming import id_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.plugins.kinds import Kind
    from luthier.scpi.identity import Identity

__all__ = ["DriverDescription", "IdentityRule", "Manifest", "PluginNote", "UsbRule"]


@attrs.frozen
class IdentityRule:
    """Patterns for the fields of the reply to ``*IDN?``, as of file names, in any case; ``None`` fits anything."""

    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None

    def fits(self, identity: Identity) -> bool:
        """Tell whether every field of `identity` fits."""
        return identity.matches(**attrs.asdict(self))

    def __str__(self) -> str:
        """Say what has to fit."""
        return ", ".join(f"{name} {pattern}" for name, pattern in attrs.asdict(self).items() if pattern is not None)


@attrs.frozen
class UsbRule:
    """USB devices: the vendor's number, the product's, and a pattern for the serial number; ``None`` fits anything."""

    vendor: int
    product: int | None = None
    serial: str | None = None

    def fits(self, vendor: int, product: int, serial: str) -> bool:
        """Tell whether a device fits."""
        from fnmatch import fnmatchcase  # noqa: PLC0415 - only detecting needs it

        numbers = vendor == self.vendor and self.product in {None, product}
        return numbers and (self.serial is None or fnmatchcase(serial.casefold(), self.serial.casefold()))

    def __str__(self) -> str:
        """Say what has to fit."""
        product = "any product" if self.product is None else f"product 0x{self.product:04x}"
        serial = "" if self.serial is None else f", serial {self.serial}"
        return f"USB vendor 0x{self.vendor:04x}, {product}{serial}"


@attrs.frozen
class DriverDescription:
    """What a distribution says of one driver.

    Attributes
    ----------
    id
        As the manifest spells it.
    title, vendor, models
        What it is ("2400 SourceMeter"), the maker, the models served.
    interfaces, capabilities
        Words of ``INTERFACES`` and ``CAPABILITIES`` in :mod:`luthier.plugins.manifests.layout`.
    families
        Ids of :data:`luthier.families.FAMILIES`.
    identity, usb
        What is detected as an instrument of this driver: any of the rules.
    simulator
        The id of its simulator; empty if there is none.
    manual, docs
        The manual that it follows, and a link to its documentation; empty where they are not given.
    verified
        What it was tried with, and how far: keys of ``VERIFICATIONS`` there.
    """

    id: str
    title: str
    vendor: str
    models: tuple[str, ...]
    interfaces: tuple[str, ...]
    capabilities: tuple[str, ...]
    families: tuple[str, ...]
    identity: tuple[IdentityRule, ...]
    usb: tuple[UsbRule, ...]
    simulator: str
    manual: str
    docs: str
    verified: Mapping[str, str]

    @classmethod
    def from_table(cls, plugin_id: str, table: Mapping[str, Any]) -> DriverDescription:
        """Make it of a table that was checked."""
        return cls(
            id=plugin_id,
            title=table["title"],
            vendor=table["vendor"],
            models=tuple(table.get("models", ())),
            interfaces=tuple(table["interfaces"]),
            capabilities=tuple(table.get("capabilities", ())),
            families=tuple(table.get("families", ())),
            identity=tuple(IdentityRule(**rule) for rule in table.get("identity", ())),
            usb=tuple(UsbRule(**rule) for rule in table.get("usb", ())),
            simulator=table.get("simulator", ""),
            manual=table.get("manual", ""),
            docs=table.get("docs", ""),
            verified=dict(table.get("verified", {})),
        )

    def as_plain(self) -> dict[str, Any]:
        """Return it as JSON data, without the id."""
        data = attrs.asdict(self, filter=lambda field, _: field.name not in {"id", "identity", "usb"})
        rules: dict[str, tuple[IdentityRule | UsbRule, ...]] = {"identity": self.identity, "usb": self.usb}
        written = {
            name: [attrs.asdict(rule, filter=lambda _, value: value is not None) for rule in found]
            for name, found in rules.items()
        }
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()} | written


@attrs.frozen
class PluginNote:
    """What a distribution says of a plugin that is no driver: a sentence, and a link or nothing."""

    summary: str
    docs: str = ""


@attrs.frozen
class Manifest:
    """What a distribution says of its plugins.

    Attributes
    ----------
    distribution
        The canonical name.
    file
        Where it was read, for messages.
    api
        The versions of the plugin interface that it was written for.
    docs
        Where the distribution is documented; empty where that is not said.
    drivers
        By :func:`~luthier.plugins.naming.id_key`.
    notes
        On all other plugins, by kind and ``id_key``.
    needs
        Modules that pip does not install, each with how to get it.
    redirects
        The ids (``id_key``) of renamed drivers, each with what it is called now, an id or ``distribution:id``.
    tombstones
        The ids (``id_key``) of drivers that are no more, each with a sentence.
    """

    distribution: str
    file: str
    api: tuple[str, ...]
    docs: str
    drivers: Mapping[str, DriverDescription]
    notes: Mapping[tuple[Kind, str], PluginNote]
    needs: Mapping[str, str]
    redirects: Mapping[str, str]
    tombstones: Mapping[str, str]

    def driver(self, plugin_id: str) -> DriverDescription | None:
        """Return what is said of a driver, in any spelling of its id; ``None`` if nothing is."""
        return self.drivers.get(id_key(plugin_id))
