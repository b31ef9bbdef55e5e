"""Publish-subscribe on the wire: what we say, and what we make of what is said."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from termxmpp.xmpp.pubsub import (
    EVENT_NS,
    NS,
    OWNER_NS,
    PRIVATE,
    UNBOUNDED,
    ConfigurePayload,
    CreatePayload,
    EventPayload,
    Item,
    ItemsPayload,
    PublishPayload,
)

NODE = "urn:x"
ITEM = Item("one", Element("{urn:x}thing"))


@pytest.mark.parametrize("items", [(), (ITEM,), (ITEM, Item("two"))])
def test_items_are_read_as_they_are_written(items: tuple[Item, ...]) -> None:
    for payload in (ItemsPayload(NODE, items), EventPayload(NODE, items)):
        written = payload.as_xml()
        read = type(payload).from_xml(ElementTree.fromstring(ElementTree.tostring(written)))
        assert ElementTree.tostring(read.as_xml()) == ElementTree.tostring(written)


@pytest.mark.parametrize(
    "inside", ["", f"<items xmlns='{EVENT_NS}'/>", "<items xmlns='urn:x' node='urn:x'/>"]
)
def test_items_of_no_node_are_rubbish(inside: str) -> None:
    for payload_class in (ItemsPayload, EventPayload):
        with pytest.raises(ValueError, match="no node"):
            payload_class.from_xml(ElementTree.fromstring(f"<x>{inside}</x>"))


def test_an_item_without_an_id_is_none() -> None:
    items = f"<pubsub xmlns='{NS}'><items node='n'><item/><item id='a'/></items></pubsub>"
    assert ItemsPayload.from_xml(ElementTree.fromstring(items)).items == (Item("a"),)


def fields(element: Element) -> dict[str | None, str | None]:
    """The form in `element`."""
    [form] = element.iter("{jabber:x:data}x")
    assert form.get("type") == "submit"
    return {field.get("var"): field.findtext("{jabber:x:data}value") for field in form}


def test_a_publication_says_how_the_node_must_be() -> None:
    element = PublishPayload(NODE, ITEM, UNBOUNDED).as_xml()
    assert [child.tag for child in element] == [f"{{{NS}}}publish", f"{{{NS}}}publish-options"]
    assert fields(element) == {"FORM_TYPE": f"{NS}#publish-options", **UNBOUNDED}
    [item] = element[0]
    assert (element[0].get("node"), item.get("id"), item[0].tag) == (NODE, "one", "{urn:x}thing")


def test_a_node_is_made_and_changed_by_its_owner() -> None:
    made, changed = CreatePayload(NODE, PRIVATE).as_xml(), ConfigurePayload(NODE, PRIVATE).as_xml()
    assert made.find(f"{{{NS}}}create[@node='{NODE}']") is not None
    assert changed.find(f"{{{OWNER_NS}}}configure[@node='{NODE}']") is not None
    for element in (made, changed):
        assert fields(element) == {"FORM_TYPE": f"{NS}#node_config", **PRIVATE}
