"""Each fault meets each kind of connection, through a driver: the right error in the right time, and then in step."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from luthier import parameter
from luthier.errors import (
    ConnectionLostError,
    InstrumentReportedError,
    LuthierError,
    OutOfStepError,
    ReplyError,
    ResponseTimeoutError,
)
from luthier.instrument import ScpiInstrument
from luthier_sim import ScpiDevice, inject, query, serve, setting
from luthier_sim.device_dialogue import DeviceDialogue
from luthier_visa import MessageTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_sim import FaultPlan, Served

TIMEOUT = 0.1  # seconds, while something goes wrong
LATE = 0.25


class SimulatedSupply(ScpiDevice):
    """A supply whose replies can be broken."""

    identity = "ACME,SUPPLY,1,0"
    voltage = setting("VOLTage", 0.0, form="{:+.1E}")

    @query("MEASure:CURRent?", form="{:+.1E}")
    def current(self) -> float:
        return 0.25


class Supply(ScpiInstrument):
    """The driver."""

    voltage = parameter(float, get_cmd="VOLT?", set_cmd="VOLT {}", unit="V")
    current = parameter(float, get_cmd="MEAS:CURR?", unit="A")


@attrs.define
class Bench:
    """A driver and the device that it reaches."""

    way: str
    device: SimulatedSupply
    stack: ExitStack
    served: Served | None = None
    supply: Supply = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Open the driver."""
        if self.way in ("socket", "hislip", "pty"):
            port = 0 if self.way == "socket" else None
            hislip = 0 if self.way == "hislip" else None
            self.served = self.stack.enter_context(serve(self.device, port=port, hislip=hislip, pty=self.way == "pty"))
        self.open()

    def open(self) -> None:
        """Open the driver, anew where its connection was lost."""
        if self.served is None:
            dialogue = DeviceDialogue(self.device)
            wire = MessageTransport("sim", dialogue, lock=self.device.lock)
            supply = Supply("supply", transport=wire)
        else:
            options = {} if self.way == "socket" else {"backend": "@py"}
            supply = Supply("supply", self.served.address, transport_options=options)
        self.supply = self.stack.enter_context(supply)

    @contextmanager
    def going_wrong(self, *faults: str) -> Iterator[FaultPlan]:
        """Let things go wrong on the wire, or between the driver and its connection."""
        with inject(self.supply if self.way == "wrapped" else self.device, *faults) as plan:
            self.supply.timeout = TIMEOUT
            yield plan
        if not self.supply.closed:
            self.supply.timeout = 5.0

    def trusted(self) -> bool:
        """Tell whether the driver trusts the last value of the voltage."""
        return self.supply.voltage.cache.valid

    def in_step(self) -> None:
        """Ask until an answer comes, which has to be the right one."""
        self.supply.timeout = 1.0
        give_up = time.monotonic() + 10
        while True:
            try:
                assert self.supply.voltage.get() == self.device.voltage
                assert self.supply.current.get() == 0.25
            except ResponseTimeoutError:
                assert time.monotonic() < give_up
            except ConnectionLostError:
                self.open()
            else:
                return


WAYS = ["wrapped", "in process", "socket", "hislip", "pty"]


