"""The wire form of XEP-0060 Publish-Subscribe, as far as an account's own nodes need it.

What is published here is for the account's own devices only (XEP-0223): the options say so,
and a server that does not know them must not get it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Self
from xml.etree.ElementTree import Element, SubElement

from termxmpp.standard import Standard
from termxmpp.values import dataclass
from termxmpp.xmpp.payload import Payload, payload

__all__ = [
    "PRIVATE",
    "PUBLISH_OPTIONS",
    "UNBOUNDED",
    "ConfigurePayload",
    "CreatePayload",
    "EventPayload",
    "Item",
    "ItemsPayload",
    "PublishPayload",
    "RetractItemPayload",
]

PUBSUB = Standard(
    "XEP-0060",
    "Publish-Subscribe",
    "1.30.0",
    note="the nodes of accounts (XEP-0163)",
    is_partial=True,
)
EVENTING = Standard("XEP-0163", "Personal Eventing Protocol", "1.2.2")
PRIVATE_DATA = Standard("XEP-0223", "Persistent Storage of Private Data via PubSub", "1.1.1")

NS = "http://jabber.org/protocol/pubsub"
EVENT_NS = f"{NS}#event"
OWNER_NS = f"{NS}#owner"
NODE_CONFIG = f"{NS}#node_config"
FORM_NS = "jabber:x:data"

PUBLISH_OPTIONS = f"{NS}#publish-options"
"""What a server announces that obeys the options of a publication (§7.1.5)."""

PRIVATE = {"pubsub#persist_items": "true", "pubsub#access_model": "whitelist"}
"""The options of a node that is the account's own (XEP-0223 §3)."""

UNBOUNDED = PRIVATE | {"pubsub#max_items": "max", "pubsub#send_last_published_item": "never"}
"""The options of such a node with an item for each of many things (XEP-0490 §4.2)."""


@dataclass(frozen=True)
class Item:
    """An item of a node: its id, and the element that it holds, if any."""

    id: str
    element: Element | None = None


@payload(f"{{{NS}}}pubsub")
@dataclass(frozen=True)
class ItemsPayload(Payload):
    """`<items/>`: all items of `node`, as asked for (without) or as answered (with `items`)."""

    node: str
    items: tuple[Item, ...] = ()

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        return cls(*_items(element, NS))

    def as_xml(self) -> Element:
        pubsub = Element(f"{{{NS}}}pubsub")
        _put(SubElement(pubsub, f"{{{NS}}}items", {"node": self.node}), self.items)
        return pubsub


@payload(f"{{{EVENT_NS}}}event")
@dataclass(frozen=True)
class EventPayload(Payload):
    """`<event/>`: `items` were published to `node` (XEP-0163 §4.3), those `retracted` taken away.

    `is_purged`: all of them were.
    """

    node: str
    items: tuple[Item, ...] = ()
    retracted: tuple[str, ...] = ()
    is_purged: bool = False

    @classmethod
    def from_xml(cls, element: Element) -> Self:
        for name in ("purge", "delete"):
            emptied = element.find(f"{{{EVENT_NS}}}{name}")
            if emptied is not None and emptied.get("node"):
                return cls(emptied.get("node", ""), is_purged=True)
        retracted = element.iterfind(f"{{{EVENT_NS}}}items/{{{EVENT_NS}}}retract")
        ids = (each.get("id", "") for each in retracted)
        return cls(*_items(element, EVENT_NS), tuple(filter(None, ids)))

    def as_xml(self) -> Element:
        event = Element(f"{{{EVENT_NS}}}event")
        items = SubElement(event, f"{{{EVENT_NS}}}items", {"node": self.node})
        for each in self.items:
            item = SubElement(items, f"{{{EVENT_NS}}}item", {"id": each.id})
            if each.element is not None:
                item.append(each.element)
        for id in self.retracted:
            SubElement(items, f"{{{EVENT_NS}}}retract", {"id": id})
        return event


@dataclass(frozen=True)
class PublishPayload(Payload):
    """`<publish/>`: put `item` into `node`, if that has the `options`, or is to be made so.

    Without options it may be seen by whoever may see our presence (XEP-0163 §3), unless the node
    is there already and says otherwise.
    """

    node: str
    item: Item
    options: Mapping[str, str] = field(default_factory=dict)

    def as_xml(self) -> Element:
        pubsub = Element(f"{{{NS}}}pubsub")
        _put(SubElement(pubsub, f"{{{NS}}}publish", {"node": self.node}), [self.item])
        if self.options:
            options = SubElement(pubsub, f"{{{NS}}}publish-options")
            options.append(_form(PUBLISH_OPTIONS, self.options))
        return pubsub


@dataclass(frozen=True)
class RetractItemPayload(Payload):
    """`<retract/>`: take the item `id` out of `node`, and tell our other devices (§7.2)."""

    node: str
    id: str

    def as_xml(self) -> Element:
        pubsub = Element(f"{{{NS}}}pubsub")
        attributes = {"node": self.node, "notify": "true"}
        retract = SubElement(pubsub, f"{{{NS}}}retract", attributes)
        SubElement(retract, f"{{{NS}}}item", {"id": self.id})
        return pubsub


@dataclass(frozen=True)
class CreatePayload(Payload):
    """`<create/>`: make `node`, with the `options` (§8.1.3)."""

    node: str
    options: Mapping[str, str]

    def as_xml(self) -> Element:
        pubsub = Element(f"{{{NS}}}pubsub")
        SubElement(pubsub, f"{{{NS}}}create", {"node": self.node})
        configure = SubElement(pubsub, f"{{{NS}}}configure")
        configure.append(_form(NODE_CONFIG, self.options))
        return pubsub


@dataclass(frozen=True)
class ConfigurePayload(Payload):
    """`<configure/>`: let `node` have the `options` from now on (§8.2)."""

    node: str
    options: Mapping[str, str]

    def as_xml(self) -> Element:
        pubsub = Element(f"{{{OWNER_NS}}}pubsub")
        configure = SubElement(pubsub, f"{{{OWNER_NS}}}configure", {"node": self.node})
        configure.append(_form(NODE_CONFIG, self.options))
        return pubsub


def _items(element: Element, namespace: str) -> tuple[str, tuple[Item, ...]]:
    items = element.find(f"{{{namespace}}}items")
    if items is None or not items.get("node"):
        raise ValueError("items of no node")
    found = (
        Item(item.get("id", ""), next(iter(item), None))
        for item in items.iterfind(f"{{{namespace}}}item")
    )
    return items.get("node", ""), tuple(each for each in found if each.id)


def _put(parent: Element, items: Iterable[Item]) -> None:
    for each in items:
        item = SubElement(parent, f"{{{NS}}}item", {"id": each.id})
        if each.element is not None:
            item.append(each.element)


def _form(kind: str, values: Mapping[str, str]) -> Element:
    """A form of that `kind`, filled in with `values` (XEP-0004 §3.2)."""
    form = Element(f"{{{FORM_NS}}}x", {"type": "submit"})
    for name, value in {"FORM_TYPE": kind, **values}.items():
        field = SubElement(form, f"{{{FORM_NS}}}field", {"var": name})
        if name == "FORM_TYPE":
            field.set("type", "hidden")
        SubElement(field, f"{{{FORM_NS}}}value").text = value
    return form
