"""What the first run lets choose: ways on after what failed, and places for a password."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum, auto

from termxmpp.config import AccountConfig
from termxmpp.config_keys import Edit
from termxmpp.core.jid import Jid
from termxmpp.errors import CertificateError, LoginRefused, TermxmppError
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["Draft", "Place", "Way", "edits_between", "place_words", "way_words", "ways_on"]


@dataclass(frozen=True, slots=True)
class Draft:
    """The account as it stands so far; `account` is what the configuration will say of it.

    `is_new`: it is still to be made, at the server that `jid` names, by the `token` of an
    invitation if there is one.
    """

    jid: Jid
    account: AccountConfig
    password: str = ""
    is_new: bool = False
    has_kept_password: bool = False
    token: str = ""


class Way(Enum):
    """What can be done about a log-in or a registration that failed."""

    AGAIN = auto()
    PASSWORD = auto()
    ADDRESS = auto()
    OTHER_SERVER = auto()
    EXISTING = auto()
    DIAL = auto()
    TRUST = auto()
    KEEP = auto()
    LEAVE = auto()


class Place(Enum):
    """Where a password can be kept."""

    KEYRING = auto()
    COMMAND = auto()
    FILE = auto()
    NOWHERE = auto()


def ways_on(draft: Draft, error: TermxmppError) -> tuple[Way, ...]:
    """What may help after `error`, the likeliest first."""
    trust = (Way.TRUST,) if isinstance(error, CertificateError) and error.pin else ()
    is_refused = isinstance(error, LoginRefused)
    if draft.is_new:
        first = (Way.OTHER_SERVER, Way.AGAIN) if is_refused else (Way.AGAIN, Way.OTHER_SERVER)
        return (*first, *trust, Way.DIAL, Way.EXISTING, Way.LEAVE)
    likeliest = Way.PASSWORD if is_refused else Way.AGAIN
    return (likeliest, Way.ADDRESS, *trust, Way.DIAL, Way.KEEP, Way.LEAVE)


def way_words() -> dict[Way, str]:
    """What stands for each way; `{jid}` is the account."""
    return {
        Way.AGAIN: _("Try again"),
        Way.PASSWORD: _("Type the password again"),
        Way.ADDRESS: _("Take another address"),
        Way.OTHER_SERVER: _("Make the account on another server"),
        Way.EXISTING: _("Log in with an address that you have"),
        Way.DIAL: _("Dial another HOST:PORT for {jid}"),
        Way.TRUST: _("Look at the certificate, and trust it if it is the right one"),
        Way.KEEP: _("Keep {jid} as it is, and go on"),
        Way.LEAVE: _("Leave, and keep nothing"),
    }


def place_words() -> dict[Place, str]:
    """What stands for each place; `{path}` is the file."""
    return {
        Place.KEYRING: _("In the keyring of the system"),
        Place.COMMAND: _("In a password manager: a command prints it"),
        Place.FILE: _("In the file {path}, which only you can read"),
        Place.NOWHERE: _("Nowhere: ask for it at each start"),
    }


def edits_between(address: str, before: AccountConfig, after: AccountConfig) -> list[Edit]:
    """What leads from `before` to `after` in the configuration of the account `address`."""
    nothing = AccountConfig()
    edits = []
    for each in fields(AccountConfig):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old != new:
            value = None if new == getattr(nothing, each.name) else new
            edits.append(Edit(("account", address, each.name), value))
    return edits
