"""Who listens: what is told to whom, what is answered, and what is not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, LoginRefused, RemoteError, TermxmppError
from termxmpp.features import LISTENER_FEATURES
from termxmpp.script.hearing import Heard
from termxmpp.script.listen import MOST_PASSING, ListenOptions, listen
from termxmpp.script.readiness import Readiness
from termxmpp.script.replies import MANY
from termxmpp.store.store import Store
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, here, said, subject

ASKING = "<request xmlns='urn:xmpp:receipts'/>"


def message(
    text: str, more: str = "", sender: str = "bob@example.org/x", type: str = "chat"
) -> str:
    return (
        f"<message from='{sender}' to='alice@example.org' type='{type}' id='i-{text}'>"
        f"<body>{text}</body>{more}</message>"
    )


class Ear:
    """alice's listener, online, and what it has told."""

    def __init__(
        self,
        options: ListenOptions,
        answers: Callable[[Element], str | None] = lambda element: None,
        opening_error: TermxmppError | None = None,
        announced: Sequence[str] = (),
    ) -> None:
        heard = Heard()
        self.actor = Actor(
            announced=announced,
            features=(heard.feature, *LISTENER_FEATURES),
            is_listener=True,
        )
        self.actor.answers, self.actor.opening_error = answers, opening_error
        self.complaints: list[str] = []
        self.out, self._in = os.pipe()
        os.set_blocking(self.out, False)
        self._rest = b""
        actor = self.actor

        async def begin() -> None:
            self.task = asyncio.ensure_future(
                listen(
                    *(actor.client, actor.store, heard, options, self._in),
                    *(self.complaints.append, Readiness({})),
                )
            )

        actor.run(begin)

    def close(self) -> None:
        if not self.task.done():
            self.ends()
        self.actor.close()
        os.close(self.out)
        os.close(self._in)

    def ends(self) -> BaseException | None:
        """Tell it to end; with what it does."""
        self.task.cancel()
        return self.outcome()

    def outcome(self) -> BaseException | None:
        async def wait() -> BaseException | None:
            [found] = await asyncio.gather(self.task, return_exceptions=True)
            return found

        if self.actor.client.is_online:
            self.actor.is_confirmed()
        return self.actor.loop.run_until_complete(asyncio.wait_for(wait(), 20))

    def until(self, is_so: Callable[[], object]) -> None:
        end = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < end
            self.actor.loop.run_until_complete(asyncio.sleep(0.005))

    def told(self) -> list[str]:
        """The lines since the last look."""
        self.actor.run(lambda: asyncio.sleep(0))
        with contextlib.suppress(BlockingIOError):
            self._rest += os.read(self.out, 1_000_000)
        *found, self._rest = self._rest.split(b"\n")
        return [line.decode() for line in found]

    def texts(self) -> list[str]:
        return [line.split("\t")[2] for line in self.told()]

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.told()]

    def sends(self, text: str) -> list[str]:
        """The messages that are sent, up to one with `text`."""
        found: list[str] = []

        def has_come() -> bool:
            found.extend(self.messages_sent())
            return any(text in each for each in found)

        self.until(has_come)
        return found

    def messages_sent(self) -> list[str]:
        return [each for each in self.actor.sent() if each.startswith("<message")]


Listens = Callable[..., Ear]


@pytest.fixture
def listens() -> Iterator[Listens]:
    made: list[Ear] = []

    def make(
        answers: Callable[[Element], str | None] = lambda element: None,
        opening_error: TermxmppError | None = None,
        announced: Sequence[str] = (),
        **options: Any,
    ) -> Ear:
        made.append(Ear(ListenOptions(**options), answers, opening_error, announced))
        return made[-1]

    yield make
    for ear in made:
        ear.close()


def test_messages_of_others_are_told_and_ours_are_not(listens: Listens) -> None:
    ear = listens()
    ear.actor.receives(
        message("one"),
        message("mine", sender="alice@example.org/phone"),
        message("two", type="normal"),
        message("three", type="headline"),
    )
    assert ear.texts() == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        (["bob@example.org"], ["bare"]),
        (["bob@example.org/x"], ["bare"]),
        (["bob@example.org/y"], []),
        (["example.org"], ["bare"]),
        (["example.net"], ["other"]),
        (["bob@example.org", "example.net"], ["bare", "other"]),
        (["carol@example.org"], []),
    ],
)
def test_only_those_are_told_who_were_asked_for(
    listens: Listens, sources: Sequence[str], told: list[str]
) -> None:
    ear = listens(sources=tuple(map(Jid.parse, sources)))
    ear.actor.receives(message("bare"), message("other", sender="eve@example.net/x"))
    assert ear.texts() == told
    assert ear.actor.store.untold((), 10) == []


def test_a_receipt_is_given_when_it_is_told_and_not_for_what_is_not(listens: Listens) -> None:
    ear = listens(sources=(BOB,))
    ear.actor.receives(message("one", ASKING), message("two", ASKING, sender="carol@example.org/x"))
    assert ear.texts() == ["one"]
    [receipt] = ear.messages_sent()
    assert 'to="bob@example.org/x"' in receipt
    assert 'id="i-one"' in receipt


