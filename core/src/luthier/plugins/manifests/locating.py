"""Finding and reading the file that an entry point of the group ``luthier.manifest`` names, importing nothing."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from luthier.errors import ManifestError
from luthier.plugins.manifests.reading import LARGEST

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

    from luthier.plugins.entry import Distribution

__all__ = ["content_of"]

_VALUE = re.compile(r"([A-Za-z_]\w*):([\w.-]+(?:/[\w.-]+)*)")


def content_of(distribution: Distribution) -> tuple[bytes, str]:
    """Return what is in the manifest of `distribution`, at most one byte more than allowed, and where it is.

    The package is found as ``import`` would find it, in wheels, archives and editable installs, and is not imported:
    it has to be a top-level one, because looking for a package inside of another imports the outer one.

    Raises :class:`~luthier.errors.ManifestError` if the entry point has another form, or there is no such file.
    """
    value = distribution.manifest
    match = _VALUE.fullmatch(value)
    if match is None or ".." in match[2].split("/"):
        what = f"the entry point {value!r} in the group luthier.manifest does not name a file of a package"
        raise _absent(distribution, what, "It has to be like 'luthier_acme:luthier.toml', with a top-level package.")
    package, name = match.groups()
    spec = _spec_of(distribution, package)
    for folder in spec.submodule_search_locations or ():
        path = f"{folder}/{name}"
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - a Path for each of very many would take long
                return file.read(LARGEST + 1), path
        except (FileNotFoundError, NotADirectoryError):
            content = _from_loader(spec, path)
            if content is not None:
                return content, path
        except OSError as error:
            raise _absent(distribution, f"{path} cannot be read: {error.strerror or error}", "") from error
    what = f"the package {package!r} has no file {name!r}, which is to be its manifest"
    raise _absent(distribution, what, f"Reinstall it: pip install --force-reinstall {distribution.name}.")


def _spec_of(distribution: Distribution, package: str) -> ModuleSpec:
    try:
        spec = find_spec(package)
    except Exception as error:
        # A module without a specification in sys.modules, or a finder of a stranger's.
        what = f"the package {package!r} of its manifest cannot be looked for: {type(error).__name__}: {error}"
        raise _absent(distribution, what, "") from error
    if spec is None:
        what = f"the package {package!r}, which has its manifest, is not there"
        raise _absent(distribution, what, f"Reinstall it: pip install --force-reinstall {distribution.name}.")
    return spec


def _from_loader(spec: ModuleSpec, path: str) -> bytes | None:
    """Ask the loader of the package, which knows the inside of archives."""
    get_data = getattr(spec.loader, "get_data", None)
    if get_data is None:
        return None
    try:
        return bytes(get_data(path.replace("/", "\\") if sys.platform == "win32" else path))
    except Exception:  # noqa: BLE001 - loaders of strangers fail in their own ways; the file is not there for us
        return None


def _absent(distribution: Distribution, what: str, advice: str) -> ManifestError:
    return ManifestError(
        what,
        who=distribution.name,
        state="Its plugins work as far as they do without it.",
        advice=advice,
        kind="",
        name=distribution.name,
        distribution=distribution.name,
        file="",
        line=None,
        mistakes=(f"{what}. {advice}".rstrip(),),
    )
