"""Instruments over others, on the same server and on several."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import luthier
import pytest
from luthier.errors import BusyError, ValidationError

from .lab import Base, Looping, Meta, SlowBase

WHERE = [("foo", "foo", "foo"), ("foo", "foo", "meta"), ("a", "b", "c"), ("a", "b", "a")]


@pytest.mark.parametrize("servers", WHERE)
@pytest.mark.usefixtures("folder")
def test_a_meta_drives_its_members_wherever_they_are(servers: tuple[str, str, str]) -> None:
    one: Any = Base("one", server_name=servers[0])
    two: Any = Base("two", server_name=servers[1])
    meta: Any = Meta("meta", instruments=[one, two], server_name=servers[2])
    meta.c1.set(25)
    assert meta.c1.get() == two.x.get() == 25
    assert one.x.get() == 0
    two.x.set(1)
    assert meta.c1.get() == 1
    meta.both(7)
    assert (one.x(), two.x()) == (7, 7)
    assert meta.members_are_real() == [servers[0] == servers[2], servers[1] == servers[2]]
    for instrument in (meta, two, one):
        instrument.close()


@pytest.mark.usefixtures("folder")
def test_a_meta_that_was_made_first_is_given_its_members_later() -> None:
    with Meta("meta", server_name="m") as meta, Base("one", server_name="a") as one:
        wired: Any = meta
        wired.add_member(one)
        wired.c0(3)
        assert one["x"]() == 3
        with luthier.connect("m", "meta") as seen_by_others:
            assert seen_by_others.c0() == 3


@pytest.mark.slow
@pytest.mark.parametrize("servers", WHERE)
@pytest.mark.usefixtures("folder")
def test_two_slow_members_are_set_at_the_same_time(servers: tuple[str, str, str]) -> None:
    delay = 0.4
    one: Any = SlowBase("one", delay, server_name=servers[0])
    two: Any = SlowBase("two", delay, server_name=servers[1])
    meta: Any = Meta("meta", instruments=[one, two], server_name=servers[2])
    started = time.monotonic()
    meta.both(1)
    one_after_the_other = time.monotonic() - started
    started = time.monotonic()
    meta.both_async(2)
    together = time.monotonic() - started
    assert one_after_the_other >= 2 * delay
    assert together < 1.5 * delay
    assert (one.x(), two.x()) == (2, 2)
    for instrument in (meta, two, one):
        instrument.close()


@pytest.mark.usefixtures("folder")
def test_an_error_of_a_member_comes_through_the_meta_as_what_it_is() -> None:
    with Base("one", server_name="a") as one, Meta("meta", instruments=[one], server_name="b") as meta:
        one.add_parameter("unused", float)
        driver: Any = meta
        driver.add_member(one)
        with pytest.raises(ValidationError, match="cannot be set"):
            one["unused"].set("a text")


@pytest.mark.parametrize("servers", [("a", "b"), ("a", "a")])
@pytest.mark.usefixtures("folder")
def test_a_call_that_comes_back_to_where_it_began_is_let_in(servers: tuple[str, str]) -> None:
    first: Any = Looping("first", server_name=servers[0])
    second: Any = Looping("second", server_name=servers[1])
    first.know(second)
    second.know(first)
    first.deadline = second.deadline = 20
    assert first.around() == 1
    first.close()
    second.close()


@pytest.mark.usefixtures("folder")
def test_two_that_wait_for_each_other_are_told_who_holds_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_SERVER_WAIT", "0.5")
    first: Any = Looping("first", server_name="a")
    second: Any = Looping("second", server_name="b")
    first.know(second)
    second.know(first)
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(one.there.get) for one in (first, second)]
        errors = [error for result in results if (error := result.exception(20)) is not None]
    assert errors
    assert all(isinstance(error, BusyError) for error in errors)
    told = str(errors[0]) + "".join(getattr(errors[0], "__notes__", []))
    assert "get first.there" in told
    assert "get second.there" in told
    assert first.here() == second.here() == 1
    first.close()
    second.close()


SCRIPT = Path(__file__).parents[3] / "docs" / "tutorial" / "meta.py"


@pytest.mark.slow
@pytest.mark.skipif(not SCRIPT.exists(), reason="the documentation is not here")
@pytest.mark.usefixtures("folder")
def test_the_script_of_the_tutorial_runs() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.count("both at the same time") == 2
