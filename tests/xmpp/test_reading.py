"""Whose conversation a message belongs to, and which of its ids count, however it came."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.events import ServerDiscovered
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.state import State
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.reading import is_own, peer_of, read_message
from termxmpp.xmpp.stanzas import IncomingMessage
from tests.support.harness import ALICE, BOB, HERE, NOON
from tests.support.rubbish import rubbish

DESK = BOB.with_resource("desk")
THERE = ALICE.with_resource("there")
ARCHIVES = frozenset({"urn:xmpp:sid:0", "urn:xmpp:mam:2"})
EARLIER = NOON.replace(hour=11)
DELAY = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>"


def message(
    inner: str = "",
    *,
    sender: Jid | str | None = DESK,
    to: Jid | None = HERE,
    id: str = "m1",
    type: str = "chat",
    body: str = "hello",
    route: Route = Route.LIVE,
    archive_id: str = "",
) -> IncomingMessage:
    words = {"from": sender, "to": to, "id": id, "type": type}
    attributes = " ".join(f"{name}='{value}'" for name, value in words.items() if value)
    text = f"<body>{body}</body>" if body else ""
    element = ElementTree.fromstring(
        f"<message xmlns='jabber:client' {attributes}>{inner}{text}</message>"
    )
    at = EARLIER if archive_id else None
    found = Forwarded(element, at).message(route, archive_id)
    assert found is not None
    return found


def read(incoming: IncomingMessage, announced: frozenset[str] = ARCHIVES) -> Message | None:
    state = State(ALICE)
    state.apply(ServerDiscovered(announced))
    found = read_message(incoming, state, NOON, lambda: "new")
    return found[1] if found is not None else None


@pytest.mark.parametrize(
    ("route", "sender", "to", "own", "peer"),
    [
        (Route.LIVE, DESK, HERE, False, BOB),
        (Route.LIVE, DESK, None, False, BOB),
        (Route.LIVE, None, HERE, False, None),
        (Route.CARBON, DESK, THERE, False, BOB),
        (Route.CARBON, THERE, DESK, True, BOB),
        (Route.CARBON, THERE, None, True, None),
        (Route.ARCHIVE, DESK, ALICE, False, BOB),
        (Route.ARCHIVE, THERE, BOB, True, BOB),
        (Route.ARCHIVE, None, BOB, True, BOB),
        (Route.ARCHIVE, None, None, True, None),
        # What one writes to oneself is one's own, by whatever way it comes back.
        (Route.LIVE, THERE, ALICE, True, ALICE),
        (Route.LIVE, THERE, None, True, ALICE),
        (Route.CARBON, THERE, ALICE, True, ALICE),
        (Route.ARCHIVE, THERE, ALICE, True, ALICE),
    ],
)
def test_the_peer_is_who_it_is_said_to_or_who_says_it(
    route: Route, sender: Jid | None, to: Jid | None, own: bool, peer: Jid | None
) -> None:
    incoming = message(sender=sender, to=to, route=route)
    assert (is_own(incoming, ALICE), peer_of(incoming, State(ALICE))) == (own, peer)


def test_a_message_of_ours_is_with_the_server_already() -> None:
    own = read(message(sender=THERE, to=BOB, route=Route.CARBON))
    assert own is not None
    assert (own.is_own, own.fate) == (True, Fate.ACKNOWLEDGED)


def test_a_message_of_a_peer_has_no_fate() -> None:
    assert read(message()) == Message("m1", DESK, "hello", NOON)


def test_of_archive_ids_only_that_of_our_own_archive_counts() -> None:
    """XEP-0359 §3: the address is the account's, whoever else has put in one, and how many."""
    others = [BOB, HERE, THERE, Jid("", ALICE.domain), Jid.parse("alice@example.com")]
    forged = "".join(f"<stanza-id xmlns='urn:xmpp:sid:0' id='no' by='{by}'/>" for by in others)
    genuine = f"<stanza-id xmlns='urn:xmpp:sid:0' id='yes' by='{ALICE}'/>"
    for inner, id_ in [
        ("", ""),
        (forged, ""),
        (forged + genuine, "yes"),
        (genuine + forged, "yes"),
    ]:
        found = read(message(inner))
        assert found is not None
        assert found.archive_id == id_


@pytest.mark.parametrize(
    ("announced", "counts"),
    [
        (set(), False),
        ({"urn:xmpp:mam:2"}, False),
        ({"urn:xmpp:sid:0"}, False),
        ({"urn:xmpp:sid:0", "urn:xmpp:mam:1"}, False),
        ({"urn:xmpp:sid:0", "urn:xmpp:mam:2"}, True),
    ],
)
def test_an_archive_id_counts_only_where_nobody_can_forge_it(
    announced: set[str], counts: bool
) -> None:
    """XEP-0359 §6 asks that the account announces the one, XEP-0313 §3.5 the other."""
    genuine = f"<stanza-id xmlns='urn:xmpp:sid:0' id='a1' by='{ALICE}'/>"
    found = read(message(genuine), frozenset(announced))
    assert found is not None
    assert found.archive_id == ("a1" if counts else "")


