"""Meta instruments that users write themselves, as subclasses of Instrument that are given instruments."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent import futures
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATIENCE = 10.0


class Base(Instrument):
    """Holds a value in an attribute that has the parameter's name."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.x = 0
        self.together: threading.Barrier | None = None
        self.add_parameter("x", get_cmd=self.getx, set_cmd=self.setx)

    def getx(self) -> int:
        return self.x

    def setx(self, val: int) -> None:
        if self.together is not None:
            self.together.wait()
        self.x = val


class Meta(Instrument):
    """Drives what it was given."""

    shared_kwargs = ("instruments",)

    def __init__(self, name: str, instruments: Sequence[Instrument] = (), **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._instrument_list = list(instruments)
        for gate in range(len(self._instrument_list)):
            self._add_gate(gate)
        self.add_parameter("setBoth", set_cmd=partial(self._set_both))
        self.add_parameter("setBothAsync", set_cmd=partial(self._set_async))

    def add_instrument(self, instrument: Instrument) -> None:
        self._instrument_list.append(instrument)
        self._add_gate(len(self._instrument_list) - 1)

    def _add_gate(self, gate: int) -> None:
        self.add_parameter(f"c{gate}", get_cmd=partial(self._get, gate=gate), set_cmd=partial(self._set, gate=gate))

    def _set_both(self, value: int) -> None:
        for i in self._instrument_list:
            i.set("x", value)

    def _set_async(self, value: int) -> None:
        with futures.ThreadPoolExecutor(max_workers=len(self._instrument_list)) as executor:
            jobs = [executor.submit(partial(i.set, "x"), value) for i in self._instrument_list]
            futures.wait(jobs)

    def _get(self, gate: int) -> Any:
        value = self._instrument_list[gate].get("x")
        logging.getLogger(__name__).debug("Meta get gate %s", value)
        return value

    def _set(self, value: int, gate: int) -> None:
        self._instrument_list[gate].set("x", value)


@pytest.fixture
def bases(opened: Callable[..., Any]) -> list[Base]:
    return [opened(Base, name) for name in ("base1", "base2")]


def test_a_meta_instrument_of_ones_own_drives_what_it_was_given(opened: Callable[..., Any], bases: list[Base]) -> None:
    meta = opened(Meta, "meta", instruments=bases)
    meta.c1.set(25)
    assert (meta.c1.get(), bases[1].get("x"), bases[0].get("x")) == (25, 25, 0)
    bases[1].set("x", 1)
    assert meta.c1.get() == 1
    meta.setBoth(7)
    assert [base.get("x") for base in bases] == [7, 7]


def test_its_members_can_be_set_at_the_same_time(opened: Callable[..., Any], bases: list[Base]) -> None:
    together = threading.Barrier(2, timeout=PATIENCE)
    for base in bases:
        base.together = together
    opened(Meta, "meta", instruments=bases).setBothAsync(3)
    assert [base.get("x") for base in bases] == [3, 3]


def test_it_can_be_made_first_and_given_its_members_later(opened: Callable[..., Any], bases: list[Base]) -> None:
    meta = opened(Meta, "meta")
    for base in bases:
        meta.add_instrument(base)
    meta.c0(4)
    assert bases[0].get("x") == 4


def test_instruments_are_awaited_together(bases: list[Base]) -> None:
    together = threading.Barrier(2, timeout=PATIENCE)
    for base in bases:
        base.together = together

    async def work() -> list[Any]:
        await asyncio.gather(*(base["x"].aset(5) for base in bases))
        return await asyncio.gather(*(base["x"].aget() for base in bases))

    assert asyncio.run(work()) == [5, 5]
