"""Whether the hooks that a plugin implements exist, with the arguments that it expects."""

from __future__ import annotations

from pluggy import PluginManager

from luthier.plugins import hookspecs
from luthier.suggestions import nearest

__all__ = ["misfit"]


def misfit(plugin: object) -> str:
    """Say what is wrong with the hooks of `plugin`; empty if nothing is. Nothing of it is called."""
    if isinstance(plugin, type):
        return f"{plugin.__qualname__} is a class; hooks are called on an instance or a module"
    trial = PluginManager(hookspecs.PROJECT)
    trial.add_hookspecs(hookspecs)
    try:
        trial.register(plugin)
    except Exception as error:  # noqa: BLE001 - pluggy refuses in several ways, and looks at attributes of a stranger
        return f"its hooks do not fit: {' '.join(str(error).split())}"
    implementations = [
        (caller, one) for caller in trial.get_hookcallers(plugin) or () for one in caller.get_hookimpls()
    ]
    for caller, implementation in implementations:
        if implementation.wrapper or implementation.hookwrapper:
            return f"its {caller.name!r} is a wrapper; nobody may stand between other plugins and their news"
        if not caller.has_spec() and not implementation.optionalhook:
            near = nearest(caller.name, hookspecs.HOOKS)
            return f"there is no hook {caller.name!r}" + (f"; {near[0]!r} may be meant" if near else "")
    return "" if implementations else "none of its functions is marked with luthier.plugins.hookimpl"
