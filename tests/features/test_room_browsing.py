"""Looking for rooms: what a service lists, page by page, and what a directory finds."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.browsing import FoundPayload
from termxmpp.xmpp.disco import DiscoItemsPayload, DiscoPayload
from tests.support.harness import Actor
from tests.support.rooms import refusal
from tests.support.rubbish import reads, rubbish

INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
RSM = "http://jabber.org/protocol/rsm"
SEARCH = "urn:xmpp:channel-search:0:search"
SERVICE = "conference.example.org"


class Network:
    """What entities say of themselves: `infos` and `items` by their addresses.

    `size` is how many items a page has, `asked` what was asked after which one.
    """

    def __init__(self, actor: Actor) -> None:
        self.infos: dict[str, str] = {}
        self.items: dict[str, list[str]] = {}
        self.found = ""
        self.size = 1000
        self.asked: list[tuple[str, str]] = []
        self.searches: list[str] = []
        self._before = actor.answers
        actor.answers = self._answer

    def _answer(self, element: Element) -> str | None:
        to, id = element.get("to", ""), element.get("id", "")
        head = f"<iq type='result' id='{id}' from='{to}'>"
        items, search = element.find(f"{{{ITEMS}}}query"), element.find(f"{{{SEARCH}}}search")
        if items is not None and to in self.items:
            after = items.findtext(f"{{{RSM}}}set/{{{RSM}}}after") or ""
            self.asked.append((to, after))
            everything = self.items[to]
            start = int(after) if after else 0
            page = everything[start : start + self.size]
            last = start + len(page)
            return (
                f"{head}<query xmlns='{ITEMS}'>{''.join(page)}<set xmlns='{RSM}'>"
                f"<last>{last}</last><count>{len(everything)}</count></set></query></iq>"
            )
        if search is not None:
            self.searches += [each.text or "" for each in search.iterfind(".//{*}value")]
            return f"{head}<result xmlns='{SEARCH}'>{self.found}</result></iq>"
        if element.find(f"{{{INFO}}}query") is not None and to in self.infos:
            return f"{head}<query xmlns='{INFO}'>{self.infos[to]}</query></iq>"
        if items is not None:
            return refusal(id, "item-not-found", sender=Jid.parse(to))
        return self._before(element)


IS_SERVICE = (
    "<identity category='conference' type='text'/><feature var='http://jabber.org/protocol/muc'/>"
)


def room(local: str, name: str = "") -> str:
    return f"<item jid='{local}@{SERVICE}' name='{name}'/>"


def facts(count: str, about: str = "") -> str:
    return (
        f"{IS_SERVICE}<x xmlns='jabber:x:data' type='result'>"
        "<field var='FORM_TYPE' type='hidden'>"
        "<value>http://jabber.org/protocol/muc#roominfo</value></field>"
        f"<field var='muc#roominfo_occupants'><value>{count}</value></field>"
        f"<field var='muc#roominfo_description'><value>{about}</value></field></x>"
    )


@pytest.fixture
def network(alice: Actor) -> Network:
    network = Network(alice)
    network.items["example.org"] = [
        f"<item jid='{SERVICE}'/>",
        "<item jid='upload.example.org'/>",
        "<item jid='news@example.org' node='x'/>",
    ]
    network.infos[SERVICE] = IS_SERVICE
    network.infos["upload.example.org"] = "<identity category='store' type='file'/>"
    network.items[SERVICE] = [room("tea", "Tea time"), room("coffee"), room("cake", "Cake")]
    return network


def test_the_rooms_of_our_own_server_are_found(alice: Actor, network: Network) -> None:
    network.infos[f"coffee@{SERVICE}"] = facts("12", "Beans")
    network.infos[f"tea@{SERVICE}"] = facts("3")
    alice.types("/rooms")
    assert alice.told()[-1].split("\n") == [
        "3 rooms:",
        f"12  coffee@{SERVICE}  Beans",
        f" 3  tea@{SERVICE}     Tea time",
        f"    cake@{SERVICE}",
        "/join ROOM enters one.",
    ]


def test_a_topic_stands_for_a_description_and_a_count_is_told_once(
    alice: Actor, network: Network
) -> None:
    network.items[SERVICE] = [room("tea", "tea (12)"), room("class", "Class (2)")]
    topic = facts("12").replace("muc#roominfo_description", "muc#roominfo_subject")
    network.infos[f"tea@{SERVICE}"] = topic.replace("<value></value>", "<value>Leaves</value>")
    network.infos[f"class@{SERVICE}"] = facts("7")
    alice.types("/rooms")
    assert alice.told()[-1].split("\n")[1:3] == [
        f"12  tea@{SERVICE}    Leaves",
        f" 7  class@{SERVICE}  Class (2)",
    ]


def test_what_was_found_is_offered(alice: Actor, network: Network) -> None:
    alice.types("/rooms")
    line = "/join co"
    offers = [each.text for each in alice.workspace.complete(line, len(line))]
    assert offers[0] == f"coffee@{SERVICE}"


def test_a_service_can_be_named_and_words_looked_for(alice: Actor, network: Network) -> None:
    network.items["rooms.x.org"] = ["<item jid='club@rooms.x.org' name='The Club of Alice'/>"]
    alice.types("/rooms rooms.x.org club alice")
    assert "club@rooms.x.org  The Club of Alice" in alice.told()[-1]
    alice.types("/rooms rooms.x.org garden")
    assert "No room was found at rooms.x.org" in alice.told()[-1]
    alice.types("/rooms tea time")
    assert f"tea@{SERVICE}" in alice.told()[-1]
    assert "coffee" not in alice.told()[-1]


def test_long_lists_come_in_pages_and_are_not_told_whole(alice: Actor, network: Network) -> None:
    network.size = 100
    network.items[SERVICE] = [room(f"room{number:03}") for number in range(250)]
    alice.types(f"/rooms {SERVICE}")
    pages = [after for to, after in network.asked if to == SERVICE]
    assert pages == ["", "100", "200"]
    told = alice.told()[-1].split("\n")
    assert (told[0], len(told)) == ("250 rooms:", 53)
    assert told[-2].startswith("200 more are not shown")


def test_a_service_that_repeats_itself_is_not_asked_for_ever(
    alice: Actor, network: Network
) -> None:
    network.size = 0
    network.items[SERVICE] = [room("tea")]
    alice.types(f"/rooms {SERVICE}")
    assert len(network.asked) == 1


def test_a_directory_looks_for_us(alice: Actor, network: Network) -> None:
    network.infos["search.x.org"] = f"<feature var='{SEARCH}'/>"
    network.found = (
        "<item address='linux@far.org'><name>Linux</name><nusers>312</nusers>"
        "<description>All\nabout it</description></item><item address='@'/>"
    )
    alice.types("/rooms search.x.org linux")
    assert "linux" in network.searches
    told = alice.told()[-1].split("\n")
    assert told[0] == "1 room:"
    assert told[1].startswith("312  linux@far.org  All")
    assert len(told) == 3


def test_who_has_no_rooms_says_so(alice: Actor, network: Network) -> None:
    network.items["example.org"] = []
    alice.types("/rooms")
    assert "Your server has no rooms of its own" in alice.told()[-1]


def test_who_does_not_answer_is_told(alice: Actor, network: Network) -> None:
    alice.types("/rooms nowhere.org")
    assert "nowhere.org refused: there is no such thing (item-not-found)" in alice.told()[-1]


READERS: list[Callable[[Element], object]] = [
    lambda element: reads(DiscoItemsPayload, element),
    lambda element: reads(DiscoPayload, element),
    lambda element: reads(FoundPayload, element),
]


@pytest.mark.parametrize("reader", READERS)
@given(
    element=rubbish(
        f"{{{ITEMS}}}query",
        ["jid", "name", "node", "address", "type", "var", "category"],
        [
            f"{{{ITEMS}}}item",
            f"{{{SEARCH}}}item",
            f"{{{SEARCH}}}nusers",
            f"{{{RSM}}}set",
            f"{{{INFO}}}identity",
            "{jabber:x:data}x",
            "{jabber:x:data}field",
            "{jabber:x:data}value",
        ],
    )
)
def test_whatever_is_listed_can_be_read(
    reader: Callable[[Element], object], element: Element
) -> None:
    assert reader(element) is not None
