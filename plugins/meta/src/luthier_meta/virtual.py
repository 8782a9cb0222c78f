"""Virtual parameters: what each is made of, and what setting it asks of the members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs
from luthier.errors import LuthierError, ValidationError, WrongTypeError
from luthier.parameter.conversion import build_encoder
from luthier.strategy import Action
from luthier.validators import shown

from luthier_meta.matrix import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from luthier import Parameter
    from luthier.parameter import Change

    from luthier_meta.combination import Combination
    from luthier_meta.selection import StrategyLike

__all__ = ["MemberValues", "Virtual", "alias_options", "common_unit", "moves_by_itself", "outdating", "spread_of_alias"]


@attrs.frozen(eq=False)
class Virtual:
    """What stands behind one virtual parameter.

    Attributes
    ----------
    members
        The parameters that it is made of, as far as they are known.
    strategy
        How it is set; ``None``: as the meta instrument says.
    spread
        From a value to what is asked of the members; ``None``: its own function sets it.
    combination, index
        Of a linear one: which row of what.
    """

    kind: Literal["alias", "group", "linear", "function"]
    members: tuple[Parameter[Any], ...]
    strategy: StrategyLike | None
    spread: Callable[[Any], Sequence[Action]] | None
    combination: Combination | None = None
    index: int = 0

    def stop(self) -> None:
        """Stop ramps of the members."""
        for member in self.members:
            member.stop()


@attrs.frozen(eq=False)
class MemberValues:
    """Accepts one value for each member, each as the member itself does; ``keys`` for a dictionary, else a tuple."""

    members: tuple[Parameter[Any], ...]
    keys: tuple[str, ...] | None = None

    def check(self, value: Any, /) -> Any:
        """Return ``value`` in canonical form: a tuple, or a dictionary in the order of the members."""
        accepted = []
        for member, item in zip(self.members, self._items(value), strict=True):
            try:
                accepted.append(member.check(item))
            except ValidationError as error:
                raise ValidationError(
                    f"{member.full_name} {error.what}", value=value, allowed=self.describe(), advice=error.advice
                ) from error
        return tuple(accepted) if self.keys is None else dict(zip(self.keys, accepted, strict=True))

    def _items(self, value: Any) -> list[Any]:
        if self.keys is not None and isinstance(value, dict):
            if set(value) == set(self.keys):
                return [value[key] for key in self.keys]
            raise ValidationError(f"the keys are {shown(list(value))}", value=value, allowed=self.describe())
        sequence = isinstance(value, (tuple, list)) or getattr(value, "ndim", 0) == 1
        if self.keys is not None or not sequence:
            raise WrongTypeError(f"{shown(value)} was given", value=value, allowed=self.describe())
        if len(value) != len(self.members):
            raise ValidationError(f"{shown(value)} has {len(value)} values", value=value, allowed=self.describe())
        return list(value)

    def describe(self, unit: str = "") -> str:  # noqa: ARG002 - each member has a unit of its own
        """Say in words what is allowed."""
        if self.keys is not None:
            return f"a dictionary with exactly {', '.join(map(repr, self.keys))}"
        return f"{len(self.members)} values, for {', '.join(member.full_name for member in self.members)}"

    def to_data(self) -> dict[str, Any]:
        """Return the words; only the members decide."""
        return {"type": "member-values", "opaque": True, "description": self.describe()}


def alias_options(target: Parameter[Any], options: dict[str, Any]) -> tuple[type, dict[str, Any]]:
    """Return type and options of a view of ``target``: those in ``options``, and the target's own for the rest."""
    defaults: dict[str, Any] = {"unit": target.unit, "label": target.label, "doc": target.doc}
    converted = {"mapping", "get_parser", "set_parser"}.intersection(options)
    scaled = {"scale", "offset"}.intersection(options)
    value_type: type = float if scaled else object if converted else target.type
    if not converted and not scaled:
        defaults |= {"validator": target.validator, "axes": target.axes}
        defaults["shape"] = tuple(
            (lambda _, axis=axis: target.shape[axis]) for axis in range(len(target.specification.shape))
        )
    if not converted and value_type in (float, int):
        scale, offset = exact(options.get("scale") or 1), exact(options.get("offset") or 0)
        low, high = (0, 1) if scale > 0 else (1, 0)

        def bound(side: int) -> float | None:
            end = target.limits[side]
            return None if end is None else float((exact(end) - offset) / scale)

        defaults |= {"minimum": lambda _: bound(low), "maximum": lambda _: bound(high)}
    return options.pop("type", value_type), {**defaults, **options}


def spread_of_alias(alias: Parameter[Any], target: Parameter[Any]) -> Callable[[Any], list[Action]]:
    """Return what turns a value of ``alias`` into what is asked of ``target``."""
    encode = build_encoder(alias.specification, textual=False)
    return lambda value: [Action(target, value if encode is None else encode(value))]


def moves_by_itself(parameter: Parameter[Any]) -> bool:
    """Tell whether setting ``parameter`` takes more than its members: a ramp, a pause or a condition of its own."""
    specification = parameter.specification
    return parameter.step is not None or bool(specification.settle) or specification.relevant_when is not None


def common_unit(members: Sequence[Parameter[Any]]) -> str:
    """Return the unit that all have; none where they differ."""
    units = {member.unit for member in members}
    return units.pop() if len(units) == 1 else ""


def outdating(parameter: Parameter[Any]) -> Callable[[Change], None]:
    """Return what marks ``parameter`` as no longer valid when a member changes."""

    def outdate(change: Change) -> None:
        if not _same(change.value, change.previous):
            parameter.cache.invalidate()

    return outdate


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    try:
        return bool(one == other)
    except (ValueError, LuthierError):  # arrays compare element by element
        return False
