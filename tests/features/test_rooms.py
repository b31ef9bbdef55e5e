"""Rooms: who is let in and put out, what is said to all and to one, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.events import FateChanged, MessageReceived, RoomWanted
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Notice
from termxmpp.core.room import Role, Standing
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, Actor
from tests.support.rooms import ARCHIVED, CLUB, announces, away, enters, here, said, subject

ME = CLUB.with_resource("alice")


def received(alice: Actor) -> list[MessageReceived]:
    return [event for event in alice.events if isinstance(event, MessageReceived)]


def failure(alice: Actor) -> FateChanged:
    """The one message that has failed."""
    [failed] = [
        event
        for event in alice.events
        if isinstance(event, FateChanged) and event.fate is Fate.FAILED
    ]
    return failed


def joins(alice: Actor) -> list[str]:
    """The presences sent to rooms since the last look."""
    return [xml for xml in alice.sent() if xml.startswith("<presence") and "conference" in xml]


# Entering.


def test_entering_asks_what_the_room_is_and_then_to_be_let_in(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    asked, reserved, entering = alice.sent()
    assert f'to="{CLUB}"' in asked
    assert "disco#info" in asked
    assert 'node="x-roomuser-item"' in reserved
    assert entering == (
        f'<presence to="{ME}"><x  xmlns="http://jabber.org/protocol/muc"/></presence>'
    )
    assert alice.workspace.current.peer == CLUB


def test_the_nick_is_the_one_given_else_the_last_one_else_the_local_part(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB} 'Alice in Chains'")
    assert f'to="{CLUB}/Alice in Chains"' in joins(alice)[0]
    alice.types("/leave")
    alice.sent()
    alice.types(f"/join {CLUB}")
    assert f'to="{CLUB}/Alice in Chains"' in joins(alice)[0]
    alice.types("/leave")
    alice.types(f"/join {CLUB}/queen")
    assert f'to="{CLUB}/queen"' in joins(alice)[-1]


def test_we_are_in_when_the_room_tells_us_of_ourselves(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    room = alice.client.state.rooms[CLUB]
    alice.receives(here("bob"))
    assert room.standing is Standing.ENTERING
    alice.receives(here("alice", 110))
    assert room.is_in
    assert sorted(room.occupants) == ["alice", "bob"]


def test_the_room_may_give_another_nick(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice2", 110, 210))
    assert alice.client.state.rooms[CLUB].nick == "alice2"
    assert alice.told()[-1] == "The room calls you alice2."


def test_occupants_are_nobody_s_presence(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    assert alice.client.state.resources_of(CLUB) == {}
    elsewhere = Jid("hall", CLUB.domain)
    alice.receives(here("stray", room=elsewhere))
    assert alice.client.state.resources_of(elsewhere) == {}


def test_a_new_room_is_opened_before_anything_is_said(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.types("first")
    alice.sent()
    alice.receives(here("alice", 110, 201))
    [order] = alice.sent()
    assert "muc#owner" in order
    assert 'type="submit"' in order
    number = re.search(r'id="(\w+)"', order)
    assert number is not None
    alice.receives(f"<iq type='result' id='{number[1]}' from='{CLUB}'/>")
    words = f"{CLUB} did not exist: you have made it, and own it. /configure sets it up."
    assert alice.told()[-1] == words
    _, first = alice.sent()
    assert "<body>first</body>" in first


def test_a_new_room_that_is_left_at_once_is_left(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.sent()
    alice.receives(here("alice", 110, 201))
    number = alice.sent()[0].split('id="')[1].split('"')[0]
    alice.types("/leave")
    alice.receives(f"<iq type='result' id='{number}' from='{CLUB}'/>")
    assert alice.client.state.rooms[CLUB].standing is Standing.OUT


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("not-authorized", f"it wants another password: /join {CLUB} asks for it"),
        ("registration-required", "members only"),
        ("forbidden", "banned"),
        ("item-not-found", "locked"),
        ("not-allowed", "may not make one"),
        ("service-unavailable", "full"),
        ("undefined-condition", "undefined-condition"),
    ],
)
def test_why_we_are_not_let_in_is_told_with_what_to_do(
    alice: Actor, condition: str, words: str
) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(
        f"<presence type='error' from='{ME}'><x xmlns='http://jabber.org/protocol/muc'/>"
        f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "</error></presence>"
    )
    assert words in alice.told()[-1]
    assert alice.client.state.rooms[CLUB].standing is Standing.OUT


def test_who_is_no_room_is_told_to_be_none(alice: Actor) -> None:
    alice.answers = lambda element: (
        f"<iq type='result' id='{element.get('id')}' from='{CLUB}'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'>"
        "<identity category='account' type='registered'/></query></iq>"
    )
    alice.types(f"/join {CLUB}")
    assert alice.told()[-1] == f"{CLUB} is no room."
    assert joins(alice) == []
    alice.types("/join conference.example.org")
    assert "/join ROOM@conference.example.org" in alice.workspace.problem


# Who is there.


def test_occupants_come_change_and_go(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "carol")
    room = alice.client.state.rooms[CLUB]
    alice.receives(here("bob", more="<show>dnd</show>"), away("carol"))
    assert sorted(room.occupants) == ["alice", "bob"]
    assert room.presence_of("bob").availability.value == "dnd"
    alice.receives(away("bob", 303, new_nick="robert"), here("robert"))
    assert sorted(room.occupants) == ["alice", "robert"]


def test_who_lists_them_by_what_they_may_do(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(here("zoe", role="moderator"))
    alice.types("/who")
    assert alice.told()[-1].split("\n") == [
        f"3 in {CLUB}:",
        "zoe    moderator, online",
        "alice  participant, online",
        "bob    participant, online",
    ]


def test_our_own_nick_may_change(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types(f"/join {CLUB} queen")
    assert joins(alice) == [f'<presence to="{CLUB}/queen"/>']
    alice.receives(away("alice", 303, 110, new_nick="queen"), here("queen", 110))
    room = alice.client.state.rooms[CLUB]
    assert (room.nick, room.is_in) == ("queen", True)
    assert sorted(room.occupants) == ["bob", "queen"]


def test_our_presence_is_told_to_the_rooms_too(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/away back soon")
    assert joins(alice) == [
        f'<presence to="{ME}"><show>away</show><status>back soon</status></presence>'
    ]


@pytest.mark.parametrize(
    ("presence", "words", "is_for_good"),
    [
        (
            away("alice", 307, 110, inside="<reason>noise</reason>"),
            "put out of this room: noise",
            True,
        ),
        (
            away("alice", 301, 110, inside="<actor nick='zoe'/><reason>spam</reason>"),
            "zoe has banned you from this room: spam",
            True,
        ),
        (away("alice", 321, 110), "lost the right", True),
        (away("alice", 322, 110), "for members only", True),
        (away("alice", 332, 110), "shut down", False),
        (away("alice", 307, 333, 110), "lost the way", False),
        (away("alice", 110), "not in this room any more", False),
        (
            away("alice", item="<destroy jid='hall@x.org'><reason>moved</reason></destroy>"),
            "destroyed: moved\n/join hall@x.org enters",
            True,
        ),
    ],
)
def test_being_put_out_is_told_with_its_reason(
    alice: Actor, presence: str, words: str, is_for_good: bool
) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(presence)
    room = alice.client.state.rooms[CLUB]
    assert words in alice.told()[-1]
    assert (room.standing, room.is_wanted) == (Standing.OUT, not is_for_good)


def test_leaving_says_so_and_is_for_good(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/leave")
    assert joins(alice) == [f'<presence to="{ME}" type="unavailable"/>']
    alice.receives(away("alice", 110))
    alice.types("hello?")
    assert alice.workspace.problem == f"You are not in {CLUB}: /join {CLUB} enters it."


def test_closing_the_window_of_a_room_leaves_it(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("/close")
    assert joins(alice) == [f'<presence to="{ME}" type="unavailable"/>']


# What is said.


def test_what_occupants_say_is_theirs_by_nick(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "carol")
    alice.receives(said("bob", "hello", "1"), said("carol", "hi", "2"), said("carol", "all", "3"))
    assert [line.split() for line in alice.lines()[-3:]] == [
        ["12:00", "bob", "hello"],
        ["12:00", "carol", "hi"],
        ["all"],
    ]


@pytest.mark.parametrize(
    "nick", ["\N{PARTY POPPER}", "ａｂｃ", "\N{SQUARED LATIN CAPITAL LETTER A}", "א b"]
)
def test_a_nick_is_what_the_room_says_it_is(alice: Actor, nick: str) -> None:
    """Its service has prepared it: another form of it would be somebody else."""
    announces(alice)
    enters(alice, nick)
    alice.receives(said(nick, "hello", "1"))
    assert nick in alice.client.state.rooms[CLUB].occupants
    [event] = received(alice)
    assert event.message.author == Jid(CLUB.local, CLUB.domain, nick)


def test_two_equal_live_messages_are_two(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bot")
    alice.receives(said("bot", "beep", "1"), said("bot", "beep", "1"))
    assert len(received(alice)) == 2


def test_a_room_that_we_are_not_in_is_not_heard(alice: Actor) -> None:
    alice.receives(said("bob", "spam"))
    announces(alice)
    enters(alice)
    alice.types("/leave")
    alice.receives(said("bob", "spam"))
    assert received(alice) == []


def test_the_subject_is_kept_and_is_no_message(alice: Actor) -> None:
    announces(alice)
    enters(alice, about="tea")
    room = alice.client.state.rooms[CLUB]
    assert room.subject == "tea"
    alice.receives(subject(""))
    assert room.subject == ""
    assert received(alice) == []


def test_text_waits_until_we_are_in_and_is_proven_by_its_reflection(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.forgets()
    alice.types("hello all")
    assert alice.lines()[-1].endswith("hello all …")
    assert alice.sent() == []
    alice.receives(here("alice", 110), subject())
    assert alice.sent() == [
        f'<message to="{CLUB}" type="groupchat" id="id1"><body>hello all</body></message>'
    ]
    assert alice.lines()[-1].endswith("hello all ·")
    alice.is_confirmed()
    assert alice.lines()[-1].endswith("hello all ·")
    alice.receives(said("alice", "hello all", "id1"))
    assert alice.lines()[-1].endswith("hello all ✓")
    assert received(alice) == []


def test_the_server_is_asked_once_for_what_only_the_room_can_show(alice: Actor) -> None:
    """Its word does not end the wait, and is not asked for again and again."""
    announces(alice)
    enters(alice)
    alice.types("hello")
    proof = alice.server._proof
    alice.is_confirmed()
    assert alice.server._proof is proof
    alice.types("and more")
    assert alice.server._proof is not proof


def test_nobody_else_can_show_it_for_the_room(alice: Actor) -> None:
    announces(alice)
    enters(alice, "mallory")
    alice.types("hello")
    alice.receives(said("mallory", "hello", "id1", origin="id1"))
    assert alice.lines()[-2].endswith("hello ·")
    assert len(received(alice)) == 1


def test_a_room_that_is_not_entered_holds_up_nobody_else(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.types("for the club")
    alice.types(f"/msg {BOB} for bob")
    assert [xml for xml in alice.sent() if "<body>" in xml] == [
        f'<message to="{BOB}" type="chat" id="id4"><body>for bob</body></message>'
    ]


def test_an_own_message_stands_where_the_room_has_shown_it(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("mine")
    alice.types("mine too")
    alice.receives(said("bob", "his", "b"), said("alice", "mine", "id1"))
    assert [line.split()[-2] for line in alice.lines()[-2:]] == ["mine", "too"]
    assert alice.lines()[-3].split()[1:] == ["bob", "his"]
    alice.receives(said("bob", "his too", "c"), said("alice", "mine too", "id2"))
    assert [line.split(maxsplit=2)[-1] for line in alice.lines()[-4:]] == [
        "his",
        "mine ✓",
        "his too",
        "mine too ✓",
    ]


def test_what_we_say_on_another_device_is_ours(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(said("alice", "from the phone", "p"))
    [event] = received(alice)
    assert (event.message.is_own, event.message.fate) == (True, Fate.ACKNOWLEDGED)


def test_who_has_our_nick_before_or_later_is_not_we(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110))
    alice.receives(said("alice", "I was here first", stamp="2026-01-01T00:00:00Z"), subject())
    alice.receives(away("alice", 303, 110, new_nick="queen"), here("queen", 110), here("alice"))
    alice.receives(said("alice", "I am the other one", "o"))
    assert [event.message.is_own for event in received(alice)] == [False, False]


def test_only_before_its_subject_does_a_room_tell_of_its_past(alice: Actor) -> None:
    """So that nobody makes its words look like old ones, or ours like somebody else's."""
    announces(alice)
    enters(alice)
    alice.receives(said("alice", "from the phone", "p", stamp="2026-01-01T00:00:00Z"))
    assert received(alice)[0].message.is_own


