"""Which device is meant: by id, address, file, class, or itself."""

from __future__ import annotations

from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from luthier import Instrument, plugins
from luthier.errors import UsageError
from luthier.instrument import driver_class
from luthier.simulation import PyvisaSimDefinition

from luthier_sim.addresses import FileAddress, parse_simulated_address
from luthier_sim.definitions import definition_path
from luthier_sim.device import Device
from luthier_sim.python_devices import python_device
from luthier_sim.serving.yaml_device import yaml_device

__all__ = ["class_at", "device_for"]


def device_for(what: Any, label: str) -> Device:
    """Return the device that `what` means; see :func:`luthier_sim.serve`."""
    if isinstance(what, Device):
        return what
    if isinstance(what, type) and issubclass(what, Device):
        return python_device(what, label)
    if isinstance(what, type) and issubclass(what, Instrument):
        return python_device(_made_of(what), label)
    if not isinstance(what, str):
        raise _unusable(what)
    if ":" in what and "://" not in what:
        return python_device(_device_class_at(what), label)
    place = parse_simulated_address(what if what.lower().startswith("sim://") else f"sim://{what}")
    if isinstance(place, FileAddress):
        return yaml_device(place.file, place.resource, place.label or label, strict=False)
    if place.simulator not in plugins.registry("simulators") and place.simulator in plugins.registry("drivers"):
        return python_device(_made_of(driver_class(place.simulator)), place.label or label)
    found = plugins.registry("simulators").load(place.simulator)
    if isinstance(found, PyvisaSimDefinition):
        return yaml_device(definition_path(found), found.resource, place.label or label, strict=True)
    if isinstance(found, type) and issubclass(found, Device):
        return python_device(found, place.label or label)
    raise UsageError(
        f"the simulator {place.simulator!r} can be opened in process only: it is neither a class of devices nor a "
        "pyvisa-sim definition",
        who=what,
        state="Nothing is served.",
    )


def class_at(place: str, folder: Path | None = None) -> object:
    """Import what ``module:Class`` or ``./file.py:Class`` names; what the module raises passes through.

    Parameters
    ----------
    place
        Where it is.
    folder
        Where relative files start; ``None``: the working directory.

    Raises
    ------
    UsageError
        There is no such file, module or name.
    """
    where, _, name = place.rpartition(":")
    if where.endswith(".py"):
        file = ((folder or Path()) / where).resolve()
        spec = spec_from_file_location(file.stem, file)
        if not file.is_file() or spec is None or spec.loader is None:
            raise UsageError(f"there is no file {file}", state="Nothing is served.")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        try:
            module = import_module(where)
        except (ModuleNotFoundError, ValueError) as error:
            raise UsageError(f"there is no module {where!r}", state="Nothing is served.") from error
    if not hasattr(module, name):
        raise UsageError(f"there is no {name!r} in {where}", state="Nothing is served.")
    found: object = getattr(module, name)
    return found


def _device_class_at(place: str) -> type[Device]:
    found = class_at(place)
    if isinstance(found, type) and issubclass(found, Instrument):
        return _made_of(found)
    if not (isinstance(found, type) and issubclass(found, Device)):
        raise _unusable(place)
    return found


def _made_of(driver: type[Instrument]) -> type[Device]:
    from luthier_sim.declared import simulator_of  # noqa: PLC0415 - for drivers without a simulator only

    return simulator_of(driver)


def _unusable(what: object) -> UsageError:
    return UsageError(
        f"{what!r} is no simulated device",
        state="Nothing is served.",
        advice="Give the id of a simulator or a driver (keithley.2400), a pyvisa-sim file (./lamp.yaml), or a class of "
        "devices or a driver (./lamps.py:Lamp).",
    )
