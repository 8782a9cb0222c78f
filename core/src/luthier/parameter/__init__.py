"""Parameters: the quantities of an instrument that can be set, read, or both."""

from luthier.parameter.cache import Cache
from luthier.parameter.declaration import Declaration, group, live_parameter, parameter
from luthier.parameter.group import GroupParameter
from luthier.parameter.live import ManualParameter, Parameter
from luthier.parameter.specification import Asked, ParameterOptions, ParameterSpecification
from luthier.parameter.subscription import Change, Subscription
from luthier.parameter.sweep import ParameterSweep

__all__ = [
    "Asked",
    "Cache",
    "Change",
    "Declaration",
    "GroupParameter",
    "ManualParameter",
    "Parameter",
    "ParameterOptions",
    "ParameterSpecification",
    "ParameterSweep",
    "Subscription",
    "group",
    "live_parameter",
    "parameter",
]
