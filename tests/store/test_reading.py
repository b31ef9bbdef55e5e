"""Who has read how far: only ever forward, in the order of the archive, over restarts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store import reading
from termxmpp.store.records import Due
from termxmpp.store.store import Store
from tests.support.harness import ALICE, BOB, CAROL, NOON


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "alice.sqlite")) as found:
        yield found


def heard(name: str, peer: Jid = BOB, *, has_archive_id: bool = True, **more: bool) -> Message:
    """A message of `peer` with the id `name`, which the archive calls `a-name`."""
    message = Message(name, peer.with_resource("desk"), name, NOON, **more)  # type: ignore[arg-type]  # booleans only
    return replace(message, archive_id=f"a-{name}") if has_archive_id else message


def written(name: str, fate: Fate = Fate.ACKNOWLEDGED) -> Message:
    return Message(name, ALICE, name, NOON, is_own=True, fate=fate, route=Route.WRITTEN)


def receives(store: Store, *messages: Message, peer: Jid = BOB) -> None:
    for message in messages:
        kind = events.MessageWritten if message.is_own else events.MessageReceived
        store.record(kind(peer, message))


def misses(store: Store) -> int:
    """A session begins: what came before it is missing. The number of the gap."""
    store.record(events.SessionStarted(ALICE))
    [news] = store.record(events.CatchUpBegun())
    assert isinstance(news, events.GapsChanged)
    return news.gaps[-1].number


def page(store: Store, gap: int, *messages: Message, is_last: bool = False) -> list[events.Event]:
    archived = [
        (BOB, replace(each, route=Route.ARCHIVE, archive_id=f"a-{each.id}")) for each in messages
    ]
    first = archived[0][1].archive_id
    return list(store.record(events.ArchivePaged(gap, archived, first, is_last)))


def unread(store: Store, peer: Jid = BOB) -> list[str]:
    """The ids of what is unread."""
    rows = store.history._db.execute(
        "SELECT key, id FROM message WHERE peer = ? AND is_unread ORDER BY rank", (str(peer),)
    ).fetchall()
    first = rows[0][0] if rows else None
    assert store.history.reading.unread(peer) == (len(rows), first)
    return [id for _, id in rows]


def fates(store: Store) -> dict[str, Fate | None]:
    messages, _ = store.history.newest(BOB, 10_000)
    return {message.id: message.fate for message in messages if message.is_own}


# The peer.


def test_the_peer_has_read_a_message_and_all_of_ours_before(store: Store) -> None:
    receives(store, written("1"), heard("x"), written("2", Fate.RECEIVED), written("3"))
    event = events.ReadByPeer(BOB, "2")
    assert store.record(event) == [event]
    assert fates(store) == {"1": Fate.READ, "2": Fate.READ, "3": Fate.ACKNOWLEDGED}


def test_what_nobody_has_confirmed_is_not_read_because_something_later_was(store: Store) -> None:
    """It may have been lost; what has failed has failed. What was named has arrived."""
    receives(store, written("1", Fate.SENT), written("2", Fate.FAILED), written("3", Fate.SENT))
    store.record(events.ReadByPeer(BOB, "3"))
    assert fates(store) == {"1": Fate.SENT, "2": Fate.FAILED, "3": Fate.READ}


def test_an_older_marker_takes_nothing_back(store: Store) -> None:
    receives(store, written("1"), written("2"))
    store.record(events.ReadByPeer(BOB, "2"))
    store.record(events.ReadByPeer(BOB, "1"))
    assert fates(store) == {"1": Fate.READ, "2": Fate.READ}


@pytest.mark.parametrize("name", ["x", "nothing", "other"])
def test_a_marker_is_for_a_message_of_ours_in_that_conversation(store: Store, name: str) -> None:
    receives(store, written("1"), heard("x"))
    receives(store, written("other"), peer=CAROL)
    assert store.record(events.ReadByPeer(BOB, name)) == []
    assert fates(store) == {"1": Fate.ACKNOWLEDGED}


def test_what_the_archive_brings_later_was_read_before(store: Store) -> None:
    """The newest comes first: the marker, then what we wrote from elsewhere before."""
    receives(store, heard("known"))
    gap = misses(store)
    page(store, gap, written("3"), heard("y"))
    store.record(events.ReadByPeer(BOB, "3"))
    page(store, gap, written("1"), written("2"), is_last=True)
    assert fates(store) == {"1": Fate.READ, "2": Fate.READ, "3": Fate.READ}


def test_a_marker_waits_for_its_message_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"
    with closing(Store(path)) as store:
        receives(store, heard("known"))
        gap = misses(store)
        page(store, gap, heard("y"))
        assert store.record(events.ReadByPeer(BOB, "2")) == []
    with closing(Store(path)) as store:
        news = page(store, gap, written("1"), written("2"), written("3"), is_last=True)
        assert events.ReadByPeer(BOB, "2") in news
        assert fates(store) == {"1": Fate.READ, "2": Fate.READ, "3": Fate.ACKNOWLEDGED}
        assert store.history.reading.look_again([(BOB, written("2"))]) == []


def test_a_marker_for_a_long_history_is_worked_off_in_steps(store: Store) -> None:
    receives(store, *(written(str(number)) for number in range(reading.AT_ONCE + 11)))
    for expected in (10, 0):
        store.record(events.ReadByPeer(BOB, str(reading.AT_ONCE + 10)))
        assert list(fates(store).values()).count(Fate.ACKNOWLEDGED) == expected


def test_finding_them_looks_at_no_message_that_is_read_already(store: Store) -> None:
    steps = store.history._db.execute(
        "EXPLAIN QUERY PLAN SELECT key FROM message WHERE peer = ? AND rank <= ? AND is_own"
        " AND fate IN ('ACKNOWLEDGED', 'RECEIVED') ORDER BY rank DESC LIMIT ?",
        ("", 0, 0),
    ).fetchall()
    assert [step[3] for step in steps] == [
        "SEARCH message USING INDEX message_to_be_read (peer=? AND rank<?)"
    ]


def test_no_word_on_what_is_read_is_looked_up_by_going_through_a_conversation(
    store: Store,
) -> None:
    receives(store, written("1"), heard("2"))
    statements: list[str] = []
    store.history._db.set_trace_callback(statements.append)
    store.record(events.ReadByPeer(BOB, "1"))
    store.record(events.ReadElsewhere(BOB, archive_id="a-2"))
    store.record(events.ReadElsewhere(BOB, message_id="2"))
    store.record(events.ReadingPublished(BOB, "a-2"))
    store.history._db.set_trace_callback(None)
    lookups = [each for each in statements if each.startswith("SELECT key, rank FROM message")]
    assert len(lookups) == 4
    for lookup in lookups:
        [step, *_] = store.history._db.execute(f"EXPLAIN QUERY PLAN {lookup}").fetchall()
        assert "message_by_id" in step[3] or "message_in_archive" in step[3]


def test_what_means_nothing_is_not_kept_for_ever(store: Store) -> None:
    for number in range(3 * reading.AWAITED):
        store.record(events.ReadByPeer(BOB, f"rubbish{number}"))
        store.record(events.ReadByPeer(BOB, f"rubbish{number}"))
        store.record(events.ReadElsewhere(CAROL, f"rubbish{number}"))
    store.record(events.ReadByPeer(BOB, "x" * 1_000_000))
    rows = store.history._db.execute("SELECT peer, count(*) FROM awaited GROUP BY peer")
    assert dict(rows) == {str(BOB): reading.AWAITED, str(CAROL): reading.AWAITED}
    longest = store.history._db.execute("SELECT max(length(name)) FROM awaited").fetchone()
    assert longest[0] < reading.LONGEST_NAME


# The user, on another device.


@pytest.mark.parametrize("named", [{"archive_id": "a-2"}, {"message_id": "2"}])
def test_what_is_read_elsewhere_is_read_here_up_to_there(
    store: Store, named: dict[str, str]
) -> None:
    receives(store, heard("1"), heard("2"), heard("3"))
    [news] = store.record(events.ReadElsewhere(BOB, **named))
    assert isinstance(news, events.UnreadChanged)
    assert news.unread == 1
    assert unread(store) == ["3"]
    store.record(events.ReadElsewhere(BOB, archive_id="a-1"))
    assert unread(store) == ["3"]


def test_what_we_answered_elsewhere_was_read(store: Store) -> None:
    answer = replace(written("mine"), route=Route.CARBON)
    receives(store, heard("1"))
    store.record(events.MessageReceived(BOB, answer))
    receives(store, heard("2"))
    store.record(events.ReadElsewhere(BOB, message_id="mine"))
    assert unread(store) == ["2"]


def test_an_id_counts_in_its_own_conversation_only(store: Store) -> None:
    receives(store, heard("1"))
    receives(store, heard("2", CAROL), peer=CAROL)
    assert store.record(events.ReadElsewhere(BOB, archive_id="a-2")) == []
    assert (unread(store), unread(store, CAROL)) == (["1"], ["2"])


def test_what_is_read_elsewhere_waits_until_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"
    with closing(Store(path)) as store:
        receives(store, heard("1"))
        assert store.record(events.ReadElsewhere(BOB, archive_id="a-2")) == []
    with closing(Store(path)) as store:
        receives(store, heard("2"), heard("3"))
        assert unread(store) == ["3"]


def test_pages_that_come_after_what_was_read_are_read(store: Store) -> None:
    """The archive is fetched backwards: what is older than what was read, was read as well."""
    receives(store, heard("known"))
    store.record(events.ConversationRead(BOB))
    gap = misses(store)
    store.record(events.ReadElsewhere(BOB, archive_id="a-4"))
    page(store, gap, heard("3"), heard("4"), heard("5"))
    assert unread(store) == ["5"]
    news = page(store, gap, heard("1"), heard("2"), is_last=True)
    assert unread(store) == ["5"]
    assert [each.unread for each in news if isinstance(each, events.MessagesPlaced)] == [()]


def test_an_older_word_takes_nothing_back_of_what_is_still_to_come(store: Store) -> None:
    receives(store, heard("known"), written("ours"))
    gap = misses(store)
    page(store, gap, heard("3"), heard("4"))
    for name in ("a-4", "a-known"):
        store.record(events.ReadElsewhere(BOB, archive_id=name))
    page(store, gap, heard("1"), heard("2"), is_last=True)
    assert unread(store) == []
    gap = misses(store)
    page(store, gap, written("9"))
    for name in ("9", "ours"):
        store.record(events.ReadByPeer(BOB, name))
    page(store, gap, written("8"), is_last=True)
    assert set(fates(store).values()) == {Fate.READ}


def test_an_id_that_is_used_again_makes_nothing_read_that_is_not(store: Store) -> None:
    """Bots reuse ids; what is meant is the oldest that is unread."""
    receives(store, heard("same", has_archive_id=False), heard("x"))
    receives(store, heard("same", has_archive_id=False), heard("y"))
    store.record(events.ReadElsewhere(BOB, message_id="same"))
    assert unread(store) == ["x", "same", "y"]
    store.record(events.ReadElsewhere(BOB, message_id="same"))
    assert unread(store) == ["y"]
    store.record(events.ReadElsewhere(BOB, message_id="same"))
    assert unread(store) == ["y"]


# The user, here.


def test_reading_here_is_to_be_told_to_other_devices_by_the_newest_archive_id(
    store: Store,
) -> None:
    receives(store, heard("1"), heard("2"), written("mine"))
    assert store.readings_due() == []
    store.record(events.ConversationRead(BOB))
    assert store.readings_due() == [Due(BOB, "a-2")]
    store.record(events.ReadingPublished(BOB, "a-2"))
    assert store.readings_due() == []


def test_what_is_due_is_due_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "alice.sqlite"
    with closing(Store(path)) as store:
        receives(store, heard("1", is_markable=True))
        store.record(events.ConversationRead(BOB))
    with closing(Store(path)) as store:
        assert store.readings_due() == [Due(BOB, "a-1")]
        assert store.markers_due() == [Due(BOB, "1")]


def test_an_id_that_is_not_known_yet_is_told_when_it_is(store: Store) -> None:
    receives(store, heard("1"), heard("2", has_archive_id=False))
    store.record(events.ConversationRead(BOB))
    assert store.readings_due() == [Due(BOB, "a-1")]
    store.record(events.ReadingPublished(BOB, "a-1"))
    page(store, misses(store), heard("1"), heard("2"), is_last=True)
    assert store.readings_due() == [Due(BOB, "a-2")]


def test_nothing_is_told_that_came_after_something_unread(store: Store) -> None:
    """`Read up to there` would be a lie while what was missed is placed before it."""
    receives(store, heard("known"))
    gap = misses(store)
    receives(store, heard("9"))
    store.record(events.ConversationRead(BOB))
    page(store, gap, heard("known"), heard("5"), is_last=True)
    assert unread(store) == ["5"]
    assert store.readings_due() == [Due(BOB, "a-known")]
    store.record(events.ConversationRead(BOB))
    assert store.readings_due() == [Due(BOB, "a-9")]


def test_what_was_told_is_told_once_also_if_it_is_not_the_newest(store: Store) -> None:
    receives(store, heard("1"), heard("2", has_archive_id=False))
    store.record(events.ConversationRead(BOB))
    store.record(events.ReadingPublished(BOB, "a-1"))
    assert store.readings_due() == []


def test_a_device_that_marks_its_reading_for_the_peer_has_not_told_the_others(
    store: Store,
) -> None:
    receives(store, heard("1"), heard("2"))
    store.record(events.ConversationRead(BOB))
    store.record(events.ReadElsewhere(BOB, message_id="2"))
    assert store.readings_due() == [Due(BOB, "a-2")]


@pytest.mark.parametrize(
    ("elsewhere", "due"), [("a-1", [Due(BOB, "a-2")]), ("a-3", []), ("not here yet", [])]
)
def test_nothing_is_told_that_lies_behind_what_is_known_elsewhere(
    store: Store, elsewhere: str, due: list[Due]
) -> None:
    receives(store, heard("1"), heard("2"))
    store.record(events.ConversationRead(BOB))
    receives(store, heard("3"))
    store.record(events.ReadElsewhere(BOB, archive_id=elsewhere))
    assert store.readings_due() == due


def test_reading_what_was_never_archived_looks_back_so_far_only(store: Store) -> None:
    receives(store, heard("old"))
    receives(store, *(heard(str(n), has_archive_id=False) for n in range(reading.REACH)))
    store.record(events.ConversationRead(BOB))
    assert store.readings_due() == []


def test_a_marker_is_due_for_the_newest_that_asked_and_once(store: Store) -> None:
    receives(store, heard("1", is_markable=True), heard("2", is_markable=True), heard("3"))
    receives(store, heard("4", CAROL), peer=CAROL)
    for peer in (BOB, CAROL):
        store.record(events.ConversationRead(peer))
    assert store.markers_due() == [Due(BOB, "2")]
    store.record(events.MarkerSettled(BOB, "1"))
    assert store.markers_due() == [Due(BOB, "2")]
    store.record(events.MarkerSettled(BOB, "2"))
    receives(store, heard("5"))
    store.record(events.ConversationRead(BOB))
    assert store.markers_due() == []


def test_what_is_read_elsewhere_asks_for_no_marker_of_ours(store: Store) -> None:
    receives(store, heard("1", is_markable=True))
    store.record(events.ReadElsewhere(BOB, archive_id="a-1"))
    store.record(events.ConversationRead(BOB))
    assert store.markers_due() == []
