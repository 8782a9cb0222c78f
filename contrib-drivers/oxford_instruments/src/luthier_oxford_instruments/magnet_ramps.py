"""Waiting for a magnet, which all the magnet supplies here have in common."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from luthier.errors import InstrumentFaultError, ResponseTimeoutError

if TYPE_CHECKING:
    from typing import Protocol

    from luthier import Parameter

    class MagnetSupply(Protocol):
        """What :func:`ramp_to` needs of a supply."""

        @property
        def field(self) -> Parameter[float]: ...
        @property
        def field_setpoint(self) -> Parameter[float]: ...
        @property
        def state(self) -> Parameter[str]: ...

        @property
        def who(self) -> str: ...

        def ramp_to_setpoint(self) -> None: ...
        def hold(self) -> None: ...
        def report_progress(self, fraction: float | None = None, text: str = "") -> None: ...


__all__ = ["ramp_to"]

_POLL: Final = 0.2  # s


def ramp_to(supply: MagnetSupply, field: float, *, timeout: float | None, tolerance: float) -> None:
    """Ramp to a field, and return when the supply holds there.

    Parameters
    ----------
    supply
        Any of this distribution.
    field, tolerance
        In T; how near it has to come.
    timeout
        In s; ``None``: as long as it takes.

    Raises
    ------
    InstrumentFaultError
        Something stopped it on the way.
    ResponseTimeoutError
        It is not there yet; it goes on.
    """
    supply.field_setpoint.set(field)
    start = supply.field.get()
    supply.ramp_to_setpoint()
    give_up = None if timeout is None else time.monotonic() + timeout
    try:
        while (state := supply.state.get()) == "ramping":
            now = supply.field.get()
            if field not in {now, start}:
                done = min(1.0, max(0.0, (now - start) / (field - start)))
                supply.report_progress(done, f"ramping, {now:.4g} T of {field:g} T")
            if give_up is not None and time.monotonic() > give_up:
                raise ResponseTimeoutError(
                    f"{field:g} T is not reached after {timeout:g} s; now {now:g} T",
                    who=supply.who,
                    state="It goes on ramping.",
                    advice="Call hold() to stop it, or wait until state is no more 'ramping'.",
                )
            time.sleep(_POLL)
    except KeyboardInterrupt:
        supply.hold()
        raise
    now = supply.field.get()
    if abs(now - field) > tolerance:
        raise InstrumentFaultError(
            f"the ramp to {field:g} T ended as {state!r} at {now:g} T",
            who=supply.who,
            state=f"The supply says {state!r}.",
            advice="Look for a quench, a limit, or somebody else who stopped it.",
        )
