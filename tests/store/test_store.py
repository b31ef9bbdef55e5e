"""The records on disk: committed once a turn, beside others, and over any end of the process."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.roster import Availability, Contact, Presence
from termxmpp.core.session import Session, Token
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.records import Records
from termxmpp.store.store import Store
from tests.support.writer import PEER, said, write, writer

ALICE = Jid.parse("alice@example.org/here")
BOB, CAROL = Jid.parse("bob@example.org"), Jid.parse("carol@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

SESSION = Session("id", ALICE, "", 0, 0, (("<message/>", "m"),))
TOKEN = Token("HT-SHA-256-NONE", "s3cret", NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alice@example.org.sqlite"


class Opened:
    """Opens stores on `path`, and closes them in the end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stores: list[Store] = []

    def __call__(self) -> Store:
        self._stores.append(Store(self.path))
        return self._stores[-1]

    def close(self) -> None:
        for store in self._stores:
            store.close()


@pytest.fixture
def opened(path: Path) -> Iterator[Opened]:
    stores = Opened(path)
    yield stores
    stores.close()


def heard(text: str, peer: Jid = BOB) -> events.MessageReceived:
    return events.MessageReceived(peer, Message(text, peer, text, NOON, archive_id=f"of-{text}"))


def wrote(text: str, peer: Jid = BOB) -> events.MessageWritten:
    message = Message(
        text, ALICE, text, NOON, True, Fate.QUEUED, route=Route.WRITTEN, origin_id=text
    )
    return events.MessageWritten(peer, message)


def texts(records: Records, peer: Jid = BOB) -> list[str]:
    messages, _ = records.older(peer, None, 10_000)
    return [message.text for message in messages]


def pending(records: Records) -> list[str]:
    return [each.message.id for each in records.pending()]


def restored(records: Records, kind: type[events.Event]) -> list[events.Event]:
    return [event for event in records.restore() if isinstance(event, kind)]


def on_disk(path: Path) -> list[str]:
    """What another process would find, now."""
    with closing(sqlite3.connect(path)) as db:
        return [text for (text,) in db.execute("SELECT text FROM message ORDER BY rank")]


