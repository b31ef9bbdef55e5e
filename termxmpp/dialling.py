"""Where to dial and whom to trust, as the user writes it: `HOST[:PORT]` and `sha256:HEX`.

Pure, and below the configuration, which checks what stands in its file.
"""

from __future__ import annotations

import re

from termxmpp.words import _

__all__ = ["read_pin", "read_server"]


def read_server(text: str) -> tuple[str, int]:
    """The host and the port that `HOST[:PORT]` names; no port is 0, nothing at all no host.

    IPv6 literals stand in brackets where a port follows. ValueError says what it must be.
    """
    if text.startswith("["):
        host, closed, port = text[1:].partition("]")
        if not closed or (port and not port.startswith(":")):
            raise ValueError(_("HOST or HOST:PORT, or as in [::1]:5222"))
        port = port.removeprefix(":")
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, __, port = text.partition(":")
    is_port = not port or (port.isascii() and port.isdecimal() and 1 <= int(port) <= 65535)
    if not is_port or (text and not host):
        raise ValueError(_("HOST or HOST:PORT, or as in [::1]:5222"))
    return host, int(port or 0)


def read_pin(text: str) -> str:
    """The digest that `sha256:HEX` names, in small letters; empty where nothing is written.

    ValueError says what it must be.
    """
    if not text.strip():
        return ""
    match = re.fullmatch(r"(?i)sha256:((?:[0-9a-f]{2}:?){32})", text.strip())
    if match is None:
        raise ValueError(_("sha256: and 64 hexadecimal digits, as certificate errors print it"))
    return match[1].replace(":", "").lower()
