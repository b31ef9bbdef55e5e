"""State: changed by events only, and by every event there is."""

from __future__ import annotations

from typing import get_args

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.link import Link, Phase
from termxmpp.core.message import Fate, Message
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.state import State
from tests.support.harness import ALICE, BOB, NOON

HELLO = Message("m1", BOB.with_resource("desk"), "hello", NOON)


def test_every_kind_of_event_has_its_change() -> None:
    known = State.__dict__["apply"].dispatcher.registry
    assert set(get_args(events.Event)) <= set(known)


def test_anything_else_is_refused() -> None:
    with pytest.raises(TypeError):
        State(ALICE).apply("nothing that happened")


def test_a_closed_conversation_comes_back_with_what_it_held() -> None:
    state = State(ALICE)
    state.apply(events.MessageReceived(BOB, HELLO))
    state.apply(events.ConversationClosed(BOB))
    assert BOB not in state.conversations
    state.apply(events.ConversationOpened(BOB))
    assert state.conversations[BOB].entries == [HELLO]


def test_the_fate_of_a_message_reaches_it_in_a_closed_conversation() -> None:
    state = State(ALICE)
    written = Message("m2", ALICE, "hi", NOON, is_own=True, fate=Fate.QUEUED)
    state.apply(events.MessageWritten(BOB, written))
    state.apply(events.ConversationClosed(BOB))
    state.apply(events.FateChanged(BOB, "m2", Fate.FAILED, "gone"))
    own = state.conversation(BOB).own("m2")
    assert own is not None
    assert own.reason == "gone"


def test_a_roster_replaces_the_roster() -> None:
    state = State(ALICE)
    state.apply(events.RosterReceived((Contact(BOB, "Bob"),)))
    assert state.title_of(BOB.with_resource("desk")) == "Bob"
    revision = state.roster_revision
    state.apply(events.RosterReceived(()))
    assert state.contacts == {}
    assert state.roster_revision > revision


def test_presence_of_a_resource_and_of_the_contact() -> None:
    state = State(ALICE)
    state.apply(events.LinkChanged(Link(Phase.ONLINE)))
    desk, phone = BOB.with_resource("desk"), BOB.with_resource("phone")
    away = Presence(Availability.AWAY, "lunch")
    state.apply(events.PresenceChanged(desk, away))
    assert state.presence_of(desk) == state.presence_of(BOB) == away
    assert state.presence_of(phone).availability is Availability.OFFLINE
    assert set(state.resources_of(BOB)) == {"desk"}
    state.apply(events.PresenceChanged(BOB, Presence(Availability.OFFLINE)))
    assert state.resources_of(BOB) == {}


def test_without_a_link_nobody_is_there() -> None:
    state = State(ALICE)
    state.apply(events.LinkChanged(Link(Phase.ONLINE)))
    state.apply(events.PresenceChanged(BOB, Presence(Availability.ONLINE)))
    state.apply(events.LinkChanged(Link(Phase.RECONNECTING, retry_at=NOON)))
    assert state.presence_of(BOB).availability is Availability.OFFLINE
    assert state.resources_of(BOB) == {}
    assert state.link.words == "reconnecting at 12:00:00"


@pytest.mark.parametrize("is_resumed", [True, False])
def test_only_a_session_that_goes_on_knows_who_is_there(is_resumed: bool) -> None:
    state = State(ALICE)
    state.apply(events.LinkChanged(Link(Phase.ONLINE)))
    state.apply(events.PresenceChanged(BOB, Presence(Availability.ONLINE)))
    state.apply(events.LinkChanged(Link(Phase.RECONNECTING, retry_at=NOON)))
    state.apply(events.SessionStarted(ALICE.with_resource("x"), is_resumed))
    state.apply(events.LinkChanged(Link(Phase.ONLINE)))
    assert (state.presence_of(BOB).availability is Availability.ONLINE) == is_resumed


def test_requests_wait_for_their_answer() -> None:
    state = State(ALICE)
    dave = Jid.parse("dave@example.com")
    state.apply(events.SubscriptionRequested(dave, "it's me"))
    assert state.requests == {dave: "it's me"}
    state.apply(events.SubscriptionAnswered(dave))
    assert state.requests == {}
