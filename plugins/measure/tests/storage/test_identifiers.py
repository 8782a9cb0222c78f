from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from luthier_measure.storage import data_folder, new_run_id
from luthier_measure.storage.folder import run_path
from luthier_measure.storage.identifier import is_run_id

if TYPE_CHECKING:
    import pytest


def test_identifiers_of_several_threads_are_unique_and_those_of_each_are_in_order() -> None:
    with ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(lambda _: [new_run_id() for _ in range(200)], range(4)))
    assert len({run_id for each in lists for run_id in each}) == 800
    assert all(each == sorted(each) for each in lists)
    assert all(is_run_id(run_id) for each in lists for run_id in each)


def test_identifiers_stay_in_order_when_the_clock_is_set_back_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [new_run_id() for _ in range(3)]
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 30_000_000_000)
    after = [new_run_id() for _ in range(3)]
    assert sorted(before + after) == before + after


def test_a_clock_that_is_corrected_by_an_hour_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = time.time_ns()
    now = wrong - 3_600_000_000_000
    new_run_id()
    monkeypatch.setattr(time, "time_ns", lambda: now)
    assert (
        new_run_id()[:19] == time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9)) + f"-{now // 10**6 % 1000:03d}"
    )


@given(st.text(max_size=30))
def test_no_other_text_is_taken_for_an_identifier(text: str) -> None:
    assert not is_run_id(text)


def test_the_path_of_a_run_follows_from_its_identifier_alone() -> None:
    path = run_path(Path("d"), "20261123-142501-123-k7f3q9")
    assert path == Path("d/runs/2026/11/23/20261123-142501-123-k7f3q9.arrows")


def test_the_data_folder_is_the_argument_or_the_environments_or_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LUTHIER_DATA", str(tmp_path / "of environment"))
    assert data_folder(tmp_path / "given") == tmp_path / "given"
    assert data_folder() == tmp_path / "of environment"
    monkeypatch.setenv("LUTHIER_DATA", "")
    assert data_folder() == Path.home() / "luthier"
    assert data_folder("~/here") == Path.home() / "here"
