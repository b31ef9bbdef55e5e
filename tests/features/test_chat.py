"""One-to-one chat: what comes is shown, what is written has one fate."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.core.events import FateChanged, MessageReceived
from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed
from tests.support.harness import BOB, NOON, Actor

HELLO = "<message from='bob@example.org/desk' type='chat' id='a'><body>hello alice</body></message>"


def received(alice: Actor) -> list[MessageReceived]:
    return [event for event in alice.events if isinstance(event, MessageReceived)]


@pytest.mark.parametrize("type_", ["chat", "normal", "headline", "", "nonsense"])
def test_every_text_is_shown_whatever_its_type(alice: Actor, type_: str) -> None:
    """An unknown type counts as normal (RFC 6121 §5.2.2)."""
    alice.receives(HELLO.replace("type='chat'", f"type='{type_}'" if type_ else ""))
    alice.looks_at(BOB)
    assert alice.lines()[-1] == "12:00 Bob      hello alice"


def test_a_message_opens_its_window_without_taking_the_look(alice: Actor) -> None:
    before = alice.workspace.current
    alice.receives(HELLO)
    assert alice.workspace.current == before
    window = alice.workspace.windows[-1]
    assert (window.peer, window.conversation.unread) == (BOB, 1)


def test_a_window_that_opens_by_itself_shows_what_was_said_before(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    """It was closed in an earlier run; else nothing before the message could be scrolled to."""
    alice = alices(tmp_path)
    alice.receives(HELLO)
    alice.looks_at(BOB)
    alice.types("/close")
    alice.close()
    later = alices(tmp_path)
    later.receives(HELLO.replace("hello alice", "still there?"))
    later.looks_at(BOB)
    assert [line for line in later.lines() if "Bob" in line] == [
        "12:00 Bob      hello alice",
        "12:00 Bob      still there?",
    ]


def test_the_time_is_the_delay_stamp_where_there_is_one(alice: Actor) -> None:
    delayed = HELLO.replace(
        "<body>", "<delay xmlns='urn:xmpp:delay' stamp='2025-12-31T23:30:00Z'/><body>"
    )
    alice.receives(delayed)
    [event] = received(alice)
    assert event.message.is_delayed
    assert event.message.at.isoformat() == "2025-12-31T23:30:00+00:00"


@pytest.mark.parametrize("stamp", ["", "yesterday", "0001-01-01T00:00:00Z", "2025-13-01T00:00:00Z"])
def test_a_stamp_that_is_none_is_as_good_as_absent(alice: Actor, stamp: str) -> None:
    alice.receives(
        HELLO.replace("<body>", f"<delay xmlns='urn:xmpp:delay' stamp='{stamp}'/><body>")
    )
    [event] = received(alice)
    assert event.message.at == NOON
    assert not event.message.is_delayed


@pytest.mark.parametrize(
    "rubbish",
    [
        "<message from='bob@example.org/desk' type='chat'/>",
        "<message from='bob@example.org/desk'><body xmlns='urn:xmpp:hints'>no</body></message>",
        "<message type='chat'><body>from nobody</body></message>",
        "<message from='room@muc.example.org/nick' type='groupchat'><body>no</body></message>",
        "<message from='bob@example.org' type='error'><body>no</body></message>",
    ],
)
def test_what_is_no_chat_is_not_shown(alice: Actor, rubbish: str) -> None:
    alice.receives(rubbish)
    assert received(alice) == []


def test_a_megabyte_is_a_message_like_any_other(alice: Actor) -> None:
    alice.receives(HELLO.replace("hello alice", "x" * 1_000_000))
    alice.looks_at(BOB)
    assert len(alice.lines(columns=80)) > 10_000


def test_what_is_written_goes_out_and_is_shown_with_its_fate(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello  bob")
    assert alice.sent() == [
        '<message to="bob@example.org" type="chat" id="id1"><body>hello  bob</body></message>'
    ]
    assert alice.lines()[-1] == "12:00 you      hello  bob ·"
    alice.is_confirmed()
    assert alice.lines()[-1] == "12:00 you      hello  bob ✓"


def test_a_bounce_is_the_fate_of_its_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(
        "<message from='bob@example.org' type='error' id='id1'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert alice.lines()[-2:] == [
        "12:00 you      hello ✗",
        "               there is no such user (item-not-found)",
    ]


def test_somebody_elses_bounce_is_not_the_fate_of_my_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(
        "<message from='mallory@example.com' type='error' id='id1'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert alice.lines()[-1] == "12:00 you      hello ·"


@pytest.mark.parametrize("is_first", [False, True])
def test_a_bounce_tells_what_the_server_said(alice: Actor, is_first: bool) -> None:
    alice.types("/msg bob@example.org hello")
    parts = [
        "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>",
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>to the sea</text>",
    ]
    error = "".join(reversed(parts) if is_first else parts)
    alice.receives(
        f"<message from='{BOB}' type='error' id='id1'><error type='cancel'>{error}</error>"
        "</message>"
    )
    assert alice.lines(100)[-1].strip() == "the recipient has moved or is gone (gone): to the sea"


def test_a_bounce_without_a_reason_is_one_too(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives("<message from='bob@example.org' type='error' id='id1'/>")
    assert "✗" in alice.lines()[-2]


def test_written_offline_it_waits_in_order_and_leaves_on_return(alice: Actor) -> None:
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.types("/msg bob@example.org one")
    alice.types("two")
    assert [line[-1] for line in alice.lines()[-2:]] == ["…", "…"]
    alice.goes_online()
    texts = [stanza for stanza in alice.sent() if "<body>" in stanza]
    assert ["one" in texts[0], "two" in texts[1], len(texts)] == [True, True, 2]
    alice.is_confirmed()
    assert [line[-1] for line in alice.lines()[-2:]] == ["✓", "✓"]


def test_what_was_not_confirmed_when_the_link_broke_is_told_to_be_so(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    [event] = [each for each in alice.events[-10:] if isinstance(each, FateChanged)][-1:]
    assert event.fate is Fate.SENT
    shown = "\n".join(alice.lines())
    assert "hello ·" in shown
    assert "may not have arrived" in " ".join(shown.split())


def test_an_action_is_told_in_the_third_person(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("/me waves")
    assert "<body>/me waves</body>" in alice.sent()[-1]
    assert alice.lines()[-1] == "12:00 *        alice waves ·"
    alice.receives(HELLO.replace("hello alice", "/me nods"))
    assert alice.lines()[-1] == "12:00 *        Bob nods"


def test_two_slashes_are_text_with_one(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("//quit is a command")
    assert "<body>/quit is a command</body>" in alice.sent()[-1]


def test_in_the_console_text_goes_nowhere_and_that_is_said(alice: Actor) -> None:
    alice.types("hello?")
    assert alice.sent() == []
    assert "/msg JID" in alice.workspace.problem


def test_what_xml_can_not_hold_is_replaced_before_it_ends_the_stream(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("a\x1bb\x00c\ufffed")
    assert "<body>a\ufffdb\ufffdc\ufffdd</body>" in alice.sent()[-1]


def test_a_byte_that_is_no_text_is_shown_and_kept_as_it_is_sent(alice: Actor) -> None:
    """A terminal that does not speak UTF-8 sends such; no record could hold it."""
    alice.looks_at(BOB)
    alice.types("caf\udce9")
    assert "<body>caf\ufffd</body>" in alice.sent()[-1]
    assert alice.lines()[-1] == "12:00 you      caf\ufffd ·"


def test_what_the_server_would_not_take_is_not_sent_to_it(alice: Actor) -> None:
    """Its limit (XEP-0478) holds as long as its connection: the next server has another one."""
    text = "x" * 20_000
    alice.types(f"/msg bob@example.org {text}")
    assert len([stanza for stanza in alice.sent() if text in stanza]) == 1
    alice.max_bytes = 10_000
    alice.loses_the_link()
    alice.goes_online()
    alice.sent()
    alice.types(f"/msg bob@example.org {text}")
    assert [stanza for stanza in alice.sent() if text in stanza] == []
    assert "too long for one message by" in alice.workspace.problem
    assert alice.client.longest_text < 10_000
    alice.types(f"/msg bob@example.org {text[: alice.client.longest_text]}")
    [stanza] = [stanza for stanza in alice.sent(is_whole=True) if "<body>" in stanza]
    assert len(stanza.encode()) <= 10_000
