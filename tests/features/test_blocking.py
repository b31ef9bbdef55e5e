"""Blocking: the list, the server's pushes, and what the user may do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.events import BlocklistChanged
from termxmpp.core.jid import Jid
from termxmpp.core.roster import Availability
from termxmpp.ui.heading import title_line
from termxmpp.ui.sidebar import Sidebar
from termxmpp.ui.theme import Symbols
from termxmpp.xmpp.blocking import NS, REPORTING_NS
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import ALICE, BOB, CAROL, Actor

SPAM = Jid.parse("spam@shop.example")
SHOP = Jid("", "shop.example")


def push(what: str, *jids: Jid, sender: str | None = None) -> str:
    origin = f"from='{sender}' " if sender else ""
    items = "".join(f"<item jid='{jid}'/>" for jid in jids)
    return f"<iq type='set' id='p1' {origin}><{what} xmlns='{NS}'>{items}</{what}></iq>"


def answering(*blocked: Jid) -> Callable[[Element], str | None]:
    """A server that has these on its list, and does what it is told."""

    def answer(iq: Element) -> str | None:
        if iq.find(f"{{{NS}}}blocklist") is not None:
            items = "".join(f"<item jid='{jid}'/>" for jid in blocked)
            inner = f"<blocklist xmlns='{NS}'>{items}</blocklist>"
            return f"<iq type='result' id='{iq.get('id')}'>{inner}</iq>"
        if NS in as_text(iq):
            return f"<iq type='result' id='{iq.get('id')}'/>"
        return None

    return answer


@pytest.fixture
def alice() -> Iterator[Actor]:
    """alice, whose server can block and report, and has blocked the shop."""
    actor = Actor(announced=(NS, REPORTING_NS))
    actor.answers = answering(SPAM)
    actor.goes_online()
    actor.forgets()
    yield actor
    actor.close()


def blocked(alice: Actor) -> set[Jid]:
    return set(alice.client.state.blocked or ())


def test_the_list_is_fetched_at_log_in(alice: Actor) -> None:
    assert blocked(alice) == {SPAM}


def test_a_server_that_does_not_offer_it_is_not_asked() -> None:
    actor = Actor()
    try:
        actor.goes_online()
        assert not [stanza for stanza in actor.sent() if NS in stanza]
        actor.types("/block bob@example.org")
        assert "Your server can't block anybody" in actor.told()[-1]
        assert actor.sent() == []
    finally:
        actor.close()


def test_a_session_that_goes_on_does_not_ask_again() -> None:
    actor = Actor(announced=(NS,), has_management=True)
    try:
        actor.answers = answering(SPAM)
        actor.goes_online()
        actor.loses_the_link()
        actor.goes_online()
        assert not [stanza for stanza in actor.sent() if NS in stanza]
        assert blocked(actor) == {SPAM}
    finally:
        actor.close()


@pytest.mark.parametrize("sender", [None, "alice@example.org"])
def test_pushes_of_the_account_itself_count(alice: Actor, sender: str | None) -> None:
    alice.receives(push("block", BOB, SHOP, sender=sender))
    assert blocked(alice) == {SPAM, BOB, SHOP}
    alice.receives(push("unblock", BOB, sender=sender))
    assert blocked(alice) == {SPAM, SHOP}
    alice.receives(push("unblock", sender=sender))
    assert blocked(alice) == set()
    answers = [each for each in alice.sent() if each.startswith("<iq")]
    assert ['type="result"' in answer for answer in answers] == [True] * 3


@pytest.mark.parametrize(
    "sender",
    ["spam@shop.example", "example.org", "alice@example.org/there", "bob@example.org/desk"],
)
@pytest.mark.parametrize("what", ["block", "unblock"])
def test_a_push_of_anybody_else_is_forged(
    alice: Actor, sender: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody unblocks himself, and nobody blocks others for us."""
    alice.receives(push(what, SPAM, BOB, sender=sender))
    [answer] = alice.sent()
    assert "<service-unavailable " in answer
    assert blocked(alice) == {SPAM}
    assert alice.events == []
    assert "a forged push" in caplog.text