@pytest.fixture(params=WAYS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Yield a driver on each kind of connection."""
    if request.param == "pty" and not hasattr(os, "openpty"):
        pytest.skip("this system has no pseudo-terminals")
    with ExitStack() as stack:
        yield Bench(request.param, SimulatedSupply(), stack)


@pytest.mark.parametrize(
    ("fault", "error", "least"),
    [
        ("mute at 1", ResponseTimeoutError, TIMEOUT),
        ("half at 1", ResponseTimeoutError, TIMEOUT),
        (f"latency {LATE} at 1", ResponseTimeoutError, TIMEOUT),
        (f"busy {LATE} at 1", ResponseTimeoutError, TIMEOUT),
        (f"drip {LATE} at 1", ResponseTimeoutError, TIMEOUT),
        ("garbage at 1", ReplyError, 0.0),
        ("disconnect-before at 1", ConnectionLostError, 0.0),
        ("disconnect-after at 1", ConnectionLostError, 0.0),
    ],
    ids=lambda value: str(value).split()[0],
)
def test_a_question_that_goes_wrong(bench: Bench, fault: str, error: type[LuthierError], least: float) -> None:
    if bench.way == "pty" and error is ConnectionLostError:
        pytest.skip("a serial line is not hung up")
    bench.supply.voltage.set(1.5)
    began = time.monotonic()
    with bench.going_wrong(f"{fault} on VOLT") as plan:
        with pytest.raises(error, match="supply"):
            bench.supply.voltage.get()
        took = time.monotonic() - began
        assert least <= took < least + 3.0
        assert [kind for _, kind in plan.happened] == [fault.split(maxsplit=1)[0]]
        bench.in_step()
    assert bench.device.voltage == 1.5


@pytest.mark.parametrize(
    ("fault", "took_effect"),
    [
        ("disconnect-before at 1", False),
        ("disconnect-after at 1", True),
        (f"busy {LATE} at 1", None),
        ("error -222 at 1", True),
    ],
    ids=lambda value: str(value).split()[0],
)
def test_a_set_that_goes_wrong_leaves_no_trusted_value(bench: Bench, fault: str, *, took_effect: bool | None) -> None:
    if bench.way == "pty" and "disconnect" in fault:
        pytest.skip("a serial line is not hung up")
    bench.supply.voltage.set(1.5)
    assert bench.trusted()
    with bench.going_wrong(f"{fault} on VOLT"):
        with pytest.raises((ConnectionLostError, ResponseTimeoutError, InstrumentReportedError)) as caught:
            bench.supply.voltage.set(2.5)
        assert caught.value.sent != "no"
        assert not bench.trusted()
        bench.in_step()
    if took_effect is not None:
        assert bench.device.voltage == (2.5 if took_effect else 1.5)


def test_a_reply_that_comes_slowly_or_late_is_waited_for(bench: Bench) -> None:
    bench.device.voltage = 1.5
    for fault, least in (("latency 0.05", 0.05), ("drip 0.005", 8 * 0.005), ("busy 0.05", 0.05)):
        with bench.going_wrong(f"{fault} at 1 on VOLT"):
            began = time.monotonic()
            assert bench.supply.voltage.get() == 1.5
            assert time.monotonic() - began >= least


def test_a_stale_reply_is_noticed_where_it_does_not_fit(bench: Bench) -> None:
    with bench.going_wrong("previous on VOLT"):
        assert bench.supply.query("*IDN?") == "ACME,SUPPLY,1,0"
        with pytest.raises(ReplyError):
            bench.supply.voltage.get()
    bench.in_step()


def test_another_instrument_may_answer(bench: Bench) -> None:
    with bench.going_wrong("identity"):
        assert bench.supply.idn.vendor == "ANOTHER MAKER"
    assert bench.supply.query("*IDN?") == "ACME,SUPPLY,1,0"


@pytest.mark.parametrize("bench", ["wrapped", "in process", "socket"], indirect=True)
def test_a_flood_is_dammed(bench: Bench) -> None:
    bench.device.voltage = 1.5
    with bench.going_wrong("flood at 1 on VOLT"):
        began = time.monotonic()
        with pytest.raises(OutOfStepError):
            bench.supply.voltage.get()
        assert time.monotonic() - began < 10
        bench.in_step()


def test_dice_fall_the_same_way_again(bench: Bench) -> None:
    def outcomes() -> list[str]:
        bench.open()
        with bench.going_wrong("garbage 30%", "error 10% on CURR") as plan:
            for _ in range(20):
                with_suppressed(bench.supply)
        return [kind for _, kind in plan.happened]

    def with_suppressed(supply: Any) -> None:
        for name in ("voltage", "current"):
            try:
                supply.get(name)
            except LuthierError:
                continue

    first = outcomes()
    assert first == outcomes()
    assert first.count("garbage") in range(4, 24)
