from __future__ import annotations

import inspect
import logging
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from luthier import plugins
from luthier.errors import UsageError
from luthier.plugins import DiscoveryMethod, HealthReport, Hooks, hookimpl, hookspecs, listener
from luthier.plugins.dispatch import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "hooks.md"


@attrs.frozen
class Thing:
    """An instrument, run or server, as far as hooks are concerned."""

    name: str = "smu"
    address: str | None = "sim://acme.x"
    id: str = "run-1"


class Diary:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @hookimpl
    def configure(self, api: tuple[int, int]) -> None:
        self.lines.append(f"configured for {api}")

    @hookimpl
    def instrument_opened(self, instrument: Thing) -> None:
        self.lines.append(f"opened {instrument.name}")

    @hookimpl
    def run_metadata(self) -> dict[str, object]:
        return {"weather": "fine"}


@pytest.fixture
def dispatcher(install: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    """A dispatcher of its own, in a world where something is installed, but no hooks of the real world."""
    real = [entry.qualified_id for entry in plugins.registry("hooks").entries()]
    if real:
        monkeypatch.setenv("LUTHIER_DISABLE", ",".join(real))
    install("luthier-acme-drivers", "[luthier.drivers]\nacme.x = m:x\n")
    return Dispatcher()


@pytest.fixture
def hooks(dispatcher: Dispatcher) -> Hooks:
    return Hooks(dispatcher)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.WARNING, "luthier.plugins"):
        yield caplog


def _specs() -> dict[str, Callable[..., object]]:
    return {name: spec for name, spec in vars(hookspecs).items() if hasattr(spec, "luthier_spec")}


def test_each_hook_has_a_method_with_the_same_arguments() -> None:
    assert set(_specs()) == set(hookspecs.HOOKS)
    for name, spec in _specs().items():
        if name == "configure":  # called by the core itself, for each plugin
            continue
        method = inspect.signature(getattr(Hooks, name))
        assert list(method.parameters)[1:] == list(inspect.signature(spec).parameters), name


def test_each_hook_says_when_it_is_called() -> None:
    for name, spec in _specs().items():
        assert "alled" in (spec.__doc__ or ""), name


@pytest.mark.skipif(not PAGE.exists(), reason="only in the repository")
@pytest.mark.parametrize("hook", hookspecs.HOOKS)
def test_the_page_about_hooks_has_a_line_for_each(hook: str) -> None:
    assert f"\n| `{hook}` | " in PAGE.read_text(encoding="utf-8")


def test_nobody_listening_is_no_news(hooks: Hooks) -> None:
    transport: Any = object()
    hooks.instrument_opened(Thing())
    assert hooks.run_metadata(Thing()) == {}
    assert hooks.health_checks() == {}
    assert hooks.identify("sim://x", "ACME,X,0,1") == {}
    assert hooks.transport_middleware(transport) is transport


@pytest.mark.parametrize(
    ("hook", "subject"),
    [
        ("instrument_opened", "instrument"),
        ("instrument_closing", "instrument"),
        ("instrument_closed", "instrument"),
        ("run_started", "run"),
        ("run_finished", "run"),
        ("server_started", "server"),
        ("server_stopping", "server"),
    ],
)
def test_news_reaches_whoever_listens(hooks: Hooks, hook: str, subject: str) -> None:
    told: list[object] = []

    def of_instrument(instrument: object) -> None:
        told.append(instrument)

    def of_run(run: object) -> None:
        told.append(run)

    def of_server(server: object) -> None:
        told.append(server)

    functions = {"instrument": of_instrument, "run": of_run, "server": of_server}
    module = types.ModuleType("listener")
    vars(module)["listen"] = hookimpl(specname=hook)(functions[subject])
    hooks.register(module)
    thing = Thing()
    getattr(hooks, hook)(thing)
    assert told == [thing]
    assert hooks.unregister(module)
    getattr(hooks, hook)(thing)
    assert told == [thing]


def test_a_plugin_is_configured_once_and_first(hooks: Hooks) -> None:
    diary = Diary()
    hooks.register(diary, "diary")
    hooks.instrument_opened(Thing("a"))
    hooks.instrument_opened(Thing("b"))
    assert diary.lines == ["configured for (1, 0)", "opened a", "opened b"]


def test_registering_again_under_a_name_replaces(hooks: Hooks) -> None:
    first, second = Diary(), Diary()
    assert hooks.register(first) == hooks.register(second)
    hooks.instrument_opened(Thing())
    assert "opened smu" not in first.lines
    assert "opened smu" in second.lines


