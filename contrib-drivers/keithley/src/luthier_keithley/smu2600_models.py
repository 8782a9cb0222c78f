"""How many channels the models of the 2600 series have, and of which kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from luthier_keithley.smu2600_channel import Channel260x, Channel261x, Channel2634, Channel2635

if TYPE_CHECKING:
    from luthier_keithley.smu2600_channel import SmuChannel

__all__ = ["MODELS", "Model"]


@attrs.frozen
class Model:
    """Channels of a model.

    Attributes
    ----------
    letters
        Of its channels.
    kind
        Their class.
    """

    letters: str
    kind: type[SmuChannel]


MODELS = {
    "2601": Model("a", Channel260x),
    "2602": Model("ab", Channel260x),
    "2604": Model("ab", Channel260x),
    "2611": Model("a", Channel261x),
    "2612": Model("ab", Channel261x),
    "2614": Model("ab", Channel261x),
    "2634": Model("ab", Channel2634),
    "2635": Model("a", Channel2635),
    "2636": Model("ab", Channel2635),
}
