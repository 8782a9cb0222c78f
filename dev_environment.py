"""The environment ``.venv``: whether it is up to date, how it is made, and what runs inside it sees.

Used by ``dev.py``; standard library only.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PROGRAMS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / ("python.exe" if os.name == "nt" else "python")
UV = PROGRAMS / ("uv.exe" if os.name == "nt" else "uv")
STAMP = ENVIRONMENT / "luthier-setup.txt"
UNFINISHED = "A set-up began here and did not end.\n"
CONSTRAINTS = ROOT / "constraints.txt"

# Extras for hardware and networks, which tests must not depend on: .venv goes without them.
HARDWARE_EXTRAS = {"usb", "gpib", "discovery"}

# What other Python environments, and other habits of the caller, would do to ours.
FOREIGN = re.compile(
    r"VIRTUAL_ENV|CONDA_PREFIX|__PYVENV_LAUNCHER__"
    r"|PYTHON(PATH|HOME|OPTIMIZE|WARNINGS|USERBASE|PLATLIBDIR|SAFEPATH|NOUSERSITE|DONTWRITEBYTECODE)"
    r"|PIP_(USER|TARGET|PREFIX|ROOT|PYTHON|CONSTRAINT|REQUIREMENT|EDITABLE|NO_DEPS|NO_BINARY|ONLY_BINARY|PRE|DRY_RUN)"
    # Of uv's settings only those remain that say where files come from and how to reach them.
    r"|UV_(?!(DEFAULT_INDEX|INDEX|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|KEYRING|INSECURE_HOST|SYSTEM_CERTS|NATIVE_TLS"
    r"|HTTP_|OFFLINE|CACHE_DIR|NO_CACHE|LINK_MODE|CONCURRENT|NO_PROGRESS)).*"
)

# What pip was told, and how uv wants to hear it.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}

# What an installer's last words mean to the person who reads them; the first that fits is said.
EXPLANATIONS = {
    r"no module named '?venv": (
        "This Python has no venv module. On Debian and Ubuntu: sudo apt install python3-venv. "
        "Elsewhere: install Python from its own installer."
    ),
    r"no space left|os error 28\b|errno 28\b|os error 112\b|disk full|not enough space": (
        "The disk is full: the environment and the downloads need about 2 GB. Make room and run the same command again."
    ),
    r"no such file or directory: .*(constraints\.txt|pyproject\.toml)": (
        "A file of the repository is missing: git checkout brings it back."
    ),
    r"certificate|CERT_|tls handshake": (
        "The certificate of the package index was not accepted. If your network inspects traffic, set SSL_CERT_FILE to "
        "your organisation's bundle of certificates, or UV_SYSTEM_CERTS=1, and run the same command again."
    ),
    r"mismatch.*hash|hash.*mismatch|do not match the hashes": (
        "A downloaded file is not the one that constraints.txt names. Is another package index configured "
        "(pip config list, UV_INDEX…)?"
    ),
    r"not installed|is incompatible|depends on .* but doesn't declare": (
        "A pyproject.toml asks for something that constraints.txt does not have: python3 dev.py lock"
    ),
    r"no usable wheels|building from source is disabled|no wheels with a matching|has no wheels": (
        "There are no ready-made files for this Python on this machine at the versions in constraints.txt. "
        "Use a Python that is a year old or more: python3.12 dev.py … (Windows: py -3.12 dev.py …)."
    ),
    r"permission denied|access is denied|os error (13|5|30)\b|errno 13\b|read-only file system": (
        "A file could not be written. Is the folder yours, and is a program from .venv still running?"
    ),
    r"dns error|name resolution|not resolve|failed to resolve|connection (refused|reset|error|broken|aborted|timed)"
    r"|new connection|network|timed out|unreachable|error sending request|failed to fetch|no matching distribution": (
        "The package index could not be reached: the first set-up needs the network. Check the connection (and "
        "HTTPS_PROXY, where there is a proxy) and run the same command again; what was downloaded is kept."
    ),
}


class SetupError(Exception):
    """The environment could not be made; the text says what is missing and what to do."""


def members() -> list[Path]:
    """Return the folders of all distributions of this repository, the root first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        patterns = tomllib.load(file)["tool"]["uv"]["workspace"]["members"]
    found = {path.parent for pattern in patterns for path in ROOT.glob(f"{pattern}/pyproject.toml")}
    return [ROOT, *sorted(found)]


def extras() -> list[str]:
    """Return the names of all extras of all distributions that are installed into ``.venv``."""
    found: set[str] = set()
    for folder in members():
        with (folder / "pyproject.toml").open("rb") as file:
            found |= tomllib.load(file)["project"].get("optional-dependencies", {}).keys()
    return sorted(found - HARDWARE_EXTRAS)


def fingerprint() -> str:
    """Return a text that changes whenever the environment must be brought up to date."""
    digest = hashlib.sha256()
    for file in (Path(__file__).resolve(), CONSTRAINTS, *(folder / "pyproject.toml" for folder in members())):
        digest.update(f"{file.relative_to(ROOT)}\n".encode())
        digest.update(file.read_bytes())
    return f"Python {sys.version_info[0]}.{sys.version_info[1]} in {ROOT}\n{digest.hexdigest()}\n"


