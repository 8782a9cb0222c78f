"""What is wrong with the modules in a wheel: what cannot be parsed, and what they name that is not there."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from luthier.plugins.static_checks import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from luthier_cli.checking.wheel import Wheel

__all__ = ["defines", "module_faults"]

_ADVICE = "See that the build takes it in."


def module_faults(wheel: Wheel) -> Iterator[Fault]:
    """Yield what is wrong with each module in Python."""
    for name, tree in wheel.sources.items():
        if isinstance(tree, str):
            yield Fault(f"{name} is no Python: {tree}.", "", serious=True)
            continue
        missing = dict.fromkeys(module for module in _imported(name, tree, wheel) if not _is_there(wheel, module))
        for module in missing:
            yield Fault(f"{name} imports {module}, which is not in it.", _ADVICE, serious=True)
        for file in dict.fromkeys(_data_files(tree, wheel)):
            yield Fault(f"{name} names the file {file}, which is not in it.", _ADVICE, serious=True)


def defines(wheel: Wheel, file: str, name: str) -> bool:
    """Tell whether a module has a name, as far as can be told: where it cannot, it has."""
    tree = wheel.sources.get(file)
    if not isinstance(tree, ast.Module):
        return True
    names = set(_names(tree.body))
    return name in names or bool({"*", "__getattr__"} & names)


def _names(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        else:
            yield from (
                one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            )
            for inner in ("body", "orelse", "finalbody"):
                yield from _names(getattr(node, inner, []))
            for handler in getattr(node, "handlers", []):
                yield from _names(handler.body)


def _imported(name: str, tree: ast.Module, wheel: Wheel) -> Iterator[str]:
    """Yield the modules of its own distribution that a module imports, by their dotted names."""
    parts = name.removesuffix(".py").removesuffix("/__init__").split("/")
    package = parts if name.endswith("/__init__.py") else parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in wheel.packages)
        elif isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            yield ".".join([*above, *([node.module] if node.module else [])])
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in wheel.packages:
            yield node.module


def _is_there(wheel: Wheel, module: str) -> bool:
    path = module.replace(".", "/")
    return bool(wheel.module_file(module)) or any(name.startswith(f"{path}/") for name in wheel.names)


def _data_files(tree: ast.Module, wheel: Wheel) -> Iterator[str]:
    """Yield the pyvisa-sim files that a module names and that are not there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "PyvisaSimDefinition":
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) > 1 and (path := f"{texts[0]}/{texts[1]}") not in wheel.names:
                yield path
