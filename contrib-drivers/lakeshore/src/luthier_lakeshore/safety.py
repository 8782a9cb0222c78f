"""What instruments with heaters have in common: they have to be the right model, and all heaters have to go off."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from luthier.errors import IdentityError

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Protocol

    from luthier_lakeshore.event_status import LakeShoreInstrument

    class Heater(Protocol):
        """What can be switched off."""

        def make_safe(self) -> None:
            """Switch it off."""


__all__ = ["make_all_safe", "require_model"]


def require_model(instrument: LakeShoreInstrument, model: str) -> None:
    """Raise :class:`~luthier.errors.IdentityError` where another model answers than the driver is for.

    ``model`` may end in ``*``, for what else is in the name of a version.
    """
    identity = instrument.idn
    if not fnmatchcase(identity.model, model):
        raise IdentityError(
            f"{identity.vendor} {identity.model} answers; expected: {model}, whose outputs the driver knows",
            who=instrument.who,
            state="Nothing was changed on it; the connection is closed.",
            advice="Check the address, or open it with the driver for that model.",
            expected=model,
            identity=str(identity),
        )


def make_all_safe(name: str, heaters: Collection[Heater]) -> None:
    """Switch heaters off; where one fails, the others are switched off all the same.

    Raises an :class:`ExceptionGroup` with all failures.
    """
    failures = []
    for heater in heaters:
        try:
            heater.make_safe()
        except Exception as failure:  # noqa: BLE001 - whatever it is, the other heaters have to be switched off
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"{name}: {len(failures)} of {len(heaters)} heaters may still be on", failures)