def test_nothing_is_received_before_somebody_has_read_it(listens: Listens) -> None:
    ear = listens()
    filling = "x" * 100_000
    ear.actor.receives(message(filling), message("late", ASKING))
    assert ear.messages_sent() == []
    found: list[str] = []
    while "late" not in found:
        found += ear.texts()
    assert found == [filling, "late"]
    assert len(ear.messages_sent()) == 1


def test_what_nobody_may_keep_is_told_all_the_same(listens: Listens) -> None:
    ear = listens()
    ear.actor.receives(message("off the record", "<no-store xmlns='urn:xmpp:hints'/>"))
    assert ear.texts() == ["off the record"]


def test_what_is_kept_nowhere_is_left_out_where_nobody_reads_and_that_is_told(
    listens: Listens,
) -> None:
    ear = listens(as_json=True, tells=frozenset({"presence"}))
    ear.actor.receives(message("x" * 100_000))

    def comes() -> None:
        for number in range(MOST_PASSING + 3):
            ear.actor.server.receives(f"<presence from='bob@example.org/{number}'/>")

    ear.actor.run_now(comes)
    found = ear.objects()
    while len(found) <= MOST_PASSING:
        found += ear.objects()
    assert len(found) == MOST_PASSING + 1
    assert ear.complaints == ["3 lines were left out: standard output was not read."]


def test_receipts_presence_and_own_messages_are_told_if_they_are_wanted(listens: Listens) -> None:
    ear = listens(as_json=True, tells=frozenset({"presence", "receipts", "own"}))
    ear.actor.receives(
        "<presence from='bob@example.org/x'><show>away</show><status>\u202e</status></presence>",
        "<message from='bob@example.org/x' to='alice@example.org'>"
        "<received xmlns='urn:xmpp:receipts' id='m1'/></message>",
        "<message from='alice@example.org' to='alice@example.org/here'>"
        "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<message xmlns='jabber:client' from='alice@example.org/phone' to='carol@example.org'"
        " type='chat' id='c1'><body>on my way</body></message></forwarded></sent></message>",
    )
    presence, receipt, own = ear.objects()
    assert (presence["kind"], presence["show"], presence["status"]) == (
        "presence",
        "away",
        "\u202e",
    )
    assert (receipt["kind"], receipt["id"], receipt["fate"]) == ("receipt", "m1", "received")
    assert (own["kind"], own["own"], own["to"]) == ("message", True, str(CAROL))


def test_an_answer_goes_back_and_is_told_when_it_is_confirmed(listens: Listens) -> None:
    ear = listens(as_json=True, command=("tr", "a-z", "A-Z"), replies=True)
    ear.actor.receives(message("hello"))
    ear.sends("<body>HELLO</body>")
    ear.actor.is_confirmed()
    kinds = [(each["kind"], each.get("fate")) for each in ear.objects()]
    assert kinds == [("message", None), ("exit", None), ("reply", "acknowledged")]


