"""The outbox after a process that was killed: what it may have sent is cleared up first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from typing import Any

from termxmpp.core.events import CaughtUp, Event, FateChanged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.outbox import Outbox
from termxmpp.store.records import Pending
from termxmpp.xmpp.payload import Payload
from termxmpp.xmpp.stanzas import Outgoing

ALICE, BOB = Jid.parse("alice@example.org/here"), Jid.parse("bob@example.org")
CLUB = Jid.parse("club@rooms.example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


class Link:
    """A client that is online, and whose server says nothing; `sent` are the ids that left."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_online = True
        self.outbox = Outbox(self)

    def emit(self, event: Event) -> None:
        self.outbox.observe(event)

    def can_reach(self, peer: Jid) -> bool:
        return True

    def send(self, stanza: Outgoing) -> None:
        written: Any = stanza
        self.sent.append(written.stanza_id)

    def payloads_for(self, peer: Jid, message: Message) -> Iterable[Payload]:
        return ()

    async def prove(self, timeout: float) -> None:
        await asyncio.get_running_loop().create_future()

    def nothing_is_confirmed(self, words: str) -> None:
        raise AssertionError(words)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Nothing is ever proven here.
        work.close()

    def is_left(self, peer: Jid = BOB, **fates: Fate) -> None:
        """A process before has left these, and did not end in good order."""
        pending = [Pending(peer, _message(id_, fate, peer)) for id_, fate in fates.items()]
        self.outbox.restore(pending, (), had_management=True, is_in_doubt=True)

    def begins(self, *, will_check: bool = True) -> None:
        """A new session, in which the club will be entered."""
        self.outbox.session_started(
            is_resumed=False, will_check=will_check, is_in_doubt=True, rooms=[CLUB]
        )
        self.outbox.flush()

    def goes_on(self, *, is_in_doubt: bool) -> None:
        """The session goes on."""
        self.outbox.session_started(is_resumed=True, will_check=True, is_in_doubt=is_in_doubt)
        self.outbox.flush()

    def archive_has(self, message_id: str) -> None:
        self.outbox.observe(FateChanged(BOB, message_id, Fate.ACKNOWLEDGED))

    def is_caught_up(
        self, *, is_complete: bool = True, has_archive: bool = True, archive: Jid | None = None
    ) -> None:
        self.outbox.observe(CaughtUp(is_complete, archive, has_archive))


def _message(message_id: str, fate: Fate = Fate.QUEUED, peer: Jid = BOB) -> Message:
    return Message(
        message_id,
        ALICE,
        message_id,
        NOON,
        is_own=True,
        fate=fate,
        route=Route.WRITTEN,
        is_groupchat=peer == CLUB,
    )


def test_what_a_killed_process_may_have_sent_waits_for_the_archive() -> None:
    """It may have sent more than it could note, with a full disk."""
    link = Link()
    link.is_left(one=Fate.QUEUED, two=Fate.QUEUED)
    link.begins()
    link.outbox.add(BOB, _message("three"))
    assert link.sent == []
    link.archive_has("one")
    link.is_caught_up()
    assert link.sent == ["two", "three"]


def test_without_an_archive_there_is_nothing_to_wait_for() -> None:
    link = Link()
    link.is_left(one=Fate.QUEUED)
    link.begins(will_check=False)
    assert link.sent == ["one"]


def test_what_it_may_have_sent_an_archive_that_refuses_does_not_let_leave() -> None:
    """Only what it has left behind: nothing that is written now can have been sent then."""
    link = Link()
    link.is_left(one=Fate.QUEUED)
    link.begins()
    link.outbox.add(BOB, _message("two"))
    link.is_caught_up(is_complete=False)
    assert link.sent == ["two"]
    assert link.outbox.unproven == ["one"]
    link.outbox.resend("one")
    assert link.sent == ["two", "one"]


def test_an_archive_that_answers_later_decides_then() -> None:
    link = Link()
    link.is_left(one=Fate.QUEUED, two=Fate.QUEUED)
    link.begins()
    link.is_caught_up(is_complete=False)
    link.archive_has("one")
    link.is_caught_up()
    assert link.sent == ["two"]


def test_what_it_may_have_said_in_a_room_waits_for_the_room_s_archive() -> None:
    """The account's own says nothing of it."""
    link = Link()
    link.is_left(CLUB, one=Fate.QUEUED, two=Fate.QUEUED)
    link.begins()
    link.outbox.add(BOB, _message("hello"))
    link.is_caught_up()
    assert link.sent == ["hello"]
    link.archive_has("one")
    link.is_caught_up(archive=CLUB)
    assert link.sent == ["hello", "two"]


def test_of_a_room_that_keeps_nothing_nobody_knows() -> None:
    link = Link()
    link.is_left(CLUB, one=Fate.QUEUED)
    link.begins()
    link.is_caught_up()
    link.is_caught_up(is_complete=False, has_archive=False, archive=CLUB)
    assert link.sent == []
    assert link.outbox.unproven == ["one"]


def test_a_server_that_keeps_nothing_lets_it_leave() -> None:
    link = Link()
    link.is_left(one=Fate.QUEUED)
    link.begins()
    link.is_caught_up(is_complete=False, has_archive=False)
    assert link.sent == ["one"]


def test_what_an_archive_can_not_tell_is_not_sent_again_by_itself() -> None:
    """It may be there already: only the user knows whether twice is better than never."""
    link = Link()
    link.is_left(one=Fate.SENT)
    link.begins()
    link.is_caught_up(is_complete=False)
    assert link.sent == []
    assert link.outbox.unproven == ["one"]
    link.outbox.resend("one")
    assert link.sent == ["one"]


def test_without_an_archive_the_count_of_the_session_decides() -> None:
    link = Link()
    link.is_left(one=Fate.SENT)
    link.begins()
    link.is_caught_up(is_complete=False, has_archive=False)
    assert link.sent == ["one"]


def test_its_session_shows_that_it_has_noted_all_of_it() -> None:
    link = Link()
    link.is_left(one=Fate.QUEUED)
    link.goes_on(is_in_doubt=False)
    assert link.sent == ["one"]


def test_a_session_that_goes_on_before_the_archive_has_told_shows_nothing() -> None:
    link = Link()
    link.is_left(one=Fate.QUEUED)
    link.begins()
    link.goes_on(is_in_doubt=True)
    assert link.sent == []
    link.is_caught_up()
    assert link.sent == ["one"]


def test_a_check_that_a_killed_process_has_begun_is_gone_on_with() -> None:
    """Nothing that was written since overtakes what is not cleared up."""
    link = Link()
    link.is_left(one=Fate.SENT, two=Fate.SENT, three=Fate.QUEUED)
    link.goes_on(is_in_doubt=True)
    link.outbox.add(BOB, _message("four"))
    assert link.sent == []
    link.archive_has("one")
    link.is_caught_up()
    assert link.sent == ["two", "three", "four"]
