"""Opening a connection that has faults: the transport option ``faults`` of every address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luthier import plugins
from luthier.errors import UsageError
from luthier.transport import transport_plugin_for

from luthier_sim.faults.plan import FaultPlan
from luthier_sim.faults.transport import FaultyTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from luthier.transport import Transport

__all__ = ["faulty_hardware", "open_faulty"]


def open_faulty(
    address: str,
    *,
    timeout: float | None = 5.0,
    write_termination: str = "\n",
    read_termination: str = "\n",
    options: Mapping[str, object] | None = None,
) -> Transport:
    r"""Open any address, and let things go wrong on the connection.

    Parameters
    ----------
    address
        As for the transport that serves it.
    timeout, write_termination, read_termination
        The same.
    options
        ``faults``
            A text or a list of texts, see :func:`~luthier_sim.parse_fault`.
        ``fault_seed``
            A whole number, of the dice; 0.

        What else there is belongs to the transport that serves the address.

    Raises
    ------
    UsageError
        One of them is no fault; nothing was opened. Further errors are those of the transport.
    """
    given = dict(options or {})
    if "faults" not in given:
        raise UsageError(
            "no faults are given",
            who=address,
            state="Nothing was opened.",
            advice='Give the instrument\'s own address, and transport_options={"faults": ["mute 1%"]}.',
        )
    faults, seed = given.pop("faults"), given.pop("fault_seed", 0)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise UsageError(
            f"the transport option fault_seed is {seed!r}: allowed are whole numbers", state="Nothing was opened."
        )
    plan = FaultPlan(faults, seed=seed)
    inner = _factory(address)(
        address,
        timeout=timeout,
        write_termination=write_termination,
        read_termination=read_termination,
        options=given or None,
    )
    return FaultyTransport(inner, plan)


def faulty_hardware(address: str, options: Mapping[str, object]) -> str | None:
    """Return the hardware behind an address, as the transport that serves it says."""
    says = getattr(_factory(address), "hardware", None)
    rest = {name: value for name, value in options.items() if name not in ("faults", "fault_seed")}
    found: str | None = None if says is None else says(address, rest)
    return found


def _factory(address: str) -> Any:
    return plugins.registry("transports").load(transport_plugin_for(address))


open_faulty.hardware = faulty_hardware  # type: ignore[attr-defined]  # which other processes are kept from
