"""Figures as ratios to a limit measured in the same run; absolute times of a lab PC or a CI machine prove nothing.

A benchmark belongs to a group. One of the group is the limit (``limit(…)``); the others say their budget
(``subject(…, budget=14)``). At the end a table is printed. Nothing is asserted about
time here; ``test_ratios_hold.py`` does that, in processor time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Measure = Any
"""The ``benchmark`` fixture of pytest-benchmark, or its ``pedantic``."""


@pytest.fixture
def limit(benchmark: Any) -> Callable[..., Any]:
    """Make this benchmark the limit of a group, and return what measures; ``per``: how often a round does it."""

    def choose(group: str, *, per: int = 1) -> Any:
        benchmark.group = group
        benchmark.extra_info.update(limit=True, per=per)
        return benchmark

    return choose


@pytest.fixture
def subject(benchmark: Any) -> Callable[..., Any]:
    """Put this benchmark into a group, with the budget it is allowed, in multiples of the limit."""

    def choose(group: str, *, budget: float | None = None, per: int = 1) -> Any:
        benchmark.group = group
        benchmark.extra_info.update(budget=budget, per=per)
        return benchmark

    return choose


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Report a figure that is not a time: bytes, points."""
    return figure_of(request.config)


def figure_of(config: pytest.Config) -> Callable[[str, str], None]:
    """Return what reports such a figure, for a fixture that lasts longer than a test."""

    def report(what: str, value: str) -> None:
        config.stash.setdefault(_FIGURES, []).append((what, value))

    return report


_FIGURES: pytest.StashKey[list[tuple[str, str]]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the ratios."""
    session = getattr(config, "_benchmarksession", None)
    benchmarks = [bench for bench in getattr(session, "benchmarks", []) if bench.stats.rounds]
    if benchmarks:
        terminalreporter.section("ratios to the limit measured in this run (fastest of each)")
        for line in _ratios(benchmarks):
            terminalreporter.write_line(line)
    for what, value in config.stash.get(_FIGURES, []):
        terminalreporter.write_line(f"{what:<62} {value}")


def _ratios(benchmarks: list[Any]) -> Iterator[str]:
    limits = {bench.group: bench for bench in benchmarks if bench.extra_info.get("limit")}
    yield f"{'what':<62} {'fastest':>10} {'ratio':>8} {'budget':>7}"
    for bench in benchmarks:
        base = limits.get(bench.group)
        fastest = bench.stats.min / bench.extra_info.get("per", 1)
        name = f"{bench.group}: {bench.name.removeprefix('test_').replace('_', ' ')}"
        if base is None or base is bench:
            yield f"{name:<62} {_time(fastest):>10} {'limit' if base is bench else '':>8}"
            continue
        ratio = fastest / (base.stats.min / base.extra_info.get("per", 1))
        budget = bench.extra_info.get("budget")
        verdict = "" if budget is None else f"{budget:>7g}" + ("" if ratio <= budget else "  missed")
        yield f"{name:<62} {_time(fastest):>10} {ratio:>7.2f}x {verdict}"


def _time(seconds: float) -> str:
    for limit_, factor, unit in ((1e-6, 1e9, "ns"), (1e-3, 1e6, "µs"), (1.0, 1e3, "ms")):
        if seconds < limit_:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds:.3g} s"
