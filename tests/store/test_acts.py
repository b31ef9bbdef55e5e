"""Acts in the records: the same stands in the end, in whatever order and way they come."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Act, Deed, Fate, Message, Reply, Route
from termxmpp.core.state import State
from termxmpp.store import rescue
from termxmpp.store.database import in_memory
from termxmpp.store.history import History
from termxmpp.store.keeper import Keeper
from tests.support.history import ALICE, BOB, HELLO, MINE, NOON, by, kept, page, texts

BOB_THERE = BOB.with_resource("desk")
CLUB = Jid.parse("club@conference.example.org")


def act(id: str, deed: Deed, target: str, text: str = "", *emojis: str) -> Message:
    return replace(HELLO, id=id, text=text, act=Act(deed, target, emojis))


EDIT = act("e", Deed.CORRECTION, "a", "hello!")
EDIT_AGAIN = act("f", Deed.CORRECTION, "a", "hello!!")
THUMB = act("r", Deed.REACTIONS, "a", "", "👍")
PARTY = act("s", Deed.REACTIONS, "a", "", "🎉")
ANSWER = replace(HELLO, id="n", text="indeed", reply=Reply("a", BOB_THERE, "hel"))
GONE = act("t", Deed.RETRACTION, "a")


def archived(*messages: Message) -> list[Message]:
    """`messages` as an archive has them, in its order."""
    return [by(each, Route.ARCHIVE, f"x{number:02}") for number, each in enumerate(messages)]


def standing(history: History, peer: Jid = BOB) -> list[tuple[object, ...]]:
    return [
        (
            *(each.id, each.text, each.edits, each.is_retracted),
            [(reaction.emoji, len(reaction.by)) for reaction in each.reactions],
            each.reply.text if each.reply else None,
        )
        for each in kept(history, peer)
    ]


def pages(history: History, *messages: Message, size: int = 1) -> list[events.Event]:
    """Let the archive come as it does: pages from its end backwards."""
    history.raise_floor()
    history.gaps.open()
    news: list[events.Event] = []
    items = [(BOB, message) for message in messages]
    for end in range(len(items), 0, -size):
        begin = max(0, end - size)
        news += page(history, *items[begin:end], is_last=begin == 0)
    return news


def assert_all_found(history: History, db: sqlite3.Connection) -> None:
    """The index holds the words that stand there, and no others."""
    db.execute("INSERT INTO word (word) VALUES ('integrity-check')")
    for message in kept(history):
        for word in message.text.split():
            assert message.key in history.index.find(word, 100)
    (indexed,) = db.execute("SELECT count(*) FROM word").fetchone()
    assert indexed == len(kept(history))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_an_archive_is_read_backwards_in_pages_of_any_size(
    history: History, db: sqlite3.Connection, size: int
) -> None:
    said = archived(HELLO, THUMB, EDIT, ANSWER, PARTY, EDIT_AGAIN)
    pages(history, *said, size=size)
    assert standing(history) == [
        ("a", "hello!!", ("hello", "hello!"), False, [("🎉", 1)], None),
        ("n", "indeed", (), False, [], "hello!!"),
    ]
    assert_all_found(history, db)


@pytest.mark.parametrize(
    "order", list(itertools.permutations([HELLO, EDIT, ANSWER, THUMB])), ids=lambda order: ""
)
def test_whatever_comes_first_the_same_stands_in_the_end(
    history: History, db: sqlite3.Connection, order: Sequence[Message]
) -> None:
    for message in order:
        history.add(BOB, message)
    by_id = {line[0]: line[1:] for line in standing(history)}
    assert by_id == {
        "a": ("hello!", ("hello",), False, [("👍", 1)], None),
        "n": ("indeed", (), False, [], "hello!"),
    }
    assert_all_found(history, db)


@pytest.mark.parametrize(
    "order", list(itertools.permutations([HELLO, EDIT, ANSWER, GONE])), ids=lambda order: ""
)
def test_what_is_retracted_is_gone_whenever_that_comes(
    history: History, db: sqlite3.Connection, order: Sequence[Message]
) -> None:
    for message in order:
        history.add(BOB, message)
    by_id = {line[0]: line[1:] for line in standing(history)}
    assert by_id == {"a": ("", (), True, [], None), "n": ("indeed", (), False, [], "")}
    assert_all_found(history, db)
    assert not any("'hel" in line for line in db.iterdump())


def test_copies_by_every_way_change_nothing(history: History) -> None:
    said = [HELLO, EDIT, THUMB, PARTY]
    for message in said:
        history.add(BOB, message)
    before = standing(history)
    for message in said:
        history.add(BOB, by(message, Route.CARBON))
    pages(history, *archived(*said), size=2)
    assert standing(history) == before
    assert [message.archive_id for message in kept(history)] == ["x00"]


def test_the_screen_is_told_what_the_records_hold(history: History) -> None:
    """What came live, and then pages that hold more of it."""
    history.add(BOB, EDIT)
    [shown] = kept(history)
    news = pages(history, *archived(HELLO, EDIT))
    removed = [each for each in news if isinstance(each, events.MessageRemoved)]
    assert [each.key for each in removed] == [shown.key]
    changed = [each.message for each in news if isinstance(each, events.MessageChanged)]
    assert changed[-1] == kept(history)[0]
    placed = [each for each in news if isinstance(each, events.MessagesPlaced)]
    assert "r" not in {each.id for one in placed for each in one.messages}


def test_what_was_unread_counts_once(history: History) -> None:
    history.add(BOB, by(replace(HELLO, id="0", text="before"), Route.LIVE, "w"))
    history.reading.read(BOB)
    news = pages(history, *archived(HELLO, EDIT, THUMB), size=1)
    assert history.reading.unread(BOB)[0] == 1
    counted = [each.unread for each in news if isinstance(each, events.UnreadChanged)]
    assert counted[-1:] == [1]


def test_a_tombstone_takes_the_text_away(history: History, db: sqlite3.Connection) -> None:
    history.add(BOB, by(HELLO, Route.LIVE, "x00"))
    history.add(BOB, EDIT)
    [tomb] = archived(replace(HELLO, text="", is_retracted=True))
    pages(history, tomb)
    assert standing(history) == [("a", "", (), True, [], None)]
    assert_all_found(history, db)


def test_a_tombstone_alone_stands_where_something_was(history: History) -> None:
    pages(history, *archived(replace(HELLO, text="", is_retracted=True), GONE, EDIT))
    assert standing(history) == [("a", "", (), True, [], None)]


def test_a_queued_message_leaves_as_it_was_written(history: History) -> None:
    history.add(BOB, MINE)
    edit = replace(MINE, id="e", origin_id="e", text="hi!", act=Act(Deed.CORRECTION, "m"))
    history.add(BOB, edit)
    waiting = [(message.id, message.text, message.act) for _, message in history.pending()]
    assert waiting == [("m", "hi", None), ("e", "hi!", Act(Deed.CORRECTION, "m"))]
    assert texts(history) == ["hi!"]


def test_a_new_session_leaves_room_before_what_waits_and_shows_it_once(history: History) -> None:
    history.add(BOB, MINE)
    history.add(
        BOB, replace(MINE, id="e", origin_id="e", text="hi!", act=Act(Deed.CORRECTION, "m"))
    )
    news = history.raise_floor()
    [placed] = [each for each in news if isinstance(each, events.MessagesPlaced)]
    assert [message.text for message in placed.messages] == ["hi!"]


def test_the_archive_proves_that_a_correction_has_arrived(history: History) -> None:
    history.add(BOB, MINE)
    edit = replace(MINE, id="e", origin_id="e", text="hi!", act=Act(Deed.CORRECTION, "m"))
    history.add(BOB, edit)
    for id in ("m", "e"):
        history.set_fate(BOB, id, Fate.SENT, "")
    news = pages(history, *archived(MINE, edit), size=2)
    told = [each.message_id for each in news if isinstance(each, events.FateChanged)]
    assert told == ["m", "e"]
    [message] = kept(history)
    assert (message.text, message.fate) == ("hi!", Fate.ACKNOWLEDGED)


def test_another_instance_sees_what_this_one_does(db: sqlite3.Connection) -> None:
    here, there = History(db, 0), History(db, 1)
    here.add(BOB, HELLO)
    there.add(BOB, by(HELLO, Route.LIVE))
    here.add(BOB, EDIT)
    news = there.add(BOB, by(EDIT, Route.LIVE))
    [changed] = [each for each in news if isinstance(each, events.MessageChanged)]
    assert changed.message.text == "hello!"
    assert not any(isinstance(each, events.MessageReceived) for each in news)


def test_what_reacts_to_nothing_that_is_here_is_told_to_nobody(history: History) -> None:
    assert history.add(BOB, THUMB) == []
    assert kept(history) == []


def test_bots_that_give_all_the_same_id_change_the_last(history: History) -> None:
    for number in range(30):
        history.add(BOB, replace(HELLO, id="same", text=str(number)))
    history.add(BOB, act("e", Deed.CORRECTION, "same", "last"))
    assert texts(history) == [*(str(number) for number in range(29)), "last"]


def test_it_is_the_origin_that_is_meant_where_a_service_gives_ids_of_its_own(
    history: History,
) -> None:
    history.add(BOB, replace(HELLO, id="theirs", origin_id="a"))
    history.add(BOB, THUMB)
    assert [each.emoji for each in kept(history)[0].reactions] == ["👍"]


def test_a_rescued_file_has_acts_without_their_messages(
    history: History, db: sqlite3.Connection
) -> None:
    history.add(BOB, HELLO)
    for message in (EDIT, THUMB):
        history.add(BOB, message)
    db.execute("DELETE FROM message WHERE id = 'a'")
    copy = in_memory()
    rescue.copy(db, copy)
    other = History(copy, 0)
    assert standing(other) == [("e", "hello!", (), False, [], None)]
    assert_all_found(other, copy)
    # The archive may bring it back.
    other.add(BOB, by(HELLO, Route.ARCHIVE, "x"))
    assert standing(other) == [("a", "hello!", ("hello",), False, [("👍", 1)], None)]


def test_in_a_room_the_archive_tells_who_it_was(history: History) -> None:
    there = CLUB.with_resource("bob")
    said = replace(HELLO, author=there, is_groupchat=True, occupant="b", archive_id="1")
    edit = replace(said, id="e", text="hello!", act=EDIT.act, archive_id="2", route=Route.ARCHIVE)
    history.add(CLUB, said)
    history.add(CLUB, replace(edit, occupant=""))
    assert texts(history, CLUB) == ["hello", "hello!"]
    history.add(CLUB, replace(edit, id="f", archive_id="3", author=CLUB.with_resource("rob")))
    assert texts(history, CLUB) == ["hello!", "hello!"]


def test_a_carbon_of_ours_finds_what_we_wrote_here(history: History) -> None:
    history.add(BOB, MINE)
    phone = replace(
        MINE,
        id="p",
        origin_id="p",
        author=ALICE.bare.with_resource("phone"),
        text="hi!",
        act=Act(Deed.CORRECTION, "m"),
        route=Route.CARBON,
        fate=Fate.ACKNOWLEDGED,
    )
    history.add(BOB, phone)
    assert [(each.text, each.fate) for each in kept(history)] == [("hi!", Fate.ACKNOWLEDGED)]


def test_what_was_corrected_here_was_so_in_that_order(history: History) -> None:
    """Also if the archive gives only the last of it a place."""
    history.add(BOB, MINE)
    edits = [
        replace(MINE, id=id, origin_id=id, text=id, act=Act(Deed.CORRECTION, "m")) for id in "ef"
    ]
    for edit in edits:
        history.add(BOB, edit)
    pages(history, *archived(edits[1]))
    [message] = kept(history)
    assert (message.text, message.edits) == ("f", ("hi", "e"))


def test_what_was_sent_twice_was_said_once(history: History) -> None:
    for message in (HELLO, EDIT, EDIT):
        history.add(BOB, message)
    [message] = kept(history)
    assert (message.text, message.edits) == ("hello!", ("hello",))


# Whatever happens.


@st.composite
def talks(draw: st.DrawFn) -> list[Message]:
    """Some minutes in which two people say things and do things to what was said."""
    talk: list[Message] = []
    for number in range(draw(st.integers(1, 9))):
        is_own = draw(st.booleans())
        author = ALICE.bare.with_resource("phone") if is_own else BOB_THERE
        said = replace(
            HELLO,
            id=f"m{number}",
            author=author,
            text=f"text{number}",
            is_own=is_own,
            fate=Fate.ACKNOWLEDGED if is_own else None,
            archive_id=f"x{number:02}",
            at=NOON + timedelta(seconds=number),
        )
        target = f"m{draw(st.integers(-1, number - 1))}"
        kind = draw(st.sampled_from(["say", "say", "reply", *Deed]))
        if kind == "reply":
            said = replace(said, reply=Reply(target, BOB_THERE, "as it was"))
        elif isinstance(kind, Deed):
            emojis = tuple(draw(st.sets(st.sampled_from("abc")))) if kind is Deed.REACTIONS else ()
            text = said.text if kind is Deed.CORRECTION else ""
            said = replace(said, text=text, act=Act(kind, target, emojis))
        talk.append(said)
    return talk


@settings(max_examples=300)
@given(talks(), st.data())
def test_what_came_live_and_what_the_archive_brings_make_the_same(
    talk: list[Message], data: st.DataObject
) -> None:
    """Some of it was seen when it was said, here or by another device; all of it is archived."""
    plain = History(in_memory(), 0)
    for message in talk:
        plain.add(BOB, message)
    db = in_memory()
    history = History(db, 0)
    # Nobody misses something in the middle of a session: what was seen is the end or the beginning.
    seen = data.draw(st.integers(0, len(talk)))
    is_end = data.draw(st.booleans())
    if is_end:
        history.raise_floor()
        history.gaps.open()
    for message in talk[seen:] if is_end else talk[:seen]:
        history.add(
            BOB, replace(message, route=data.draw(st.sampled_from([Route.LIVE, Route.CARBON])))
        )
    if not is_end:
        history.raise_floor()
        history.gaps.open()
    end = len(talk)
    while end:
        begin = max(0, end - data.draw(st.integers(1, 4)))
        items = [(BOB, replace(message, route=Route.ARCHIVE)) for message in talk[begin:end]]
        page(history, *items, is_last=begin == 0)
        end = begin
    assert standing(history) == standing(plain)
    assert [each.fate for each in kept(history)] == [each.fate for each in kept(plain)]
    assert_all_found(history, db)


@settings(max_examples=200)
@given(talks(), st.data())
def test_the_screen_shows_what_the_records_hold(talk: list[Message], data: st.DataObject) -> None:
    """What is told of each change leads to the same as to read it all anew."""
    keeper = Keeper(in_memory(), 0, itertools.count(-1, -1))
    state = State(ALICE)
    order = data.draw(st.permutations(talk))
    for message in order:
        for event in keeper.keep(events.MessageReceived(BOB, message)):
            state.apply(event)
    shown = state.conversation(BOB).entries
    assert shown == kept(keeper.history)
    assert state.conversation(BOB).unread == keeper.history.reading.unread(BOB)[0]
