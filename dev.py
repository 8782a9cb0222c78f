"""Set up this repository and work with it; ``python3 dev.py --help`` lists the commands.

Needs Python 3.11 or later and nothing else. Every command first makes the environment ``.venv``, or brings it up to
date, from the versions and hashes in ``constraints.txt``.
"""

import sys

# Written so that an older Python can read the whole file and say the next sentence.
if sys.version_info < (3, 11):  # noqa: UP036 - the one place that meets an older Python
    sys.exit(
        f"dev.py: this is Python {sys.version_info[0]}.{sys.version_info[1]} ({sys.executable}), and Luthier needs "
        "3.11 or later. Run it with a newer one: python3.12 dev.py ... (Windows: py -3.12 dev.py ...)."
    )

import difflib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dev_environment import ROOT, SetupError, choose_versions, clean_environment, say, set_up


def find_program(name: str, variables: dict[str, str]) -> str | None:
    """Return the path of a program as the environment finds it, and say so where it does not."""
    program = shutil.which(name, path=next(value for key, value in variables.items() if key.upper() == "PATH"))
    if program is None:
        say(f"there is no program {name!r}, neither in .venv nor on the PATH")
    return program


def run_inside(command: Sequence[str]) -> int:
    """Run a command inside the environment, in the foreground, and return its exit code as a shell would."""
    variables = clean_environment(os.environ)
    program = find_program(command[0], variables)
    if program is None:
        return 127
    # Ctrl-C reaches the child as well, and it is the child's to answer; a request to end is passed on. Handlers, unlike
    # an ignored signal, are not inherited.
    interrupted = signal.signal(signal.SIGINT, lambda *_: None)
    children: list[subprocess.Popen[bytes]] = []
    requests: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        requests.append(number)
        for child in children:
            child.terminate()

    ended = signal.signal(signal.SIGTERM, pass_on)
    try:
        with subprocess.Popen([program, *command[1:]], env=variables) as process:
            children.append(process)
            if requests:  # before there was a child to pass it on to
                process.terminate()
            code = process.wait()
    finally:
        signal.signal(signal.SIGINT, interrupted)
        signal.signal(signal.SIGTERM, ended)
    return as_shells_say(code)


def as_shells_say(code: int) -> int:
    """Return the exit code of a process as a shell tells it."""
    return 128 - code if code < 0 else code


@contextmanager
def run_beside(command: Sequence[str]) -> Iterator[Callable[[], int]]:
    """Run a command inside the environment while something else goes on.

    Gives what waits for its end, prints what it printed, and returns its exit code. If that is never called, the
    command is ended.
    """
    variables = clean_environment(os.environ)
    program = find_program(command[0], variables)
    if program is None:
        yield lambda: 127
        return
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen([program, *command[1:]], env=variables, stdout=printed, stderr=subprocess.STDOUT)

        def wait() -> int:
            code = process.wait()
            printed.seek(0)
            sys.stdout.flush()
            shutil.copyfileobj(printed, sys.stdout.buffer)
            sys.stdout.flush()
            return as_shells_say(code)

        try:
            yield wait
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def run_pytest(arguments: Sequence[str]) -> int:
    """Run pytest in the root folder."""
    os.chdir(ROOT)
    return run_inside(["python", "-m", "pytest", *arguments])


def command_demo(arguments: list[str]) -> int:
    """Measure something on simulated instruments, store it, plot it."""
    return run_inside(["luthier", "demo", *arguments])


def command_test(arguments: list[str]) -> int:
    """Check, then run all tests; ``--quick``: all but slow ones; or pytest with any arguments (``test -k ramp``)."""
    quick = arguments == ["--quick"]
    if arguments and not quick:
        return run_pytest(arguments)
    os.chdir(ROOT)
    folders, chosen = (BESIDE_QUICK, ["-m", "not slow"]) if quick else (BESIDE, [])
    with run_beside(["python", "-m", "pytest", "-p", "no:cacheprovider", *chosen, *folders]) as finish:
        checked = command_check([])
        tested = run_pytest([*chosen, *(f"--ignore-glob={folder}/*" for folder in folders)])
        if tested in (0, 1):  # and not interrupted
            tested = finish() or tested
    if checked and not tested:
        say("all tests passed, but the checks before them did not")
    return tested or checked


# What runs beside all the rest, needs nothing of it, and takes about as long: so neither core waits for the other.
BESIDE = ("contrib-drivers", "tests/conformance", "tests/packaging", "tests/docs")
BESIDE_QUICK = ("contrib-drivers", "tests", "plugins/cli", "plugins/sim")


def command_check(arguments: list[str]) -> int:
    """Lint, formatting, types and layers; with ``--fix``, mend first what can be mended."""
    if arguments not in ([], ["--fix"]):
        say("check takes no argument but --fix")
        return 2
    os.chdir(ROOT)
    fixing = bool(arguments)
    steps = {
        "ruff check": ["ruff", "check", *(["--fix"] if fixing else [])],
        "ruff format": ["ruff", "format", *([] if fixing else ["--check"])],
        "mypy": ["mypy"],
        "import-linter": ["lint-imports", "--no-logo"],
    }
    failed = [name for name, command in steps.items() if run_inside(command)]
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def command_docs(arguments: list[str]) -> int:
    """Run every example in the documentation, and make pictures that its pages lack.

    With ``--write``, write the pages that are made from drivers.
    """
    if arguments == ["--write"]:
        os.chdir(ROOT)
        return run_inside(["python", "-m", "luthier_cli.reference", "docs/reference"])
    os.environ["LUTHIER_WRITE_PICTURES"] = "1"
    return run_pytest(["tests/docs", *arguments])


def command_bench(arguments: list[str]) -> int:
    """Measure the figures of the budget and print them as ratios."""
    return run_pytest(["tests/benchmarks", *arguments])


def command_run(arguments: list[str]) -> int:
    """Run anything inside the environment: ``run python``, ``run luthier drivers``."""
    if not arguments:
        say("run needs a command: python3 dev.py run luthier drivers")
        return 2
    return run_inside(arguments)


def command_setup(arguments: list[str]) -> int:
    """Only make the environment, or bring it up to date."""
    if arguments:
        say("setup takes no arguments")
        return 2
    return 0


def command_lock(arguments: list[str]) -> int:
    """Write constraints.txt anew after a change of dependencies; with ``--upgrade``, take the newest versions."""
    if arguments not in ([], ["--upgrade"]):
        say("lock takes no argument but --upgrade")
        return 2
    choose_versions(arguments)
    set_up()
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": command_demo,
    "test": command_test,
    "check": command_check,
    "docs": command_docs,
    "bench": command_bench,
    "run": command_run,
    "setup": command_setup,
    "lock": command_lock,
}


def usage() -> str:
    """Return what ``--help`` prints: one line per command."""
    lines = [f"  {name:<7}{(function.__doc__ or '').strip()}" for name, function in COMMANDS.items()]
    return "\n".join(["usage: python3 dev.py <command> [arguments]", "", *lines])


def main(arguments: list[str]) -> int:
    """Carry out one command and return the exit code: 2 for a wrong command, 3 when the set-up failed."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        say(f"there is no command {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
        print(usage(), file=sys.stderr)
        return 2
    try:
        if name != "lock":  # which is what mends a set-up that fails for want of a package
            set_up()
        return COMMANDS[name](rest)
    except SetupError as error:
        say(f"{error}")
        return 3
    except KeyboardInterrupt:
        say("interrupted; run the same command again to go on")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
