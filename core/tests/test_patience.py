from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from luthier.errors import BusyError
from luthier.monitor import Monitor, next_call, on_behalf_of, patience

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def impatient() -> Iterator[None]:
    seconds, describe = patience.seconds, patience.describe
    yield
    patience.seconds, patience.describe = seconds, describe


@pytest.mark.usefixtures("impatient")
def test_where_patience_is_bounded_nobody_waits_for_ever_and_the_holder_is_described() -> None:
    patience.seconds = 0.01
    holder = threading.get_ident()
    patience.describe = lambda ident: "the sweep of Anna" if ident == holder else None
    monitor = Monitor("magnet")

    def enter() -> None:
        with on_behalf_of((next_call(),)), monitor:
            pass

    with monitor, ThreadPoolExecutor(1) as pool, pytest.raises(BusyError, match="was held by the sweep of Anna for"):
        pool.submit(enter).result(10)


def test_numbers_of_calls_do_not_repeat() -> None:
    numbers = [next_call() for _ in range(1000)]
    assert len(set(numbers)) == 1000
    assert all(0 < number < 2**63 for number in numbers)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_counts_elsewhere() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, next_call().to_bytes(8))
        os._exit(0)
    theirs = int.from_bytes(os.read(reading, 8))
    os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)
    assert theirs >> 32 != next_call() >> 32
