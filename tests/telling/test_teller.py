"""What is told of all that comes in."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from termxmpp.config import Config, NotifyConfig, quiet_hours
from termxmpp.core.jid import Jid
from termxmpp.telling.news import News
from termxmpp.telling.teller import PAUSE, Teller, is_quiet
from termxmpp.workspace import Window
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, enters, said


class Recorder:
    """A voice that keeps what it was to tell."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.withdrawn: list[Jid | None] = []

    def tell(self, news: News) -> None:
        self.told.append(news)

    def withdraw(self, window: Window) -> None:
        self.withdrawn.append(window.peer)

    def close(self) -> None:
        pass


def says(text: str, peer: str = "bob@example.org", more: str = "") -> str:
    return f"<message from='{peer}/x' type='chat'><body>{text}</body>{more}</message>"


@pytest.fixture
def voice(alice: Actor) -> Recorder:
    recorder = Recorder()
    Teller(alice.workspace, [recorder])
    return recorder


def test_a_contact_is_told_and_taken_back_when_read(alice: Actor, voice: Recorder) -> None:
    alice.receives(says("one"))
    assert [(news.title, news.body) for news in voice.told] == [("Bob", "one")]
    alice.looks_at(BOB)
    assert voice.withdrawn == [BOB]


def test_many_in_a_second_are_told_once_at_first(alice: Actor, voice: Recorder) -> None:
    alice.receives(*(says(str(number)) for number in range(200)))
    assert len(voice.told) == 1


def test_what_is_looked_at_is_not_told_but_without_focus(alice: Actor, voice: Recorder) -> None:
    alice.looks_at(BOB)
    alice.receives(says("seen"))
    assert voice.told == []
    alice.run_now(alice.workspace.set_watched, False)
    alice.receives(says("unseen"))
    assert [news.body for news in voice.told] == ["unseen"]


def test_late_and_own_messages_are_not_told_at_once(alice: Actor, voice: Recorder) -> None:
    late = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"
    alice.receives(says("late", more=late), says("mine", "alice@example.org"))
    assert voice.told == []


def test_a_muted_contact_is_not_told_until_its_time(alice: Actor, voice: Recorder) -> None:
    alice.looks_at(BOB)
    alice.types("/mute 1h30m")
    alice.looks_at(CAROL)
    alice.receives(says("muted"))
    assert voice.told == []
    alice.waits(5401)
    alice.receives(says("loud"))
    assert [news.body for news in voice.told] == ["loud"]


def test_a_room_tells_mentions_only_and_counts_them(alice: Actor, voice: Recorder) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.looks_at(BOB)
    alice.receives(said("bob", "hello", "1"), said("bob", "ALICE: hello", "2"))
    assert [news.body for news in voice.told] == ["bob: ALICE: hello"]
    assert alice.client.state.conversation(CLUB).mentions == 1
    alice.looks_at(CLUB)
    assert alice.client.state.conversation(CLUB).mentions == 0


def test_without_preview_nothing_of_it_is_told(alice: Actor, voice: Recorder) -> None:
    config = Config(notify=NotifyConfig(preview=False))
    alice.run_now(alice.workspace.settings.replace, config)
    alice.receives(says("secret"))
    assert "secret" not in repr(voice.told[0])


def test_in_quiet_hours_nothing_is_told(alice: Actor, voice: Recorder) -> None:
    config = Config(notify=NotifyConfig(quiet="11:00-13:00"))
    alice.run_now(alice.workspace.settings.replace, config)
    alice.receives(says("hush"))
    assert voice.told == []


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        ("22:00-07:00", "23:30", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("9:00-17:00", "12:00", True),
        ("9:00-17:00", "08:59", False),
        ("", "12:00", False),
    ],
)
def test_quiet_hours_go_over_midnight(hours: str, at: str, quiet: bool) -> None:
    assert is_quiet(quiet_hours(hours), datetime.fromisoformat(f"2026-01-02T{at}")) is quiet


@pytest.mark.parametrize("text", ["22-7", "25:00-07:00", "07:00-07:00", "night"])
def test_other_words_are_no_hours(text: str) -> None:
    with pytest.raises(ValueError, match="times of day"):
        quiet_hours(text)


class Awaited(Recorder):
    """A voice whose word can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._told = asyncio.Event()

    def tell(self, news: News) -> None:
        super().tell(news)
        self._told.set()

    async def speaks(self) -> None:
        """Return when something more has been told."""
        self._told.clear()
        async with asyncio.timeout(20):
            await self._told.wait()


def test_what_comes_in_the_second_after_is_told_together_at_its_end(alice: Actor) -> None:
    voice = Awaited()
    Teller(alice.workspace, [voice])
    alice.receives(says("one"))
    began = alice.loop.time()
    alice.receives(says("two"), says("three"), says("hello", "carol@example.org"))
    assert [news.body for news in voice.told] == ["one"]
    alice.run(voice.speaks)
    assert alice.loop.time() - began >= PAUSE * 0.99
    [_one, more] = voice.told
    assert (more.body, more.window) == ("3 new messages in 2 conversations", None)


def test_what_is_read_in_that_second_is_not_told(alice: Actor) -> None:
    voice = Awaited()
    Teller(alice.workspace, [voice])
    alice.receives(says("one"), says("two"), says("hello", "carol@example.org"))
    alice.looks_at(BOB)
    alice.run(voice.speaks)
    assert [(news.title, news.body) for news in voice.told] == [
        ("Bob", "one"),
        ("carol@example.org", "hello"),
    ]


def test_after_a_second_in_which_nothing_came_the_next_is_told_at_once(alice: Actor) -> None:
    voice = Awaited()
    Teller(alice.workspace, [voice])
    alice.receives(says("one"), says("two"))
    alice.run(voice.speaks)
    # The end of the pause behind that, in which nothing waits.
    alice.run(lambda: asyncio.sleep(PAUSE * 1.1))
    alice.receives(says("three"))
    assert [news.body for news in voice.told] == ["one", "two", "three"]


def test_what_was_missed_is_told_once(alice: Actor) -> None:
    voice = Awaited()
    Teller(alice.workspace, [voice])
    late = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"
    peers = ("bob@example.org", "carol@example.org")
    alice.receives(*(says(f"{number}", peers[number % 2], late) for number in range(200)))
    assert voice.told == []
    alice.run(voice.speaks)
    assert [news.body for news in voice.told] == ["200 new messages in 2 conversations"]
