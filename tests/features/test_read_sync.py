"""What is read on one device is read on all: published once it is known, and only forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.events import UnreadChanged
from termxmpp.errors import ConnectionFailed
from termxmpp.xmpp.pacing import PAUSE
from termxmpp.xmpp.pubsub import PUBLISH_OPTIONS
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import ALICE, BOB, CAROL, Actor

NS = "urn:xmpp:mds:displayed:0"
ANNOUNCED = (PUBLISH_OPTIONS, "urn:xmpp:sid:0", "urn:xmpp:mam:2")
REFUSAL = (
    "<iq type='error' id='{}'><error type='cancel'>"
    "<{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
)


class Node:
    """The account's node at the server: takes what is published, if nothing is said against it.

    `orders` are what it was asked for, `refusals` what is answered to the next of them instead.
    """

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        self.orders: list[str] = []
        self.refusals: list[str] = []
        self.archive: Callable[[Element], str | None] = lambda element: (
            f"<iq type='result' id='{element.get('id')}'>"
            "<fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>"
        )
        self.is_silent = False

    def answer(self, element: Element) -> str | None:
        text, id = as_text(element), element.get("id", "")
        if "urn:xmpp:mam:2" in text:
            return self.archive(element)
        if "http://jabber.org/protocol/pubsub" not in text or self.is_silent:
            return None
        self.orders.append(text)
        if self.refusals and (refusal := self.refusals.pop(0)):
            return REFUSAL.format(id, refusal)
        if element.get("type") == "get":
            return self._all(id)
        for item in element.iter("{http://jabber.org/protocol/pubsub}item"):
            [stanza_id] = item.iter("{urn:xmpp:sid:0}stanza-id")
            assert stanza_id.get("by") == str(ALICE)
            self.items[item.get("id", "")] = stanza_id.get("id", "")
        return f"<iq type='result' id='{id}'/>"

    def _all(self, id: str) -> str:
        items = "".join(item(*each) for each in self.items.items())
        return (
            f"<iq type='result' id='{id}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<items node='{NS}'>{items}</items></pubsub></iq>"
        )

    @property
    def publications(self) -> int:
        return len([order for order in self.orders if "<publish " in order])


def item(peer: str, id: str, by: str = "alice@example.org") -> str:
    return (
        f"<item id='{peer}'><displayed xmlns='{NS}'>"
        f"<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{id}'/></displayed></item>"
    )


def push(*items: str, sender: str = "alice@example.org", node: str = NS) -> str:
    come_from = f" from='{sender}'" if sender else ""
    return (
        f"<message{come_from} type='headline'><event "
        f"xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'>"
        f"{''.join(items)}</items></event></message>"
    )


def says(id: str, *, sender: str = "bob@example.org/desk", has_archive_id: bool = True) -> str:
    archived = f"<stanza-id xmlns='urn:xmpp:sid:0' by='alice@example.org' id='a-{id}'/>"
    return (
        f"<message from='{sender}' type='chat' id='{id}'><body>{id}</body>"
        f"{archived if has_archive_id else ''}</message>"
    )


@pytest.fixture
def node() -> Node:
    return Node()


def somebody(node: Node, announced: Sequence[str] = ANNOUNCED, folder: Path | None = None) -> Actor:
    actor = Actor(folder, announced)
    actor.answers = node.answer
    return actor


@pytest.fixture
def alice(node: Node) -> Iterator[Actor]:
    """alice, online at a server that keeps what she has read."""
    actor = somebody(node)
    actor.goes_online()
    node.orders.clear()
    actor.forgets()
    yield actor
    actor.close()


def unread(alice: Actor, peer: object = BOB) -> int:
    return alice.client.state.conversations[peer].unread  # type: ignore[index]  # a Jid


def waits_for_the_pause(alice: Actor) -> None:
    is_over = alice.loop.create_future()
    alice.loop.call_later(PAUSE + 0.1, is_over.set_result, None)
    alice.run(lambda: is_over)


# Elsewhere.


def test_pushes_are_asked_for(alice: Actor) -> None:
    assert f"{NS}+notify" in alice.client.namespaces


def test_what_is_read_elsewhere_is_read_here_up_to_there(alice: Actor) -> None:
    alice.receives(says("1"), says("2"), says("3"))
    alice.receives(push(item("bob@example.org", "a-2")))
    assert unread(alice) == 1
    alice.receives(push(item("bob@example.org", "a-1")))
    assert unread(alice) == 1
    alice.receives(push(item("bob@example.org", "a-3"), sender=""))
    assert unread(alice) == 0


def test_who_does_not_say_whose_id_it_is_means_that_of_the_archive(alice: Actor) -> None:
    """As slixmpp has it."""
    alice.receives(says("1"), says("2"))
    alice.receives(push(item("bob@example.org", "a-1").replace(" by='alice@example.org'", "")))
    assert unread(alice) == 1


@pytest.mark.parametrize(
    "sender",
    ["bob@example.org", "mallory@example.com", "example.org", "alice@example.org/other"],
)
def test_a_push_counts_only_from_the_account_itself(alice: Actor, sender: str) -> None:
    alice.receives(says("1"))
    alice.receives(push(item("bob@example.org", "a-1"), sender=sender))
    assert unread(alice) == 1


def test_a_push_that_was_forwarded_is_none(alice: Actor) -> None:
    alice.receives(says("1"))
    inner = push(item("bob@example.org", "a-1")).replace(
        "<message", "<message xmlns='jabber:client' to='alice@example.org'", 1
    )
    alice.receives(
        "<message from='alice@example.org'><sent xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>"
    )
    assert unread(alice) == 1


@pytest.mark.parametrize(
    "rubbish",
    [
        push(),
        push("<item/>"),
        push("<item id='bob@example.org'/>"),
        push("<item id='bob@example.org'><x xmlns='urn:x'/></item>"),
        push(f"<item id='bob@example.org'><displayed xmlns='{NS}'/></item>"),
        push(item("bob@example.org", "")),
        push(item("@@", "a-1")),
        push(item("bob@example.org", "a-1", by="")),
        push(item("bob@example.org", "a-1", by="mallory@example.com")),
        push(item("carol@example.org", "a-1")),
        push(item("bob@example.org/desk", "a-1")),
        push(item("bob@example.org", "nothing")),
        push(item("bob@example.org", "x" * 1_000_000)),
        push(item("bob@example.org", "a-1"), node="urn:x"),
        push(item("bob@example.org", "a-1"), node=""),
        "<message><event xmlns='http://jabber.org/protocol/pubsub#event'/></message>",
    ],
)
def test_rubbish_is_read_by_nobody(alice: Actor, rubbish: str) -> None:
    alice.receives(says("1"))
    alice.receives(rubbish)
    assert unread(alice) == 1
    assert alice.told() == []
    assert CAROL not in alice.client.state.conversations


def test_what_was_read_while_we_were_away_is_fetched(node: Node) -> None:
    alice = somebody(node)
    alice.goes_online()
    alice.receives(says("1"), says("2"), says("3", sender="carol@example.org/x"))
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    node.items = {"bob@example.org": "a-1", "carol@example.org": "a-3"}
    alice.goes_online()
    assert (unread(alice), unread(alice, CAROL)) == (1, 0)
    alice.close()


def test_what_is_not_known_yet_is_read_when_it_comes(node: Node, tmp_path: Path) -> None:
    alice = somebody(node, folder=tmp_path)
    alice.goes_online()
    alice.receives(push(item("bob@example.org", "a-2")))
    alice.is_killed()
    again = somebody(node, folder=tmp_path)
    again.goes_online()
    again.receives(says("1"), says("2"), says("3"))
    assert unread(again) == 1
    again.close()


def test_the_archive_brings_what_was_read_elsewhere_as_read(node: Node) -> None:
    """The newest page comes first: what is older than what was read is read too."""
    alice = somebody(node)
    alice.goes_online()
    alice.receives(says("0"))
    alice.looks_at(BOB)
    alice.looks_at(CAROL)
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    node.items["bob@example.org"] = "a-4"
    pages = [["0", "1", "2"], ["3", "4", "5"]]

    def archive(element: Element) -> str:
        page, query_id = pages.pop(), element[0].get("queryid")
        for name in page:
            inner = says(name, has_archive_id=False).replace(
                "<message", "<message xmlns='jabber:client' to='alice@example.org'", 1
            )
            alice.server.receives(
                f"<message><result xmlns='urn:xmpp:mam:2' queryid='{query_id}' id='a-{name}'>"
                f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></result></message>"
            )
        complete = "" if pages else " complete='true'"
        return (
            f"<iq type='result' id='{element.get('id')}'><fin xmlns='urn:xmpp:mam:2'{complete}>"
            f"<set xmlns='http://jabber.org/protocol/rsm'><first>a-{page[0]}</first></set></fin>"
            "</iq>"
        )

    node.archive = archive
    alice.goes_online()
    alice.looks_at(BOB)
    assert unread(alice) == 0
    assert [line[-1] for line in alice.lines() if line[-1:].isdigit()][-6:] == list("012345")
    assert [line[-1] for line in alice.lines()][-2:] == ["─", "5"]
    alice.close()


# Here.


def test_what_is_read_here_is_published_by_the_archives_id(alice: Actor, node: Node) -> None:
    alice.receives(says("1"), says("2"))
    assert node.orders == []
    alice.looks_at(BOB)
    assert node.items == {"bob@example.org": "a-2"}
    [order] = node.orders
    for option, value in {
        "persist_items": "true",
        "max_items": "max",
        "send_last_published_item": "never",
        "access_model": "whitelist",
    }.items():
        assert f'<field var="pubsub#{option}"><value>{value}</value></field>' in order
    assert 'to="' not in order


def test_our_own_word_coming_back_changes_nothing(alice: Actor, node: Node) -> None:
    alice.looks_at(BOB)
    alice.receives(says("1"))
    alice.run_now(alice.workspace.set_watched, False)
    alice.receives(says("2"), push(item("bob@example.org", "a-1")))
    assert unread(alice) == 1
    assert node.publications == 1
    assert alice.events_of(UnreadChanged) == []


def test_a_flood_is_published_once_a_second(alice: Actor, node: Node) -> None:
    alice.looks_at(BOB)
    alice.receives(*(says(f"m{number}") for number in range(50)))
    assert node.publications == 1
    waits_for_the_pause(alice)
    assert node.publications == 2
    assert node.items == {"bob@example.org": "a-m49"}
    waits_for_the_pause(alice)
    assert node.publications == 2


def test_without_options_for_publications_nothing_is_published(node: Node) -> None:
    """It would be for everybody to see."""
    alice = somebody(node, ("urn:xmpp:sid:0", "urn:xmpp:mam:2"))
    alice.goes_online()
    alice.receives(says("1"))
    alice.looks_at(BOB)
    assert node.orders == []
    alice.close()


def test_what_is_read_offline_is_published_with_the_next_session_of_any_run(
    node: Node, tmp_path: Path
) -> None:
    alice = somebody(node, folder=tmp_path)
    alice.goes_online()
    alice.receives(says("1"))
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.looks_at(BOB)
    alice.is_killed()
    assert node.publications == 0
    again = somebody(node, folder=tmp_path)
    again.goes_online()
    assert node.items == {"bob@example.org": "a-1"}
    again.loses_the_link(ConnectionFailed("The connection broke."))
    again.goes_online()
    assert node.publications == 1
    again.close()


def test_what_was_read_further_elsewhere_is_not_published_back(node: Node) -> None:
    alice = somebody(node)
    alice.goes_online()
    alice.receives(says("1"))
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.looks_at(BOB)
    alice.run_now(alice.workspace.set_watched, False)
    node.items["bob@example.org"] = "a-2"
    alice.goes_online()
    alice.receives(says("2"))
    alice.run_now(alice.workspace.set_watched, True)
    waits_for_the_pause(alice)
    assert node.publications == 0
    alice.close()


def test_what_has_no_archive_id_yet_is_published_when_it_has(alice: Actor, node: Node) -> None:
    alice.receives(says("1", has_archive_id=False))
    alice.looks_at(BOB)
    assert node.orders == []
    alice.receives(says("2"))
    assert node.items == {"bob@example.org": "a-2"}
    waits_for_the_pause(alice)
    alice.receives(says("3", has_archive_id=False))
    assert node.publications == 1


def test_nothing_is_published_before_what_was_missed_has_come(node: Node) -> None:
    asked: list[Element] = []

    def keeps_silent(element: Element) -> None:
        asked.append(element)

    archive, node.archive = node.archive, keeps_silent
    alice = somebody(node)
    alice.goes_online()
    alice.receives(says("1"))
    alice.looks_at(BOB)
    assert node.publications == 0
    alice.receives(archive(asked[0]) or "")
    assert node.items == {"bob@example.org": "a-1"}
    alice.close()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_node_that_is_not_as_it_should_be_is_made_so(
    alice: Actor, node: Node, is_there: bool
) -> None:
    node.refusals = ["conflict", "conflict" if is_there else ""]
    alice.receives(says("1"))
    alice.looks_at(BOB)
    assert node.items == {"bob@example.org": "a-1"}
    kinds = ["<publish ", "<create ", "<configure ", "<publish "]
    if not is_there:
        kinds.remove("<configure ")
    assert len(node.orders) == len(kinds)
    assert all(kind in order for kind, order in zip(kinds, node.orders, strict=True))
    assert 'var="pubsub#access_model"><value>whitelist' in node.orders[-1]
    assert alice.told() == []


@pytest.mark.parametrize("refusals", [["forbidden"] * 2, ["conflict"] * 3, ["conflict", "", "x"]])
def test_a_server_that_refuses_is_not_asked_again_in_the_session(
    alice: Actor, node: Node, refusals: list[str]
) -> None:
    node.refusals = refusals
    alice.receives(says("1"))
    alice.looks_at(BOB)
    asked = len(node.orders)
    waits_for_the_pause(alice)
    alice.receives(says("2"))
    assert len(node.orders) == asked
    assert node.items == {}
    assert alice.told() == []
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.goes_online()
    assert node.items == {"bob@example.org": "a-2"}


@pytest.mark.parametrize(("refusal", "count"), [("item-not-found", 1), ("forbidden", 0)])
def test_nothing_is_published_before_it_is_known_what_was(
    node: Node, refusal: str, count: int
) -> None:
    """A node that is not there holds nothing; one that can't be read may hold anything."""
    node.refusals = [refusal]
    alice = somebody(node)
    alice.goes_online()
    alice.receives(says("1"))
    alice.looks_at(BOB)
    assert node.publications == count
    alice.close()


def test_a_link_that_breaks_while_it_is_published_costs_nothing(alice: Actor, node: Node) -> None:
    node.is_silent = True
    alice.receives(says("1"))
    alice.looks_at(BOB)
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    assert [text for text in alice.told() if "broke" not in text] == []
    node.is_silent = False
    alice.goes_online()
    waits_for_the_pause(alice)
    assert node.items == {"bob@example.org": "a-1"}


def test_with_the_last_word_goes_what_was_still_to_be_published(alice: Actor, node: Node) -> None:
    alice.looks_at(BOB)
    alice.receives(says("1"), says("2"))
    assert node.items == {"bob@example.org": "a-1"}
    alice.types("/disconnect")
    assert node.items == {"bob@example.org": "a-2"}
