"""What admins and owners do: bans, affiliations, and the end of a room."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.muc_admin import AdminPayload
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, answer, away, enters, here, order, refusal
from tests.support.rubbish import reads, rubbish

ADMIN = "http://jabber.org/protocol/muc#admin"
OWNER = "http://jabber.org/protocol/muc#owner"


def in_the_club(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(
        here("alice", role="moderator", affiliation="owner"),
        here("bob", jid=BOB.with_resource("desk")),
        here("nobody"),
    )
    alice.forgets()


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("/ban bob", f'<item affiliation="outcast" jid="{BOB}"/>'),
        ("/ban nobody", '<item affiliation="outcast" nick="nobody"/>'),
        (
            "/ban carol@example.org/x was rude",
            f'<item affiliation="outcast" jid="{CAROL}"><reason>was rude</reason></item>',
        ),
        ("/ban spam.example", '<item affiliation="outcast" jid="spam.example"/>'),
        ("/affiliation bob member", f'<item affiliation="member" jid="{BOB}"/>'),
        (
            "/affiliation carol@example.org admin well done",
            f'<item affiliation="admin" jid="{CAROL}"><reason>well done</reason></item>',
        ),
        ("/affiliation bob none", f'<item affiliation="none" jid="{BOB}"/>'),
    ],
)
def test_who_is_meant_is_named_by_the_real_address(alice: Actor, line: str, item: str) -> None:
    in_the_club(alice)
    alice.types(line)
    id, xml = order(alice, ADMIN)
    assert xml == f'<iq to="{CLUB}" type="set" id="{id}"><query xmlns="{ADMIN}">{item}</query></iq>'


def test_what_somebody_has_become_is_told(alice: Actor) -> None:
    in_the_club(alice)
    alice.types("/affiliation bob member")
    alice.receives(answer(order(alice, ADMIN)[0]))
    assert alice.told()[-1] == "bob is from now on: member."
    alice.types("/ban bob")
    alice.receives(answer(order(alice, ADMIN)[0]))
    assert alice.told()[-1] == f"bob is banned from {CLUB}."


@pytest.mark.parametrize(
    ("line", "condition", "words"),
    [
        ("/ban bob", "forbidden", "at least: admin. You are: moderator, owner."),
        ("/affiliation bob owner", "forbidden", "at least: owner."),
        ("/affiliation alice none", "conflict", "a room needs an owner"),
        ("/ban bob", "not-allowed", "can't be touched"),
    ],
)
def test_what_is_missing_is_told(alice: Actor, line: str, condition: str, words: str) -> None:
    in_the_club(alice)
    alice.types(line)
    alice.receives(refusal(order(alice, ADMIN)[0], condition))
    assert words in alice.told()[-1]


def test_who_is_neither_there_nor_an_address_is_nobody(alice: Actor) -> None:
    in_the_club(alice)
    alice.types("/ban zoe")
    assert "Nobody is called zoe" in alice.told()[-1]
    alice.types("/ban zoe@")
    assert "zoe@" in alice.told()[-1]
    assert alice.sent() == []


def shows_lists(alice: Actor, **lists: str) -> None:
    """Let the room show these lists, and refuse the others."""
    before = alice.answers

    def answers(element: Element) -> str | None:
        item = element.find(f"{{{ADMIN}}}query/{{{ADMIN}}}item")
        if item is None or element.get("type") != "get":
            return before(element)
        found = lists.get(item.get("affiliation", ""))
        id = element.get("id", "")
        if found is None:
            return refusal(id, "forbidden")
        return answer(id, f"<query xmlns='{ADMIN}'>{found}</query>")

    alice.answers = answers


def test_the_lists_are_told_with_nick_and_reason(alice: Actor) -> None:
    in_the_club(alice)
    shows_lists(
        alice,
        owner="<item affiliation='owner' jid='alice@example.org'/>",
        member=f"<item affiliation='member' jid='{BOB}'/>",
        outcast="<item affiliation='outcast' jid='eve@example.org'><reason>spam</reason></item>",
    )
    alice.types("/affiliation")
    assert alice.told()[-1].split("\n") == [
        f"Who belongs to {CLUB}:",
        "alice@example.org  owner",
        "bob@example.org    member, bob",
        "eve@example.org    banned, spam",
    ]
    alice.types("/affiliation list outcast")
    assert alice.told()[-1].split("\n")[1:] == ["eve@example.org  banned, spam"]


def test_of_a_long_list_some_are_looked_for(alice: Actor) -> None:
    in_the_club(alice)
    items = "".join(f"<item affiliation='member' jid='m{n}@example.org'/>" for n in range(1200))
    shows_lists(alice, member=items)
    alice.types("/affiliation list member")
    told = alice.told()[-1].split("\n")
    assert len(told) == 202
    assert told[-1] == "and 1000 more: /affiliation list member TEXT looks for some of them"
    alice.types("/affiliation list member M117@")
    assert alice.told()[-1].split("\n")[1:] == ["m117@example.org  member"]
    alice.types("/affiliation list member zoe")
    assert alice.told()[-1] == f"There is nobody with zoe on that list of {CLUB}."


def test_lists_that_are_not_shown_are_told_to_be_refused(alice: Actor) -> None:
    in_the_club(alice)
    shows_lists(alice)
    alice.types("/affiliation")
    assert "at least: admin" in alice.told()[-1]


def test_what_somebody_is_can_be_asked(alice: Actor) -> None:
    in_the_club(alice)
    shows_lists(
        alice,
        owner="",
        admin="",
        outcast="",
        member=f"<item affiliation='member' jid='{CAROL}'/>",
    )
    alice.types("/affiliation bob")
    assert alice.told()[-1] == f"bob is to {CLUB}: no affiliation."
    alice.types(f"/affiliation {CAROL}")
    assert alice.told()[-1] == f"{CAROL} is to {CLUB}: member."


# The end.


def test_a_room_is_destroyed_only_by_its_address(alice: Actor) -> None:
    in_the_club(alice)
    alice.types("/destroy")
    assert f"/destroy {CLUB} [REASON]" in alice.told()[-1]
    assert alice.sent() == []
    alice.types(f"/destroy {CLUB} we have moved")
    id, xml = order(alice, OWNER)
    assert "<destroy><reason>we have moved</reason></destroy>" in xml
    alice.receives(answer(id))
    alice.receives(away("alice", 110, item="<destroy><reason>we have moved</reason></destroy>"))
    assert alice.told()[-1].startswith("The room was destroyed: we have moved")
    assert not alice.client.state.rooms[CLUB].is_wanted


def test_those_who_are_there_are_told_where_to_go(alice: Actor) -> None:
    in_the_club(alice)
    alice.types(f"/destroy moved {CLUB} hall@conference.example.org more room")
    id, xml = order(alice, OWNER)
    assert '<destroy jid="hall@conference.example.org"><reason>more room</reason></destroy>' in xml
    alice.receives(answer(id))
    inside = "<destroy jid='hall@conference.example.org'><reason>more room</reason></destroy>"
    alice.receives(away("alice", 110, item=inside))
    assert alice.told()[-1].split("\n") == [
        "The room was destroyed: more room",
        "/join hall@conference.example.org enters the one that takes its place.",
    ]


@pytest.mark.parametrize("place", [str(CLUB), "conference.example.org"])
def test_a_room_does_not_take_its_own_place(alice: Actor, place: str) -> None:
    in_the_club(alice)
    alice.types(f"/destroy moved {CLUB} {place}")
    assert "can't take its place" in alice.told()[-1]
    assert alice.sent() == []


def test_only_an_owner_destroys(alice: Actor) -> None:
    in_the_club(alice)
    alice.types(f"/destroy {CLUB}")
    alice.receives(refusal(order(alice, OWNER)[0], "forbidden"))
    assert "at least: owner" in alice.told()[-1]


# Rubbish.


@given(
    rubbish(
        f"{{{ADMIN}}}query",
        ["affiliation", "role", "jid", "nick"],
        [f"{{{ADMIN}}}item", f"{{{ADMIN}}}reason"],
    )
)
def test_whatever_is_in_a_list_is_somebody_or_nobody(element: Element) -> None:
    found = reads(AdminPayload, element)
    assert found is not None
    assert all(isinstance(each.jid, Jid) or each.nick for each in found.items)