@pytest.mark.parametrize(
    "inner",
    [
        "<block xmlns='{ns}'/>",
        "<block xmlns='{ns}'><item/></block>",
        "<unblock xmlns='{ns}'><item jid='@'/></unblock>",
    ],
)
def test_a_push_that_says_nothing_changes_nothing(alice: Actor, inner: str) -> None:
    alice.receives(f"<iq type='set' id='p1'>{inner.format(ns=NS)}</iq>")
    [answer] = alice.sent()
    assert "<bad-request " in answer
    assert blocked(alice) == {SPAM}


def test_to_block_is_asked_of_the_server(alice: Actor) -> None:
    alice.types("/block bob@example.org/desk")
    [order] = alice.sent()
    assert f'<block  xmlns="{NS}"><item jid="bob@example.org"' in order
    assert alice.told()[-1] == (
        "bob@example.org is blocked; /unblock bob@example.org takes that back."
    )
    assert blocked(alice) == {SPAM, BOB}
    # The server's push, which tells all devices, changes nothing more here.
    alice.receives(push("block", BOB))
    assert len(alice.events_of(BlocklistChanged)) == 1


def test_to_unblock_takes_it_back(alice: Actor) -> None:
    alice.types("/unblock spam@shop.example")
    [order] = alice.sent()
    assert f'<unblock  xmlns="{NS}"><item jid="spam@shop.example"' in order
    assert blocked(alice) == set()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/block alice@example.org", "Your own account and its server can't be blocked."),
        ("/block alice@example.org/there", "Your own account and its server can't be blocked."),
        ("/block example.org", "Your own account and its server can't be blocked."),
        ("/report example.org", "Your own account and its server can't be blocked."),
        ("/unblock carol@example.org", "carol@example.org is not blocked; /block lists who is."),
        ("/block @", "'@' is no XMPP address"),
    ],
)
def test_what_makes_no_sense_is_refused(alice: Actor, line: str, words: str) -> None:
    alice.types(line)
    assert alice.sent() == []
    assert words in alice.told()[-1]


def test_who_is_blocked_with_a_server_is_told_so(alice: Actor) -> None:
    alice.types("/block shop.example")
    alice.types("/unblock other@shop.example")
    assert alice.told()[-1] == (
        "other@shop.example is blocked with all of shop.example: /unblock shop.example."
    )


def test_the_list_can_be_read(alice: Actor) -> None:
    alice.receives(push("block", BOB))
    alice.types("/block")
    assert alice.told()[-1] == "Blocked:\nbob@example.org  Bob\nspam@shop.example"
    alice.receives(push("unblock"))
    alice.types("/block")
    assert alice.told()[-1] == "Nobody is blocked; /block JID blocks somebody."


@pytest.mark.parametrize("entry", [BOB, Jid("", "example.org")])
def test_nothing_is_written_to_who_is_blocked(alice: Actor, entry: Jid) -> None:
    alice.receives(push("block", entry))
    alice.looks_at(BOB)
    alice.sent()
    alice.types("hello")
    assert alice.sent() == []
    assert alice.told()[-1] == f"You have blocked {entry}: /unblock {entry} lets you write."
    alice.types(f"/unblock {entry}")
    alice.sent()
    alice.types("hello")
    assert "<body>hello</body>" in alice.sent()[0]


def test_what_was_under_way_comes_back_with_the_way_out(alice: Actor) -> None:
    """§3.2: our own server refuses it."""
    alice.looks_at(BOB)
    alice.types("hello")
    [sent] = [each for each in alice.server.sent if each.find("{jabber:client}body") is not None]
    alice.receives(push("block", BOB))
    alice.receives(
        f"<message type='error' id='{sent.get('id')}' from='bob@example.org'>"
        "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<blocked xmlns='urn:xmpp:blocking:errors'/></error></message>"
    )
    assert "you have blocked it: /unblock bob@example.org" in " ".join(
        " ".join(alice.lines()).split()
    )


