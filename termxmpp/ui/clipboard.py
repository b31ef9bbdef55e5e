"""Copying by the terminal itself (OSC 52), which works over ssh, and through tmux and screen."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from termxmpp.errors import UserError
from termxmpp.words import _

__all__ = ["copying"]

# xterm takes so many bytes of text at once, and most others no fewer.
LARGEST = 74_994

# Screen passes on strings of at most so many characters.
CHUNK = 512


def copying(text: str, environment: Mapping[str, str]) -> str:
    """What lets the terminal copy `text`; UserError if that is too long.

    In tmux both tmux and the terminal around it are told: one of them is allowed to, as
    `set-clipboard` and `allow-passthrough` say.
    """
    content = text.encode("utf-8", "replace")
    if len(content) > LARGEST:
        raise UserError(
            _("That is too long to be copied: {count} bytes, terminals take {most}.").format(
                count=len(content), most=LARGEST
            )
        )
    copy = f"\x1b]52;c;{base64.b64encode(content).decode()}\x07"
    if environment.get("TMUX"):
        return f"{copy}\x1bPtmux;{copy.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environment.get("STY"):
        parts = (copy[start : start + CHUNK] for start in range(0, len(copy), CHUNK))
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return copy
