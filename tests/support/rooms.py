"""Stanzas of a room, club@conference.example.org, as its service would send them."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from termxmpp.core.jid import Jid
from tests.support.harness import ALICE, Actor

__all__ = [
    "ARCHIVED",
    "CLUB",
    "Question",
    "announces",
    "answer",
    "archived",
    "away",
    "enters",
    "here",
    "order",
    "questions",
    "refusal",
    "said",
    "subject",
]

CLUB = Jid.parse("club@conference.example.org")
DISCO = "http://jabber.org/protocol/disco#info"
USER = "http://jabber.org/protocol/muc#user"

# What a room announces that keeps an archive whose ids can be trusted.
ARCHIVED = ("urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0")


def here(
    nick: str,
    *codes: int,
    role: str = "participant",
    affiliation: str = "none",
    jid: Jid | None = None,
    room: Jid = CLUB,
    more: str = "",
) -> str:
    """The presence of an occupant, whose real address is `jid` where the room tells it."""
    real = f" jid='{jid}'" if jid else ""
    return (
        f"<presence from='{room}/{nick}'>{more}<x xmlns='{USER}'>"
        f"<item role='{role}' affiliation='{affiliation}'{real}/>{_codes(codes)}</x></presence>"
    )


def away(
    nick: str, *codes: int, item: str = "", inside: str = "", room: Jid = CLUB, new_nick: str = ""
) -> str:
    """The presence of an occupant who goes; `inside` stands in the item, `item` behind it."""
    nicked = f" nick='{new_nick}'" if new_nick else ""
    return (
        f"<presence type='unavailable' from='{room}/{nick}'><x xmlns='{USER}'>"
        f"<item role='none' affiliation='none'{nicked}>{inside}</item>{item}{_codes(codes)}</x>"
        "</presence>"
    )


def said(
    nick: str,
    text: str,
    id: str = "m",
    *,
    room: Jid = CLUB,
    archive_id: str = "",
    by: Jid | None = None,
    origin: str = "",
    stamp: str = "",
) -> str:
    """What `nick` said to everybody; with `stamp` as the room tells it of its past."""
    more = f"<stanza-id xmlns='urn:xmpp:sid:0' id='{archive_id}' by='{by or room}'/>"
    return (
        f"<message type='groupchat' from='{room}/{nick}' id='{id}'><body>{text}</body>"
        + (more if archive_id else "")
        + (f"<origin-id xmlns='urn:xmpp:sid:0' id='{origin}'/>" if origin else "")
        + (f"<delay xmlns='urn:xmpp:delay' from='{room}' stamp='{stamp}'/>" if stamp else "")
        + "</message>"
    )


def subject(text: str = "", room: Jid = CLUB) -> str:
    return f"<message type='groupchat' from='{room}'><subject>{text}</subject></message>"


def archived(query: str, archive_id: str, message: str, *, sender: str = str(CLUB)) -> str:
    """`message` as a result of the query `query` to an archive."""
    inner = message.replace("<message ", "<message xmlns='jabber:client' ", 1)
    origin = f" from='{sender}'" if sender else ""
    return (
        f"<message{origin}><result xmlns='urn:xmpp:mam:2' queryid='{query}'"
        f" id='{archive_id}'><forwarded xmlns='urn:xmpp:forward:0'>"
        f"<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>{inner}</forwarded></result>"
        "</message>"
    )


def announces(actor: Actor, *namespaces: str, room: Jid = CLUB) -> None:
    """Let `room` say of itself that it is one, and knows `namespaces`."""
    before = actor.answers
    features = "".join(f"<feature var='{name}'/>" for name in namespaces)

    def answers(element: Element) -> str | None:
        is_asked = element.find(f"{{{DISCO}}}query") is not None and element.get("to") == str(room)
        if not is_asked:
            return before(element)
        return (
            f"<iq type='result' id='{element.get('id')}' from='{room}'><query xmlns='{DISCO}'>"
            f"<identity category='conference' type='text'/>{features}</query></iq>"
        )

    actor.answers = answers


def enters(actor: Actor, *others: str, room: Jid = CLUB, about: str = "") -> None:
    """Let the actor ask to enter and be let in: `others` are there."""
    actor.types(f"/join {room}")
    actor.receives(
        *(here(nick, room=room) for nick in others),
        here(ALICE.local, 110, room=room),
        subject(about, room),
    )
    actor.forgets()


@dataclass(frozen=True)
class Question:
    """A question to an archive, as the actor has asked it."""

    to: str
    id: str
    query: str
    after: str
    before: str

    def answer(self, *results: tuple[str, str], is_complete: bool = True) -> list[str]:
        """The stanzas that answer with `results`: (archive id, message)."""
        sender = f" from='{self.to}'" if self.to else ""
        complete = " complete='true'" if is_complete else ""
        first = f"<first>{results[0][0]}</first><last>{results[-1][0]}</last>" if results else ""
        return [
            *(archived(self.query, number, message, sender=self.to) for number, message in results),
            f"<iq type='result' id='{self.id}'{sender}><fin xmlns='urn:xmpp:mam:2'{complete}>"
            f"<set xmlns='http://jabber.org/protocol/rsm'>{first}</set></fin></iq>",
        ]

    def refusal(self, condition: str = "forbidden") -> str:
        sender = f" from='{self.to}'" if self.to else ""
        return (
            f"<iq type='error' id='{self.id}'{sender}><error type='cancel'>"
            f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )


def questions(actor: Actor) -> list[Question]:
    """What the actor has asked of archives since the last look; all else it sent stays."""
    asked, others = [], []
    for element in actor.server.sent:
        query = element.find("{urn:xmpp:mam:2}query")
        if query is None:
            others.append(element)
            continue
        values = {
            each.get("var"): each.findtext("{*}value") for each in query.iterfind(".//{*}field")
        }
        asked.append(
            Question(
                *(element.get("to", ""), element.get("id", ""), query.get("queryid", "")),
                values.get("after-id") or "",
                query.findtext(".//{http://jabber.org/protocol/rsm}before") or "",
            )
        )
    actor.server.sent = others
    return asked


def order(actor: Actor, namespace: str) -> tuple[str, str]:
    """The id and the text of the one iq with `namespace` in it since the last look."""
    found = [xml for xml in actor.sent() if xml.startswith("<iq") and namespace in xml]
    [xml] = (each.replace("  xmlns", " xmlns") for each in found)
    return ElementTree.fromstring(f"<x xmlns='jabber:client'>{xml}</x>")[0].get("id", ""), xml


def answer(id: str, inside: str = "", *, sender: Jid = CLUB) -> str:
    return f"<iq type='result' id='{id}' from='{sender}'>{inside}</iq>"


def refusal(id: str, condition: str, *, sender: Jid = CLUB, text: str = "") -> str:
    words = f"<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>{text}</text>" if text else ""
    return (
        f"<iq type='error' id='{id}' from='{sender}'><error type='cancel'>"
        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>{words}</error></iq>"
    )


def _codes(codes: tuple[int, ...]) -> str:
    return "".join(f"<status code='{code}'/>" for code in codes)