def test_one_object_is_not_registered_under_two_names(hooks: Hooks) -> None:
    diary = Diary()
    hooks.register(diary, "a")
    with pytest.raises(UsageError, match="already, as 'a'"):
        hooks.register(diary, "b")
    hooks.register(diary, "a")
    hooks.instrument_opened(Thing())
    assert diary.lines.count("opened smu") == 1


def test_unregistering_a_stranger_is_told(hooks: Hooks) -> None:
    assert not hooks.unregister(Diary())


class _Nothing:
    def instrument_opened(self, instrument: Thing) -> None: ...


class _Misspelt:
    @hookimpl
    def instrument_open(self, instrument: Thing) -> None: ...


class _OtherArguments:
    @hookimpl
    def instrument_opened(self, device: Thing) -> None: ...


class _Wrapper:
    @hookimpl(wrapper=True)
    def instrument_opened(self, instrument: Thing) -> Iterator[None]:
        del instrument
        return (yield)


@pytest.mark.parametrize(
    ("plugin", "words"),
    [
        (_Nothing(), "none of its functions is marked"),
        (_Misspelt(), "'instrument_opened' may be meant"),
        (_OtherArguments(), "device"),
        (_Wrapper(), "wrapper"),
        (Diary, "is a class"),
        (types.ModuleType("empty"), "none of its functions"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_the_old_one(hooks: Hooks, plugin: object, words: str) -> None:
    diary = Diary()
    hooks.register(diary, "x")
    with pytest.raises(UsageError, match=words):
        hooks.register(plugin, "x")
    assert not hooks.unregister(plugin)
    hooks.instrument_opened(Thing())
    assert diary.lines[-1] == "opened smu"


def test_a_hook_of_a_later_core_can_be_marked_as_optional(hooks: Hooks) -> None:
    class Early:
        @hookimpl(optionalhook=True)
        def instrument_renamed(self, instrument: Thing) -> None: ...

        @hookimpl
        def instrument_opened(self) -> None:
            told.append("opened")

    told: list[str] = []
    hooks.register(Early())
    hooks.instrument_opened(Thing())
    assert told == ["opened"]


class _Failing:
    def __init__(self, error: BaseException) -> None:
        self.error = error

    @hookimpl
    def instrument_opened(self) -> None:
        raise self.error

    @hookimpl
    def run_metadata(self) -> None:
        raise self.error


@pytest.mark.parametrize("error", [ValueError("lost"), SystemExit(3)])
def test_a_failing_plugin_is_logged_and_the_others_are_called(
    hooks: Hooks, log: pytest.LogCaptureFixture, error: BaseException
) -> None:
    before, after = Diary(), Diary()
    hooks.register(before, "before")
    hooks.register(_Failing(error), "failing")
    hooks.register(after, "after")
    hooks.instrument_opened(Thing())
    assert before.lines[-1] == after.lines[-1] == "opened smu"
    assert hooks.run_metadata(Thing()) == {"before": {"weather": "fine"}, "after": {"weather": "fine"}}
    messages = [record.getMessage() for record in log.records]
    assert len(messages) == 2
    assert all("failing" in message for message in messages)
    assert "instrument_opened" in messages[0]
    assert log.records[0].exc_info is not None


def test_strictness_raises_what_a_plugin_raises(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUTHIER_STRICT_PLUGINS", "1")
    hooks.register(_Failing(ValueError("lost")))
    with pytest.raises(ValueError, match="lost"):
        hooks.instrument_opened(Thing())


def test_an_interruption_by_the_user_is_not_swallowed(hooks: Hooks) -> None:
    hooks.register(_Failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        hooks.instrument_opened(Thing())


def test_a_slow_plugin_is_reported_once(
    hooks: Hooks, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "SLOW", 0.0)
    hooks.register(Diary(), "slowcoach")
    for _ in range(3):
        hooks.instrument_opened(Thing())
    hooks.register(_Failing(ValueError("lost")), "another")
    hooks.instrument_opened(Thing())
    slow = [record.getMessage() for record in log.records if " took " in record.getMessage()]
    assert sum("slowcoach" in message and "instrument_opened" in message for message in slow) == 1
    assert sum("another" in message for message in slow) == 1


def test_contributions_are_collected_by_plugin(hooks: Hooks) -> None:
    report = HealthReport("clock", "good", "It is right.")
    method = DiscoveryMethod("dowsing", "Walks about with a rod.", lambda _: ())

    class Contributor:
        @hookimpl
        def health_checks(self) -> Iterator[Callable[[], HealthReport]]:
            yield lambda: report

        @hookimpl
        def discover(self) -> list[DiscoveryMethod]:
            return [method]

        @hookimpl
        def identify(self, address: str, reply: str) -> list[str]:
            return [f"{reply.partition(',')[0].lower()}.x", address]

        @hookimpl
        def run_metadata(self, run: Thing) -> dict[str, object]:
            return {"of": run.id}

    hooks.register(Contributor(), "c")
    hooks.register(Diary(), "d")
    assert hooks.health_checks()["c"][0]() is report
    assert hooks.discover() == {"c": (method,)}
    assert hooks.identify("sim://x", "ACME,X,0,1") == {"c": ("acme.x", "sim://x")}
    assert hooks.run_metadata(Thing()) == {"d": {"weather": "fine"}, "c": {"of": "run-1"}}


@pytest.mark.parametrize(
    ("hook", "result"),
    [
        ("run_metadata", ["not", "a", "mapping"]),
        ("run_metadata", {1: "not text"}),
        ("health_checks", [1]),
        ("identify", "keithley.2400"),
        ("identify", [2400]),
        ("discover", ["gpib"]),
        ("transport_middleware", object()),
    ],
)
def test_a_contribution_of_the_wrong_type_is_logged_and_left_out(
    hooks: Hooks, log: pytest.LogCaptureFixture, hook: str, result: object
) -> None:
    module = types.ModuleType("odd")
    vars(module)["contribute"] = hookimpl(specname=hook)(lambda: result)
    hooks.register(module)
    thing: Any = Thing()
    arguments = {"identify": ("sim://x", ""), "health_checks": (), "discover": ()}.get(hook, (thing,))
    assert getattr(hooks, hook)(*arguments) == (thing if hook == "transport_middleware" else {})
    assert f"odd failed in the hook {hook}" in log.text


def test_an_iterator_that_fails_half_way_costs_only_itself(hooks: Hooks, log: pytest.LogCaptureFixture) -> None:
    class HalfWay:
        @hookimpl
        def identify(self) -> Iterator[str]:
            yield "acme.x"
            raise OSError("gone")

    hooks.register(HalfWay())
    assert hooks.identify("sim://x", "") == {}
    assert "gone" in log.text


def test_middleware_stands_in_a_row_and_one_that_fails_is_passed_over(hooks: Hooks) -> None:
    class Front:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        def transport_middleware(self, transport: Any) -> Any:
            if self.name == "bad":
                raise ValueError
            if self.name == "idle":
                return None
            return types.SimpleNamespace(query=transport.query, path=f"{transport.path} {self.name}")

    for name in ("one", "bad", "idle", "two"):
        hooks.register(Front(name), name)
    wire: Any = types.SimpleNamespace(query=lambda _: b"", path="wire")
    foremost: Any = hooks.transport_middleware(wire)
    assert sorted(foremost.path.split()) == ["one", "two", "wire"]


_NEWS = """
from luthier.plugins import hookimpl
told = []
@hookimpl
def configure(api): told.append("configure")
@hookimpl
def instrument_opened(instrument): told.append(instrument.name)
"""


def _told(name: str) -> list[str]:
    module: Any = plugins.registry("hooks").load(name)
    told: list[str] = module.told
    return told


def test_installed_hooks_are_loaded_at_the_first_news(install: Callable[..., Path], hooks: Hooks) -> None:
    install("luthier-acme", "[luthier.hooks]\nnews = acme_news\n", modules={"acme_news": _NEWS})
    assert plugins.registry("hooks").find("luthier-acme:news").state == "available"
    hooks.instrument_opened(Thing("a"))
    assert plugins.registry("hooks").find("luthier-acme:news").state == "loaded"
    hooks.instrument_opened(Thing("b"))
    assert _told("news") == ["configure", "a", "b"]


def test_hooks_of_one_name_in_two_distributions_are_both_called(install: Callable[..., Path], hooks: Hooks) -> None:
    install("luthier-acme", "[luthier.hooks]\nnews = acme_news\n", modules={"acme_news": _NEWS})
    install("luthier-other", "[luthier.hooks]\nnews = other_news\n", modules={"other_news": _NEWS})
    assert {one.state for one in plugins.registry("hooks").entries() if one.id == "news"} == {"available"}
    hooks.instrument_opened(Thing("a"))
    assert _told("luthier-acme:news") == _told("luthier-other:news") == ["configure", "a"]


@pytest.mark.parametrize(
    "source",
    [
        "raise RuntimeError('no licence')",
        "import sys; sys.exit(1)",
        "import absent_vendor_library",
        "",
        _NEWS.replace("instrument_opened", "instrument_open"),
        _NEWS.replace("(instrument)", "(device)"),
    ],
)
def test_installed_hooks_that_are_broken_harm_nobody(
    install: Callable[..., Path], hooks: Hooks, log: pytest.LogCaptureFixture, source: str
) -> None:
    install("luthier-bad", "[luthier.hooks]\nnews = bad_news\n", modules={"bad_news": source})
    install("luthier-good", "[luthier.hooks]\ngood = good_news\n", modules={"good_news": _NEWS})
    hooks.instrument_opened(Thing("a"))
    hooks.instrument_opened(Thing("b"))
    assert _told("luthier-good:good") == ["configure", "a", "b"]
    entry = plugins.registry("hooks").find("luthier-bad:news")
    assert entry.state == "broken"
    assert entry.reason
    assert len([record for record in log.records if "luthier-bad" in record.getMessage()]) == 1


def test_strictness_raises_what_broke_installed_hooks_once(
    install: Callable[..., Path], hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUTHIER_STRICT_PLUGINS", "1")
    install(
        "luthier-bad", "[luthier.hooks]\nnews = bad_news\n", modules={"bad_news": "raise RuntimeError('no licence')"}
    )
    install("luthier-good", "[luthier.hooks]\nnews = good_news\n", modules={"good_news": _NEWS})
    with pytest.raises(RuntimeError, match="no licence"):
        hooks.instrument_opened(Thing("a"))
    hooks.instrument_opened(Thing("b"))
    assert _told("luthier-good:news") == ["configure", "b"]


@pytest.mark.parametrize(("variable", "value"), [("LUTHIER_NO_HOOKS", "1"), ("LUTHIER_DISABLE", "luthier-acme")])
def test_installed_hooks_are_switched_off_and_those_of_the_script_are_not(
    install: Callable[..., Path], hooks: Hooks, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    install("luthier-acme", "[luthier.hooks]\nnews = bomb\n", modules={"bomb": "raise RuntimeError"})
    monkeypatch.setenv(variable, value)
    plugins.refresh()
    diary = Diary()
    hooks.register(diary)
    hooks.instrument_opened(Thing())
    assert diary.lines[-1] == "opened smu"
    entry = plugins.registry("hooks").find("luthier-acme:news")
    assert entry.state == "disabled"
    assert variable in entry.reason


def test_a_refresh_brings_new_hooks_and_takes_old_ones_away(
    install: Callable[..., Path], hooks: Hooks, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("luthier-acme", "[luthier.hooks]\nnews = acme_news\n", modules={"acme_news": _NEWS})
    hooks.instrument_opened(Thing("a"))
    acme = _told("luthier-acme:news")
    install("luthier-other", "[luthier.hooks]\nnews = other_news\n", modules={"other_news": _NEWS})
    dispatcher.forget()
    hooks.instrument_opened(Thing("b"))
    assert acme == ["configure", "a", "b"]
    assert _told("luthier-other:news") == ["configure", "b"]
    monkeypatch.setenv("LUTHIER_DISABLE", "luthier-acme")
    plugins.refresh()
    dispatcher.forget()
    hooks.instrument_opened(Thing("c"))
    assert acme == ["configure", "a", "b"]
    assert _told("luthier-other:news") == ["configure", "b", "c"]


@pytest.fixture
def process_hooks(install: Callable[..., Path]) -> Iterator[Callable[..., None]]:
    """Install the hooks ``luthier-acme:news``, for ``plugins.hooks`` itself."""

    def add(source: str) -> None:
        install("luthier-acme", "[luthier.hooks]\nnews = acme_news\n", modules={"acme_news": source})

    yield add
    plugins.hooks.unregister(plugins.registry("hooks").load("luthier-acme:news"))


def test_a_refresh_of_the_process_reaches_its_hooks(process_hooks: Callable[..., None]) -> None:
    plugins.hooks.instrument_opened(Thing("before"))
    process_hooks(_NEWS)  # refreshes
    plugins.hooks.instrument_opened(Thing("after"))
    assert _told("luthier-acme:news") == ["configure", "after"]


def test_a_plugin_that_sends_news_while_it_is_loaded_does_no_harm(
    process_hooks: Callable[..., None], log: pytest.LogCaptureFixture
) -> None:
    process_hooks(f"from luthier import plugins\nplugins.hooks.run_started(None)\n{_NEWS}")
    plugins.hooks.instrument_opened(Thing("a"))
    assert _told("luthier-acme:news") == ["configure", "a"]
    assert log.records == []


def test_threads_that_send_the_first_news_together_all_reach_the_plugin(
    install: Callable[..., Path], hooks: Hooks
) -> None:
    install("luthier-acme", "[luthier.hooks]\nnews = acme_news\n", modules={"acme_news": _NEWS})
    together = threading.Barrier(8)

    def send(number: int) -> None:
        together.wait(timeout=10)
        hooks.instrument_opened(Thing(str(number)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, range(8)))
    told = _told("news")
    assert told[0] == "configure"
    assert sorted(told[1:]) == sorted(map(str, range(8)))
