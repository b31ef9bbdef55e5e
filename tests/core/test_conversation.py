"""A conversation: what is unread, where the new begins, and whose fate is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from termxmpp.core.conversation import Conversation
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Notice

BOB = Jid.parse("bob@example.org")
ALICE = Jid.parse("alice@example.org")
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def heard(text: str) -> Message:
    return Message(text, BOB, text, NOW)


def written(text: str, fate: Fate = Fate.QUEUED) -> Message:
    return Message(text, ALICE, text, NOW, is_own=True, fate=fate)


def test_what_others_write_is_unread_and_what_we_write_is_not() -> None:
    talk = Conversation(BOB)
    talk.add(written("hello"))
    talk.add(heard("hi"))
    talk.add(heard("there"))
    talk.add(Notice("a notice", NOW))
    assert (talk.unread, talk.first_unread) == (2, 1)


def test_the_line_where_the_new_begins_stays_until_one_turns_away() -> None:
    talk = Conversation(BOB)
    talk.add(heard("one"))
    talk.read()
    assert (talk.unread, talk.first_unread) == (0, 0)
    talk.add(heard("two"))
    assert (talk.unread, talk.first_unread) == (1, 0)
    talk.leave()
    assert talk.first_unread == 0
    talk.read()
    talk.leave()
    assert talk.first_unread is None
    talk.add(heard("three"))
    assert talk.first_unread == 2


def test_what_is_seen_coming_is_new_to_nobody() -> None:
    talk = Conversation(BOB)
    talk.add(heard("one"))
    talk.read(is_seen_coming=True)
    assert talk.first_unread is None
    talk.add(heard("two"))
    talk.add(heard("three"))
    talk.read(is_seen_coming=True)
    assert talk.first_unread == 1


def test_a_fate_belongs_to_a_message_of_ours_only() -> None:
    talk = Conversation(BOB)
    talk.add(heard("same id"))
    talk.set_fate("same id", Fate.FAILED, "no")
    talk.set_fate("no such id", Fate.FAILED, "no")
    assert talk.entries == [heard("same id")]
    talk.add(written("same id"))
    talk.set_fate("same id", Fate.SENT)
    message = talk.own("same id")
    assert message is not None
    assert message.fate is Fate.SENT


def test_every_change_is_a_new_revision_and_no_change_is_none() -> None:
    talk = Conversation(BOB)
    revisions = [talk.revision]
    changes: list[Callable[[], None]] = [
        lambda: talk.add(written("a")),
        lambda: talk.set_fate("a", Fate.SENT),
        lambda: talk.set_fate("a", Fate.SENT, "unproven"),
        lambda: talk.set_fate("a", Fate.ACKNOWLEDGED),
        lambda: talk.add(heard("b")),
        talk.read,
        talk.leave,
        talk.clear,
    ]
    for change in changes:
        change()
        revisions.append(talk.revision)
    assert revisions == sorted(set(revisions))
    before = talk.revision
    talk.read()
    talk.leave()
    talk.set_fate("a", Fate.SENT)
    assert talk.revision == before


def test_clearing_forgets_no_message_whose_fate_is_open() -> None:
    talk = Conversation(BOB)
    for entry in (heard("a"), written("b"), written("c", Fate.ACKNOWLEDGED), Notice("d", NOW)):
        talk.add(entry)
    talk.clear()
    assert talk.entries == [written("b")]
    talk.set_fate("b", Fate.SENT)
    message = talk.own("b")
    assert message is not None
    assert message.fate is Fate.SENT
    assert (talk.unread, talk.first_unread) == (0, None)
