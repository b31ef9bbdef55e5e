"""Records that are not kept: everything is news, and what a run needs it knows of itself."""

from __future__ import annotations

from datetime import UTC, datetime

from termxmpp.core import events
from termxmpp.core.jid import Jid
from termxmpp.core.message import Fate, Message, Route
from termxmpp.core.session import Session, Token
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.records import Records, SearchPage
from termxmpp.store.unstored import Unstored

BOB = Jid.parse("bob@example.org")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HELLO = Message("a", BOB, "hello", NOW)


def records() -> Records:
    """It is one of them: mypy says so here."""
    return Unstored()


def test_every_message_is_news_and_has_its_place_behind_the_one_before() -> None:
    kept = records()
    for place in (1, 2):
        [news] = kept.record(events.MessageReceived(BOB, HELLO))
        assert isinstance(news, events.MessageReceived)
        assert (news.message.key, news.message.rank) == (place, place)
    mine = Message("b", BOB, "hi", NOW, True, Fate.QUEUED, route=Route.WRITTEN)
    [news] = kept.record(events.MessageWritten(BOB, mine))
    assert isinstance(news, events.MessageWritten)
    assert news.message.key == 3


def test_any_other_event_is_news_as_it_is() -> None:
    event = events.FateChanged(BOB, "a", Fate.ACKNOWLEDGED)
    assert records().record(event) == (event,)


def test_nothing_is_there_of_an_earlier_run_or_of_this_one() -> None:
    kept = records()
    kept.record(events.MessageReceived(BOB, HELLO))
    kept.commit()
    assert (kept.restore(), kept.pending(), kept.older(BOB, None, 10)) == ((), (), ([], False))
    assert (kept.newer(BOB, HELLO, 10), kept.get(BOB, 1)) == (([], False), None)
    assert kept.search("hello", None, None) == SearchPage()
    assert not kept.keeps_history
    kept.session_began(Session("id", BOB))
    kept.stanza_sent("<message/>", "a")
    kept.stanzas_acknowledged(1, 1)
    assert kept.session() is None
    kept.session_ended()
    kept.close()


def test_what_is_handled_may_be_acknowledged_at_once() -> None:
    kept = records()
    kept.session_began(Session("id", BOB, handled=3))
    assert kept.handled == 3
    kept.stanzas_handled(4)
    assert kept.handled == 4


def test_a_token_lasts_as_long_as_the_run_and_each_run_is_another_instance() -> None:
    kept = records()
    assert kept.token is None
    token = Token("HT-SHA-256-NONE", "secret", NOW)
    kept.keep_token(token)
    assert kept.token == token
    assert kept.user_agent == kept.user_agent
    assert kept.user_agent != records().user_agent


def test_there_is_nothing_to_check_and_nothing_to_complain_of() -> None:
    problems: list[str] = []

    async def main(mainloop: EpollMainLoop) -> None:
        kept = records()
        kept.watch(problems.append)
        await kept.check()

    run(main)
    assert problems == []
