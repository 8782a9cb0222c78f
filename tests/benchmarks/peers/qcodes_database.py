"""Make a QCoDeS database of every kind of run, and what QCoDeS itself reads from it.

``python qcodes_database.py FOLDER`` writes ``old.db``, and for each run and each quantity ``<run>-<quantity>.npz``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from qcodes.dataset import (  # type: ignore[import-not-found]  # installed in an environment of its own
    Measurement,
    initialise_or_create_database_at,
    load_by_id,
    load_or_create_experiment,
)

NUMERIC, COMPLEX, ARRAY, TEXT = "numeric", "complex", "array", "text"


def register(name: str, *quantities: tuple[str, str, tuple[str, ...]]) -> Any:
    measurement = Measurement(name=name)
    for quantity, kind, setpoints in quantities:
        measurement.register_custom_parameter(quantity, paramtype=kind, setpoints=setpoints or None, unit="V")
    return measurement


def line() -> None:
    with register("line", ("x", NUMERIC, ()), ("y", NUMERIC, ("x",))).run() as saver:
        for number in range(50):
            saver.add_result(("x", number / 7), ("y", [np.nan, np.inf, -np.inf, 1e-300, number * 1e17][number % 5]))


def grid(*, shape: bool, rows: int) -> None:
    measurement = register(
        "grid",
        ("a", NUMERIC, ()),
        ("b", NUMERIC, ()),
        ("c", NUMERIC, ("a", "b")),
        ("z", COMPLEX, ("a", "b")),
        ("t", TEXT, ("a", "b")),
        ("o", NUMERIC, ("a",)),
    )
    if shape:
        measurement.set_shapes({"c": (4, 5), "z": (4, 5)})
    with measurement.run() as saver:
        for number in range(rows):
            a, b = number // 5 * 0.1, (number % 5 if number // 5 % 2 == 0 else 4 - number % 5) * 3.0
            if number % 5 == 0:
                saver.add_result(("a", a), ("o", a * a))
            saver.add_result(("a", a), ("b", b), ("c", a * b), ("z", complex(a, -b)), ("t", f"µ{number}\n"))


def traces() -> None:
    measurement = register(
        "traces", ("a", NUMERIC, ()), ("f", ARRAY, ()), ("s", ARRAY, ("a", "f")), ("s21", ARRAY, ("a", "f"))
    )
    with measurement.run() as saver:
        for number in range(5):
            f = np.linspace(1e9, 2e9 + number // 3, 101)
            saver.add_result(("a", float(number)), ("f", f), ("s", np.sin(f) + number), ("s21", np.exp(1j * f)))


def images() -> None:
    measurement = register("images", ("u", ARRAY, ()), ("v", ARRAY, ()), ("image", ARRAY, ("u", "v")))
    u, v = np.meshgrid(np.arange(3.0), np.arange(4.0), indexing="ij")
    with measurement.run() as saver:
        saver.add_result(("u", u), ("v", v), ("image", u * 10 + v))


def warped() -> None:
    measurement = register("warped", ("u", ARRAY, ()), ("v", ARRAY, ()), ("image", ARRAY, ("u", "v")))
    u, v = np.meshgrid(np.arange(3.0), np.arange(4.0), indexing="ij")
    with measurement.run() as saver:
        saver.add_result(("u", u + v), ("v", v - u), ("image", u * 10 + v))


def unrolled() -> None:
    with register("unrolled", ("a", NUMERIC, ()), ("f", NUMERIC, ()), ("y", NUMERIC, ("a", "f"))).run() as saver:
        for number in range(3):
            saver.add_result(("a", number), ("f", np.arange(6) / 3), ("y", np.arange(6) * number))


def scattered() -> None:
    random = np.random.default_rng(1)
    with register("scattered", ("a", NUMERIC, ()), ("b", NUMERIC, ()), ("r", NUMERIC, ("a", "b"))).run() as saver:
        for _ in range(40):
            saver.add_result(("a", random.random()), ("b", random.random()), ("r", random.random()))


def alone() -> None:
    with register("alone", ("s", NUMERIC, ()), ("w", ARRAY, ())).run() as saver:
        for number in range(3):
            saver.add_result(("s", number + 0.5))
        saver.add_result(("w", np.arange(4)))


def main(folder: Path) -> None:
    initialise_or_create_database_at(str(folder / "old.db"))
    load_or_create_experiment("cooldown 7", sample_name="chip A7")
    line()
    grid(shape=True, rows=20)
    grid(shape=False, rows=13)
    grid(shape=True, rows=13)
    for make in (traces, images, warped, unrolled, scattered, alone):
        make()
    for run in range(1, 11):
        for quantity, arrays in load_by_id(run).get_parameter_data().items():
            np.savez(folder / f"{run}-{quantity}.npz", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
