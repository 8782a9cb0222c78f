"""The commands find runs in whatever storage of the data folder they lie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from luthier_measure import Run, continue_run, load, sweep
from luthier_measure.errors import RunNotFoundError
from luthier_measure.every_storage import open_every_storage
from luthier_measure.storage import RunQuery, new_run_id


def test_runs_of_all_storages_are_listed_shown_edited_and_exported(lab: Any, tmp_path: Any) -> None:
    first = lab.grid(name="in a file")
    second = lab.grid(name="in the database", storage="sqlite")
    third = lab.grid(name="in a file again")
    listed = json.loads(lab.call("runs", "--json"))
    assert [each["id"] for each in listed] == [third.id, second.id, first.id]
    assert [each["id"] for each in json.loads(lab.call("runs", "--json", "-n", "2"))] == [third.id, second.id]
    assert str(lab.folder / "runs.sqlite") in lab.call("show", "-2")
    assert lab.call("tag", second.id, "good").split() == ["good"]
    assert load(second.id, folder=lab.folder, storage="sqlite").tags == ("good",)
    for target in ("csv", "netcdf"):
        lab.call("export", "in the database", "--to", target, "-o", str(tmp_path / target))
        assert (tmp_path / target).stat().st_size > 0
    assert lab.call("plot", second.id, "--terminal").strip()
    assert "3 whole" in lab.call("verify")
    copies = tmp_path / "copies"
    lab.call("copy", second.id, copies)
    assert load(second.id, folder=copies, storage="sqlite").points == 12
    assert open_every_storage(lab.folder).rebuild() == 3


def test_a_run_goes_on_where_it_lies(lab: Any) -> None:
    calls: list[int] = []

    def reading() -> float:
        calls.append(1)
        if len(calls) == 2:
            raise OSError
        return 1.0

    items = sweep(lab.x, [1.0, 2.0, 3.0]), reading
    with pytest.raises(OSError):  # noqa: PT011 - raised above
        lab.measure(*items, storage="sqlite")
    storage = open_every_storage(lab.folder)
    (found,) = storage.find(RunQuery(limit=1))
    run = continue_run(Run(storage, found.id), *items)
    assert (run.outcome, run.points) == ("completed", 3)
    assert load(run.id, folder=lab.folder, storage="sqlite").points == 3
    with pytest.raises(RunNotFoundError):
        storage.open(new_run_id())