def test_who_is_blocked_is_seen_as_such(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.looks_at(BOB)
    alice.receives(push("block", BOB))
    rows = [
        "".join(part[1] for part in row.line).split() for row in Sidebar(alice.workspace).rows()
    ]
    assert ["2", "⊗", "Bob"] in rows
    title = "".join(part[1] for part in title_line(alice.workspace.current, 80, Symbols()))
    assert title == " Bob  bob@example.org  blocked"


def test_what_was_known_of_his_presence_is_not_any_more(alice: Actor) -> None:
    """The server lets nothing of it pass; it is asked for when he is blocked no longer."""
    alice.receives(
        "<presence from='bob@example.org/desk'/>", "<presence from='carol@example.org/x'/>"
    )
    alice.receives(push("block", BOB), push("unblock", BOB))
    state = alice.client.state
    assert state.presence_of(BOB).availability is Availability.OFFLINE
    assert state.presence_of(CAROL).availability is Availability.ONLINE
    assert [each for each in alice.sent() if "<presence" in each] == [
        '<presence to="bob@example.org" type="probe"/>'
    ]


def test_the_nearest_entry_is_the_one_that_blocks(alice: Actor) -> None:
    """§6."""
    phone = BOB.with_resource("phone")
    state = alice.client.state
    alice.receives(push("block", phone))
    assert state.block_of(BOB) is None
    assert state.block_of(phone) == phone
    alice.receives(push("block", Jid("", "example.org")))
    assert state.block_of(BOB) == Jid("", "example.org")
    alice.receives(push("block", BOB))
    assert state.block_of(BOB.with_resource("desk")) == BOB


def test_a_report_blocks_and_names_the_messages(alice: Actor) -> None:
    alice.announced = (NS, REPORTING_NS, "urn:xmpp:mam:2", "urn:xmpp:sid:0")
    alice.loses_the_link()
    alice.goes_online()
    for number in range(12):
        alice.receives(
            f"<message from='bob@example.org/x' id='m{number}'><body>buy {number}</body>"
            f"<stanza-id xmlns='urn:xmpp:sid:0' by='{ALICE}' id='s{number}'/></message>"
        )
    alice.sent()
    alice.types("/report bob@example.org abuse sells me things")
    [order] = alice.sent()
    assert 'reason="urn:xmpp:reporting:abuse"' in order
    assert ">sells me things</" in order
    assert [f'id="s{number}"' in order for number in range(12)] == [False] * 2 + [True] * 10
    assert blocked(alice) == {SPAM, BOB}


def test_who_has_written_nothing_is_reported_for_spam(alice: Actor) -> None:
    alice.types("/report mallory@shop.example")
    [order] = alice.sent()
    assert 'reason="urn:xmpp:reporting:spam"' in order
    assert "stanza-id" not in order
    assert alice.told()[-1] == "mallory@shop.example is reported and blocked."


def test_a_server_that_takes_no_reports_is_told_of() -> None:
    actor = Actor(announced=(NS,))
    try:
        actor.goes_online()
        actor.sent()
        actor.types("/report bob@example.org")
        assert actor.told()[-1] == (
            "Your server takes no reports (XEP-0377); /block bob@example.org blocks without one."
        )
        assert actor.sent() == []
    finally:
        actor.close()


def test_a_refusal_changes_nothing(alice: Actor) -> None:
    alice.answers = lambda iq: (
        f"<iq type='error' id='{iq.get('id')}'><error type='cancel'>"
        "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
    alice.types("/block bob@example.org")
    assert "not-allowed" in alice.told()[-1]
    assert blocked(alice) == {SPAM}


def test_offline_nothing_is_promised(alice: Actor) -> None:
    alice.loses_the_link()
    alice.types("/block bob@example.org")
    assert "is not online: /connect first" in alice.told()[-1]
    assert blocked(alice) == {SPAM}


def test_only_who_is_blocked_is_offered_to_be_unblocked(alice: Actor) -> None:
    line = "/unblock "
    offers = [each.text for each in alice.workspace.complete(line, len(line))]
    assert offers == ["spam@shop.example"]
