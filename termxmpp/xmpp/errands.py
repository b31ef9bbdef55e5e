"""What a script says and hears of stanzas, and no more than that: `termxmpp.script` acts by it.

The features know all of it too, and much besides, which would take a script longer to load than
to send.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.core.jid import Jid
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.ids import OriginIdPayload
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.receipts import RequestPayload
from termxmpp.xmpp.stanzas import IncomingIq, Outgoing

__all__ = [
    "KindPayload",
    "destroy_room",
    "enter_room",
    "id_of",
    "is_request",
    "kind_query",
    "leave_room",
    "letter",
    "recipient_of",
    "xml_of",
]

DISCO_NS = "http://jabber.org/protocol/disco#info"
MUC_NS = "http://jabber.org/protocol/muc"
USER_NS = f"{MUC_NS}#user"
OWNER_NS = f"{MUC_NS}#owner"


class KindPayload(Payload):
    """`<query/>` of XEP-0030: the categories of an entity, and the namespaces that it tells.

    It is not declared as the payload of that element: `xmpp.disco` has the whole of it, and both
    may be loaded.
    """

    def __init__(
        self, categories: frozenset[str] = frozenset(), namespaces: frozenset[str] = frozenset()
    ) -> None:
        self.categories = categories
        self.namespaces = namespaces

    @property
    def is_room(self) -> bool:
        """Whether it is a room, or the service of some (XEP-0045 §6.4)."""
        return "conference" in self.categories and MUC_NS in self.namespaces

    @classmethod
    def element_names(cls) -> Sequence[str]:
        return (f"{{{DISCO_NS}}}query",)

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        identities = element.iterfind(f"{{{DISCO_NS}}}identity")
        features = element.iterfind(f"{{{DISCO_NS}}}feature")
        return cls(
            frozenset(each.get("category", "") for each in identities),
            frozenset(each.get("var", "") for each in features),
        )

    def as_xml(self) -> Element:
        return Element(f"{{{DISCO_NS}}}query")


class _Given(Payload):
    """An element as it is."""

    def __init__(self, element: Element) -> None:
        self._element = element

    def as_xml(self) -> Element:
        return self._element


def kind_query(to: Jid, *, id: str) -> Outgoing:
    """The question what `to` is; the answer holds a `KindPayload`."""
    return stanzas.iq_get(to, KindPayload(), id=id)


def letter(
    to: Jid,
    text: str,
    *,
    id: str,
    type: str,
    subject: str = "",
    wants_receipt: bool = False,
    is_to_occupant: bool = False,
    payloads: Iterable[Payload] = (),
) -> Outgoing:
    """A message; one to an occupant of a room is marked as private there (XEP-0045 §7.5)."""
    more: list[Payload] = [OriginIdPayload(id), *payloads]
    if wants_receipt:
        more.append(RequestPayload())
    if is_to_occupant:
        more.append(_Given(Element(f"{{{USER_NS}}}x")))
    return stanzas.message(to, text, id=id, type=type, subject=subject or None, payloads=more)


def enter_room(occupant: Jid, password: str = "") -> Outgoing:
    """Ask a room to let us in as `occupant`, without its history (XEP-0045 §7.2)."""
    element = Element(f"{{{MUC_NS}}}x")
    SubElement(element, f"{{{MUC_NS}}}history", {"maxchars": "0"})
    if password:
        SubElement(element, f"{{{MUC_NS}}}password").text = stanzas.xml_text(password)
    return stanzas.presence(occupant, payloads=(_Given(element),))


def leave_room(occupant: Jid) -> Outgoing:
    """Tell the room of `occupant`, which we are, that we go (XEP-0045 §7.14)."""
    return stanzas.presence(occupant, type="unavailable")


def destroy_room(room: Jid, *, id: str) -> Outgoing:
    """Let `room`, which we own, be no more (XEP-0045 §10.9)."""
    query = Element(f"{{{OWNER_NS}}}query")
    SubElement(query, f"{{{OWNER_NS}}}destroy")
    return stanzas.iq_set(room, _Given(query), id=id)


def is_request(stanza: Outgoing) -> bool:
    """Whether `stanza` is an iq that will be answered."""
    raw: Any = stanza
    return raw.element_name == "iq" and raw.stanza_type in ("get", "set")


def id_of(stanza: Outgoing) -> str:
    """The id of `stanza`."""
    raw: Any = stanza
    return str(raw.stanza_id or "")


def recipient_of(stanza: Outgoing) -> str:
    """To whom `stanza` goes; empty where it says nobody, which is our own account or contacts."""
    raw: Any = stanza
    return str(raw.to_jid or "")


def xml_of(iq: IncomingIq) -> str:
    """The answer `iq` as it stands in the stream."""
    return stanzas.as_text(iq.element)
