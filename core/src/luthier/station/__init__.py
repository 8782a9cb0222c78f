"""The instruments of a lab, opened together from one ``lab.toml``.

::

    from luthier import Station, open_stations

    with Station("lab.toml") as lab:
        lab.smu.voltage(0.1)

:func:`describe` reads the file without opening anything.
"""

from luthier.station.description import InstrumentEntry, StationDescription
from luthier.station.document import TomlDocument
from luthier.station.finding import nearest_file
from luthier.station.reading import describe
from luthier.station.section_plugins import Section
from luthier.station.sections import declare_section
from luthier.station.station import Station, open_stations

__all__ = [
    "InstrumentEntry",
    "Section",
    "Station",
    "StationDescription",
    "TomlDocument",
    "declare_section",
    "describe",
    "nearest_file",
    "open_stations",
]
