"""Displayed markers: who has read is who says so, and what we say is what was looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed
from termxmpp.store.records import Due
from termxmpp.xmpp.pacing import PAUSE
from tests.support.harness import BOB, CAROL, Actor

NS = "urn:xmpp:chat-markers:0"


def displayed(id: str, sender: str = "bob@example.org/desk", *, more: str = "") -> str:
    return (
        f"<message from='{sender}' to='alice@example.org' type='chat'>"
        f"<displayed xmlns='{NS}' id='{id}'/>{more}</message>"
    )


def says(
    id: str, *, sender: str = "bob@example.org/desk", markable: bool = True, type: str = "chat"
) -> str:
    wish = f"<markable xmlns='{NS}'/>" if markable else ""
    return f"<message from='{sender}' type='{type}' id='{id}'><body>{id}</body>{wish}</message>"


def carbon(message: str, direction: str = "sent") -> str:
    inner = message.replace("<message", "<message xmlns='jabber:client'", 1)
    return (
        f"<message from='alice@example.org'><{direction} xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{direction}></message>"
    )


def our_marker(id: str, to: str = "bob@example.org") -> str:
    """What another device of ours has sent."""
    return carbon(
        f"<message from='alice@example.org/phone' to='{to}' type='chat'>"
        f"<displayed xmlns='{NS}' id='{id}'/></message>"
    )


def writes(alice: Actor, *texts: str) -> None:
    alice.looks_at(BOB)
    for text in texts:
        alice.types(text)
        alice.is_confirmed()


def marks(alice: Actor) -> list[str]:
    """The fates of what she wrote to bob, as they are shown."""
    return [line[-1] for line in alice.lines() if " you " in line or "     " in line[:15]]


def markers_sent(alice: Actor) -> list[str]:
    return [stanza for stanza in alice.sent() if f'xmlns="{NS}"' in stanza]


# Theirs.


def test_what_we_write_asks_to_be_told(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    [stanza] = alice.sent(is_whole=True)
    assert f'<markable  xmlns="{NS}"/>' in stanza


def test_the_peer_has_read_that_message_and_all_before(alice: Actor) -> None:
    writes(alice, "one", "two", "three")
    alice.receives(displayed("id2"))
    assert marks(alice) == ["●", "●", "✓"]
    alice.receives(displayed("id1"))
    assert marks(alice) == ["●", "●", "✓"]
    alice.receives(displayed("id3"))
    assert marks(alice) == ["●", "●", "●"]


def test_what_is_read_is_read_after_a_restart(alice: Actor) -> None:
    writes(alice, "one", "two")
    alice.receives(displayed("id2"))
    alice.run(alice.client.disconnect)
    again = Actor(alice.folder)
    again.looks_at(BOB)
    assert marks(again) == ["●", "●"]
    again.close()


@pytest.mark.parametrize("sender", ["carol@example.org/desk", "example.org", "bob@example.com/x"])
def test_only_the_peer_can_say_so(alice: Actor, sender: str) -> None:
    writes(alice, "one")
    alice.receives(displayed("id1", sender))
    assert marks(alice) == ["✓"]


MARKER = f"<displayed xmlns='{NS}' id='id1'/>"
FROM_BOB = "from='bob@example.org/desk'"


@pytest.mark.parametrize(
    "rubbish",
    [
        f"<message {FROM_BOB}><displayed xmlns='{NS}'/></message>",
        displayed(""),
        displayed("id2"),
        displayed("x" * 1_000_000),
        f"<message {FROM_BOB}><displayed xmlns='urn:xmpp:hints' id='id1'/></message>",
        f"<message {FROM_BOB}><x xmlns='jabber:x:event'>{MARKER}</x></message>",
        f"<message {FROM_BOB} type='error' id='m'>{MARKER}</message>",
        f"<message {FROM_BOB} type='groupchat'>{MARKER}</message>",
        f"<message>{MARKER}</message>",
    ],
)
def test_what_names_no_message_of_ours_changes_nothing(alice: Actor, rubbish: str) -> None:
    writes(alice, "one")
    alice.receives(rubbish)
    assert marks(alice) == ["✓"]
    assert alice.told() == []


def test_a_marker_for_what_nobody_has_confirmed_confirms_it(alice: Actor) -> None:
    """It is not sent again when the session is lost."""
    alice.looks_at(BOB)
    alice.types("one")
    alice.receives(displayed("id1"))
    assert marks(alice) == ["●"]
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.goes_online()
    assert marks(alice) == ["●"]
    assert alice.client.unproven == []


def test_a_marker_that_comes_with_text_is_both(alice: Actor) -> None:
    writes(alice, "one")
    alice.receives(displayed("id1", more="<body>seen</body>"))
    assert "one ●" in alice.lines()[-2]
    assert alice.lines()[-1].endswith("seen")


def test_the_peer_may_have_told_another_device_of_ours(alice: Actor) -> None:
    writes(alice, "one")
    alice.receives(carbon(displayed("id1"), "received"))
    assert marks(alice) == ["●"]


def test_a_forged_carbon_says_nothing(alice: Actor) -> None:
    writes(alice, "one")
    forged = carbon(displayed("id1"), "received")
    alice.receives(forged.replace("from='alice@example.org'", "from='mallory@example.com'", 1))
    assert marks(alice) == ["✓"]


# Ours.


def test_a_correction_is_told_to_be_read_when_it_is_looked_at(alice: Actor) -> None:
    replaced = "<replace xmlns='urn:xmpp:message-correct:0' id='a'/></message>"
    alice.looks_at(BOB)
    alice.receives(says("a"))
    assert len(markers_sent(alice)) == 1
    alice.looks_at(CAROL)
    alice.receives(says("b").replace("</message>", replaced))
    assert alice.client.markers_due() == []
    alice.looks_at(BOB)
    # Not within the second, but then.
    assert alice.client.markers_due() == [Due(BOB, "b")]


def test_what_is_looked_at_is_told_once_for_the_newest(alice: Actor) -> None:
    alice.receives(says("a"), says("b"), says("c", markable=False))
    assert alice.sent() == []
    alice.looks_at(BOB)
    [marker] = alice.sent()
    assert marker.startswith('<message to="bob@example.org" type="chat"')
    assert f'<displayed id="b"  xmlns="{NS}"/>' in marker
    assert "urn:xmpp:hints" in marker
    assert "markable" not in marker
    alice.looks_at(CAROL)
    alice.looks_at(BOB)
    assert markers_sent(alice) == []


def test_nothing_is_told_while_nobody_looks(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.run_now(alice.workspace.set_watched, False)
    alice.receives(says("a"))
    assert markers_sent(alice) == []
    alice.run_now(alice.workspace.set_watched, True)
    assert len(markers_sent(alice)) == 1


def test_who_did_not_ask_is_not_told(alice: Actor) -> None:
    alice.receives(says("a", markable=False))
    alice.looks_at(BOB)
    assert alice.sent() == []


@pytest.mark.parametrize("sender", ["carol@example.org/desk", "mallory@example.com/x"])
def test_who_may_not_see_that_we_are_here_is_not_told(alice: Actor, sender: str) -> None:
    """carol lets us see her, not the other way round; mallory is nobody."""
    alice.receives(says("a", sender=sender))
    alice.types("/win 2")
    assert alice.workspace.current.conversation.unread == 0
    assert alice.sent() == []
    assert alice.store.markers_due() == []


def test_by_setting_nobody_is_told_not_even_later(alice: Actor) -> None:
    alice.client.sends_markers = False
    alice.receives(says("a"))
    alice.looks_at(BOB)
    assert markers_sent(alice) == []
    alice.client.sends_markers = True
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.goes_online()
    assert markers_sent(alice) == []


def test_what_is_read_offline_is_told_with_the_next_session_of_any_run(tmp_path: Path) -> None:
    alice = Actor(tmp_path)
    alice.goes_online()
    alice.receives(says("a"), says("b"))
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    alice.looks_at(BOB)
    alice.is_killed()
    again = Actor(tmp_path)
    again.goes_online()
    [marker] = markers_sent(again)
    assert 'id="b"' in marker
    again.loses_the_link(ConnectionFailed("The connection broke."))
    again.goes_online()
    assert markers_sent(again) == []
    again.close()


def test_under_a_flood_one_marker_speaks_for_many(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(*(says(f"m{number}") for number in range(50)))
    [first] = markers_sent(alice)
    assert 'id="m0"' in first
    has_more = alice.loop.create_future()
    alice.loop.call_later(PAUSE + 0.1, has_more.set_result, None)
    alice.run(lambda: has_more)
    [second] = markers_sent(alice)
    assert 'id="m49"' in second


def test_with_the_last_word_goes_what_was_still_to_be_told(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.receives(says("a"), says("b"))
    assert len(markers_sent(alice)) == 1
    server = alice.server
    alice.types("/disconnect")
    *_, marker, leave = alice.sent()
    assert 'id="b"' in marker
    assert leave == '<presence type="unavailable"/>'
    assert server.is_closed


# Those of our other devices.


def test_what_another_device_has_read_is_read_here_up_to_there(alice: Actor) -> None:
    alice.receives(says("a"), says("b"), says("c"))
    talk = alice.client.state.conversation(BOB)
    alice.receives(our_marker("b"))
    assert talk.unread == 1
    alice.receives(our_marker("a"), our_marker("nothing"))
    assert talk.unread == 1
    alice.receives(our_marker("c"))
    assert talk.unread == 0
    assert alice.sent() == []


def test_another_device_speaks_of_that_conversation_only(alice: Actor) -> None:
    alice.receives(says("a"), says("b", sender="carol@example.org/desk"))
    alice.receives(our_marker("b"))
    assert alice.client.state.conversation(BOB).unread == 1
    assert alice.client.state.conversation(CAROL).unread == 1


def test_who_writes_on_another_device_has_read_what_came_before(alice: Actor) -> None:
    alice.receives(says("a"))
    answer = (
        "<message from='alice@example.org/phone' to='bob@example.org' type='chat' id='p'>"
        "<body>yes</body></message>"
    )
    alice.receives(carbon(answer))
    assert alice.client.state.conversation(BOB).unread == 0
    assert alice.store.readings_due() == []
    alice.receives(says("b"))
    assert alice.client.state.conversation(BOB).unread == 1


def test_the_fate_read_is_the_last_there_is() -> None:
    assert Fate.READ.becomes(Fate.RECEIVED) is Fate.READ
