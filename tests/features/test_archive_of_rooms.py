"""The archives of rooms: each with its own gaps, and what they prove of what we have said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.core.message import Message
from termxmpp.features.archive import PAST_PAGES, WANTED_PAGES
from tests.support.harness import BOB, Actor
from tests.support.rooms import (
    ARCHIVED,
    CLUB,
    Question,
    announces,
    archived,
    away,
    enters,
    here,
    questions,
    said,
    subject,
)


def asks(actor: Actor) -> Question:
    """The one question to an archive since the last look."""
    [question] = questions(actor)
    return question


def shown(actor: Actor) -> list[str]:
    talk = actor.client.state.conversation(CLUB)
    return [entry.text for entry in talk.entries if isinstance(entry, Message)]


def bodies(actor: Actor) -> list[str]:
    """The messages sent since the last look."""
    return [xml for xml in actor.sent() if "<body>" in xml]


def is_in_again(actor: Actor) -> Question:
    """A new session in which the room lets the actor in; what is asked of its archive."""
    actor.loses_the_link()
    actor.goes_online()
    actor.receives(here("bob"), here("alice", 110), subject())
    return asks(actor)


@pytest.fixture
def member(alice: Actor) -> Actor:
    """alice in the club, which keeps an archive with two old messages of bob's in it."""
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("bob"), here("alice", 110), subject())
    question = asks(alice)
    old = [(f"a{number}", said("bob", f"old {number}", f"o{number}")) for number in (1, 2)]
    alice.receives(*question.answer(*old))
    alice.forgets()
    return alice


def test_entering_asks_the_room_for_its_newest(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    assert questions(alice) == []
    alice.receives(here("alice", 110))
    question = asks(alice)
    assert (question.to, question.after, question.before) == (str(CLUB), "", "")
    page = [("a3", said("bob", "three", "3")), ("a4", said("bob", "four", "4"))]
    alice.receives(*question.answer(*page, is_complete=False))
    older = asks(alice)
    assert older.before == "a3"
    alice.receives(*older.answer(("a1", said("bob", "one", "1")), ("a2", said("bob", "two", "2"))))
    assert shown(alice) == ["one", "two", "three", "four"]
    assert alice.client.state.conversation(CLUB).unread == 0
    assert alice.client.state.gaps == ()


@pytest.mark.parametrize("liar", ["mallory@example.com", f"{CLUB}/mallory", "", str(BOB)])
def test_only_the_room_answers_for_its_archive(alice: Actor, liar: str) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110))
    question = asks(alice)
    alice.receives(archived(question.query, "x", said("bob", "forged"), sender=liar))
    alice.receives(*question.answer(("a1", said("bob", "genuine"))))
    assert shown(alice) == ["genuine"]


def test_the_room_answers_for_no_other_archive(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110))
    question = asks(alice)
    private = "<message type='chat' from='bob@example.org/x' id='1'><body>forged</body></message>"
    elsewhere = private.replace("'chat'", "'groupchat'")
    alice.receives(*question.answer(("a1", private), ("a2", elsewhere)))
    assert shown(alice) == []
    assert BOB not in alice.client.state.conversations


def test_what_was_missed_is_new_and_stands_before_what_is_said_now(member: Actor) -> None:
    question = is_in_again(member)
    assert question.after == "a2"
    member.receives(said("bob", "live", "l", archive_id="a5"))
    assert questions(member) == []
    member.receives(
        *question.answer(
            ("a3", said("bob", "missed", "m1")),
            ("a4", said("bob", "missed too", "m2")),
            ("a5", said("bob", "live", "l")),
        )
    )
    assert shown(member) == ["old 1", "old 2", "missed", "missed too", "live"]


def test_a_live_message_closes_no_gap(tmp_path: Path) -> None:
    """A client that is killed before the archive has answered still knows what is missing."""
    first = Actor(tmp_path)
    announces(first, *ARCHIVED)
    first.goes_online()
    enters(first, "bob")
    first.receives(said("bob", "live", "l", archive_id="a9"))
    first.is_killed()
    again = Actor(tmp_path)
    announces(again, *ARCHIVED)
    again.goes_online()
    again.receives(here("alice", 110), subject())
    newer = asks(again)
    assert newer.after == "a9"
    again.receives(*newer.answer())
    older = asks(again)
    assert older.after == ""
    again.receives(*older.answer(("a8", said("bob", "old", "o")), ("a9", said("bob", "live", "l"))))
    assert shown(again) == ["old", "live"]
    assert again.client.state.gaps == ()
    again.close()


