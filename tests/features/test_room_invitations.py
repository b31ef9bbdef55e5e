"""Invitations: sent the way that fits the room, and told once when they come."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.invitations import DIRECT_NS, DirectPayload
from termxmpp.xmpp.muc import USER_NS, OccupantPayload
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, enters, here
from tests.support.rubbish import reads, rubbish

DIRECT = "jabber:x:conference"
USER = "http://jabber.org/protocol/muc#user"


def direct(sender: str = f"{BOB}/desk", more: str = "", room: Jid = CLUB) -> str:
    return f"<message from='{sender}'><x xmlns='{DIRECT}' jid='{room}'{more}/></message>"


def mediated(inside: str = "", by: str = f"{BOB}/desk", room: Jid = CLUB) -> str:
    return (
        f"<message from='{room}'><x xmlns='{USER}'><invite from='{by}'>"
        "<reason>come</reason></invite>"
        f"{inside}</x></message>"
    )


def console(alice: Actor) -> list[str]:
    return [entry.text for entry in alice.client.state.console.entries]


# Sent.


def test_an_invitation_goes_direct(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/invite bob@example.org come & see")
    [sent] = alice.sent()
    assert sent.startswith(f'<message to="{BOB}" type="normal" id="invite-id1">')
    assert f'jid="{CLUB}"' in sent
    assert 'reason="come &amp; see"' in sent
    assert alice.told()[-1] == f"{BOB} is invited."


def test_a_room_for_members_only_invites_itself(alice: Actor) -> None:
    announces(alice, "muc_membersonly")
    enters(alice)
    alice.types("/invite bob@example.org/desk come")
    [sent] = alice.sent()
    assert sent.startswith(f'<message to="{CLUB}"')
    assert f'<invite to="{BOB}"><reason>come</reason></invite>' in sent


def test_the_password_goes_with_it(alice: Actor) -> None:
    announces(alice)
    alice.receives(mediated("<password>sesame</password>"))
    enters(alice)
    alice.types("/invite carol@example.org")
    [sent] = alice.sent()
    assert 'password="sesame"' in sent


def test_an_invitation_that_comes_back_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/invite bob@example.org")
    alice.receives(
        f"<message type='error' from='{BOB}' id='invite-id1'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert console(alice)[-1].startswith(f"The invitation came back from {BOB}: nobody there")


def test_who_declines_is_told_in_the_room(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(
        f"<message from='{CLUB}'><x xmlns='{USER}'><decline from='{BOB}'>"
        "<reason>too busy</reason></decline></x></message>"
    )
    assert alice.told()[-1] == f"{BOB} does not follow the invitation: too busy"


# Received.


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (direct(more=" reason='tea'"), f"{BOB} invites you to {CLUB}: tea"),
        (direct(), f"{BOB} invites you to {CLUB}."),
        (mediated(), f"{BOB} invites you to {CLUB}: come"),
        (mediated(by=f"{CLUB}/zoe"), f"zoe invites you to {CLUB}: come"),
        (mediated(by="@"), f"You are invited to {CLUB}: come"),
    ],
)
def test_an_invitation_is_told_with_what_follows_it(alice: Actor, message: str, words: str) -> None:
    alice.receives(message)
    way = f"/join {CLUB} enters it, /invite decline {CLUB} does not."
    assert console(alice)[-1] == f"{words}\n{way}"
    assert list(alice.client.state.conversations) == []


def test_who_has_invited_through_the_room_is_told_that_we_do_not_come(alice: Actor) -> None:
    alice.receives(mediated())
    alice.forgets()
    alice.types(f"/invite decline {CLUB} too busy")
    [sent] = alice.sent()
    assert sent.startswith(f'<message to="{CLUB}"')
    assert f'<decline to="{BOB.bare}"><reason>too busy</reason></decline>' in sent
    assert alice.told()[-1] == f"You do not follow the invitation to {CLUB}."
    alice.types(f"/invite decline {CLUB}")
    assert alice.told()[-1] == f"Nobody has invited you to {CLUB}."


def test_who_has_invited_by_himself_is_told_nothing(alice: Actor) -> None:
    """XEP-0249 has no word for it."""
    alice.receives(direct())
    alice.forgets()
    alice.types(f"/invite decline {CLUB}")
    assert alice.sent() == []
    assert alice.client.state.invitations == {}


def test_both_ways_are_one_invitation_and_the_password_is_kept(alice: Actor) -> None:
    announces(alice, "muc_passwordprotected")
    alice.receives(direct(), mediated("<password>sesame</password>"), direct())
    assert len(console(alice)) == 1
    alice.forgets()
    alice.types(f"/join {CLUB}")
    entering = alice.sent()[-1]
    assert "<password>sesame</password>" in entering


def test_whoever_is_there_already_is_not_asked(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(direct(), mediated())
    assert console(alice) == []


def test_our_own_invitations_are_nobody_s(alice: Actor) -> None:
    alice.receives(direct(sender="alice@example.org/other"))
    assert console(alice) == []


def test_many_invitations_are_not_all_kept(alice: Actor) -> None:
    alice.receives(*(direct(room=Jid(f"room{number}", "x.org")) for number in range(120)))
    kept = alice.client.state.invitations
    assert len(kept) == 100
    assert Jid("room119", "x.org") in kept


# Rubbish.


@given(rubbish(f"{{{DIRECT_NS}}}x", ["jid", "reason", "password"]))
def test_a_direct_invitation_is_into_a_room_or_none(element: Element) -> None:
    found = reads(DirectPayload, element)
    assert found is None or (found.room.local and found.room.is_bare)


@given(
    rubbish(
        f"{{{USER_NS}}}x",
        ["from", "to", "jid", "nick", "code", "affiliation", "role"],
        [f"{{{USER_NS}}}{name}" for name in ("invite", "decline", "item", "status", "actor")],
    )
)
def test_what_a_room_says_can_be_read_or_not(element: Element) -> None:
    assert reads(OccupantPayload, element) is not None


def test_presence_is_no_invitation(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(here("bob", more="<x xmlns='jabber:x:conference' jid='hall@x.org'/>"))
    assert console(alice) == []
