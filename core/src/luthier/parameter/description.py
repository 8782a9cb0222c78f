"""What a live parameter is, as against what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from luthier.errors import UsageError
from luthier.plain import to_plain
from luthier.validators.wording import with_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from luthier.parameter.cache import Cache
    from luthier.parameter.host import Host
    from luthier.parameter.live import Parameter
    from luthier.parameter.specification import ParameterSpecification
    from luthier.validators import Validator

__all__ = ["DescribedParameter"]

T = TypeVar("T")


class DescribedParameter(Generic[T]):
    """The descriptive half of :class:`luthier.parameter.Parameter`: nothing here sends anything, unless it says so."""

    __slots__ = ("_extras", "cache", "host", "name", "specification")

    name: str
    """An identifier, unique within the instrument or channel."""
    specification: ParameterSpecification
    host: Host | None
    """The instrument or channel that it belongs to; ``None`` where it stands alone."""
    cache: Cache[T]
    """What is known without asking the instrument."""
    _extras: dict[str, Any] | None
    """Rare things, kept out of the slots so that a parameter nobody has touched stays small."""

    @property
    def type(self) -> type[T]:
        """The type of the value."""
        return self.specification.type

    @property
    def unit(self) -> str:
        """The SI unit of the value, as text; empty where it has none."""
        return self.specification.unit

    @property
    def label(self) -> str:
        """What stands on the axis of a plot. May be set."""
        given = (self._extras or {}).get("label") or self.specification.label
        return given or self.name.replace("_", " ").capitalize()

    @label.setter
    def label(self, label: str) -> None:
        self._extras_dict()["label"] = label

    @property
    def doc(self) -> str:
        """What the parameter means."""
        return self.specification.doc

    @property
    def validator(self) -> Validator | None:
        """What decides which values are accepted; ``None``: all are."""
        return self.specification.validator

    @property
    def full_name(self) -> str:
        """The name with those of channel and instrument: ``psu.ch1.voltage``."""
        return self.name if self.host is None else f"{self.host.full_name}.{self.name}"

    @property
    def gettable(self) -> bool:
        """Whether :meth:`get` can work."""
        return self._means("gettable", self.specification.get_cmd is not False)

    @property
    def settable(self) -> bool:
        """Whether :meth:`set` can work."""
        return self._means("settable", self.specification.set_cmd is not False)

    @property
    def holds_value(self) -> bool:
        """Whether the parameter itself is all there is: setting sends nothing, and reading asks nobody."""
        specification = self.specification
        elsewhere = specification.delegate is not None or bool(specification.group)
        return specification.get_cmd is None and specification.set_cmd is None and not elsewhere

    def _means(self, ability: str, own: bool) -> bool:
        if self.specification.delegate is not None:
            return bool(getattr(self.delegate, ability))
        if self.specification.group:
            return bool(getattr(self.sibling(self.specification.group), ability))
        return own

    @property
    def delegate(self) -> Parameter[Any]:
        """The parameter that this one is a view of (declared with ``delegate=``)."""
        delegate = self.specification.delegate
        if delegate is None:
            raise UsageError("is not a view of another parameter", who=self.full_name)
        return self.sibling(delegate) if isinstance(delegate, str) else delegate

    def sibling(self, path: str) -> Parameter[Any]:
        """Return another parameter of the same instrument by its path (``range``, ``ch1.voltage``)."""
        if self.host is None:
            raise UsageError(f"belongs to no instrument, so there is no parameter {path!r} to refer to", who=self.name)
        return self.host.find(path)

    @property
    def instrument(self) -> Any:
        """The instrument that this parameter belongs to, also through channels; ``None`` where it stands alone."""
        return getattr(self.host, "root", self.host)

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the value's axes now; ``()`` for a single value.

        May read the parameters that the lengths are taken from, where their caches are not valid.
        """
        return tuple(self._length(length) for length in self.specification.shape)

    def _length(self, length: int | str | Callable[[Any], int]) -> int:
        if isinstance(length, str):
            return int(self.sibling(length).known_or_read())
        return int(length(self.host)) if callable(length) else length

    @property
    def axes(self) -> tuple[Parameter[Any], ...]:
        """The array parameters that hold the setpoints of each axis of the value."""
        axes = self.specification.axes
        return tuple(self.sibling(axis) if isinstance(axis, str) else axis for axis in axes)

    def known(self) -> dict[str, Any]:
        """Return value, unit and label, with when and how the value came to be known, as plain JSON data."""
        return {
            "value": to_plain(self.cache.value),
            "unit": self.unit,
            "label": self.label,
            "timestamp": self.cache.timestamp,
            "origin": self.cache.origin,
            "valid": self.cache.valid,
        }

    def __repr__(self) -> str:
        """Name, last known value and unit."""
        if self.cache.origin is None:
            return f"<Parameter {self.full_name}: not read yet>"
        known = with_unit(self.cache.value, self.unit)
        return f"<Parameter {self.full_name}: {known}, {self.cache.origin} {self.cache.age:.3g} s ago>"

    def _extras_dict(self) -> dict[str, Any]:
        if self._extras is None:
            self._extras = {}
        return self._extras

    def _extra(self, key: str, make: Callable[[], Any]) -> Any:
        extras = self._extras_dict()
        if key not in extras:
            extras.setdefault(key, make())
        return extras[key]