def test_a_refused_answer_is_told_with_the_reason(listens: Listens) -> None:
    ear = listens(command=("cat",), replies=True)
    ear.actor.receives(message("hello"))
    [sent] = ear.sends("hello")
    reply_id = sent.partition('id="')[2].partition('"')[0]
    ear.actor.receives(
        f"<message type='error' from='bob@example.org' id='{reply_id}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
    [complaint] = ear.complaints
    assert complaint.startswith("The answer to bob@example.org was not sent: ")


@pytest.mark.parametrize(
    "stanza",
    [
        message("hello", type="headline"),
        message("hello", sender="alice@example.org/phone"),
        "<message type='error' from='bob@example.org' id='x'><body>hello</body>"
        "<error type='cancel'/></message>",
    ],
)
def test_nobody_answers_headlines_errors_or_himself(listens: Listens, stanza: str) -> None:
    ear = listens(command=("cat",), replies=True)
    ear.actor.receives(stanza, message("after"))
    assert len(ear.sends("after")) == 1


def test_what_fails_or_says_nothing_is_no_answer(listens: Listens) -> None:
    script = "read x; [ $x = fail ] && echo no && exit 1; [ $x = empty ] || echo $x"
    ear = listens(command=("sh", "-c", script), replies=True)
    ear.actor.receives(message("fail"), message("empty"), message("answer"))
    assert len(ear.sends("answer")) == 1
    assert ear.complaints == [
        "The program for a message of bob@example.org/x: it ended with status 1."
    ]


def test_two_bots_do_not_answer_each_other_for_ever(listens: Listens) -> None:
    ear = listens(command=("cat",), replies=True, programs=1)
    for number in range(MANY + 2):
        ear.actor.receives(message(f"m{number}"))
    ear.until(lambda: not ear.actor.store.untold((), 1))
    assert len(ear.messages_sent()) == MANY
    assert len(ear.complaints) == 2
    ear.actor.is_confirmed()


def test_programs_run_at_once_for_several_and_in_order_for_one(
    listens: Listens, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = f"read x; echo +$x >> {log}; sleep 0.2; echo -$x >> {log}"
    ear = listens(command=("sh", "-c", script), programs=2)
    ear.actor.receives(
        message("b1"),
        message("b2"),
        message("c1", sender="carol@example.org/x"),
        message("e1", sender="eve@example.net/x"),
    )
    ear.until(lambda: not ear.actor.store.untold((), 1))
    steps = log.read_text().split()
    running = [0]
    for step in steps:
        running.append(running[-1] + (1 if step[0] == "+" else -1))
    assert max(running) == 2
    assert steps.index("-b1") < steps.index("+b2")
    assert sorted(steps) == sorted(
        f"{sign}{name}" for sign in "+-" for name in ("b1", "b2", "c1", "e1")
    )


def test_who_is_ended_by_us_is_begun_again_next_time(listens: Listens, tmp_path: Path) -> None:
    """Each message is given to a program that could do what it is for."""
    log = tmp_path / "log"
    ear = listens(command=("sh", "-c", f"echo x >> {log}; sleep 1000"))
    ear.actor.receives(message("one"))
    ear.until(log.exists)
    assert isinstance(ear.ends(), asyncio.CancelledError)
    with closing(Store(ear.actor.folder / "alice.sqlite", is_listener=True)) as again:
        assert [each.text for _, each in again.untold((), 10)] == ["one"]


def is_room(element: Element) -> str | None:
    """What the club says of itself."""
    if element.get("to") != str(CLUB) or "disco#info" not in as_text(element):
        return None
    return (
        f"<iq type='result' id='{element.get('id')}' from='{CLUB}'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'>"
        "<identity category='conference' type='text'/></query></iq>"
    )


def test_a_room_is_entered_and_what_it_tells_of_old_times_is_no_news(listens: Listens) -> None:
    ear = listens(answers=is_room, sources=(CLUB, BOB), command=("cat",), replies=True, nick="bot")
    assert [each for each in ear.actor.sent() if f'to="{CLUB}/bot"' in each]
    ear.actor.receives(
        here("bob"),
        here("bot", 110),
        said("bob", "old", "m1", stamp="2025-01-01T00:00:00Z"),
        subject(""),
        said("bob", "new", "m2"),
    )
    [reply] = ear.sends("new")
    assert f'to="{CLUB}"' in reply
    assert "groupchat" in reply
    reply_id = reply.partition('id="')[2].partition('"')[0]
    ear.actor.receives(said("bot", "new", reply_id))


def refusal(element: Element, condition: str) -> str | None:
    """The club, or its server, has nothing to say of itself."""
    if element.get("to") != str(CLUB):
        return None
    return (
        f"<iq type='error' id='{element.get('id')}' from='{CLUB}'><error type='cancel'>"
        f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("service-unavailable", []),
        ("item-not-found", [f"There is no room {CLUB}."]),
        ("remote-server-timeout", [f"{CLUB} does not answer; it is asked again."]),
    ],
)
def test_what_is_no_room_is_not_made_and_what_may_be_one_is_asked_again(
    listens: Listens, condition: str, told: list[str]
) -> None:
    ear = listens(answers=lambda element: refusal(element, condition), sources=(CLUB,))
    assert ear.complaints == told
    assert not [each for each in ear.actor.sent() if f'to="{CLUB}/' in each]


def test_what_was_missed_and_can_not_be_had_is_told(listens: Listens) -> None:
    def answers(element: Element) -> str | None:
        if "urn:xmpp:mam:2" not in as_text(element):
            return None
        return (
            f"<iq type='error' id='{element.get('id')}'><error type='auth'>"
            "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )

    ear = listens(answers=answers, announced=("urn:xmpp:mam:2",))
    [complaint] = ear.complaints
    assert complaint.startswith("The archive can't be read, so what is missed is not told: ")
    ear.actor.receives(message("live"))
    assert ear.texts() == ["live"]


def test_a_room_that_does_not_let_one_in_is_told(listens: Listens) -> None:
    ear = listens(answers=is_room, sources=(CLUB,))
    ear.actor.receives(
        f"<presence type='error' from='{CLUB}/alice'><error type='auth'>"
        "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
    assert len(ear.complaints) == 1
    assert str(CLUB) in ear.complaints[0]


@pytest.mark.parametrize(
    "error", [ConnectionFailed("Nobody answers."), LoginRefused("The password is wrong.")]
)
def test_who_does_not_come_online_at_first_says_why(listens: Listens, error: TermxmppError) -> None:
    ear = listens(opening_error=error)
    assert ear.outcome() is error
    assert ear.complaints == []


def test_a_link_that_breaks_is_told_and_comes_back(listens: Listens) -> None:
    ear = listens()
    ear.actor.loses_the_link(ConnectionFailed("The connection broke."))
    assert ear.complaints == ["The connection broke."]
    ear.actor.goes_online()
    ear.actor.receives(message("after"))
    assert ear.texts() == ["after"]


def test_one_that_will_not_come_back_ends_it(listens: Listens) -> None:
    ear = listens()
    refused = RemoteError("Another client has taken the place.", "conflict")
    ear.actor.loses_the_link(refused)
    assert ear.outcome() is refused
