"""The bookmarks of an account, as its server keeps them."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import ALICE, Actor
from tests.support.rooms import CLUB

__all__ = ["NODE", "Node", "Storage", "bookmark", "push", "retraction"]

PUBSUB = "http://jabber.org/protocol/pubsub"
NODE = "urn:xmpp:bookmarks:1"
STORAGE = "storage:bookmarks"

_CONFLICT = "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def bookmark(
    inside: str = "", *, room: object = CLUB, autojoin: bool = True, name: str = ""
) -> str:
    """An item of the node."""
    named = f" name='{name}'" if name else ""
    return (
        f"<item id='{room}'><conference xmlns='{NODE}' autojoin='{str(autojoin).lower()}'{named}>"
        f"{inside}</conference></item>"
    )


def push(item: str, sender: object = ALICE, node: str = NODE) -> str:
    return (
        f"<message from='{sender}' type='headline'><event xmlns='{PUBSUB}#event'>"
        f"<items node='{node}'>{item}</items></event></message>"
    )


def retraction(room: object = CLUB, sender: object = ALICE) -> str:
    return push(f"<retract id='{room}'/>", sender)


class Node:
    """The node of `actor`'s account: `items` by their rooms; `published` and `retracted` came.

    If it `keeps_one`, it has no more than the newest item until it is configured, and the server
    takes no such option of a publication.
    """

    def __init__(self, actor: Actor, *, keeps_one: bool = False, **items: str) -> None:
        self.items = {f"{name}@{CLUB.domain}": item for name, item in items.items()}
        self.keeps_one = keeps_one
        self._is_picky = keeps_one
        self.published: list[str] = []
        self.retracted: list[str] = []
        self._before = actor.answers
        actor.answers = self._answer

    def _answer(self, element: Element) -> str | None:
        id = element.get("id")
        asked = element.find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}items[@node='{NODE}']")
        if asked is not None:
            wanted = [each.get("id", "") for each in asked] or list(self.items)
            found = "".join(self.items[each] for each in wanted if each in self.items)
            return (
                f"<iq type='result' id='{id}'><pubsub xmlns='{PUBSUB}'><items node='{NODE}'>"
                f"{found}</items></pubsub></iq>"
            )
        if element.find(f".//*[@node='{NODE}']") is None:
            return self._before(element)
        text, order = as_text(element), element[0][0].tag.rpartition("}")[2]
        if order == "create" or ("max_items" in text and order == "publish" and self._is_picky):
            return f"<iq type='error' id='{id}'>{_CONFLICT}</iq>"
        if order == "configure":
            self.keeps_one = "max_items" not in text
            return f"<iq type='result' id='{id}'/>"
        item = element.find(f".//{{{PUBSUB}}}publish/{{{PUBSUB}}}item")
        if item is not None:
            if self.keeps_one:
                self.items.clear()
            self.published.append(as_text(item[0]))
            self.items[item.get("id", "")] = as_text(item)
            return f"<iq type='result' id='{id}'/>"
        retract = element.find(f".//{{{PUBSUB}}}retract/{{{PUBSUB}}}item")
        assert retract is not None, text
        self.retracted.append(retract.get("id", ""))
        self.items.pop(retract.get("id", ""), None)
        return f"<iq type='result' id='{id}'/>"


class Storage:
    """The private storage of `actor`'s account, which holds `inside`; `written` is what came."""

    def __init__(self, actor: Actor, inside: str = "") -> None:
        self.inside = inside
        self.written: list[str] = []
        self._before = actor.answers
        actor.answers = self._answer

    def _answer(self, element: Element) -> str | None:
        query = element.find("{jabber:iq:private}query")
        if query is None:
            return self._before(element)
        id = element.get("id")
        if element.get("type") == "set":
            self.written.append(as_text(query[0]))
            return f"<iq type='result' id='{id}'/>"
        return (
            f"<iq type='result' id='{id}'><query xmlns='jabber:iq:private'>"
            f"<storage xmlns='{STORAGE}'>{self.inside}</storage></query></iq>"
        )