def test_what_the_archive_calls_a_message_comes_before_what_stands_in_it() -> None:
    inside = f"<stanza-id xmlns='urn:xmpp:sid:0' id='other' by='{ALICE}'/>"
    found = read(message(inside, route=Route.ARCHIVE, archive_id="a1"), frozenset())
    assert found is not None
    assert found.archive_id == "a1"


def test_an_origin_id_is_the_senders_word() -> None:
    found = read(message("<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"), frozenset())
    assert found is not None
    assert (found.id, found.origin_id) == ("m1", "o1")


@pytest.mark.parametrize(
    ("incoming", "route", "at"),
    [
        (message(), Route.LIVE, NOON),
        (message(DELAY), Route.OFFLINE, EARLIER),
        (message("<delay xmlns='urn:xmpp:delay' stamp='then'/>"), Route.LIVE, NOON),
        (message(DELAY, route=Route.CARBON), Route.CARBON, EARLIER),
        (message(route=Route.CARBON), Route.CARBON, NOON),
        (message(route=Route.ARCHIVE, archive_id="a"), Route.ARCHIVE, EARLIER),
        (
            message(DELAY.replace("T11", "T10"), route=Route.ARCHIVE, archive_id="a"),
            Route.ARCHIVE,
            NOON.replace(hour=10),
        ),
    ],
)
def test_the_time_is_that_of_the_saying(
    incoming: IncomingMessage, route: Route, at: object
) -> None:
    """What is stamped on a live message says that it waited for us (XEP-0203)."""
    found = read(incoming)
    assert found is not None
    assert (found.route, found.at, found.is_delayed) == (route, at, at != NOON)


@pytest.mark.parametrize(
    ("hint", "is_transient"),
    [
        ("", False),
        ("store", False),
        ("no-copy", False),
        ("no-store", True),
        ("no-permanent-store", True),
    ],
)
def test_what_nobody_is_to_keep_is_transient(hint: str, is_transient: bool) -> None:
    found = read(message(f"<{hint} xmlns='urn:xmpp:hints'/>" if hint else ""))
    assert found is not None
    assert found.is_transient is is_transient


@pytest.mark.parametrize("route", [Route.LIVE, Route.CARBON, Route.ARCHIVE])
@pytest.mark.parametrize(
    "incoming",
    [
        {"body": ""},
        {"body": "", "inner": "<body xmlns='urn:xmpp:hints'>no</body>"},
        {"type": "groupchat"},
        {"type": "error", "inner": "<error type='cancel'/>"},
        {"sender": None, "to": None},
    ],
)
def test_what_is_no_text_of_a_conversation_is_none(incoming: dict[str, str], route: Route) -> None:
    assert read(message(route=route, **incoming)) is None  # type: ignore[arg-type]  # few of many


def test_a_message_without_an_id_gets_one() -> None:
    found = read(message(id=""))
    assert found is not None
    assert found.id == "new"


def test_a_megabyte_is_a_message_like_any_other() -> None:
    found = read(message(body="x" * 1_000_000))
    assert found is not None
    assert len(found.text) == 1_000_000


PARTS = [
    "{urn:xmpp:sid:0}origin-id",
    "{urn:xmpp:sid:0}stanza-id",
    "{urn:xmpp:delay}delay",
    "{urn:xmpp:hints}no-store",
    "{jabber:client}subject",
]


@given(
    st.lists(
        st.sampled_from(PARTS).flatmap(lambda tag: rubbish(tag, ("id", "by", "stamp", "from")))
    ),
    st.sampled_from([Route.LIVE, Route.CARBON, Route.ARCHIVE]),
)
def test_whatever_stands_beside_it_the_text_is_read(parts: list[object], route: Route) -> None:
    element = ElementTree.fromstring(f"<message xmlns='jabber:client' from='{DESK}' id='m1'/>")
    for part in parts:
        assert isinstance(part, ElementTree.Element)
        element.append(part)
    ElementTree.SubElement(element, "{jabber:client}body").text = "hello"
    incoming = Forwarded(element).message(route)
    assert incoming is not None
    found = read(incoming)
    assert found is not None
    assert found.text == "hello"
    assert replace(found, at=NOON).archive_id in ("", *ids_in(parts))


def ids_in(parts: list[object]) -> list[str]:
    return [part.get("id", "") for part in parts if isinstance(part, ElementTree.Element)]
