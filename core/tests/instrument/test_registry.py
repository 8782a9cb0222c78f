from __future__ import annotations

import threading
from inspect import currentframe
from typing import TYPE_CHECKING, Any

import luthier
import pytest
from luthier import Instrument, parameter
from luthier.errors import ClosedError, ConnectionLostError, NameClashError, UsageError
from luthier.testing.dict_transport import DictTransport

if TYPE_CHECKING:
    from collections.abc import Callable


class Meter(Instrument):
    level = parameter(float, get_cmd="LEV?", set_cmd="LEV {}")


class Source(Instrument):
    """Another class."""


class Indirect(Instrument):
    """A driver whose constructor calls the instrument's on another line than the user's."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)


def wire(address: str = "dict://1") -> DictTransport:
    return DictTransport({"LEV": "1"}, address=address)


def meter(address: str = "dict://1", name: str = "dmm") -> Meter:
    return Meter(name, transport=wire(address))


def line() -> int:
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_the_same_name_class_and_address_is_a_fresh_instrument_and_the_old_one_is_closed(news: list[str]) -> None:
    old = meter()
    old.level()
    new = meter()
    assert old.closed
    assert not new.closed
    assert luthier.instruments() == {"dmm": new}
    assert not new.level.cache.valid
    assert new.level() == 1.0
    assert news == ["dmm opened", "dmm closing, closed=False", "dmm closed, closed=True", "dmm opened"]
    old.close()
    assert luthier.instruments() == {"dmm": new}


def test_whoever_goes_on_with_the_old_one_is_told_where_the_new_one_is() -> None:
    old, here = Meter("dmm", transport=wire()), line()
    old.level()
    new = Meter("dmm", transport=wire())
    assert new.opened_at == f"{__file__}:{here + 2}"
    use = rf"dmm was opened again at .*test_registry\.py:{here + 2}: use that one\."
    for call in (old.level, lambda: old.query("X?"), lambda: old.lock().__enter__(), lambda: old.write("X")):
        with pytest.raises(ClosedError, match=use):
            call()


def test_a_class_whose_body_was_executed_again_is_the_same_class() -> None:
    cell = "class Meter(luthier.Instrument):\n    pass\ndmm = Meter('dmm')\n"
    cells: dict[str, Any] = {"luthier": luthier, "__name__": "__main__"}
    exec(cell, cells)  # noqa: S102 - as a notebook does
    old = cells["dmm"]
    exec(cell, cells)  # noqa: S102 - the same
    assert type(old) is not type(cells["dmm"])
    assert old.closed
    assert luthier.instruments() == {"dmm": cells["dmm"]}


@pytest.mark.parametrize(
    "other",
    [
        lambda: meter("dict://2"),
        lambda: Source("dmm", transport=DictTransport(address="dict://1")),
        lambda: Meter("dmm"),
    ],
)
def test_another_class_or_address_under_a_living_name_is_refused_before_anything_is_opened(
    other: Callable[[], Instrument], monkeypatch: pytest.MonkeyPatch
) -> None:
    living, here = Meter("dmm", transport=wire()), line()
    monkeypatch.setattr("luthier.instrument.instrument.open_transport", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(NameClashError) as caught:
        other()
    error = caught.value
    assert str(error) == (
        f"the name 'dmm' is in use by Meter at dict://1, opened at {__file__}:{here}. "
        "Nothing was opened; the living instrument is as it was. "
        "Choose another name, or close that one first: luthier.instruments()['dmm'].close()."
    )
    assert (error.name, error.opened_at) == ("dmm", f"{__file__}:{here}")
    assert not living.closed
    assert living.level() == 1.0
    assert luthier.instruments() == {"dmm": living}


def test_a_clash_is_found_before_an_address_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    meter()
    monkeypatch.setattr("luthier.instrument.instrument.open_transport", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(NameClashError):
        Meter("dmm", "TCPIP::192.0.2.1::5025::SOCKET")


def test_a_clash_leaves_the_connection_that_was_given_to_whoever_gave_it() -> None:
    meter()
    given = wire("dict://2")
    with pytest.raises(NameClashError):
        Meter("dmm", transport=given)
    assert given.query(b"LEV?") == b"1"


def test_an_instrument_says_where_the_user_opened_it_whatever_constructors_lie_between() -> None:
    one, here = Indirect("one"), line()
    other = luthier.open(Indirect, name="other")
    assert one.opened_at == f"{__file__}:{here}"
    assert other.opened_at == f"{__file__}:{here + 1}"


def test_a_name_is_free_again_after_closing() -> None:
    meter().close()
    source = Source("dmm")
    assert luthier.instruments() == {"dmm": source}


def test_an_old_one_that_cannot_be_closed_properly_does_not_prevent_the_new_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class BadEnd(DictTransport):
        def close(self) -> None:
            super().close()
            raise ConnectionLostError("the cable was pulled out", address=self.address)

    class Polite(Meter):
        def close(self) -> None:
            self.write("LOCAL")
            super().close()

    old = Meter("dmm", transport=BadEnd(address="dict://1"))
    new = meter()
    assert old.closed
    assert not new.closed
    assert "the cable was pulled out" in caplog.text
    lost = DictTransport(address="dict://1")
    polite = Polite("polite", transport=lost)
    lost.close()
    again = Polite("polite", transport=DictTransport(address="dict://1"))
    assert polite.closed
    assert luthier.instruments()["polite"] is again


def test_the_list_of_instruments_is_a_copy_in_the_order_of_opening() -> None:
    first, second = meter(name="b"), meter(name="a")
    listed = luthier.instruments()
    assert list(listed) == ["b", "a"]
    listed.clear()
    assert luthier.instruments() == {"b": first, "a": second}
    again = meter(name="b")
    assert luthier.instruments() == {"a": second, "b": again}
    assert list(luthier.instruments()) == ["a", "b"]


def test_a_name_that_another_thread_is_opening_is_refused(gate: Any) -> None:
    class Slow(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            gate.pass_through()

    opener = threading.Thread(target=Slow, args=("dmm",))
    opener.start()
    assert gate.reached.wait(10)
    with pytest.raises(NameClashError, match=r"an instrument 'dmm' is being opened at .*threading\.py:\d+.*Wait until"):
        meter()
    assert luthier.instruments() == {}
    gate.opened.set()
    opener.join(10)
    assert list(luthier.instruments()) == ["dmm"]


def test_a_name_stays_reserved_while_the_old_instrument_is_being_closed(gate: Any) -> None:
    class SlowEnd(DictTransport):
        def close(self) -> None:
            super().close()
            gate.pass_through()

    Meter("dmm", transport=SlowEnd(address="dict://1"))
    opener = threading.Thread(target=meter)
    opener.start()
    assert gate.reached.wait(10)
    with pytest.raises(NameClashError, match="is being opened"):
        meter()
    gate.opened.set()
    opener.join(10)
    assert list(luthier.instruments()) == ["dmm"]


def test_many_threads_that_open_one_name_leave_one_instrument_open() -> None:
    made: list[Meter] = []
    clashes: list[NameClashError] = []
    start = threading.Barrier(8)

    def open_it() -> None:
        start.wait(10)
        for _ in range(20):
            try:
                made.append(meter())
            except NameClashError as error:
                clashes.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    living = [one for one in made if not one.closed]
    assert len(made) + len(clashes) == 160
    assert len(living) == 1
    assert luthier.instruments() == {"dmm": living[0]}


def test_constructing_the_same_name_inside_a_constructor_is_refused_and_frees_the_name() -> None:
    class Nested(Instrument):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            Meter(name)

    with pytest.raises(NameClashError, match="is being opened"):
        Nested("dmm")
    assert luthier.instruments() == {}
    meter()


def test_two_bases_that_both_call_the_constructor_are_told_so() -> None:
    class Left(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            Instrument.__init__(self, name, **options)

    class Right(Instrument):
        def __init__(self, name: str, **options: Any) -> None:
            Instrument.__init__(self, name, **options)

    class Both(Left, Right):
        def __init__(self, name: str, **options: Any) -> None:
            Left.__init__(self, name, **options)
            Right.__init__(self, name, **options)

    given = wire()
    with pytest.raises(UsageError, match=r"Both: its __init__ calls that of Instrument twice\. .*call super"):
        Both("dmm", transport=given)
    assert luthier.instruments() == {}
    with pytest.raises(ClosedError):
        given.query(b"LEV?")