def is_up_to_date() -> bool:
    """Tell whether the environment is complete and made from the present files."""
    try:
        return PYTHON.exists() and STAMP.read_text("utf-8") == fingerprint()
    except OSError:
        return False


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for what runs inside the environment: the caller's, without what belongs elsewhere."""
    kept = {name: value for name, value in variables.items() if not FOREIGN.fullmatch(name.upper())}
    path = next((name for name in kept if name.upper() == "PATH"), "PATH")
    kept[path] = os.pathsep.join(filter(None, (str(PROGRAMS), kept.get(path, ""))))
    kept["VIRTUAL_ENV"] = str(ENVIRONMENT)
    return kept


def uv_settings(pip_config: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Return what uv must be told so that it finds packages where pip does (``pip config list``)."""
    settings: dict[str, str] = {}
    for origin in ("global.", "install.", ":env:."):  # the later wins, as in pip
        for line in pip_config.splitlines():
            key, _, value = line.partition("=")
            if key.startswith(origin) and key.removeprefix(origin) in PIP_TO_UV:
                words = str(ast.literal_eval(value)).split()
                name = PIP_TO_UV[key.removeprefix(origin)]
                settings[name] = ("," if name == "UV_FIND_LINKS" else " ").join(words)
    if "UV_INDEX_URL" in variables:
        settings.pop("UV_DEFAULT_INDEX", None)
    if "UV_EXTRA_INDEX_URL" in variables:
        settings.pop("UV_INDEX", None)
    # As pip does, look at all indexes and not at the first that knows the name; the hashes decide what is accepted.
    settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if os.name == "nt" or sys.platform == "darwin":
        settings["UV_SYSTEM_CERTS"] = "1"  # where organisations install theirs
    return {name: value for name, value in settings.items() if name not in variables}


def explain(output: str) -> str:
    """Say in plain words why an installer failed, where its output tells."""
    for pattern, explanation in EXPLANATIONS.items():
        if re.search(pattern, output, re.IGNORECASE | re.DOTALL):
            return explanation
    return "Delete the folder .venv and run the same command again; if that does not help, the lines above say why."


def install(what: str, command: Sequence[str | Path], variables: Mapping[str, str]) -> None:
    """Run an installer, once more if it failed, and say why in plain words if it fails again."""
    say(what)
    arguments = [str(part) for part in command]
    if subprocess.run(arguments, env=variables, cwd=ROOT, stdout=sys.stderr, check=False).returncode == 0:
        return
    # A second attempt mends a connection that broke; and its output can be read, the first was shown as it came.
    again = subprocess.run(
        arguments, env=variables, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if again.returncode:
        raise SetupError(f"this failed: {what}. {explain(again.stdout.decode(errors='replace'))}")


def unusable(version: str, variables: Mapping[str, str]) -> str:
    """Say why the ``.venv`` that is there cannot be kept; nothing when it can."""
    settings = ENVIRONMENT / "pyvenv.cfg"
    if not settings.exists():
        return "it is no virtual environment"
    made_by = re.search("^command = .*", settings.read_text("utf-8"), re.MULTILINE)
    if made_by is not None and str(ENVIRONMENT) not in made_by[0]:
        return "it was moved, and the programs in it name the old place"
    found = output_of([PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], variables)
    return "" if found == version else f"it has {f'Python {found}' if found else 'a Python that does not run'}"


def make_environment(variables: Mapping[str, str]) -> None:
    """Make an empty ``.venv``, unless there is one of this Python that works."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    reason = unusable(version, variables) if ENVIRONMENT.exists() else "there is none"
    if reason:
        command = [sys.executable, "-m", "venv", "--without-pip", "--clear", "--prompt", ROOT.name, str(ENVIRONMENT)]
        install(f"Making .venv with Python {version} ({reason})", command, variables)


def find_pip(variables: Mapping[str, str]) -> list[str]:
    """Return the beginning of a pip command that installs into ``.venv``."""
    own = [str(PYTHON), "-m", "pip"]
    if output_of([*own, "--version"], variables):
        return own
    output_of([PYTHON, "-m", "ensurepip"], variables)
    if output_of([*own, "--version"], variables):
        return own
    outer = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if output_of([*outer, "--version"], variables):
        return outer
    raise SetupError(
        "this Python cannot install anything into .venv, because it has neither ensurepip nor pip. "
        "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: install Python from its own installer."
    )


def pinned(name: str) -> str:
    """Return the lines of ``constraints.txt`` on one package: its version and its hashes."""
    found = re.search(rf"^{name}==.*(?:\n    --hash=.*)*", CONSTRAINTS.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SetupError(f"constraints.txt does not name {name}. Is it complete? (git checkout constraints.txt)")
    return found[0]


def install_uv(caller: Mapping[str, str]) -> dict[str, str]:
    """Make ``.venv`` with the pinned uv in it, and return the variables to run that uv with."""
    wanted = pinned("uv")
    variables = {**clean_environment(caller), "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    make_environment(variables)
    pip = find_pip(variables)
    if not output_of([UV, "--version"], variables).startswith(f"uv {wanted.split()[0].partition('==')[2]} "):
        requirement = ENVIRONMENT / "uv-requirement.txt"
        requirement.write_text(wanted + "\n", "utf-8")
        command = [*pip, "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        command += ["--force-reinstall"]  # a half of it may be there
        install("Installing uv", [*command, "-r", str(requirement)], variables)
    return variables | uv_settings(output_of([*pip, "config", "list"], variables), variables)


def install_everything(variables: Mapping[str, str], *, afresh: bool) -> None:
    """Bring ``.venv`` up to date with the present files; ``afresh`` trusts nothing that is there already."""
    to_environment: list[str | Path] = ["--python", PYTHON, *([] if sys.stderr.isatty() else ["--quiet"])]
    locked = [UV, "pip", "install", *to_environment, "--require-hashes", "--no-build", "-r", CONSTRAINTS]
    locked += ["--reinstall"] if afresh else []
    # What is installed or was downloaded before needs no network.
    if not succeeds([*locked, "--offline", "--quiet"], variables):
        install("Installing the packages of constraints.txt", locked, variables)
    departed = stale_members()
    if departed:
        install("Removing what left the repository", [UV, "pip", "uninstall", *to_environment, *departed], variables)
    # Built by the hatchling that constraints.txt pins, which needs no network.
    in_place: list[str | Path] = ["--no-deps", "--no-build-isolation", "--offline"]
    in_place += [part for folder in members() for part in ("--editable", folder)]
    install("Installing this repository's distributions", [UV, "pip", "install", *to_environment, *in_place], variables)
    install("Checking that nothing is missing", [UV, "pip", "check", *to_environment], variables)


def stale_members() -> list[str]:
    """Return the names of installed distributions whose folder in this repository is gone."""
    folders = set(members())
    stale = []
    for file in ENVIRONMENT.glob("**/site-packages/*.dist-info/direct_url.json"):
        folder = Path(url2pathname(urlsplit(json.loads(file.read_text("utf-8"))["url"]).path))
        if folder.is_relative_to(ROOT) and folder not in folders:
            stale.append(file.parent.name.partition("-")[0])
    return stale


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep two set-ups of one folder from running at the same time; the lock ends with the process."""
    with (ROOT / ".dev.lock").open("a", encoding="utf-8") as file:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists on Windows only

            while True:
                with contextlib.suppress(OSError):  # gives up after ten seconds
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl  # noqa: PLC0415 - exists on POSIX only

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def setting_up() -> Iterator[None]:
    """Set up alone, and say in plain words what the operating system refused."""
    try:
        with alone():
            yield
    except OSError as error:
        raise SetupError(f"{error}. {explain(f'os error {error.errno} {error}')}") from error


def set_up() -> None:
    """Make the environment, or bring it up to date; returns at once when nothing changed."""
    if is_up_to_date():
        return
    start = time.monotonic()
    with setting_up():
        if is_up_to_date():  # somebody else did it meanwhile
            return
        interrupted = STAMP.exists() and STAMP.read_text("utf-8") == UNFINISHED
        variables = install_uv(os.environ)
        STAMP.write_text(UNFINISHED, "utf-8")
        install_everything(variables, afresh=interrupted)
        STAMP.write_text(fingerprint(), "utf-8")
    say(f"The environment .venv is ready ({time.monotonic() - start:.1f} s)")


def choose_versions(options: Sequence[str]) -> None:
    """Write ``constraints.txt`` anew from what the distributions ask for."""
    with setting_up():
        variables = install_uv(os.environ)
        choices = "--universal --generate-hashes --group dev --only-binary :all: --python-version 3.11"
        silence = "--quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links"
        compiler: list[str | Path] = [UV, "pip", "compile", *choices.split(), *silence.split(), *options]
        compiler += [f"--extra={name}" for name in extras()]
        # Relative, so that no path of this machine gets into the file.
        files = [(folder / "pyproject.toml").relative_to(ROOT) for folder in members()]
        install("Choosing versions", [*compiler, *files, "-o", CONSTRAINTS.name], variables)
        lines = CONSTRAINTS.read_text("utf-8").splitlines(keepends=True)
        CONSTRAINTS.write_text("".join(line for line in lines if not line.startswith("-e ")), "utf-8")


def say(text: str) -> None:
    """Tell what goes on, beside the output of what is run."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def succeeds(command: Sequence[str | Path], variables: Mapping[str, str]) -> bool:
    """Tell whether a command that may fail, unseen, does not."""
    arguments = [str(part) for part in command]
    return subprocess.run(arguments, env=variables, cwd=ROOT, capture_output=True, check=False).returncode == 0


def output_of(command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """Return what a command prints, or nothing where it cannot be run or fails."""
    try:
        done = subprocess.run([str(part) for part in command], env=variables, capture_output=True, check=False)
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.decode(errors="replace").strip()
