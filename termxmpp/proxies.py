"""A proxy as the user writes it: `socks5://[NAME:PASSWORD@]HOST:PORT`, or the same by `http://`.

Pure, and below the configuration, which checks what stands in its file.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum

from termxmpp.errors import UserError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = [
    "DIRECT",
    "Proxy",
    "ProxyKind",
    "chosen_proxy",
    "has_password",
    "read_proxy",
    "without_password",
]

# The word for no proxy at all, where another setting names one.
DIRECT = "none"

# RFC 1929 §2: a name and a password have so many bytes at most.
LONGEST = 255

# Up to the last @, as whoever reads an address takes it.
_PASSWORD = re.compile(r"(://[^:/]*:).*@")


class ProxyKind(Enum):
    """How a proxy is asked to connect: by RFC 1928, or by CONNECT (RFC 9110 §9.3.6)."""

    SOCKS5 = "socks5"
    HTTP = "http"


# What curl calls SOCKS where the proxy resolves the names, which is the only way here.
_KINDS = {"socks5": ProxyKind.SOCKS5, "socks5h": ProxyKind.SOCKS5, "http": ProxyKind.HTTP}


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is, and as whom we use it; written out, it tells no password."""

    kind: ProxyKind
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.kind.value}://{self.place}"

    @property
    def place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def read_proxy(text: str) -> Proxy | None:
    """The proxy that `text` names, None where it is empty or says `none`.

    Raises ValueError with what it must be; never with what it is, since that may be a password.
    """
    if text in ("", DIRECT):
        return None
    # The configuration is read before the first frame, and few have a proxy.
    from urllib.parse import unquote, urlsplit

    form = ValueError(_("socks5://HOST:PORT or http://HOST:PORT"))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise form from None
    kind = _KINDS.get(parts.scheme)
    is_more = parts.path.strip("/") or parts.query or parts.fragment
    has_odd = any(character.isspace() or not character.isprintable() for character in text)
    if kind is None or not parts.hostname or not port or is_more or has_odd:
        raise form
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if max(len(user.encode()), len(password.encode())) > LONGEST:
        raise ValueError(_("a proxy with a name and a password of 255 bytes at most"))
    if kind is ProxyKind.HTTP and ":" in user:
        raise ValueError(_("a proxy whose name for you has no colon"))
    return Proxy(kind, parts.hostname, port, user, password)


def chosen_proxy(argument: str, of_account: str, of_all: str) -> Proxy | None:
    """What is dialled through: by the command line, else the account's setting, else that for all.

    The settings have been checked; UserError for an `argument` that means nothing, or that tells
    a password to everybody on the machine.
    """
    try:
        proxy = read_proxy(argument)
    except ValueError as error:
        raise UserError(_("--proxy must be {form}.").format(form=error)) from None
    if proxy is not None and proxy.password:
        raise UserError(
            _(
                "A password in the arguments can be seen by everybody on this machine: "
                '`proxy = "…"` in the configuration can have one.'
            )
        )
    return proxy if argument else read_proxy(of_account or of_all)


def has_password(text: str) -> bool:
    """Whether `text` names a proxy with a password."""
    return _PASSWORD.search(text) is not None


def without_password(text: str) -> str:
    """`text` as it may be shown: where it names a proxy with a password, that is masked."""
    return _PASSWORD.sub(r"\1***@", text)