def test_what_a_room_says_comes_from_the_room_itself(alice: Actor) -> None:
    """No copy of another device makes it up (XEP-0280 §6.1)."""
    announces(alice)
    enters(alice, "bob")
    inner = said("bob", "made up").replace("<message ", "<message xmlns='jabber:client' ", 1)
    alice.receives(
        "<message from='alice@example.org'><received xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></received></message>"
    )
    assert received(alice) == []


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("forbidden", "you may only listen in this room (forbidden)"),
        ("not-acceptable", "the room does not see you in it (not-acceptable)"),
        ("policy-violation", "a rule of the server forbids it (policy-violation): no links"),
    ],
)
def test_what_the_room_does_not_take_has_failed(alice: Actor, condition: str, words: str) -> None:
    announces(alice)
    enters(alice)
    alice.types("hello")
    text = "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no links</text>"
    alice.receives(
        f"<message type='error' id='id1' from='{CLUB}'><error type='auth'>"
        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        f"{text if 'links' in words else ''}</error></message>"
    )
    assert any(line.endswith("hello ✗") for line in alice.lines())
    failed = failure(alice)
    assert failed == FateChanged(CLUB, "id1", Fate.FAILED, words)


def test_a_room_that_has_lost_us_is_entered_again(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.types("hello")
    alice.sent()
    alice.receives(
        f"<message type='error' id='id1' from='{CLUB}'><error type='modify'>"
        "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert f'to="{ME}"' in joins(alice)[0]


def test_a_room_that_is_no_more_is_not_made_anew_by_itself(alice: Actor) -> None:
    """A ping does not tell (XEP-0410 §3): what is said there does."""
    announces(alice)
    enters(alice)
    alice.types("hello")
    alice.sent()
    alice.receives(
        f"<message type='error' id='id1' from='{CLUB}'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    assert joins(alice) == []
    assert alice.client.state.rooms[CLUB].standing is Standing.OUT
    assert alice.told()[-1] == f"There is no such room any more; /join {CLUB} makes it anew."


def test_what_was_queued_for_a_room_that_is_left_has_failed(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.types("too late")
    alice.types("/leave")
    failed = failure(alice)
    assert failed.reason == "You left the room before it could be sent."


# What is said among two.


@pytest.mark.parametrize("mark", ["", "<x xmlns='http://jabber.org/protocol/muc#user'/>"])
def test_a_private_message_is_a_conversation_of_its_own(alice: Actor, mark: str) -> None:
    announces(alice)
    enters(alice, "bob")
    occupant = CLUB.with_resource("bob")
    alice.receives(
        f"<message type='chat' from='{occupant}' id='p'><body>psst</body>{mark}</message>",
        f"<message type='chat' from='{BOB}/desk' id='q'><body>hello</body></message>",
    )
    assert [event.peer for event in received(alice)] == [occupant, BOB]
    alice.looks_at(occupant)
    assert alice.lines()[-1].split()[1:] == ["bob", "psst"]
    assert alice.workspace.current.title == "bob (club)"
    alice.types("yes?")
    [answer] = alice.sent()
    assert f'to="{occupant}" type="chat"' in answer
    assert "http://jabber.org/protocol/muc#user" in answer


def test_a_contact_can_not_pass_for_an_occupant(alice: Actor) -> None:
    alice.receives(
        f"<message type='chat' from='{BOB}/desk' id='q'><body>hello</body>"
        "<x xmlns='http://jabber.org/protocol/muc#user'/></message>"
    )
    assert received(alice)[0].peer == BOB


def test_a_private_message_to_nobody_has_failed_there(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    occupant = CLUB.with_resource("bob")
    alice.types(f"/msg {occupant} psst")
    alice.receives(
        f"<message type='error' id='id1' from='{occupant}'><error type='cancel'>"
        "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    failed = failure(alice)
    assert failed.peer == occupant
    assert "nobody has that nick" in failed.reason


# The past, and the next session.


def test_a_room_with_an_archive_tells_no_history(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    assert 'maxchars="0"' in joins(alice)[0]


def test_a_room_without_one_is_asked_for_what_we_do_not_know(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "hello", "1"))
    alice.loses_the_link()
    alice.waits(86400)
    alice.goes_online()
    assert 'since="2026-01-02T11:00:00Z"' in joins(alice)[0]


def test_history_is_recorded_once_however_often_it_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("mine")
    alice.receives(said("alice", "mine", "id1"), said("bob", "live", "1"))
    past = [
        said("bob", "old", "0", stamp="2026-01-01T00:00:00Z"),
        said("alice", "mine", "id1", stamp="2026-01-02T12:00:00Z"),
        said("bob", "live", "1", stamp="2026-01-02T12:00:00Z"),
        said("bob", "missed", "2", stamp="2026-01-02T12:30:00Z"),
    ]
    for _ in range(2):
        alice.loses_the_link()
        alice.goes_online()
        alice.receives(here("bob"), here("alice", 110), *past, subject())
    talk = alice.client.state.conversation(CLUB)
    texts = [entry.text for entry in talk.entries]
    assert sorted(texts) == ["live", "mine", "missed", "old"]


def test_archive_ids_count_only_of_a_room_that_keeps_them(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "hello", "1", archive_id="a1"))
    assert received(alice)[0].message.archive_id == ""
    alice.types("/leave")
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.receives(
        said("bob", "one", "2", archive_id="a2"), said("bob", "two", "3", archive_id="a3", by=BOB)
    )
    assert [event.message.archive_id for event in received(alice)] == ["a2", ""]


def test_every_room_is_entered_again_in_order_in_a_new_session(alice: Actor) -> None:
    hall = Jid("hall", CLUB.domain)
    for room in (CLUB, hall):
        announces(alice, room=room)
        enters(alice, room=room)
    alice.loses_the_link()
    alice.goes_online()
    targets = [xml.split('"')[1] for xml in joins(alice)]
    assert targets == [f"{CLUB}/alice", f"{hall}/alice"]


def test_a_resumed_session_is_in_its_rooms_still(alices: Callable[..., Actor]) -> None:
    alice = alices(has_management=True)
    announces(alice)
    enters(alice, "bob")
    alice.loses_the_link()
    alice.goes_online()
    assert joins(alice) == []
    room = alice.client.state.rooms[CLUB]
    assert (room.is_in, sorted(room.occupants)) == (True, ["alice", "bob"])
    alice.receives(said("bob", "still here?"))
    assert len(received(alice)) == 1


def test_a_killed_client_whose_session_goes_on_is_in_its_rooms(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    """Who is there was told to a process that is gone: it is in the records."""
    first = alices(tmp_path, has_management=True)
    announces(first)
    enters(first, "bob", about="tea")
    first.receives(here("carol", role="moderator"), away("bob"))
    first.types("before the end")
    [waiting] = first.store.pending()
    first.is_killed()
    again = alices(tmp_path, has_management=True, session=first.session)
    assert joins(again) == []
    room = again.client.state.rooms[CLUB]
    assert (room.is_in, room.subject, sorted(room.occupants)) == (True, "tea", ["alice", "carol"])
    assert room.occupants["carol"].role is Role.MODERATOR
    again.looks_at(CLUB)
    again.receives(said("alice", "before the end", waiting.message.id))
    assert again.lines()[-1].endswith("before the end ✓")


def test_a_session_that_broke_while_entering_enters_when_it_goes_on(
    alices: Callable[..., Actor],
) -> None:
    alice = alices(has_management=True)
    alice.answers = lambda element: "" if "disco#info" in as_text(element) else None
    alice.types(f"/join {CLUB}")
    assert joins(alice) == []
    announces(alice)
    alice.loses_the_link()
    alice.goes_online()
    assert f'to="{ME}"' in joins(alice)[0]


def test_rooms_outlive_the_program_until_they_are_left(tmp_path: Path) -> None:
    first = Actor(tmp_path)
    announces(first)
    first.goes_online()
    enters(first)
    first.is_killed()
    again = Actor(tmp_path)
    announces(again)
    again.goes_online()
    assert [f'to="{ME}"' in xml for xml in joins(again)] == [True]
    again.receives(here("alice", 110), subject())
    again.types(f"/leave {CLUB}")
    again.close()
    last = Actor(tmp_path)
    last.goes_online()
    assert joins(last) == []
    assert (str(CLUB), "out") in last.workspace.offers.rooms()
    last.close()


def test_who_is_in_is_not_let_in_again(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.run_now(alice.workspace.go, 1)
    alice.types(f"/join {CLUB}")
    assert alice.sent() == []
    assert alice.workspace.current.peer == CLUB
    assert sorted(alice.client.state.rooms[CLUB].occupants) == ["alice", "bob"]


# The password.


def password_room(alice: Actor, *answers: str) -> list[str]:
    """A room that has a password; what was asked of the user, who types `answers`."""
    questions: list[str] = []
    typed = iter(answers)

    async def ask(question: str) -> str:
        questions.append(question)
        return next(typed, "")

    alice.workspace.on_secret = ask
    return questions


def refuses(condition: str) -> str:
    return (
        f"<presence type='error' from='{ME}'><x xmlns='http://jabber.org/protocol/muc'/>"
        f"<error type='auth'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "</error></presence>"
    )


def test_a_room_with_a_password_asks_for_it(alice: Actor) -> None:
    announces(alice, "muc_passwordprotected")
    questions = password_room(alice, "sesame")
    alice.types(f"/join {CLUB}")
    assert questions == [f"Password of {CLUB}:"]
    [entering] = joins(alice)
    assert "<password>sesame</password>" in entering
    alice.receives(here("alice", 110), subject())
    alice.loses_the_link()
    alice.goes_online()
    assert "<password>sesame</password>" in joins(alice)[-1]
    assert len(questions) == 1


def test_no_password_no_room(alice: Actor) -> None:
    announces(alice, "muc_passwordprotected")
    password_room(alice)
    alice.types(f"/join {CLUB}")
    assert "No password was typed" in alice.workspace.problem
    assert not alice.client.state.rooms[CLUB].is_wanted
    assert joins(alice) == []


def test_a_wrong_password_is_asked_for_again(alice: Actor) -> None:
    announces(alice, "muc_passwordprotected")
    questions = password_room(alice, "wrong", "sesame")
    alice.types(f"/join {CLUB}")
    alice.receives(refuses("not-authorized"))
    assert f"/join {CLUB} asks for it" in alice.told()[-1]
    alice.types(f"/join {CLUB}")
    assert len(questions) == 2
    assert "<password>sesame</password>" in joins(alice)[-1]


def test_a_room_that_hides_its_password_asks_at_the_second_time(alice: Actor) -> None:
    announces(alice)
    questions = password_room(alice, "sesame")
    alice.types(f"/join {CLUB}")
    alice.receives(refuses("not-authorized"))
    assert questions == []
    alice.types(f"/join {CLUB}")
    assert len(questions) == 1
    assert "<password>sesame</password>" in joins(alice)[-1]


# The nick.


def reserves(alice: Actor, nick: str) -> None:
    before = alice.answers

    def answers(element: Element) -> str | None:
        if "x-roomuser-item" not in as_text(element):
            return before(element)
        return (
            f"<iq type='result' id='{element.get('id')}' from='{CLUB}'>"
            "<query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>"
            f"<identity category='conference' type='text' name='{nick}'/></query></iq>"
        )

    alice.answers = answers


def test_the_nick_that_a_room_keeps_for_us_is_ours_there(alice: Actor) -> None:
    announces(alice)
    reserves(alice, "thirdwitch")
    alice.types(f"/join {CLUB}")
    assert f'to="{CLUB}/thirdwitch"' in joins(alice)[-1]
    alice.types("/leave")
    alice.types(f"/join {CLUB} other")
    assert f'to="{CLUB}/other"' in joins(alice)[-1]


def test_so_it_is_where_a_bookmark_names_none(alice: Actor) -> None:
    announces(alice)
    reserves(alice, "thirdwitch")
    alice.run_now(alice.client.emit, RoomWanted(CLUB, ""))
    assert f'to="{CLUB}/thirdwitch"' in joins(alice)[-1]


def test_a_nick_that_is_taken_gets_longer(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.sent()
    alice.receives(refuses("conflict"))
    assert alice.told()[-1] == "You can't be alice there; you are called alice_."
    assert f'to="{CLUB}/alice_"' in joins(alice)[-1]
    alice.receives(here("alice_", 110), subject())
    assert alice.client.state.rooms[CLUB].nick == "alice_"


def test_a_nick_is_not_made_longer_for_ever(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    for _ in range(3):
        alice.receives(refuses("conflict"))
    assert f'to="{CLUB}/alice___"' in joins(alice)[-1]
    alice.receives(refuses("conflict"))
    assert f"/join {CLUB} NICK with another one" in alice.told()[-1]
    assert joins(alice) == []


def test_our_own_ghost_does_not_rename_us(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    alice.receives(away("alice", 307, 333, 110))
    alice.types(f"/join {CLUB}")
    alice.receives(refuses("conflict"))
    assert "is somebody else there" in alice.told()[-1]
    assert alice.client.state.rooms[CLUB].nick == "alice"


# What is told.


def test_what_we_may_do_from_now_on_is_told(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(here("alice", 110, role="moderator", affiliation="member"))
    assert alice.told() == ["You are from now on: moderator, member."]
    alice.receives(here("alice", 110, role="moderator", affiliation="member"), here("bob"))
    assert len(alice.told()) == 1


def test_a_new_topic_is_told_with_who_has_set_it(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", about="tea")
    assert alice.told() == []
    alice.receives(
        f"<message type='groupchat' from='{CLUB}/bob'><subject>coffee</subject></message>"
    )
    assert alice.told()[-1] == "bob has set the topic: coffee"
    alice.receives(f"<message type='groupchat' from='{CLUB}/bob'><subject/></message>")
    assert alice.told()[-1] == "bob has taken the topic away."


@pytest.mark.parametrize(
    ("presence", "words"),
    [
        (
            away("bob", 307, inside="<actor nick='zoe'/><reason>noise</reason>"),
            "bob was put out by zoe: noise",
        ),
        (away("bob", 301), "bob was banned."),
        (
            away("bob", 321, inside="<actor jid='zoe@x.org'/>"),
            "bob has lost the right to be",
        ),
        (away("bob", 322), "for members only now"),
    ],
)
def test_why_others_are_put_out_is_told(alice: Actor, presence: str, words: str) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(presence)
    assert words in alice.told()[-1]
    assert "bob" not in alice.client.state.rooms[CLUB].occupants


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (102, "shows members who are not there"),
        (103, "shows only who is there"),
        (104, "settings of the room have changed"),
        (170, "logged from now on"),
        (171, "not logged any more"),
        (172, "Everybody here can see your address"),
        (173, "Only moderators can see your address"),
    ],
)
def test_what_changes_about_a_room_is_told(alice: Actor, code: int, words: str) -> None:
    announces(alice)
    enters(alice, "bob")
    change = f"<x xmlns='http://jabber.org/protocol/muc#user'><status code='{code}'/></x></message>"
    alice.receives(f"<message type='groupchat' from='{CLUB}/bob'>{change}")
    assert alice.told() == []
    alice.receives(f"<message type='groupchat' from='{CLUB}'>{change}")
    assert words in alice.told()[-1]


def test_a_room_that_has_changed_is_looked_at_again(alice: Actor) -> None:
    announces(alice)
    enters(alice)
    announces(alice, "muc_membersonly")
    alice.receives(
        f"<message type='groupchat' from='{CLUB}'>"
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x></message>"
    )
    assert alice.client.state.rooms[CLUB].namespaces == {"muc_membersonly"}


def test_what_we_have_become_from_outside_is_told(alice: Actor) -> None:
    change = (
        "<x xmlns='http://jabber.org/protocol/muc#user'><status code='101'/>"
        "<item affiliation='member'><reason>welcome</reason></item></x></message>"
    )
    alice.receives(f"<message from='{CLUB}'>{change}", f"<message from='{CLUB}/zoe'>{change}")
    [notice] = alice.client.state.console.entries
    assert isinstance(notice, Notice)
    assert notice.text == f"You are to {CLUB} from now on: member (welcome)."


def test_who_can_see_the_address_is_told_on_entering(alice: Actor) -> None:
    announces(alice)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110, 100, 170), subject())
    assert alice.told()[-2:] == [
        "Everybody here can see your address.",
        "What is said here is logged, perhaps for everybody.",
    ]
