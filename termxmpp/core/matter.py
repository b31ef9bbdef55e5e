"""What a message holds that is no text: it is told in one line of our own words.

Everything here is what a peer claims, and is made harmless before it is told.
"""

from __future__ import annotations

import enum

from termxmpp.core.text import one_line
from termxmpp.values import dataclass
from termxmpp.words import _

__all__ = ["ENCRYPTIONS", "LONGEST_DETAIL", "Matter", "MatterKind", "matter_words"]

# So much of it is kept, and so much of that is told.
LONGEST_DETAIL, LONGEST_TOLD = 1000, 300

ENCRYPTIONS = {
    "urn:xmpp:otr:0": "OTR",
    "jabber:x:encrypted": "OpenPGP (XEP-0027)",
    "urn:xmpp:openpgp:0": "OpenPGP for XMPP",
    "eu.siacs.conversations.axolotl": "OMEMO",
    "urn:xmpp:omemo:1": "OMEMO 1",
    "urn:xmpp:omemo:2": "OMEMO 2",
}
"""What the ways to encrypt are called, by their namespaces (XEP-0380 §3.2)."""


class MatterKind(enum.Enum):
    """What it is; the value is its name in the records."""

    ENCRYPTED = "encrypted"
    PLACE = "place"
    CALL = "call"
    CONTACTS = "contacts"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message holds besides its text, or instead of it.

    `detail` is for what is encrypted the namespace of the way, or its name where only the sender
    knows that; for a place where it is; for a call `audio` or `video`; for contacts who they are;
    for anything else the qualified name of its element (`{namespace}name`).
    """

    kind: MatterKind
    detail: str = ""

    @property
    def hides_text(self) -> bool:
        """Whether the text beside it only says that there is something that can't be read."""
        return self.kind is MatterKind.ENCRYPTED


def matter_words(matter: Matter, *, is_own: bool = False) -> str:
    """`matter` in one harmless line, to stand behind who has sent it; `is_own`: the user has."""
    told = one_line(matter.detail.strip(), LONGEST_TOLD)
    match matter.kind:
        case MatterKind.ENCRYPTED:
            way = ENCRYPTIONS.get(matter.detail, told)
            if not way:
                return _("encrypted in a way that can't be read here")
            return _("encrypted with {way}, which can't be read here").format(way=way)
        case MatterKind.PLACE:
            return _("a place: {place}").format(place=told)
        case MatterKind.CALL:
            return _call_words(is_video=matter.detail == "video", is_own=is_own)
        case MatterKind.CONTACTS:
            return _("suggests for the roster: {contacts}").format(contacts=told)
        case MatterKind.ATTENTION:
            return _("asked for attention") if is_own else _("asks for your attention")
        case MatterKind.UNKNOWN:
            words = _("sent something that can't be shown here: {name}")
            return words.format(name=_name(matter.detail))


def _call_words(*, is_video: bool, is_own: bool) -> str:
    if is_own:
        return _("called by video") if is_video else _("called")
    if is_video:
        return _("tried to call you by video; termxmpp can't take calls")
    return _("tried to call you; termxmpp can't take calls")


def _name(tag: str) -> str:
    """What the element of that qualified name is called, or else the name as it is."""
    namespace, _brace, name = tag.removeprefix("{").rpartition("}")
    known = {
        "urn:xmpp:stickers:0": _("a sticker"),
        "http://jabber.org/protocol/xhtml-im": _("a formatted text without a plain one"),
        "vcard-temp": _("a business card"),
        "urn:ietf:params:xml:ns:vcard-4.0": _("a business card"),
        "jabber:x:data": _("a form"),
        "jabber:x:oob": _("a link that is none to the web"),
        "urn:xmpp:sfs:0": _("a file that nothing is said of"),
        "http://jabber.org/protocol/http-auth": _("a question whether to let somebody in"),
        "http://jabber.org/protocol/commands": _("a command"),
    }
    return known.get(namespace) or one_line(f"{name} ({namespace})", LONGEST_TOLD)
