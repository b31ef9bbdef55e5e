"""The archive: fetched from its end backwards, its gaps known, and believed of nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.client import Client
from termxmpp.core.archive import ARCHIVE as NS
from termxmpp.core.events import CaughtUp, Event, GapFailed, MessageReceived
from termxmpp.core.message import Fate, Message
from termxmpp.errors import ConnectionFailed
from termxmpp.features import LISTENER_FEATURES
from termxmpp.features.archive import PAGE, PAUSES, TOO_MANY, ArchiveHandler
from termxmpp.xmpp.archive import FinPayload, QueryPayload, ResultPayload
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.paging import NS as RSM
from termxmpp.xmpp.paging import Page
from tests.support.archive import ANNOUNCED, MAM, Archive, Question, fin, heard, result, said
from tests.support.harness import BOB, Actor
from tests.support.rubbish import reads, rubbish

BROKEN = ConnectionFailed("The connection broke.")


@pytest.fixture
def alice() -> Actor:
    """alice, not online yet, whose account has an archive."""
    return Actor(announced=ANNOUNCED)


@pytest.fixture
def listener() -> Iterator[Actor]:
    """alice as a program that wants to know what it has missed, and nothing from before."""
    actor = Actor(announced=ANNOUNCED, features=LISTENER_FEATURES, is_listener=True)
    yield actor
    actor.close()


def test_who_listens_fetches_of_the_past_only_where_it_ends(listener: Actor) -> None:
    archive = Archive(listener, *(heard(f"m{number}") for number in range(5 * PAGE)), limit=PAGE)
    listener.goes_online()
    assert len(archive.questions) == 1
    comes_back(listener)
    archive.items.append(("new", heard("new")))
    comes_back(listener)
    assert [question.after for question in archive.questions[1:]] == [f"a{5 * PAGE}"] * 2
    assert [message.text for _, message in listener.store.untold((), 10)] == ["new"]


def test_who_listens_knows_that_all_is_new_where_there_was_nothing(listener: Actor) -> None:
    archive = Archive(listener)
    listener.goes_online()
    archive.items += [("a1", heard("one")), ("a2", heard("two"))]
    comes_back(listener)
    assert [message.text for _, message in listener.store.untold((), 10)] == ["one", "two"]


def test_an_end_of_the_past_that_says_nothing_is_no_end(listener: Actor) -> None:
    """Only by a message it is known where what was missed begins."""
    marker = "<message xmlns='jabber:client' from='bob@example.org/x' to='alice@example.org'/>"
    archive = Archive(listener, heard("old"), *([marker] * (PAGE + 1)), limit=PAGE)
    listener.goes_online()
    assert len(archive.questions) == 2
    archive.items.append(("new", heard("new")))
    comes_back(listener)
    assert [message.text for _, message in listener.store.untold((), 10)] == ["new"]


@pytest.fixture(autouse=True)
def _end(alice: Actor) -> object:
    yield
    alice.close()


def comes_back(alice: Actor) -> None:
    """Another session begins."""
    alice.loses_the_link(BROKEN)
    alice.goes_online()


def messages(alice: Actor) -> list[Message]:
    entries = alice.client.state.conversation(BOB).entries
    return [entry for entry in entries if isinstance(entry, Message)]


def texts(alice: Actor) -> list[str]:
    return [message.text for message in messages(alice)]


def ids(alice: Actor) -> list[str]:
    return [message.archive_id for message in messages(alice)]


def bounds(archive: Archive) -> list[tuple[str | None, str | None]]:
    return [(question.before, question.after) for question in archive.questions]


def caught_up(alice: Actor) -> list[bool]:
    return [event.is_complete for event in alice.events if isinstance(event, CaughtUp)]


def says(alice: Actor, archive: Archive, text: str) -> None:
    """She writes to Bob, and the server keeps it."""
    alice.types(f"/msg bob@example.org {text}")
    archive.add(said(text, messages(alice)[-1].id))


def known(alice: Actor, *more: str) -> Archive:
    """alice offline, with `first` from her archive, where `more` is said while she is away.

    Bob has a window, at which she does not look.
    """
    archive = Archive(alice, heard("first"))
    alice.goes_online()
    alice.looks_at(BOB)
    alice.types("/win 1")
    alice.loses_the_link(BROKEN)
    for text in more:
        archive.add(heard(text))
    archive.questions.clear()
    alice.forgets()
    return archive


# Catching up.


def test_the_first_time_all_of_it_is_fetched_from_its_end(alice: Actor) -> None:
    archive = Archive(alice, *map(heard, "abcdefg"), limit=3)
    alice.goes_online()
    assert bounds(archive) == [("", None), ("a5", None), ("a2", None)]
    assert {question.max for question in archive.questions} == {PAGE}
    alice.looks_at(BOB)
    assert texts(alice) == list("abcdefg")
    assert alice.client.state.gaps == ()


def test_what_was_there_before_us_is_new_to_nobody(alice: Actor) -> None:
    Archive(alice, heard("a"), heard("b"))
    alice.goes_online()
    assert alice.client.state.conversation(BOB).unread == 0


def test_what_was_missed_is_fetched_and_unread(alice: Actor) -> None:
    archive = known(alice, "b", "c")
    alice.goes_online()
    assert bounds(archive) == [("", "a1")]
    assert texts(alice) == ["first", "b", "c"]
    assert alice.client.state.conversation(BOB).unread == 2


def test_the_gap_gets_smaller_page_by_page(alice: Actor) -> None:
    archive = known(alice, *"bcdef")
    archive.limit = 2
    archive.is_silent = True
    alice.goes_online()
    [gap] = alice.client.state.gaps
    assert (gap.after, gap.before, gap.is_missed) == ("a1", "", True)
    for before in ("a5", "a3"):
        archive.is_silent = False
        answer_one(alice, archive)
        [gap] = alice.client.state.gaps
        assert (gap.after, gap.before) == ("a1", before)
    archive.is_silent = False
    answer_one(alice, archive)
    assert alice.client.state.gaps == ()
    assert texts(alice) == ["first", *"bcdef"]


def answer_one(alice: Actor, archive: Archive) -> None:
    """Answer the question that waits, and let the next one wait."""
    question = archive.questions[-1]
    iq = [stanza for stanza in alice.sent() if question.query_id in stanza][-1]
    archive.is_silent = True

    def answer() -> None:
        iq_id = iq.split(' id="')[1].split('"')[0]
        archive.say(archive.page(iq_id, question))

    alice.run_now(answer)


def test_the_next_link_goes_on_where_the_last_one_broke(alice: Actor) -> None:
    archive = known(alice, *"bcdef")
    archive.limit = 2
    archive.is_silent = True
    alice.goes_online()
    answer_one(alice, archive)
    archive.is_silent = False
    archive.questions.clear()
    comes_back(alice)
    # What the new session may have missed comes first, then the rest of the old gap.
    assert bounds(archive)[-2:] == [("a5", "a1"), ("a3", "a1")]
    assert texts(alice) == ["first", *"bcdef"]


def test_so_does_the_next_run(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = Actor(tmp_path, ANNOUNCED)
    archive = known(alice, *"bcdef")
    archive.limit = 2
    archive.is_silent = True
    alice.goes_online()
    answer_one(alice, archive)
    alice.is_killed()
    later = Actor(tmp_path, ANNOUNCED)
    there = Archive(later, limit=2)
    there.items = archive.items
    later.goes_online()
    later.looks_at(BOB)
    assert ("a5", "a1") in bounds(there)
    assert texts(later) == ["first", *"bcdef"]
    assert later.client.state.gaps == ()
    later.close()


def test_a_session_that_goes_on_only_finishes_what_it_began(alice: Actor) -> None:
    alice.has_management = True
    archive = known(alice)
    alice.goes_online()
    assert archive.questions == []
    alice.session.id = "lost"
    archive.is_silent = True
    comes_back(alice)
    archive.is_silent = False
    comes_back(alice)
    assert bounds(archive) == [("", "a1"), ("", "a1")]
    assert alice.client.state.gaps == ()


def test_what_comes_meanwhile_moves_no_gap(alice: Actor) -> None:
    """The fault of so many: a message before the answer, and the hole was there for ever."""
    archive = known(alice, "b", "c")
    archive.is_silent = True
    alice.goes_online()
    archive.add(heard("live"))
    named = "<stanza-id xmlns='urn:xmpp:sid:0' id='a4' by='alice@example.org'/>"
    alice.receives(heard("live", more=named))
    assert texts(alice) == ["first", "live"]
    [gap] = alice.client.state.gaps
    assert (gap.after, gap.before) == ("a1", "")
    answer_one(alice, archive)
    assert texts(alice) == ["first", "b", "c", "live"]
    assert ids(alice) == ["a1", "a2", "a3", "a4"]


def test_nor_does_it_when_the_link_breaks_before_the_answer(alice: Actor) -> None:
    archive = known(alice, "b", "c")
    archive.is_silent = True
    alice.goes_online()
    archive.add(heard("live"))
    named = "<stanza-id xmlns='urn:xmpp:sid:0' id='a4' by='alice@example.org'/>"
    alice.receives(heard("live", more=named))
    archive.is_silent = False
    comes_back(alice)
    assert texts(alice) == ["first", "b", "c", "live"]
    assert alice.client.state.gaps == ()


def test_ours_get_their_place_from_the_archive(alice: Actor) -> None:
    """Live, nobody tells it."""
    archive = known(alice)
    alice.goes_online()
    alice.forgets()
    alice.types("/msg bob@example.org mine")
    alice.receives(
        heard("theirs", more="<stanza-id xmlns='urn:xmpp:sid:0' id='a2' by='alice@example.org'/>")
    )
    archive.add(heard("theirs"))
    archive.add(said("mine", "id1"))
    comes_back(alice)
    assert texts(alice) == ["first", "theirs", "mine"]
    assert alice.lines()[-1] == "12:00 you      mine ✓"


def test_a_message_that_nobody_confirmed_is_confirmed_by_the_archive(alice: Actor) -> None:
    archive = known(alice)
    alice.goes_online()
    alice.forgets()
    alice.types("/msg bob@example.org mine")
    archive.add(said("mine", "id1"))
    alice.sent()
    comes_back(alice)
    assert texts(alice) == ["first", "mine"]
    assert not [stanza for stanza in alice.sent() if "<body>" in stanza]
    own = alice.client.state.conversation(BOB).own("id1")
    assert own is not None
    assert own.fate is Fate.ACKNOWLEDGED


def test_what_the_archive_does_not_have_is_sent_again(alice: Actor) -> None:
    known(alice)
    alice.goes_online()
    alice.forgets()
    alice.types("/msg bob@example.org mine")
    comes_back(alice)
    [message] = [stanza for stanza in alice.sent() if "<body>" in stanza]
    assert 'id="id1"' in message
    assert 'stamp="2026-01-02T12:00:00Z"' in message
    assert texts(alice) == ["first", "mine"]


def test_receipts_in_it_are_the_fate_of_their_messages(alice: Actor) -> None:
    """They say nothing else, and stand behind the message or on a later page."""
    receipt = (
        "<message xmlns='jabber:client' from='bob@example.org/desk' to='alice@example.org'>"
        "<received xmlns='urn:xmpp:receipts' id='one'/></message>"
    )
    Archive(alice, said("one"), heard("two"), receipt, limit=1)
    alice.goes_online()
    alice.looks_at(BOB)
    assert texts(alice) == ["one", "two"]
    own = alice.client.state.conversation(BOB).own("one")
    assert own is not None
    assert own.fate is Fate.RECEIVED


def test_what_nobody_is_to_keep_is_not_kept_from_there_either(alice: Actor) -> None:
    """XEP-0334; and whoever was there has seen it live, of which no record knows."""
    hint = "<no-permanent-store xmlns='urn:xmpp:hints'/>"
    archive = known(alice)
    alice.goes_online()
    alice.receives(heard("burn this", more=hint))
    archive.add(heard("burn this", more=hint))
    archive.add(heard("keep this"))
    comes_back(alice)
    assert texts(alice) == ["first", "burn this", "keep this"]


# What is said of it to others.


def test_caught_up_is_told_when_the_newest_is_there(alice: Actor) -> None:
    """What is older says nothing of what became of ours."""
    archive = Archive(alice, *map(heard, "abc"), limit=1)
    archive.is_silent = True
    alice.goes_online()
    assert caught_up(alice) == []
    archive.is_silent = False
    comes_back(alice)
    assert caught_up(alice) == [True]


@pytest.mark.parametrize("announced", [(), ("urn:xmpp:mam:1",), ("urn:xmpp:sid:0",)])
def test_without_an_archive_it_can_not_be_done(
    alices: Callable[..., Actor], announced: tuple[str, ...]
) -> None:
    alice = alices(announced=announced)
    assert caught_up(alice) == [False]
    assert not [stanza for stanza in alice.sent() if NS in stanza and "query" in stanza]


def test_an_empty_archive_is_complete(alice: Actor) -> None:
    Archive(alice)
    alice.goes_online()
    assert caught_up(alice) == [True]
    assert alice.client.state.gaps == ()


def test_what_failed_is_not_complete_because_older_things_are(alice: Actor) -> None:
    """Else what has arrived would be sent again: the archive was not read to its end."""
    archive = Archive(alice, *map(heard, "abcd"), limit=2)
    archive.is_silent = True
    alice.goes_online()
    answer_one(alice, archive)
    alice.types("/msg bob@example.org mine")
    archive.is_silent = False
    archive.refusal = "forbidden"
    alice.forgets()
    comes_back(alice)
    assert caught_up(alice) == [False]
    assert [bool(gap.problem) for gap in alice.client.state.gaps] == [True, True]
    archive.refusal = ""
    alice.forgets()
    older = alice.client.state.gaps[0]
    alice.run_now(alice.client.emit, GapFailed(older.number, ""))
    assert [bool(gap.problem) for gap in alice.client.state.gaps] == [True]
    assert True not in caught_up(alice)


# What can go wrong.


def test_a_gap_that_can_not_be_filled_says_why_and_is_tried_again(alice: Actor) -> None:
    archive = known(alice, "b")
    archive.refusal = "forbidden"
    alice.goes_online()
    assert caught_up(alice) == [False]
    [gap] = alice.client.state.gaps
    assert "forbidden" in gap.problem
    archive.refusal = ""
    alice.types("/history")
    assert "forbidden" in alice.told()[-2]
    assert alice.told()[-1] == "What is missing is fetched."
    assert texts(alice) == ["first", "b"]
    assert caught_up(alice) == [False, True]
    alice.types("/history")
    assert alice.told()[-1] == "Nothing is missing: all that the server has kept is here."


@pytest.mark.parametrize("condition", ["internal-server-error", "resource-constraint"])
def test_an_archive_that_can_not_at_the_moment_is_asked_again(alice: Actor, condition: str) -> None:
    archive = known(alice, "b")
    archive.refusal = condition
    alice.goes_online()
    [gap] = alice.client.state.gaps
    assert not gap.problem
    assert caught_up(alice) == []
    archive.refusal = ""
    is_filled = asyncio.Event()

    def watch(client: Client, event: Event) -> None:
        if not client.state.gaps:
            is_filled.set()

    alice.client.observers.append(watch)
    alice.run(lambda: asyncio.wait_for(is_filled.wait(), 2 * PAUSES[0]))
    assert texts(alice) == ["first", "b"]
    assert caught_up(alice) == [True]


def test_what_waited_over_the_end_of_a_session_is_not_gone_on_with(alice: Actor) -> None:
    """Else the end of the archive would count as read, and what it has of ours is sent again."""
    has_passed = asyncio.Event()

    async def wait(seconds: float) -> None:
        await has_passed.wait()

    [handler] = (each for each in alice.client._handlers if isinstance(each, ArchiveHandler))
    handler.pause = wait
    archive = known(alice)
    alice.goes_online()
    says(alice, archive, "one")
    alice.is_confirmed()
    alice.loses_the_link(BROKEN)
    archive.add(heard("b"))
    archive.limit, archive.refused = 1, archive.add(heard("c"))
    alice.goes_online()
    says(alice, archive, "two")
    archive.add(heard("d"))
    comes_back(alice)
    alice.sent()
    archive.refused = ""
    alice.run_now(has_passed.set)
    assert [stanza for stanza in alice.sent() if "<message" in stanza] == []
    assert texts(alice) == ["first", "one", "b", "c", "two", "d"]
    assert caught_up(alice)[1:] == [True]


def test_the_next_session_tries_again_what_failed(alice: Actor) -> None:
    """A server that was overloaded once makes no hole for ever."""
    archive = known(alice, "b")
    archive.refusal = "feature-not-implemented"
    alice.goes_online()
    archive.refusal = ""
    archive.add(heard("c"))
    comes_back(alice)
    assert alice.client.state.gaps == ()
    assert texts(alice) == ["first", "b", "c"]


def test_offline_it_is_fetched_later(alice: Actor) -> None:
    archive = known(alice, "b")
    archive.refusal = "forbidden"
    alice.goes_online()
    alice.loses_the_link(BROKEN)
    archive.refusal = ""
    alice.types("/history")
    assert alice.told()[-1] == "What is missing is fetched as soon as you are connected."
    alice.goes_online()
    assert texts(alice) == ["first", "b"]


def test_where_the_archive_has_forgotten_where_we_were_it_is_read_to_its_own_end(
    alice: Actor,
) -> None:
    """§4.1.3: an id that is not there any more is an error, not an empty page."""
    archive = known(alice, "b", "c")
    del archive.items[0]
    alice.goes_online()
    assert bounds(archive) == [("", "a1"), ("", None)]
    assert texts(alice) == ["first", "b", "c"]
    assert caught_up(alice) == [True]


def test_where_it_has_forgotten_the_page_before_it_starts_over(alice: Actor) -> None:
    """From its end, down to the last that is known."""
    archive = known(alice, *"bcdef")
    archive.limit = 2
    archive.is_silent = True
    alice.goes_online()
    answer_one(alice, archive)
    del archive.items[4]
    archive.is_silent = False
    comes_back(alice)
    # Of what is there no more nobody can tell where it stood.
    assert [text for text in texts(alice) if text != "e"] == ["first", *"bcdf"]
    assert alice.client.state.gaps == ()


def test_where_it_has_forgotten_everything_there_is_nothing_to_wait_for(alice: Actor) -> None:
    archive = known(alice, "b")
    archive.items.clear()
    alice.goes_online()
    assert alice.client.state.gaps == ()
    assert texts(alice) == ["first"]


@pytest.mark.parametrize("announced", [ANNOUNCED, (MAM, "urn:xmpp:sid:0")])
def test_a_server_that_finds_nothing_whatever_is_asked_is_not_asked_for_ever(
    alice: Actor, announced: tuple[str, ...]
) -> None:
    alice.announced = announced
    archive = known(alice, *"bcdef")
    archive.limit = 2
    archive.is_silent = True
    alice.goes_online()
    answer_one(alice, archive)
    archive.is_silent = False
    archive.questions.clear()
    archive.refusal = "item-not-found"
    comes_back(alice)
    assert len(archive.questions) < 10
    assert all("item-not-found" in gap.problem for gap in alice.client.state.gaps)


def test_a_server_that_gives_the_same_page_again_is_not_asked_for_ever(alice: Actor) -> None:
    class Stubborn(Archive):
        """An archive that knows no pages but its last."""

        def page(self, iq_id: str, question: Question) -> str:
            self.results(question.query_id, self.items[-2:])
            return fin(iq_id, [id_ for id_, _ in self.items[-2:]], is_complete=False)

    archive = Stubborn(alice, *map(heard, "abcd"))
    alice.goes_online()
    assert len(archive.questions) < 10
    [gap] = alice.client.state.gaps
    assert gap.problem
    alice.looks_at(BOB)
    assert texts(alice) == ["c", "d"]


def test_a_server_that_forgets_each_page_is_not_asked_for_ever(alice: Actor) -> None:
    class Forgetful(Archive):
        """An archive whose ids are good for one answer."""

        def answer(self, iq: Element) -> str | None:
            query = iq.find(f"{{{MAM}}}query")
            self.refusal = ""
            if query is not None and query.findtext(f"{{{RSM}}}set/{{{RSM}}}before"):
                self.refusal = "item-not-found"
            return super().answer(iq)

    archive = Forgetful(alice, *map(heard, "abcd"), limit=2)
    alice.goes_online()
    assert len(archive.questions) < 10
    [gap] = alice.client.state.gaps
    assert "item-not-found" in gap.problem


def test_where_a_page_begins_is_the_servers_word(alice: Actor) -> None:
    """§4.3.2: also where no result of it came, or none that could be read."""

    class Silent(Archive):
        """An archive that sends some results without their ids."""

        def results(self, query_id: str, page: Sequence[tuple[str, str]]) -> None:
            super().results(query_id, [(id_, text) for id_, text in page if "lost" not in text])

    archive = Silent(alice, *map(heard, ["a", "b", "lost 1", "lost 2", "c", "d"]), limit=2)
    alice.goes_online()
    assert bounds(archive) == [("", None), ("a5", None), ("a3", None)]
    alice.looks_at(BOB)
    assert texts(alice) == list("abcd")


def test_without_the_extensions_the_known_ends_the_reading(alice: Actor) -> None:
    """§4.1: a form that the server does not know would be refused."""
    alice.announced = (MAM, "urn:xmpp:sid:0")
    archive = known(alice, "b", "c")
    alice.goes_online()
    alice.loses_the_link(BROKEN)
    archive.questions.clear()
    archive.add(heard("d"))
    archive.add(heard("e"))
    archive.limit = 2
    alice.goes_online()
    assert bounds(archive) == [("", None), ("a4", None)]
    assert texts(alice) == ["first", *"bcde"]
    assert alice.client.state.gaps == ()


def test_what_was_taken_out_of_the_archive_leaves_no_hole(alice: Actor) -> None:
    """§3.2: its id is still there, also if it makes a page alone."""
    archive = known(alice, *"bcdefg")
    archive.limit = 2
    for number in (2, 3, 4):
        archive.items[number] = (archive.items[number][0], "")
    alice.goes_online()
    assert texts(alice) == ["first", "b", "f", "g"]
    assert alice.client.state.gaps == ()


@pytest.mark.parametrize(
    "part",
    [
        "<message xmlns='jabber:client' from='@'><body>no</body></message>",
        "<message xmlns='jabber:client' from='bob@example.org'/>",
        "<message xmlns='jabber:client' type='groupchat' from='a@b/c'><body>no</body></message>",
        "<presence xmlns='jabber:client'/>",
        heard("x") + heard("y"),
    ],
)
def test_what_can_not_be_read_leaves_none_either(alice: Actor, part: str) -> None:
    archive = known(alice, *"bcd")
    archive.limit = 1
    archive.items[2] = (archive.items[2][0], part)
    alice.goes_online()
    assert texts(alice) == ["first", "b", "d"]
    assert alice.client.state.gaps == ()


def test_more_than_was_asked_for_is_taken_as_far_as_it_goes(alice: Actor) -> None:
    """The newest of it, so that what follows is asked for, and nothing is left out between."""

    class Generous(Archive):
        """An archive that thinks little of the size of a page."""

        def page(self, iq_id: str, question: Question) -> str:
            return super().page(
                iq_id, Question(question.before, question.after, 10**6, question.query_id)
            )

    many = TOO_MANY + 50
    archive = Generous(alice, *[heard(f"m{number}") for number in range(many)], limit=10**6)
    alice.goes_online()
    assert bounds(archive) == [("", None), ("a51", None)]
    assert alice.client.state.gaps == ()
    found, has_older = alice.store.older(BOB, None, 2 * many)
    assert [message.text for message in found] == [f"m{number}" for number in range(many)]
    assert not has_older


@pytest.mark.parametrize(
    "answer",
    [
        "<iq type='result' id='{}'/>",
        "<iq type='result' id='{}'><fin xmlns='urn:xmpp:mam:1' complete='true'/></iq>",
        "<iq type='result' id='{}'><query xmlns='urn:xmpp:mam:2'/></iq>",
    ],
)
def test_an_answer_that_says_nothing_is_no_end(alice: Actor, answer: str) -> None:
    archive = known(alice, "b")
    alice.answers = lambda iq: (
        answer.format(iq.get("id")) if iq.find(f"{{{MAM}}}query") is not None else None
    )
    alice.goes_online()
    [gap] = alice.client.state.gaps
    assert gap.problem == "The archive gave no readable answer."
    alice.answers = archive.answer
    alice.types("/history")
    assert texts(alice) == ["first", "b"]


# Who may say so.


class Forger(Archive):
    """An archive besides which somebody else answers, as soon as the question is known."""

    def __init__(self, actor: Actor, *texts: str, sender: str) -> None:
        super().__init__(actor, *texts)
        self.sender = sender

    def page(self, iq_id: str, question: Question) -> str:
        self.say(result(question.query_id, "f1", heard("forged"), self.sender))
        return super().page(iq_id, question)


@pytest.mark.parametrize(
    "sender",
    [
        "mallory@example.com",
        "bob@example.org",
        "example.org",
        "alice@example.org/here",
        "alice@example.org/there",
    ],
)
def test_a_result_of_anybody_else_is_forged(
    alice: Actor, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    """§8.2: from whom was asked, and nobody else."""
    Forger(alice, heard("a"), sender=sender)
    alice.goes_online()
    alice.looks_at(BOB)
    assert texts(alice) == ["a"]
    assert f"a forged archive result from {sender} was dropped" in caplog.text


@pytest.mark.parametrize("sender", ["", "alice@example.org"])
def test_a_result_of_the_account_itself_counts(alice: Actor, sender: str) -> None:
    Forger(alice, heard("a"), sender=sender)
    alice.goes_online()
    alice.looks_at(BOB)
    assert texts(alice) == ["forged", "a"]


@pytest.mark.parametrize("query_id", ["", "other"])
def test_a_result_that_nobody_asked_for_is_nothing(alice: Actor, query_id: str) -> None:
    """§8.2; also while another question waits for its answer."""
    archive = known(alice)
    archive.is_silent = True
    alice.goes_online()
    alice.receives(result(query_id, "f1", heard("forged")))
    answer_one(alice, archive)
    assert texts(alice) == ["first"]


def test_a_result_that_comes_after_the_end_is_nothing(alice: Actor) -> None:
    archive = known(alice)
    alice.goes_online()
    alice.receives(result(archive.questions[-1].query_id, "f1", heard("forged")))
    assert texts(alice) == ["first"]


def test_a_result_in_a_carbon_is_forged(alice: Actor) -> None:
    archive = known(alice)
    archive.is_silent = True
    alice.goes_online()
    inner = result(archive.questions[-1].query_id, "f1", heard("forged"), "alice@example.org")
    inner = inner.replace("<message", "<message xmlns='jabber:client'", 1)
    alice.receives(
        "<message from='alice@example.org'><sent xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>"
    )
    answer_one(alice, archive)
    assert texts(alice) == ["first"]


def test_a_carbon_in_the_archive_is_forged(alice: Actor, caplog: pytest.LogCaptureFixture) -> None:
    """It was sent to us as a message, and kept as that."""
    inner = said("forged")
    carbon = (
        "<message xmlns='jabber:client' from='mallory@example.com' to='alice@example.org'>"
        "<sent xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>"
    )
    Archive(alice, carbon, carbon.replace("mallory@example.com", "alice@example.org"))
    alice.goes_online()
    assert alice.client.state.conversations == {}
    assert "a forged carbon from mallory@example.com was dropped" in caplog.text


def test_no_message_of_the_archive_comes_alone(alice: Actor) -> None:
    """A page is one thing that happens: else each message would be drawn, and alerted."""
    Archive(alice, heard("a"), heard("b"))
    alice.goes_online()
    assert alice.events_of(MessageReceived) == []


# On the wire.


def test_the_question_is_written_as_it_should_be() -> None:
    """§4.1.3, §4.3: a form for what is known, and the last page of the rest."""
    query = QueryPayload("q1", Page(10, ""), "a1").as_xml()
    assert query.get("queryid") == "q1"
    form = query.find("{jabber:x:data}x")
    assert form is not None
    fields = {field.get("var"): field[0].text for field in form}
    assert fields == {"FORM_TYPE": MAM, "after-id": "a1"}
    assert form.get("type") == "submit"
    assert QueryPayload("q1", Page(10, "")).as_xml().find("{jabber:x:data}x") is None


def test_what_is_written_is_read() -> None:
    forwarded = Forwarded(ElementTree.fromstring(heard("a")))
    one = ResultPayload("q1", "a1", forwarded)
    assert ResultPayload.from_xml(one.as_xml()) == one
    empty = ResultPayload("q1", "a1", None)
    assert ResultPayload.from_xml(empty.as_xml()) == empty
    for is_complete in (True, False):
        end = FinPayload(is_complete, Page(first="a", last="b", count=2))
        assert FinPayload.from_xml(end.as_xml()) == end


def test_nobody_asks_us() -> None:
    with pytest.raises(ValueError, match="nobody may ask us"):
        QueryPayload.from_xml(Element(f"{{{NS}}}query"))


@given(
    rubbish(
        f"{{{NS}}}result",
        ("queryid", "id", "stamp"),
        ("{urn:xmpp:forward:0}forwarded", "{jabber:client}message", "{urn:xmpp:delay}delay"),
    ),
    rubbish(
        f"{{{NS}}}fin",
        ("complete", "stable"),
        [f"{{http://jabber.org/protocol/rsm}}{name}" for name in ("set", "first", "count")],
    ),
)
def test_rubbish_is_refused_or_read(one: Element, end: Element) -> None:
    found = reads(ResultPayload, one)
    assert found is None or found.id
    assert reads(FinPayload, end) is not None
