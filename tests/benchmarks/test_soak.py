"""Hours of use in minutes: eight clients, random calls, servers killed and restarted; nothing is lost or leaks.

Ten minutes with ``SOAK_SECONDS=600``, otherwise twenty seconds. The seed is fixed.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from luthier import Instrument, parameter
from luthier.errors import ConnectionFaultError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = float(os.environ.get("SOAK_SECONDS", "20"))
CLIENTS = 8

pytestmark = [
    pytest.mark.timeout(SECONDS + 120),
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux lists them"),
]


class Worked(Instrument):
    level = parameter(float, initial=0.0)

    def echo(self, value: Any) -> Any:
        """Return what was given."""
        return value


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lu") as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUTHIER_RUNTIME_DIR", place)
        yield Path(place)


class Client:
    """One thread that calls, and counts what came back wrong."""

    def __init__(self, number: int, instruments: list[Any], stopped: threading.Event) -> None:
        self._random = random.Random(number)  # noqa: S311 - no secret
        self._number = number
        self._instruments = instruments
        self._stopped = stopped
        self.answers = self.interrupted = self.wrong = 0

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._call(self._random.choice(self._instruments))
                self.answers += 1
            except (ConnectionFaultError, UnknownNameError):  # killed, or not built anew yet
                self.interrupted += 1
                self._stopped.wait(0.01)

    def _call(self, instrument: Any) -> None:
        token = [self._number, self.answers, self._random.random()]
        match self._random.randrange(4):
            case 0:
                self.wrong += instrument.echo(token) != token
            case 1:
                instrument.level.set(float(self._number))
            case 2:
                self.wrong += instrument.level.get() not in range(CLIENTS)
            case _:
                instrument.snapshot()


def descriptors(pid: int | str) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def resident(pid: int | str) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_a_soak(folder: Path, figure: Callable[[str, str], None]) -> None:
    instruments: list[Any] = [Worked(f"w{number}", server_name=f"s{number % 2}") for number in range(4)]
    servers = [instruments[0].server, instruments[1].server]
    stopped = threading.Event()
    clients = [Client(number, instruments, stopped) for number in range(CLIENTS)]
    randomness = random.Random(1)  # noqa: S311 - no secret
    ending = time.monotonic() + SECONDS
    kills = 0
    threads, files, memory = threading.active_count(), descriptors("self"), resident("self")
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client.run) for client in clients]
        while time.monotonic() < ending:
            time.sleep(randomness.uniform(0.5, 2.0))
            server = randomness.choice(servers)
            if randomness.random() < 0.5:
                os.kill(server.pid, signal.SIGKILL)
            server.restart()
            kills += 1
        stopped.set()
        for one in running:
            one.result(30)
    assert sum(client.wrong for client in clients) == 0
    answers = sum(client.answers for client in clients)
    figure("soak: answers, interrupted calls, restarts", f"{answers}, {sum(c.interrupted for c in clients)}, {kills}")
    figure("soak: memory of the client before and after", f"{memory:.0f} MB, {resident('self'):.0f} MB")
    figure(
        "soak: threads, descriptors left of the client",
        f"{threading.active_count() - threads}, {descriptors('self') - files}",
    )
    assert threading.active_count() <= threads + 2
    assert descriptors("self") <= files + 6
    for server in servers:
        figure(
            f"soak: descriptors and memory of {server.name}",
            f"{descriptors(server.pid)}, {resident(server.pid):.0f} MB",
        )
    for instrument in instruments:
        instrument.close()
    for server in servers:
        server.stop()
    assert list(folder.iterdir()) == []
