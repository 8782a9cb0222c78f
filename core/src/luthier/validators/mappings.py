"""Dictionaries with known keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from luthier.errors import DeclarationError, ValidationError
from luthier.validators.bounds import switch
from luthier.validators.numpy_scalars import python_scalar
from luthier.validators.protocol import Validator, as_validator
from luthier.validators.wording import did_you_mean, listed, located, shown, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Dicts"]

_Entries = tuple[tuple[str, Validator], ...]


def _entries(schema: Mapping[str, Validator] | Iterable[tuple[str, Validator]]) -> _Entries:
    try:
        validators = dict(schema)
    except (TypeError, ValueError) as error:
        raise DeclarationError(f"{shown(schema)} was given, where validators by their keys are meant") from error
    for key in validators:
        if not isinstance(key, str):
            raise DeclarationError(f"the key {shown(key)} is not text")
    return tuple((key, as_validator(validator)) for key, validator in validators.items())


@attrs.frozen
class Dicts:
    """Mappings with text keys, as a new ``dict`` with each value checked.

    The keys of the result are in the order in which they were given.

    Parameters
    ----------
    required
        The keys that must be there, each with the validator of its value.
    optional
        The keys that may be there, each with the validator of its value.
    allow_extra
        Whether other keys, of any type and with any value, may be there too; they are returned as they are.

    Raises
    ------
    luthier.errors.DeclarationError
        If a key is not text or is both required and optional, or something is no validator.

    Examples
    --------
    >>> from luthier.validators import Ints, Numbers
    >>> pulse = Dicts({"width": Numbers(0)}, optional={"count": Ints(1)})
    >>> pulse.check({"width": 1, "count": 3})
    {'width': 1.0, 'count': 3}
    >>> pulse.check({"with": 1})
    Traceback (most recent call last):
    ...
    luthier.errors.ValidationError: the key 'with' is unknown. Did you mean 'width'?
    """

    required: _Entries = attrs.field(default=(), converter=_entries)
    optional: _Entries = attrs.field(default=(), converter=_entries)
    allow_extra: bool = attrs.field(default=False, converter=switch, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse a key that is declared twice."""
        both = sorted(dict(self.required).keys() & dict(self.optional).keys())
        if both:
            raise DeclarationError(f"required and optional at once: {listed(list(map(repr, both)))}")

    def check(self, value: object, /) -> dict[Any, Any]:
        """Return ``value`` as a new ``dict``; see :meth:`Validator.check`."""
        if not isinstance(value, Mapping):
            raise wrong_type(value, "a dict", self.describe)
        items = {python_scalar(key): item for key, item in value.items()}
        schema = dict(self.required + self.optional)
        self._check_keys(items, schema, value)
        for key, validator in schema.items():
            if key in items:
                items[key] = self._checked_item(key, validator, items[key], value)
        return items

    def describe(self, unit: str = "") -> str:
        """Say in words what is allowed."""
        keys = [f"{key!r} ({validator.describe(unit)})" for key, validator in self.required]
        keys += [f"optionally {key!r} ({validator.describe(unit)})" for key, validator in self.optional]
        keys += ["any other keys"] if self.allow_extra else []
        return f"a dict with {listed(keys)}" if keys else "an empty dict"

    def to_data(self) -> dict[str, Any]:
        """Return the validator as plain data."""
        return {
            "type": "dicts",
            "required": {key: validator.to_data() for key, validator in self.required},
            "optional": {key: validator.to_data() for key, validator in self.optional},
            "allow_extra": self.allow_extra,
        }

    def _check_keys(self, items: dict[Any, Any], schema: dict[str, Validator], value: object) -> None:
        for key in items:
            if key not in schema and not self.allow_extra:
                advice = did_you_mean(key, ((known, known) for known in schema))
                raise ValidationError(
                    f"the key {shown(key)} is unknown", value=value, allowed=self.describe(), advice=advice
                )
        missing = [repr(key) for key, _ in self.required if key not in items]
        if missing:
            noun = "key is" if len(missing) == 1 else "keys are"
            raise ValidationError(
                f"{len(missing)} {noun} missing: {listed(missing)}", value=value, allowed=self.describe()
            )

    def _checked_item(self, key: str, validator: Validator, item: object, value: object) -> Any:
        try:
            return validator.check(item)
        except ValidationError as error:
            raise located(error, f"key {shown(key)}", value, self.describe) from error
