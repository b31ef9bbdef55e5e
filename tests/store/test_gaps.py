"""Gaps of the archive: where they begin, and in which order stands what fills them.

An archive is a list of texts here, and alice's history is fed as a server would: by sessions,
messages that come live, and pages.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from termxmpp.core.archive import Gap
from termxmpp.core.events import ArchivePaged
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.store import database
from termxmpp.store.history import History

ALICE, BOB = Jid.parse("alice@example.org/here"), Jid.parse("bob@example.org")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


class Account:
    """alice's history with bob; texts in capitals are hers. A text is also its archive id."""

    def __init__(self) -> None:
        self.history = History(database.in_memory(), 0)

    def begins(self) -> None:
        """A new session."""
        self.history.raise_floor()

    def asks(self) -> None:
        """The archive is there: what was missed is to be fetched."""
        self.history.gaps.open()

    def hears(self, *texts: str) -> None:
        for text in texts:
            self.history.add(BOB, _message(text, Route.LIVE))

    def writes(self, *texts: str) -> None:
        for text in texts:
            self.history.add(BOB, _message(text, Route.WRITTEN))

    def carbon(self, text: str) -> None:
        """Another device of hers has written."""
        self.history.add(BOB, _message(text, Route.CARBON))

    def has_sent(self, *texts: str, fate: Fate = Fate.ACKNOWLEDGED) -> None:
        for text in texts:
            self.history.set_fate(BOB, text, fate, "")

    def gets(self, page: str, *, number: int | None = None, is_last: bool = False) -> None:
        """A page of the archive, for the newest gap or that one."""
        gap = self.gap(number)
        messages = [(BOB, _message(text, Route.ARCHIVE)) for text in page.split()]
        first = messages[0][1].archive_id
        self.history.fill(ArchivePaged(gap.number, messages, first, is_last))

    def gap(self, number: int | None = None) -> Gap:
        gaps = self.history.gaps.all()
        return gaps[-1] if number is None else next(gap for gap in gaps if gap.number == number)

    @property
    def screen(self) -> str:
        messages, _ = self.history.newest(BOB, 1000)
        return " ".join(message.text for message in messages)


def _message(text: str, route: Route) -> Message:
    is_own = text.isupper()
    fate = Fate.QUEUED if route is Route.WRITTEN else Fate.ACKNOWLEDGED if is_own else None
    return Message(
        text,
        ALICE if is_own else BOB,
        text,
        NOON,
        is_own=is_own,
        fate=fate,
        route=route,
        origin_id=text if is_own else "",
        archive_id="" if route is Route.WRITTEN else f"of-{text}",
    )


@pytest.fixture
def alice() -> Account:
    """alice, who has been here before: `old` is the last that is known of the archive."""
    account = Account()
    account.begins()
    account.asks()
    account.gets("old", is_last=True)
    return account


def test_what_was_missed_stands_before_what_came_since(alice: Account) -> None:
    alice.begins()
    alice.hears("live")
    alice.asks()
    alice.gets("one two live")
    alice.gets("zero", is_last=True)
    assert alice.screen == "old zero one two live"


def test_ours_of_the_last_session_stands_before_all_of_this_one(alice: Account) -> None:
    """Also where the archive has something of this session right behind it."""
    alice.writes("Z")
    alice.hears("one")
    alice.writes("A", "B")
    alice.has_sent("Z", "A", "B")
    alice.begins()
    alice.writes("C")
    alice.hears("live")
    alice.asks()
    alice.gets("Z one A B live", is_last=True)
    assert alice.screen == "old Z one A B C live"


def test_a_page_is_older_than_the_pages_before_it(alice: Account) -> None:
    """Whatever its messages were taken for: the end of one page says where the next belongs."""
    alice.begins()
    alice.asks()
    alice.hears("live")
    alice.writes("A", "B")
    alice.gets("B more")
    alice.gets("live A", is_last=True)
    assert alice.screen == "old live A B more"


def test_what_was_written_after_what_moves_on_follows_it(alice: Account) -> None:
    alice.writes("A", "B")
    alice.has_sent("A", "B")
    alice.begins()
    alice.hears("live")
    alice.writes("C", "D")
    alice.asks()
    alice.gets("live A B", is_last=True)
    assert alice.screen == "old live A B C D"


def test_it_follows_at_once_before_what_was_written_later_still(alice: Account) -> None:
    alice.writes("A")
    alice.begins()
    alice.asks()
    alice.writes("B")
    alice.hears("one", "two")
    alice.writes("C")
    alice.gets("one two A", is_last=True)
    assert alice.screen == "old one two A B C"


def test_what_has_not_arrived_stands_behind_all_of_the_archive(alice: Account) -> None:
    """A run before this one sent more than it could keep, and something was written since."""
    alice.writes("A")
    alice.begins()
    alice.writes("B", "C")
    alice.hears("live")
    alice.asks()
    alice.gets("live A LOST one", is_last=True)
    assert alice.screen == "old live A LOST one B C"


