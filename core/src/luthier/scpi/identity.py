"""Who an instrument says it is: the reply to ``*IDN?`` (IEEE 488.2-1992, 10.14)."""

from __future__ import annotations

import attrs

from luthier.errors import ReplyError

__all__ = ["Identity", "parse_identity"]

_FIELDS = 4


@attrs.frozen
class Identity:
    """The four fields of a reply to ``*IDN?``; a field that the instrument leaves out is empty.

    The standard has instruments answer ``0`` for a serial number or a firmware that they do not know; that is kept.
    """

    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""

    def matches(
        self,
        *,
        vendor: str | None = None,
        model: str | None = None,
        serial: str | None = None,
        firmware: str | None = None,
    ) -> bool:
        """Return whether every field matches its pattern, in any case; ``None`` matches anything.

        Patterns are those of file names: ``*``, ``?``, ``[…]``.

        >>> Identity("Keysight Technologies", "34461A", "MY1", "A.02").matches(vendor="keysight*", model="3446[015]A")
        True
        """
        from fnmatch import fnmatchcase  # noqa: PLC0415 - not needed to open an instrument

        fields = ((self.vendor, vendor), (self.model, model), (self.serial, serial), (self.firmware, firmware))
        return all(pattern is None or fnmatchcase(field.casefold(), pattern.casefold()) for field, pattern in fields)


def parse_identity(reply: str) -> Identity:
    """Return the fields of a reply to ``*IDN?``.

    Fields are separated by commas, or, where there is no comma, by colons. White space and quotes around the reply and
    around each field are dropped. Of more than four fields the last ones are the firmware, commas included. A reply of
    one field is the model.

    Raises :class:`~luthier.errors.ReplyError` if there is nothing in the reply.

    >>> parse_identity("KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C32   Oct  4 2010 14:20:11/A02  /K/H")
    Identity(vendor='KEITHLEY INSTRUMENTS INC.', model='MODEL 2400', serial='1234567', \
firmware='C32   Oct  4 2010 14:20:11/A02  /K/H')
    >>> parse_identity("HP3458A")
    Identity(vendor='', model='HP3458A', serial='', firmware='')
    """
    text = _without_header(_bare(reply))
    separator = "," if "," in text else ":"
    fields = [_bare(field) for field in text.split(separator, _FIELDS - 1)]
    if not any(fields):
        raise ReplyError(
            f"the reply {reply!r} names no instrument; expected is vendor,model,serial number,firmware",
            command="*IDN?",
            reply=reply,
            expected="vendor,model,serial number,firmware",
        )
    return Identity(model=fields[0]) if len(fields) == 1 else Identity(*fields)


def _without_header(text: str) -> str:
    """Take off the repeated question, which some oscilloscopes send while response headers are switched on."""
    first, _, rest = text.partition(" ")
    return rest if first.upper().strip(":*?") == "IDN" else text


def _bare(text: str) -> str:
    return text.strip(" \t\r\n\0\"'")
