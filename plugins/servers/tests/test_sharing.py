"""Several processes and many threads use the same instruments."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier.errors import BusyError, UsageError, ValidationError
from luthier_servers import messages
from luthier_servers.endpoints import dial
from luthier_servers.frames import FrameSocket

from .lab import Base, Meta, Motor, SlowBase, Source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 10.0


def eventually(holds: Callable[[], object], *, within: float = PATIENCE) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def elsewhere(text: str) -> str:
    """Run a script in another process, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import luthier\n{text}"], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.usefixtures("folder")
def test_another_process_sees_and_makes_changes() -> None:
    with Source("src", server_name="foo") as source:
        source.voltage.set(0.25)
        told: list[Any] = []
        heard = threading.Event()

        def hear(change: Any) -> None:
            told.append((change.value, change.origin))
            heard.set()

        with source.voltage.subscribe(hear):
            heard.clear()
            told.clear()
            printed = elsewhere(
                "src = luthier.connect('foo', 'src')\n"
                "print(src.voltage.cache.value, src.voltage(), type(src.mode(2) or src.mode()).__name__)\n"
                "src.voltage(0.5)"
            )
            assert printed == "0.25 0.25 Mode"
            eventually(lambda: source.voltage.cache.value == 0.5)
            eventually(lambda: (0.5, "pushed") in told)
        assert source.mode.get().name == "AC"


@pytest.mark.usefixtures("folder")
def test_what_a_meta_does_to_a_member_is_told_to_those_who_watch_the_member() -> None:
    with Base("one", server_name="a") as one, Meta("meta", instruments=[one], server_name="b") as meta:
        meta["c0"].set(9)
        eventually(lambda: one["x"].cache.value == 9)
        assert one["x"].cache.origin == "pushed"


@pytest.mark.usefixtures("folder")
def test_additions_are_told_to_others() -> None:
    with Source("src", server_name="foo") as source:
        elsewhere("luthier.connect('foo', 'src').grow('extra')")
        eventually(lambda: "extra" in source.parameters)


@pytest.mark.usefixtures("folder")
def test_closing_what_was_only_connected_to_closes_nothing() -> None:
    with Source("src", server_name="foo") as source:
        luthier.connect("foo", "src").close()
        with luthier.connect("foo") as server:
            assert server.names() == ["src"]
            assert server["src"].voltage() == 1.0
        assert source.voltage.get() == 1.0


@pytest.mark.usefixtures("folder")
def test_two_instruments_of_one_server_work_at_the_same_time_and_one_does_one_thing() -> None:
    delay = 0.3
    with (
        SlowBase("one", delay, server_name="foo") as one,
        SlowBase("two", delay, server_name="foo") as two,
        ThreadPoolExecutor(2) as pool,
    ):
        started = time.monotonic()
        for call in [pool.submit(instrument["x"].set, 1) for instrument in (one, two)]:
            call.result(PATIENCE)
        assert time.monotonic() - started < 1.5 * delay
        started = time.monotonic()
        for call in [pool.submit(one["x"].set, value) for value in (1, 2)]:
            call.result(PATIENCE)
        assert time.monotonic() - started >= 2 * delay


@pytest.mark.usefixtures("folder")
def test_a_server_answers_about_itself_while_an_instrument_is_busy() -> None:
    with SlowBase("one", 1.0, server_name="foo") as one, ThreadPoolExecutor(1) as pool:
        server = one.server
        call = pool.submit(one["x"].set, 1)
        eventually(lambda: server.ping()["instruments"]["one"]["busy"])
        started = time.monotonic()
        assert "set one.x" in server.ping()["instruments"]["one"]["busy"]["what"]
        assert server.names() == ["one"]
        with luthier.connect("foo", "one") as other:
            assert other["x"].cache.value in (None, 0)
        assert time.monotonic() - started < 0.5
        call.result(PATIENCE)


@pytest.mark.usefixtures("folder")
def test_who_holds_a_lock_has_the_instrument_alone_also_through_a_meta() -> None:
    with (
        Base("one", server_name="a") as one,
        Meta("meta", instruments=[one], server_name="b") as meta,
        Meta("same", instruments=[one], server_name="a") as same,
        ThreadPoolExecutor(1) as pool,
    ):
        proxy: Any = one
        with proxy.lock(1) as locked:
            locked["x"].set(1)
            meta["c0"].set(2)  # what works for the holder is let in
            same["c0"].set(3)
            assert proxy["x"].get() == 3
            other = pool.submit(one["x"].set, 100)
            assert not other.done()
            assert proxy["x"].get() == 3
        other.result(PATIENCE)
        assert proxy["x"].get() == 100