def handled_on_disk(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        (handled,) = db.execute("SELECT handled FROM session WHERE slot = 0").fetchone()
        return int(handled)


# A run, and the next one.


def test_the_next_run_finds_the_conversations_as_they_were(opened: Opened) -> None:
    store = opened()
    assert restored(store, events.ConversationRestored) == []
    for event in (heard("one"), wrote("two"), heard("else", CAROL)):
        store.record(event)
    store.record(events.ConversationRead(CAROL))
    store.record(events.FateChanged(BOB, "two", Fate.FAILED, "no such user"))
    store.close()
    bob, carol = restored(opened(), events.ConversationRestored)
    assert isinstance(bob, events.ConversationRestored)
    assert [(each.text, each.fate, each.reason) for each in bob.messages] == [
        ("one", None, ""),
        ("two", Fate.FAILED, "no such user"),
    ]
    assert (bob.peer, bob.has_older, bob.unread) == (BOB, False, 1)
    assert bob.first_unread == bob.messages[0].key
    assert isinstance(carol, events.ConversationRestored)
    assert (carol.peer, carol.unread, carol.first_unread) == (CAROL, 0, None)


def test_a_window_that_was_closed_stays_closed_and_keeps_what_was_said(opened: Opened) -> None:
    store = opened()
    store.record(heard("one"))
    store.record(events.ConversationClosed(BOB))
    store.close()
    store = opened()
    assert restored(store, events.ConversationRestored) == []
    news = store.record(events.ConversationOpened(BOB))
    [loaded] = [event for event in news if isinstance(event, events.HistoryLoaded)]
    assert [message.text for message in loaded.messages] == ["one"]


def test_of_a_long_conversation_the_newest_is_at_hand_and_the_rest_can_be_had(
    opened: Opened,
) -> None:
    store = opened()
    for number in range(250):
        store.record(heard(f"{number}"))
    store.close()
    store = opened()
    [talk] = restored(store, events.ConversationRestored)
    assert isinstance(talk, events.ConversationRestored)
    assert talk.has_older
    assert [message.text for message in talk.messages] == [f"{each}" for each in range(50, 250)]
    older, has_older = store.older(BOB, talk.messages[0], 100)
    assert ([message.text for message in older], has_older) == (
        [f"{each}" for each in range(50)],
        False,
    )


def test_what_is_open_waits_for_the_next_run_in_its_order(opened: Opened) -> None:
    store = opened()
    for text in ("one", "two", "three"):
        store.record(wrote(text))
    store.record(events.FateChanged(BOB, "one", Fate.SENT))
    store.record(events.FateChanged(BOB, "two", Fate.ACKNOWLEDGED))
    store.close()
    found = opened().pending()
    assert [(each.peer, each.message.id, each.message.fate) for each in found] == [
        (BOB, "one", Fate.SENT),
        (BOB, "three", Fate.QUEUED),
    ]


def test_roster_session_and_who_is_there_wait_for_the_next_run(opened: Opened) -> None:
    store = opened()
    contact, added = Contact(BOB, "Bob", ("Friends",), "both"), Contact(CAROL)
    here = events.PresenceChanged(BOB.with_resource("x"), Presence(Availability.DND, "busy", 3))
    store.record(events.SessionStarted(ALICE))
    store.session_began(SESSION)
    store.record(events.ServerDiscovered(frozenset({"urn:a", "urn:b"}), frozenset({"urn:c"})))
    store.record(events.RosterReceived((contact,), "v1"))
    store.record(events.ContactChanged(added, "v2"))
    store.record(here)
    store.stanza_sent("<iq/>", "q")
    store.stanzas_acknowledged(1, 1)
    store.stanzas_handled(5)
    store.keep_token(TOKEN)
    agent = store.user_agent
    store.close()
    store = opened()
    assert store.session() == Session("id", ALICE, "", 5, 1, (("<iq/>", "q"),))
    assert (store.handled, store.token, store.user_agent) == (5, TOKEN, agent)
    found = store.restore()
    assert events.RosterReceived((contact, added), "v2") in found
    assert events.ServerDiscovered(frozenset({"urn:a", "urn:b"}), frozenset({"urn:c"})) in found
    assert here in found
    store.record(events.ContactRemoved(BOB, "v3"))
    assert events.RosterReceived((added,), "v3") in store.restore()


def test_without_a_session_nobody_is_known_to_be_there(opened: Opened) -> None:
    store = opened()
    store.session_began(SESSION)
    store.record(events.PresenceChanged(BOB.with_resource("x"), Presence(Availability.ONLINE)))
    store.session_ended()
    store.close()
    store = opened()
    assert store.session() is None
    assert restored(store, events.PresenceChanged) == []


def test_a_new_session_forgets_who_was_there_in_the_one_before(opened: Opened) -> None:
    store = opened()
    store.session_began(SESSION)
    store.record(events.PresenceChanged(BOB.with_resource("x"), Presence(Availability.ONLINE)))
    store.record(events.SessionStarted(ALICE, is_resumed=True))
    store.commit()
    assert len(store.tables.presences()) == 1
    store.record(events.SessionStarted(ALICE))
    assert store.tables.presences() == []


def test_a_gap_waits_for_the_next_run(opened: Opened) -> None:
    store = opened()
    store.record(heard("old"))
    store.record(events.SessionStarted(ALICE))
    [told] = store.record(events.CatchUpBegun())
    assert isinstance(told, events.GapsChanged)
    [gap] = told.gaps
    assert gap.after == "of-old"
    store.record(events.GapFailed(gap.number, "refused"))
    store.close()
    store = opened()
    [found] = restored(store, events.GapsChanged)
    assert found == events.GapsChanged((replace(gap, problem="refused"),))
    *_, told = store.record(events.ArchiveEnded(gap.number))
    assert told == events.GapsChanged(())


def test_a_page_tells_what_was_missed_and_opens_its_window(opened: Opened) -> None:
    store = opened()
    store.record(heard("old"))
    store.record(events.SessionStarted(ALICE))
    store.record(events.CatchUpBegun())
    [found] = restored(store, events.GapsChanged)
    assert isinstance(found, events.GapsChanged)
    missed = replace(heard("missed", CAROL).message, route=Route.ARCHIVE)
    page = events.ArchivePaged(found.gaps[0].number, [(CAROL, missed)], "of-missed", True)
    news = store.record(page)
    [placed] = [event for event in news if isinstance(event, events.MessagesPlaced)]
    assert [message.text for message in placed.messages] == ["missed"]
    assert placed.unread == (placed.messages[0].key,)
    assert events.GapsChanged(()) in news
    assert CAROL in store.tables.windows()


def test_what_is_no_matter_of_records_passes_as_it_is(opened: Opened) -> None:
    event = events.CaughtUp(is_complete=True)
    assert opened().record(event) == (event,)


def test_single_facts_are_kept(opened: Opened) -> None:
    store = opened()
    store.note("name", "value")
    store.note("of all", 1, of_account=True)
    store.close()
    store = opened()
    assert (store.fact("name"), store.fact("of all", of_account=True)) == ("value", 1)


def test_each_commit_merges_a_part_of_the_index(opened: Opened, path: Path) -> None:
    store = opened()
    for number in range(500):
        store.record(heard(f"{number}"))
        store.commit()
    with closing(sqlite3.connect(path)) as db:
        (segments,) = db.execute("SELECT count(DISTINCT segid) FROM word_idx").fetchone()
    assert segments <= 40


def test_words_are_found_over_runs(opened: Opened) -> None:
    store = opened()
    store.record(heard("the quick brown fox"))
    news, *_ = store.record(wrote("a lazy dog"))
    assert isinstance(news, events.MessageWritten)
    store.close()
    assert opened().find("dog lazy", 10) == [news.message.key]


# Commits.


def test_nothing_is_on_disk_before_the_commit_and_all_of_it_after(
    opened: Opened, path: Path
) -> None:
    store = opened()
    store.record(heard("one"))
    store.record(wrote("two"))
    assert on_disk(path) == []
    store.commit()
    assert on_disk(path) == ["one", "two"]


def test_a_turn_of_the_loop_is_one_commit(path: Path) -> None:
    """What is recorded in it is on disk in the next, without anybody asking."""
    seen: list[list[str]] = []

    async def main(mainloop: EpollMainLoop) -> None:
        store = Store(path)
        store.record(heard("one"))
        store.record(heard("two"))
        seen.append(on_disk(path))
        await turn()
        seen.append(on_disk(path))
        store.stanzas_handled(1)
        assert store.handled == 0
        await turn()
        assert store.handled == 1
        store.close()

    run(main)
    assert seen == [[], ["one", "two"]]


async def turn() -> None:
    """Let this turn end, and the next one begin."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)


def test_what_may_be_acknowledged_is_what_is_committed(opened: Opened, path: Path) -> None:
    store = opened()
    store.session_began(SESSION)
    store.commit()
    for number in (1, 2):
        store.record(heard(f"{number}"))
        store.stanzas_handled(number)
        assert store.handled == handled_on_disk(path) == number - 1
        store.commit()
        assert store.handled == handled_on_disk(path) == number
        assert len(on_disk(path)) == number


def test_a_session_that_begins_counts_from_its_own_number(opened: Opened) -> None:
    store = opened()
    store.stanzas_handled(7)
    store.commit()
    store.session_began(replace(SESSION, handled=2**32 - 1))
    assert store.handled == 2**32 - 1
    store.stanzas_handled(0)
    store.commit()
    assert store.handled == 0


def test_idle_nothing_is_written_and_nobody_is_woken(path: Path) -> None:
    async def main(mainloop: EpollMainLoop) -> int:
        store = Store(path)
        store.record(heard("one"))
        await turn()
        waits = mainloop.waits
        await asyncio.sleep(0.2)
        woken = mainloop.waits - waits
        store.close()
        return woken

    assert run(main) <= 2


# Beside others.


def test_two_at_a_time_record_each_message_once(opened: Opened, path: Path) -> None:
    one, other = opened(), opened()
    assert (one.slot, other.slot) == (0, 1)
    for number in range(50):
        both = said("bob", number)
        for store, route in ((one, Route.LIVE), (other, Route.CARBON)):
            store.record(events.MessageReceived(PEER, replace(both, route=route)))
            store.commit()
        one.record(wrote(f"one {number}"))
        one.commit()
        other.record(wrote(f"other {number}"))
        other.commit()
    found = on_disk(path)
    assert len(found) == len(set(found)) == 150
    assert texts(one) == texts(other) == found
    assert pending(one) == [f"one {number}" for number in range(50)]
    assert pending(other) == [f"other {number}" for number in range(50)]


def test_a_second_process_works_beside_the_first(opened: Opened, path: Path) -> None:
    """Both write as fast as they can; nothing of either is lost, and both can be found."""
    store = opened()
    count = 300
    with writer(path, "other", count) as process:
        assert process.stdin is not None
        process.stdin.write("\n")
        for number in range(count):
            write(store, "ours", number)
        process.communicate()
        assert process.returncode == 0
    # A turn that the other's held up for too long is written with the next.
    store.close()
    found = on_disk(path)
    for name in ("ours", "other"):
        mine = [text for text in found if text.startswith(name)]
        assert mine == [f"{name} {number}" for number in range(count)]
    assert len(found) == 2 * count
    assert sound(path) == "ok"
    assert [len(opened().find(f"{name}", 1000)) for name in ("ours", "other")] == [count, count]


def sound(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])


def test_many_that_begin_at_the_same_moment_all_have_the_file(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from termxmpp.store.store import Store;"
        " sys.stdin.readline(); store = Store(Path(sys.argv[1]));"
        " print(store.slot, store.is_failing, flush=True); sys.stdin.readline(); store.close()"
    )
    command = [sys.executable, "-c", program, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    lines = []
    for process in processes:
        assert process.stdout is not None
        lines.append(process.stdout.readline().split())
    for process in processes:
        process.communicate("\n")
    assert sorted(lines) == [[f"{slot}", "False"] for slot in range(4)]


def test_each_instance_has_a_session_an_agent_and_a_token_of_its_own(opened: Opened) -> None:
    one, other = opened(), opened()
    one.session_began(SESSION)
    one.keep_token(TOKEN)
    agents = {one.user_agent, other.user_agent}
    assert len(agents) == 2
    one.commit()
    other.close()
    other = opened()
    assert (other.session(), other.token) == (None, None)
    assert other.user_agent in agents - {one.user_agent}


def test_what_was_left_by_one_that_does_not_come_back_is_sent_by_the_next(
    opened: Opened, path: Path
) -> None:
    """And what belongs to one that runs is left alone."""
    one, other = opened(), opened()
    one.record(wrote("of one"))
    one.commit()
    other.record(wrote("of the other"))
    other.session_began(SESSION)
    other.commit()
    other.abandon()
    third = opened()
    assert third.slot == 1
    assert pending(third) == ["of the other"]
    assert third.session() == SESSION
    third.abandon()
    one.close()
    first = opened()
    assert first.slot == 0
    assert pending(first) == ["of one", "of the other"]
    first.commit()
    again = opened()
    assert (again.slot, pending(again), again.session()) == (1, [], None)


def test_a_file_copied_from_another_machine_has_its_messages_and_nothing_of_its_instance(
    opened: Opened, path: Path
) -> None:
    store = opened()
    store.session_began(SESSION)
    store.keep_token(TOKEN)
    store.record(wrote("one"))
    agent = store.user_agent
    store.close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE fact SET value = 'another' WHERE name = 'machine'")
    store = opened()
    assert (store.session(), store.token) == (None, None)
    assert store.user_agent != agent
    assert texts(store) == pending(store) == ["one"]
    assert store.handled == 0


# The end of the process.


@pytest.mark.parametrize("seed", range(6))
def test_what_a_killed_process_said_to_be_committed_is_there(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    with writer(path, "killed", 100_000) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        told = [process.stdout.readline() for _ in range(chance.randrange(1, 300))]
        time.sleep(chance.random() / 50)
        process.kill()
        told += process.stdout.read().splitlines()
    last = int(told[-1])
    store = Store(path)
    found = texts(store, PEER)
    assert found == [f"killed {number}" for number in range(len(found))]
    # The last of them may be committed and not told.
    assert len(found) in (last + 1, last + 2)
    assert len(store.find("killed", 100_000)) == len(found)
    # What was acknowledged with each is there too, and never more.
    assert store.handled == len(found)
    store.close()
    assert sound(path) == "ok"


def test_an_end_in_bad_order_is_a_reason_to_look_through_the_file(path: Path) -> None:
    checked = []
    for end in (Store.abandon, Store.close):
        store = Store(path)
        checked.append(store.ended_badly)
        end(store)
    store = Store(path)
    checked.append(store.ended_badly)
    store.close()
    assert checked == [False, True, False]


def test_a_whole_file_is_found_to_be_so_beside_the_loop(path: Path) -> None:
    problems: list[str] = []
    Store(path).abandon()

    async def main(mainloop: EpollMainLoop) -> None:
        store = Store(path)
        store.watch(problems.append)
        await store.check()
        store.record(heard("one"))
        store.close()

    run(main)
    assert problems == []
    assert on_disk(path) == ["one"]