@pytest.mark.parametrize("has_ids", [True, False])
def test_live_and_archived_copies_are_one_message(alice: Actor, has_ids: bool) -> None:
    announces(alice, *(ARCHIVED if has_ids else ARCHIVED[:2]))
    enters(alice, "bob")
    alice.receives(said("bob", "hello", "h", archive_id="a1"))
    question = is_in_again(alice)
    alice.receives(*question.answer(("a1", said("bob", "hello", "h"))))
    assert shown(alice) == ["hello"]


def test_what_the_archive_has_of_ours_has_arrived(member: Actor) -> None:
    member.types("hello all")
    question = is_in_again(member)
    assert bodies(member) == []
    member.receives(*question.answer(("a3", said("alice", "hello all", "id1", origin="id1"))))
    assert member.lines()[-1].endswith("hello all ✓")
    assert bodies(member) == []
    assert shown(member) == ["old 1", "old 2", "hello all"]


def test_the_id_of_its_origin_is_enough_where_the_room_gives_ids_of_its_own(member: Actor) -> None:
    member.types("hello all")
    question = is_in_again(member)
    member.receives(*question.answer(("a3", said("alice", "hello all", "other", origin="id1"))))
    assert member.lines()[-1].endswith("hello all ✓")


def test_what_it_does_not_have_is_sent_again_before_what_was_typed_since(member: Actor) -> None:
    member.types("hello all")
    member.loses_the_link()
    member.types("and more")
    question = is_in_again(member)
    assert bodies(member) == []
    member.receives(*question.answer(("a3", said("bob", "meanwhile", "m"))))
    again, more = bodies(member)
    assert 'id="id1"' in again
    # Who says when it was written is not the room, whose word it would be for the past.
    assert '<delay stamp="2026-01-02T12:00:00Z" ' in again
    assert "from=" not in again
    assert "and more" in more
    member.receives(said("alice", "hello all", "id1"), said("alice", "and more", "id2"))
    assert shown(member)[-3:] == ["meanwhile", "hello all", "and more"]


def test_somebody_who_repeats_us_proves_nothing(member: Actor) -> None:
    member.types("hello all")
    question = is_in_again(member)
    member.receives(*question.answer(("a3", said("mallory", "hello all", "id1", origin="id1"))))
    assert len(bodies(member)) == 1


def test_where_the_archive_fails_only_the_user_sends_again(member: Actor) -> None:
    member.types("hello all")
    question = is_in_again(member)
    member.receives(question.refusal())
    assert bodies(member) == []
    assert "/resend" in " ".join(member.lines()[-3:])
    member.types("/resend")
    assert len(bodies(member)) == 1


