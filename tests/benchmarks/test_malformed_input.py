"""Served simulators under malformed input: none crashes or is wedged, and memory stays level.

``FUZZ_SECONDS=3600 pytest tests/benchmarks/test_malformed_input.py -s`` goes on for an hour; 15 s by default. Messages
are those of the drivers, cut, repeated and spoiled, and bytes of any kind; all from one seed (``FUZZ_SEED``).
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import plugins
from luthier.errors import LuthierError
from luthier_sim import ScpiDevice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECONDS = float(os.environ.get("FUZZ_SECONDS", "15"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
PATIENCE = 20.0
GROWTH = 24.0
"""MB that the process that serves may grow after the first third: what is cached for messages, and no more."""

SPOILERS = [
    b"\x00",
    b"\xff",
    b";",
    b"::",
    b'"',
    b"'",
    b"#9",
    b"#0",
    b"(@1:999999)",
    b"9e999",
    b"\n",
    b"?",
    b",",
    b"1" * 300,
]


def _simulators() -> list[str]:
    registry = plugins.registry("simulators")
    loaded = {name: registry.load(name) for name in registry.names()}
    return [name for name, kind in loaded.items() if isinstance(kind, type) and issubclass(kind, ScpiDevice)]


def _messages(driver: str) -> list[bytes]:
    """Return what the driver says to its simulator when every parameter is read."""
    with suppress(LuthierError), luthier.open(driver, "sim://", name="words") as instrument:
        found = {
            message
            for parameter in instrument.parameters.values()
            for message in (parameter.specification.get_cmd, parameter.specification.set_cmd)
            if isinstance(message, str)
        }
        return [message.replace("{}", "1.5").encode() for message in sorted(found)]
    return []


@contextmanager
def _served(names: list[str]) -> Iterator[tuple[int, dict[str, int]]]:
    command = [str(Path(sys.executable).with_name("luthier")), "sim", "serve", *names, "--json", "--until-input-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listed: list[dict[str, Any]] = json.loads(process.stdout.readline())
        yield process.pid, {one["name"]: one["port"] for one in listed}
        assert process.poll() is None, "the process that serves has ended"
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def _memory(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _identity(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as polite:
        polite.sendall(b"*IDN?\n")
        reply = b""
        while not reply.endswith(b"\n"):
            part = polite.recv(4096)
            assert part, "the connection was closed before the reply"
            reply += part
    return reply


def _spoiled(dice: random.Random, words: list[bytes]) -> bytes:
    if not words or dice.random() < 0.2:
        return dice.randbytes(dice.randrange(200))
    message = bytearray(b";".join(dice.choices(words, k=dice.randint(1, 3))))
    for _ in range(dice.randrange(3)):
        place = dice.randrange(len(message) + 1)
        message[place : place + dice.choice([0, 0, 1, 5])] = dice.choice(SPOILERS)
    return bytes(message) + dice.choice([b"\n", b"\r\n", b"", b"\n\n"])


def _be_rude(dice: random.Random, port: int, words: list[bytes]) -> int:
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as rude, suppress(ConnectionError):
        for _ in range(dice.randint(1, 8)):
            rude.sendall(_spoiled(dice, words))
            sent += 1
        if dice.random() < 0.3:  # some read what comes, at least a part
            rude.settimeout(0.01)
            with suppress(TimeoutError):
                rude.recv(100)
    return sent


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.timeout(SECONDS * 2 + 300)
def test_malformed_input_neither_crashes_nor_wedges_served_simulators(figure: Callable[[str, str], None]) -> None:
    dice = random.Random(SEED)  # noqa: S311 - messages that repeat, not a secret
    names = _simulators()
    words = {name: _messages(name) for name in names}
    with _served(names) as (pid, ports):
        identities = {name: _identity(port) for name, port in ports.items()}
        began, sent, settled = time.monotonic(), 0, 0.0
        while (now := time.monotonic() - began) < SECONDS:
            name = dice.choice(names)
            sent += _be_rude(dice, ports[name], words[name])
            assert _identity(ports[name]) == identities[name], name
            if not settled and now > SECONDS / 3:
                settled = _memory(pid)
        grown = _memory(pid) - settled
    figure(f"malformed messages to {len(names)} served simulators", f"{sent} in {SECONDS:g} s, seed {SEED}")
    figure("memory after the first third, and what came to it", f"{settled:.0f} MB + {grown:.1f} MB")
    assert grown < GROWTH