@pytest.mark.usefixtures("folder")
def test_a_lease_is_for_all_or_none() -> None:
    with Base("one", server_name="foo") as one, Base("two", server_name="foo") as two:
        server = one.server
        first: Any = one
        with ThreadPoolExecutor(1) as pool, first.lock(1):
            refused = pool.submit(lambda: server.lease("one", "two", timeout=0.05).__enter__())
            assert isinstance(refused.exception(PATIENCE), BusyError)
            two["x"].set(1)  # was given back
        with server.lease("one", "two") as lease:
            one["x"].set(2)
            lease.renew(60)
            assert (
                elsewhere(
                    "from luthier.errors import BusyError\n"
                    "one = luthier.connect('foo', 'one')\n"
                    "one.deadline = 0.2\n"
                    "try:\n    one.x.set(5)\nexcept TimeoutError:\n    print('waits')"
                )
                == "waits"
            )
        assert one["x"].get() == 2


@pytest.mark.usefixtures("folder")
def test_a_lease_that_is_not_renewed_ends() -> None:
    with Base("one", server_name="foo") as one:
        server = one.server
        with server.lease("one", duration=0.05) as lease:
            assert elsewhere("one = luthier.connect('foo', 'one'); one.x.set(5); print(one.x())") == "5"
            with pytest.raises(UsageError, match="it may have ended"):
                lease.renew(1)


@pytest.mark.usefixtures("folder")
def test_a_method_that_has_to_get_through_does() -> None:
    with Motor("motor", server_name="foo") as motor, ThreadPoolExecutor(1) as pool:
        moving = pool.submit(motor.move)
        server: Any = motor.server
        eventually(lambda: server.ping()["instruments"]["motor"]["busy"])
        motor.abort()
        assert moving.result(PATIENCE) == "aborted"


LAB = """
[instruments.psu]
driver = "./supply.py:Supply"
server = "foo"
limits = { voltage = [-1, 1] }
initial = { voltage = 0.25 }
"""

SUPPLY = """
from luthier import Instrument, parameter
from luthier.validators import Numbers

class Supply(Instrument):
    voltage = parameter(float, initial=0.5, unit="V", validator=Numbers(-10, 10))

    def make_safe(self):
        self.voltage.set(0.0)
"""


@pytest.mark.usefixtures("folder")
def test_a_lab_can_put_its_instruments_on_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lab.toml").write_text(LAB)
    (tmp_path / "supply.py").write_text(SUPPLY)
    monkeypatch.chdir(tmp_path)
    with luthier.Station("lab.toml") as lab:
        assert lab.psu.server.names() == ["psu"]
        assert lab.psu.voltage() == 0.25
        with pytest.raises(ValidationError, match="allowed: -1 V to 1 V"):
            lab.psu.voltage(2)
        assert lab.snapshot()["instruments"]["psu"]["parameters"]["voltage"]["value"] == 0.25


@pytest.mark.slow
@pytest.mark.usefixtures("folder")
def test_sixty_four_clients_at_once_each_get_their_own_answers() -> None:
    with Source("src", server_name="foo") as source:

        def ask(number: int) -> bool:
            return all(source.echo([number, index]) == [number, index] for index in range(20))

        with ThreadPoolExecutor(64) as pool:
            assert all(pool.map(ask, range(64)))


@pytest.mark.usefixtures("folder")
def test_a_subscriber_that_does_not_read_slows_nobody() -> None:
    with Source("src", server_name="foo") as source:
        frames = FrameSocket(dial("foo"))
        frames.send(messages.encode(messages.Hello(1, versions=[1], kind="events", session="lazy")))
        assert frames.receive() is not None
        started = time.monotonic()
        for _ in range(50):
            source.anything.set("x" * 100_000)
        assert time.monotonic() - started < 5
        frames.close()


@pytest.mark.usefixtures("folder")
def test_a_batch_in_parallel_sets_each_instrument_by_itself() -> None:
    delay = 0.3
    with SlowBase("one", delay, server_name="foo") as one, SlowBase("two", delay, server_name="foo") as two:
        items = [messages.Item("set", name, "x", 4) for name in ("one", "two")]
        started = time.monotonic()
        server: Any = one.server
        results = server._link.ask(messages.Batch(0, items=items, parallel=True))
        assert time.monotonic() - started < 1.5 * delay
        assert results == [{"value": 4}, {"value": 4}]
        assert (one["x"].get(), two["x"].get()) == (4, 4)