def test_without_an_archive_only_the_user_sends_again(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("hello all")
    alice.loses_the_link()
    alice.goes_online()
    alice.receives(here("alice", 110), subject())
    assert bodies(alice) == []
    assert alice.client.unproven == ["id1"]
    alice.receives(said("alice", "hello all", "id1"))
    assert alice.client.unproven == []


def test_without_an_archive_a_lost_session_is_no_proof_either(
    alices: Callable[..., Actor],
) -> None:
    """The room may have shown it though the server never said that it took it."""
    alice = alices(has_management=True)
    announces(alice)
    enters(alice, "bob")
    alice.types("hello all")
    alice.loses_the_link()
    alice.session.is_over = True
    alice.goes_online()
    alice.receives(here("alice", 110), subject())
    assert bodies(alice) == []
    assert alice.client.unproven == ["id1"]


def test_what_a_killed_client_did_not_see_its_room_s_archive_tells(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    """The session goes on, but nobody knows how much of it the process had seen."""
    first = alices(tmp_path, has_management=True)
    announces(first, *ARCHIVED)
    first.types(f"/join {CLUB}")
    first.receives(here("alice", 110), subject())
    first.receives(*asks(first).answer(("a0", said("bob", "old", "o"))))
    assert first.client.state.gaps == ()
    first.types("hello all")
    first.is_confirmed()
    [waiting] = first.store.pending()
    first.is_killed()
    again = alices(tmp_path, has_management=True, session=first.session)
    question = asks(again)
    assert (question.to, question.after) == (str(CLUB), "a0")
    again.receives(*question.answer(("a1", said("alice", "hello all", waiting.message.id))))
    again.looks_at(CLUB)
    assert again.lines()[-1].endswith("hello all ✓")
    assert bodies(again) == []


def test_what_only_the_room_can_show_keeps_no_session(alices: Callable[..., Actor]) -> None:
    """Who leaves waits for the server's word, which has come."""
    alice = alices(has_management=True)
    announces(alice)
    enters(alice, "bob")
    alice.types("hello all")
    alice.is_confirmed()
    alice.sent()
    alice.types("/disconnect")
    assert alice.sent() == ['<presence type="unavailable"/>']
    assert alice.server.is_closed


def test_a_message_of_a_session_before_is_ours_only_if_the_room_says_so(member: Actor) -> None:
    real = "<x xmlns='http://jabber.org/protocol/muc#user'><item jid='{}'/></x></message>"
    mine = said("alice", "mine", "1").replace("</message>", real.format("alice@example.org/phone"))
    other = said("alice", "other's", "2").replace("</message>", real.format("eve@example.org/x"))
    question = is_in_again(member)
    page = [("a3", mine), ("a4", other), ("a5", said("alice", "anybody's", "3"))]
    member.receives(*question.answer(*page))
    talk = member.client.state.conversation(CLUB)
    own = [each.text for each in talk.entries if isinstance(each, Message) and each.is_own]
    assert own == ["mine"]


def test_of_the_past_before_our_time_so_much_is_fetched_as_anybody_reads(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110), subject())
    numbers = iter(range(1000, 0, -1))
    pages = 0
    while asked := questions(alice):
        number = next(numbers)
        pages += 1
        page = (f"a{number}", said("bob", f"past {number}", f"p{number}"))
        alice.receives(*asked[0].answer(page, is_complete=False))
    assert pages == PAST_PAGES
    alice.types("/history")
    assert asks(alice).before == f"a{number}"


def test_who_looks_further_back_gets_more_of_it(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110), subject())
    pages, newest = 0, 1000
    for _look in range(2):
        while asked := questions(alice):
            pages += 1
            page = (f"a{newest}", said("bob", f"past {newest}", f"p{newest}"))
            newest -= 1
            alice.receives(*asked[0].answer(page, is_complete=False))
        alice.run_now(alice.workspace.load_older)
        alice.run_now(alice.workspace.load_older)
    assert pages == PAST_PAGES + WANTED_PAGES
    [question] = questions(alice)
    alice.receives(*question.answer(("a1", said("bob", "the first", "p1"))))
    assert shown(alice)[0] == "the first"
    alice.run_now(alice.workspace.load_older)
    assert questions(alice) == []


def test_what_nobody_can_be_asked_for_is_not_asked_for(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.run_now(alice.workspace.load_older)
    announces(alice, *ARCHIVED)
    alice.types(f"/join {CLUB}")
    alice.receives(here("alice", 110), subject())
    asks(alice)
    alice.loses_the_link()
    alice.run_now(alice.workspace.load_older)
    assert questions(alice) == []


def test_who_is_put_out_and_comes_back_has_missed_what_was_said_between(member: Actor) -> None:
    """In one session: what was said before, between and since stays in order."""
    member.receives(said("bob", "before", "b", archive_id="a3"))
    member.receives(away("alice", 307, 110))
    member.types(f"/join {CLUB}")
    member.receives(here("bob"), here("alice", 110), subject())
    question = asks(member)
    assert question.after == "a3"
    member.receives(said("bob", "since", "s", archive_id="a5"))
    member.receives(*question.answer(("a4", said("bob", "between", "m"))))
    assert shown(member) == ["old 1", "old 2", "before", "between", "since"]


def test_an_answer_to_who_was_put_out_says_nothing_of_what_was_said_since(member: Actor) -> None:
    """Each time the same is missing of the room, but for what is said meanwhile."""
    former = is_in_again(member)
    member.receives(away("alice", 307, 110))
    member.types(f"/join {CLUB}")
    member.receives(here("bob"), here("alice", 110), subject())
    member.receives(*former.answer(("a3", said("bob", "before", "b"))))
    question = asks(member)
    member.receives(
        *question.answer(("a3", said("bob", "before", "b")), ("a4", said("bob", "between", "m")))
    )
    assert shown(member) == ["old 1", "old 2", "before", "between"]
    assert member.client.state.gaps == ()


def test_what_an_older_gap_has_says_nothing_of_what_was_written_since(member: Actor) -> None:
    """It is still being filled when we are put out, and back with something to be known."""
    older = is_in_again(member)
    member.receives(said("bob", "live", "l", archive_id="a5"))
    member.forgets()
    member.types("lost?")
    member.receives(away("alice", 307, 110))
    member.types(f"/join {CLUB}")
    member.receives(here("bob"), here("alice", 110), subject())
    bodies(member)
    member.receives(*older.answer(("a3", said("bob", "missed", "m"))))
    newest = asks(member)
    assert bodies(member) == []
    member.receives(*newest.answer(("a6", said("alice", "lost?", "id1"))))
    assert bodies(member) == []
    assert shown(member)[-3:] == ["missed", "live", "lost?"]