def test_what_has_left_may_have_arrived_before_what_came_since(alice: Account) -> None:
    """The archive was asked before that, and shows it in the next session."""
    alice.begins()
    alice.asks()
    alice.writes("A", "B")
    alice.has_sent("A", "B", fate=Fate.SENT)
    alice.hears("one", "two")
    alice.gets("one A", is_last=True)
    assert alice.screen == "old one A B two"
    alice.has_sent("B")
    alice.begins()
    alice.asks()
    alice.gets("B two", is_last=True)
    assert alice.screen == "old one A B two"


def test_what_has_followed_is_looked_for_from_where_it_is(alice: Account) -> None:
    """What stands before it now is before it in the archive, however late it came."""
    alice.writes("A", "B")
    alice.begins()
    alice.asks()
    alice.hears("one", "two")
    alice.has_sent("A", "B")
    alice.gets("one A", is_last=True)
    assert alice.screen == "old one A B two"
    alice.begins()
    alice.asks()
    assert alice.gap().after == "of-A"


def test_what_another_device_wrote_moves_nothing(alice: Account) -> None:
    alice.begins()
    alice.asks()
    alice.carbon("X")
    alice.writes("A")
    alice.hears("one")
    alice.gets("X one Y", is_last=True)
    assert alice.screen == "old X A one Y"


def test_a_session_that_asks_nothing_leaves_that_to_the_next(alice: Account) -> None:
    """It broke off before it came to that; what it heard is no place to go on from."""
    alice.begins()
    alice.hears("live")
    alice.begins()
    alice.asks()
    assert alice.gap().after == "of-old"
    alice.gets("missed live later", is_last=True)
    assert alice.screen == "old missed live later"


def test_a_gap_in_which_ours_may_lie_is_known_as_such(alice: Account) -> None:
    alice.begins()
    alice.asks()
    assert not alice.gap().holds_ours
    alice.gets("one", is_last=True)
    alice.writes("A")
    alice.has_sent("A", fate=Fate.SENT)
    alice.begins()
    alice.asks()
    assert alice.gap().holds_ours


def test_a_gap_that_was_not_filled_goes_on_beside_the_next(alice: Account) -> None:
    alice.writes("A")
    alice.has_sent("A", fate=Fate.SENT)
    alice.begins()
    alice.asks()
    first = alice.gap().number
    alice.gets("three four")
    alice.begins()
    alice.asks()
    assert [gap.after for gap in alice.history.gaps.all()] == ["of-old", "of-four"]
    alice.gets("five", is_last=True)
    assert [gap.number for gap in alice.history.gaps.all()] == [first]
    assert alice.gap().holds_ours
    alice.gets("one A two", is_last=True)
    assert alice.screen == "old one A two three four five"


def test_a_gap_that_was_not_begun_ends_where_the_next_begins(alice: Account) -> None:
    alice.begins()
    alice.asks()
    first = alice.gap().number
    alice.hears("live")
    alice.begins()
    alice.asks()
    assert alice.gap(first).before == "of-live"
    alice.gets("later", is_last=True)
    alice.gets("missed", number=first, is_last=True)
    assert alice.screen == "old missed live later"


def test_a_gap_in_whose_session_nothing_came_ends_where_the_next_begins() -> None:
    """And what came before it was asked for is in it."""
    alice = Account()
    alice.begins()
    alice.hears("one")
    alice.begins()
    alice.asks()
    alice.begins()
    alice.asks()
    ends = [(gap.after, gap.before) for gap in alice.history.gaps.all()]
    assert ends == [("", "of-one"), ("of-one", "")]


def test_a_gap_within_another_is_none(alice: Account) -> None:
    alice.begins()
    alice.asks()
    alice.begins()
    alice.asks()
    [gap] = alice.history.gaps.all()
    assert gap.after == "of-old"


def test_the_past_from_before_we_came_stays_the_past() -> None:
    """Nobody has missed it, however often it takes to fetch it."""
    alice = Account()
    alice.begins()
    alice.asks()
    alice.begins()
    alice.asks()
    [gap] = alice.history.gaps.all()
    assert not gap.is_missed


def test_what_the_archive_was_looked_through_for_is_not_looked_for_again(alice: Account) -> None:
    alice.writes("A")
    alice.has_sent("A")
    alice.begins()
    alice.asks()
    alice.gets("missed", is_last=True)
    alice.begins()
    alice.asks()
    assert alice.gap().after == "of-missed"


def test_what_a_page_should_have_had_is_not_looked_for_again(alice: Account) -> None:
    alice.writes("A")
    alice.hears("one")
    alice.writes("B")
    alice.hears("two")
    alice.has_sent("A", "B")
    alice.begins()
    alice.asks()
    alice.gets("one two")
    alice.gets("A", is_last=True)
    alice.begins()
    alice.asks()
    assert alice.gap().after == "of-two"


def test_what_is_sent_in_this_session_may_still_come_into_the_archive(alice: Account) -> None:
    alice.begins()
    alice.asks()
    alice.writes("A")
    alice.hears("live")
    alice.gets("live")
    alice.has_sent("A")
    alice.gets("old", is_last=True)
    alice.begins()
    alice.asks()
    assert alice.gap().after == "of-old"
