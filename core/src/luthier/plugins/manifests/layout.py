"""What may stand in a ``luthier.toml``: the one definition that reading it, its JSON schema and its page follow."""

from __future__ import annotations

from typing import Final

from luthier.families.catalogue import FAMILIES
from luthier.plugins.kinds import KINDS
from luthier.plugins.manifests.shapes import Key, Keys, ListOf, Named, Text, Whole
from luthier.plugins.naming import id_key

__all__ = ["CAPABILITIES", "FORMAT", "INTERFACES", "MANIFEST", "VERIFICATIONS"]

FORMAT: Final = 1
"""The version of the format. A higher one is written when what is written now would be misread."""

INTERFACES: Final = {
    "gpib": "IEEE 488, GPIB0::24::INSTR",
    "usb": "USB test and measurement class, USB0::…::INSTR",
    "vxi-11": "LAN by VXI-11, TCPIP::host::INSTR",
    "hislip": "LAN by HiSLIP, TCPIP::host::hislip0::INSTR",
    "socket": "LAN by a plain TCP socket, TCPIP::host::5025::SOCKET",
    "serial": "a serial line, also one over USB, ASRL1::INSTR",
    "pxi": "PXI or PCI",
    "library": "a library of the maker's, through which the driver reaches the instrument by itself",
    "none": "no connection of its own: made of other instruments, or of software",
}
"""How an instrument is reached."""

CAPABILITIES: Final = {
    "source": "it puts out voltage, current, power, heat, light, field, pressure or the like, which make_safe() ends",
    "motion": "it moves something, which make_safe() stops",
    "measure": "it takes readings",
    "identity": "it answers *IDN?",
    "reset": "reset() puts it into the state that its manual calls default",
    "error-queue": "it keeps errors, which the driver asks for and raises",
    "status": "it has the status registers of IEEE 488.2, with *OPC?",
    "service-request": "it can ask for attention, which the driver waits for",
    "channels": "it has channels, which are members of the driver",
    "buffer": "it keeps readings, which the driver reads as arrays",
    "binary": "arrays travel as blocks of binary data",
    "waveform": "it plays what is written to it as arrays",
    "trigger": "it can wait for a trigger",
    "ramp": "the driver or the instrument moves settings at a bounded rate",
    "slow": "some settings take longer than a second",
    "thread-affine": "the driver has to be used in the thread that opened it",
    "exclusive": "one connection at a time; a second one is refused by the instrument",
}
"""What an instrument, or its driver, can do; the checks of the conformance suite that apply follow from them."""

VERIFICATIONS: Final = {
    "simulated": "with a simulator that follows the manual",
    "scripted": "with messages written down from the manual",
    "foreign": "with another program that speaks the same commands, as instrument or as client",
    "hardware": "with instruments: which, with which firmware, and when",
}
"""What a driver was tried with."""

_ID: Final = Text(
    r"[A-Za-z0-9_+\-]+(\.[A-Za-z0-9_+\-]+)*",
    "an id: words of letters, digits, '_', '-' and '+', joined by dots, in quotation marks where it has a dot",
)
_SPACED_ID: Final = Text(
    r"[A-Za-z0-9_+\-]+(\.[A-Za-z0-9_+\-]+)+",
    'an id with a namespace. Write it in quotation marks, such as "acme.x100"',
)
_TARGET: Final = Text(
    r"([A-Za-z0-9][A-Za-z0-9._\-]*:)?[A-Za-z0-9_+\-]+(\.[A-Za-z0-9_+\-]+)+",
    "an id with a namespace, or distribution:id",
)
_LINK: Final = Text(r"https?://\S+", "a link that begins with https://")
_GLOB: Final = Text(
    r"\S.*", "a pattern as of file names: * stands for anything, ? for any character, [12] for one of these"
)
_USB_NUMBER: Final = Whole(0, 0xFFFF)

_IDENTITY: Final = Keys(
    {
        "vendor": Key(_GLOB, "Pattern for the first field of the reply to *IDN?, in any case; left out: anything."),
        "model": Key(_GLOB, "Pattern for the second field."),
        "serial": Key(_GLOB, "Pattern for the third field."),
        "firmware": Key(_GLOB, "Pattern for the fourth field, which has what is left of the reply."),
    },
    one_of=("vendor", "model"),
)

_USB: Final = Keys(
    {
        "vendor": Key(_USB_NUMBER, "The USB vendor id, such as 0x05e6.", required=True),
        "product": Key(_USB_NUMBER, "The USB product id; left out: any."),
        "serial": Key(_GLOB, "Pattern for the serial number; left out: any."),
    }
)

_DRIVER: Final = Keys(
    {
        "title": Key(Text(), 'What it is, in a few words: "2400 SourceMeter".', required=True),
        "vendor": Key(Text(), "The maker, as people call it.", required=True),
        "models": Key(ListOf(Text()), "The models that the driver serves, as they are written on the instruments."),
        "interfaces": Key(
            ListOf(Text(choices=INTERFACES), at_least=1), "How the driver can reach the instrument.", required=True
        ),
        "capabilities": Key(ListOf(Text(choices=CAPABILITIES)), "What the instrument and its driver can do."),
        "families": Key(
            ListOf(Text(choices={name: one.title for name, one in FAMILIES.items()})),
            "The families that the instrument belongs to: what a script may take for granted.",
        ),
        "identity": Key(
            ListOf(_IDENTITY, at_least=1), "Replies to *IDN? that this driver is for; one rule has to fit."
        ),
        "usb": Key(ListOf(_USB, at_least=1), "USB devices that this driver is for; one rule has to fit."),
        "simulator": Key(_SPACED_ID, "The id of the simulator behind sim://; left out: there is none."),
        "manual": Key(Text(), "The manual that the driver follows, with its edition."),
        "docs": Key(_LINK, "Where the driver is documented."),
        "verified": Key(
            Keys({name: Key(Text(), f"What was tried {how}.") for name, how in VERIFICATIONS.items()}),
            "What the driver was tried with, and how far; what is left out was not done.",
        ),
    }
)

_OTHER: Final = Keys(
    {
        "summary": Key(Text(), "What it is, in a sentence.", required=True),
        "docs": Key(_LINK, "Where it is documented."),
    }
)

MANIFEST: Final = Keys(
    {
        "schema": Key(Whole(FORMAT, FORMAT), f"The version of this format: {FORMAT}.", required=True),
        "api": Key(
            ListOf(Text(r"\d{1,4}\.\d{1,4}", 'a version like "1.0"'), at_least=1),
            "The versions of the plugin interface that the distribution was written for.",
            required=True,
        ),
        "docs": Key(_LINK, "Where the distribution is documented."),
        "drivers": Key(Named(_SPACED_ID, _DRIVER, id_key), "The drivers, by id."),
        **{
            kind: Key(Named(_ID, _OTHER, id_key), f"The plugins of the kind {kind}, by id.")
            for kind in KINDS
            if kind != "drivers"
        },
        "needs": Key(
            Named(Text(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", "the name of a module"), Text()),
            "Modules that the drivers import and pip does not install, each with a sentence on how to get it.",
        ),
        "redirects": Key(
            Named(_SPACED_ID, _TARGET, id_key), "Ids of drivers that were renamed, each with the id that it has now."
        ),
        "tombstones": Key(
            Named(_SPACED_ID, Text(), id_key),
            "Ids of drivers that are no more, each with a sentence on why and on what to use instead.",
        ),
    }
)
"""The whole file."""
