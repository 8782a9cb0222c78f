"""Hours of use in minutes: clients in threads and in processes, random calls, servers and clients killed.

Run as a program this is one client: ``python soak.py NUMBER``; it calls until its standard input ends, and then prints
what it counted.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import luthier
import numpy as np
from luthier import Instrument, parameter
from luthier.errors import ConnectionFaultError, LuthierError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from types import TracebackType

THREADS = PROCESSES = 4
SERVERS = ("s0", "s1", "steady")
INSTRUMENTS = {f"w{number}": SERVERS[number % 3] for number in range(6)}
HANGING = 60.0
"""Seconds after which a call that has not ended counts as hanging."""


class Worked(Instrument):
    level = parameter(float, initial=0.0)

    def echo(self, value: Any) -> Any:
        """Return what was given."""
        return value


class Client:
    """Calls at random, and counts what came back wrong."""

    def __init__(self, number: int, instruments: list[Any], stopped: threading.Event) -> None:
        self._random = random.Random(number)  # noqa: S311 - no secret
        self._number = number
        self._instruments = instruments
        self._stopped = stopped
        self.answers = self.interrupted = self.wrong = 0

    def run(self) -> None:
        """Call until told to stop."""
        while not self._stopped.is_set():
            try:
                self._call(self._random.choice(self._instruments))
                self.answers += 1
            except (ConnectionFaultError, UnknownNameError):  # killed, or not built anew yet
                self._note_interruption()
            except UsageError as error:
                if "there is no lease" not in str(error):  # it ended with its server
                    raise
                self._note_interruption()

    def _note_interruption(self) -> None:
        self.interrupted += 1
        self._stopped.wait(0.01)

    def _call(self, instrument: Any) -> None:
        token = [self._number, self.answers, self._random.random()]
        match self._random.randrange(7):
            case 0:
                self.wrong += instrument.echo(token) != token
            case 1:
                array = np.full(self._random.randrange(1, 5000), self._random.random())
                self.wrong += not np.array_equal(instrument.echo(array), array)
            case 2:
                instrument.level.set(float(self._number))
            case 3:
                self.wrong += instrument.level.get() not in range(THREADS + PROCESSES)
            case 4:
                self.wrong += len(luthier.get_many([instrument.level, instrument.level])) != 2
            case 5:
                self._have_alone(instrument)
            case _:
                self.wrong += instrument.snapshot()["name"] != instrument.name

    def _have_alone(self, instrument: Any) -> None:
        mine = float(self._number)
        with instrument.lock(timeout=HANGING):
            instrument.level.set(mine)
            found = instrument.level.get()
        self.wrong += found != mine


class ClientProcess:
    """A client that is a process of its own."""

    def __init__(self, number: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_for_first_call(self) -> None:
        """Wait until it is connected."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "calling\n"

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.communicate()

    def counts(self) -> dict[str, int]:
        """Let it end, and return what it counted."""
        out, _ = self._process.communicate(timeout=HANGING)
        assert self._process.returncode == 0
        counted: dict[str, int] = json.loads(out.removeprefix("calling\n"))
        return counted


class Use:
    """What a process uses: descriptors, threads, and memory in MB."""

    def __init__(self, pid: int | str = "self") -> None:
        place = Path(f"/proc/{pid}")
        self.descriptors = len(list((place / "fd").iterdir()))
        self.threads = len(list((place / "task").iterdir()))
        self.memory = int((place / "statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def __str__(self) -> str:
        return f"{self.descriptors} descriptors, {self.threads} threads, {self.memory:.0f} MB"


class Soak:
    """One run of all of it; everything has ended with the ``with`` block, whatever happened in it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._stopped = threading.Event()
        self.restarts = self.killed_servers = self.killed_clients = 0
        self.counts = {"answers": 0, "interrupted": 0, "wrong": 0}

    def __enter__(self) -> Self:
        self._instruments: list[Any] = [Worked(name, server_name=server) for name, server in INSTRUMENTS.items()]
        self.servers = {one.server.name: one.server for one in self._instruments}
        self._clients = [Client(number, self._instruments, self._stopped) for number in range(THREADS)]
        self._pool = ThreadPoolExecutor(THREADS)
        self._threads = [self._pool.submit(client.run) for client in self._clients]
        self._processes = [ClientProcess(number) for number in range(THREADS, THREADS + PROCESSES)]
        for process in self._processes:
            process.wait_for_first_call()
        return self

    def run(self, seconds: float) -> None:
        """Disturb for so long."""
        ending = time.monotonic() + seconds
        while time.monotonic() < ending:
            self._stopped.wait(self._random.uniform(0.2, 1.0))
            self._disturb()

    def _disturb(self) -> None:
        for failed in [thread for thread in self._threads if thread.done()]:
            failed.result()
        server = self.servers[self._random.choice(SERVERS[:2])]
        match self._random.randrange(4):
            case 0:
                server.restart()
            case 1:
                os.kill(server.pid, signal.SIGKILL)
                self.killed_servers += 1
                server.restart()
            case 2:
                os.kill(server.pid, signal.SIGKILL)
                self.killed_servers += 1
                with ThreadPoolExecutor(2) as pool:  # one restart for both
                    for asked in [pool.submit(server.restart) for _ in range(2)]:
                        asked.result(HANGING)
            case _:
                self._replace_client()
                return
        self.restarts += 1

    def _replace_client(self) -> None:
        index = self._random.randrange(PROCESSES)
        self._processes[index].kill()
        self.killed_clients += 1
        self._processes[index] = ClientProcess(THREADS + index)

    def count(self) -> None:
        """Let all clients end, and add up what they counted."""
        self._stopped.set()
        for thread in self._threads:
            thread.result(HANGING)
        counted = [vars(client) for client in self._clients] + [process.counts() for process in self._processes]
        for name in self.counts:
            self.counts[name] = sum(one[name] for one in counted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stopped.set()
        for process in self._processes:
            process.kill()
        self._pool.shutdown()
        for instrument in self._instruments:
            instrument.close()
        for server in self.servers.values():
            server.stop()


def _connect() -> list[Any]:
    """Reach all instruments, also while a server is being started again."""
    deadline = time.monotonic() + HANGING
    while True:
        try:
            return [luthier.connect(server, name) for name, server in INSTRUMENTS.items()]
        except LuthierError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def main() -> None:
    """Be a client until the standard input ends."""
    stopped = threading.Event()
    client = Client(int(sys.argv[1]), _connect(), stopped)

    def follow() -> None:
        sys.stdin.read()
        stopped.set()

    threading.Thread(target=follow, daemon=True).start()
    sys.stdout.write("calling\n")
    sys.stdout.flush()
    client.run()
    counted = {"answers": client.answers, "interrupted": client.interrupted, "wrong": client.wrong}
    sys.stdout.write(json.dumps(counted))


if __name__ == "__main__":
    main()
