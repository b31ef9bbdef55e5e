"""The life of a link: when one connects again, how long it waits, and when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from termxmpp.client import Client, World
from termxmpp.core.events import Event, LinkChanged, NoticeGiven
from termxmpp.core.link import Link, Phase
from termxmpp.core.message import Notice
from termxmpp.core.roster import Availability
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    TermxmppError,
)
from termxmpp.feature import Feature, Handler
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.store.unstored import Unstored
from termxmpp.uplink import LAST_PROOF, LONGEST_DELAY, PATIENCE, SUSPICION
from termxmpp.xmpp.connection import ConnectionObserver, Opened
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import Outgoing, as_text
from termxmpp.xmpp.stream_management import StreamManagement
from tests.support.harness import ALICE, BOB, NOON, Actor

REFUSED = ConnectionFailed("Nobody answers.")


class NoServer:
    """A server that can't be reached."""

    def __init__(self, error: TermxmppError) -> None:
        self._error = error

    async def open(self) -> Opened:
        raise self._error

    @property
    def heard_at(self) -> float:
        raise AssertionError("never open")

    def send_element(self, element: Element) -> None:
        raise AssertionError("never open")

    def send(self, stanza: Outgoing) -> None:
        raise AssertionError("never open")

    def flush(self) -> None:
        raise AssertionError("never open")

    async def prove(self, timeout: float) -> None:
        raise AssertionError("never open")

    async def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


def delays(tries: int, error: TermxmppError = REFUSED) -> list[float]:
    """The first delays of a client whose server can't be reached; each is skipped by hand."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found: list[float] = []

    def connect_by(
        processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> NoServer:
        return NoServer(error)

    async def main(mainloop: EpollMainLoop) -> None:
        is_enough = asyncio.Event()
        client = Client(ALICE, connect_by, (), world=World(lambda: now, jitter=lambda: 1.0))

        def watch(client: Client, event: Event) -> None:
            if isinstance(event, LinkChanged) and event.link.retry_at is not None:
                found.append((event.link.retry_at - now) / timedelta(seconds=1))
                asyncio.get_running_loop().call_soon(client.connect)
                if len(found) == tries:
                    is_enough.set()

        client.observers.append(watch)
        client.connect()
        await is_enough.wait()
        await client.close()

    run(main)
    return found[:tries]


def test_the_delays_double_up_to_five_minutes() -> None:
    """And /connect does not wait for them: each was skipped here."""
    assert delays(11) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert LONGEST_DELAY == 300


@pytest.mark.parametrize(
    "error",
    [
        LoginRefused("wrong password", "not-authorized"),
        CertificateError("expired"),
        RemoteError("another client", "conflict"),
        RemoteError("not served here", "host-unknown"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(error: TermxmppError) -> None:
    actor = Actor()
    actor.opening_error = error
    actor.goes_online()
    assert actor.client.state.link == Link(Phase.REFUSED, problem=str(error))
    assert len(actor.servers) == 1
    actor.opening_error = None
    actor.goes_online()
    assert actor.client.state.link.phase is Phase.ONLINE
    actor.close()


@pytest.mark.parametrize("error", [REFUSED, RemoteError("TLS failed"), None])
def test_a_link_that_is_lost_comes_back(alice: Actor, error: TermxmppError | None) -> None:
    alice.loses_the_link(error)
    link = alice.client.state.link
    assert link.phase is Phase.RECONNECTING
    assert link.words == "reconnecting at 12:00:01"
    assert link.problem
    alice.goes_online()
    assert alice.client.state.link == Link(Phase.ONLINE)


def test_after_a_link_that_stood_the_delays_begin_anew(alice: Actor) -> None:
    for _ in range(3):
        alice.loses_the_link(REFUSED)
        assert alice.client.state.link.words == "reconnecting at 12:00:01"
        alice.goes_online()


def test_disconnecting_says_good_bye_and_stays_offline(alice: Actor) -> None:
    server = alice.server
    alice.types("/disconnect")
    assert alice.sent() == ['<presence type="unavailable"/>']
    assert alice.client.state.link == Link(Phase.OFFLINE)
    assert len(alice.servers) == 1
    assert server.is_closed
    alice.types("/connect")
    assert alice.client.state.link.phase is Phase.ONLINE


def test_connecting_twice_is_connecting_once(alice: Actor) -> None:
    alice.goes_online()
    assert len(alice.servers) == 1


def test_a_question_that_is_open_when_the_link_breaks_is_answered_with_that(alice: Actor) -> None:
    alice.types("/ping bob@example.org/desk")
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    assert any("The connection broke." in text for text in alice.told())


def test_a_late_word_of_the_server_still_counts(alice: Actor) -> None:
    """What was told to be unproven was not told to be lost."""
    alice.types("/msg bob@example.org hello")
    alice.loses_the_link()
    alice.goes_online()
    assert "may not have arrived" in " ".join(" ".join(alice.lines()).split())
    alice.run_now(alice.client._outbox.acknowledged, ["id1"])
    assert alice.lines()[-1] == "12:00 you      hello ✓"


def test_the_xml_console_shows_what_passes_while_it_is_on(alice: Actor) -> None:
    element = ElementTree.fromstring("<message xmlns='jabber:client' id='x'/>")
    for line, count in [("", 0), ("/xml on", 1), ("/xml off", 1)]:
        if line:
            alice.types(line)
        alice.run_now(alice.client.link.traffic, element, True)
        shown = [text for text in alice.told() if text == 'out  <message id="x"/>']
        assert len(shown) == count


def test_a_stanza_can_be_sent_as_it_is_typed(alice: Actor) -> None:
    alice.types("/xml send <message to='bob@example.org'><body>raw</body></message>")
    [stanza] = alice.sent()
    assert "<body>raw</body>" in stanza
    alice.types("/xml send <message")
    assert "no well-formed XML" in alice.workspace.problem


# What happens, in its order.


class Witness(Unstored):
    """Records that note when they are asked, and say what is news."""

    def __init__(self, ledger: list[str]) -> None:
        super().__init__()
        self._ledger = ledger
        self.news: list[Event] | None = None

    def record(self, event: Event) -> Sequence[Event]:
        self._ledger.append("records")
        return super().record(event) if self.news is None else self.news


def unconnected(records: Witness, *handlers: type[Handler]) -> Client:
    def connect_by(
        processor: Processor, management: StreamManagement, observer: ConnectionObserver
    ) -> NoServer:
        return NoServer(REFUSED)

    features = [Feature("XEP-0000", "Test", handler=handler) for handler in handlers]
    return Client(ALICE, connect_by, features, records=records)


def notice(text: str) -> NoticeGiven:
    return NoticeGiven(Notice(text, NOON))


def test_what_happens_is_recorded_then_changes_the_state_then_is_told() -> None:
    ledger: list[str] = []

    class Watching(Handler):
        def happened(self, event: Event) -> None:
            ledger.append(f"handler {len(self.ctx.state.console.entries)}")

    client = unconnected(Witness(ledger), Watching)
    client.observers += [
        lambda client, event: ledger.append(f"first {len(client.state.console.entries)}"),
        lambda client, event: ledger.append(f"second {len(client.state.console.entries)}"),
    ]
    client.emit(notice("hello"))
    assert ledger == ["records", "handler 1", "first 1", "second 1"]


def test_what_the_records_know_already_happens_to_nobody() -> None:
    records = Witness([])
    records.news = []
    client = unconnected(records)
    told: list[Event] = []
    client.observers.append(lambda client, event: told.append(event))
    client.emit(notice("hello"))
    assert (told, client.state.console.entries) == ([], [])


def test_what_the_records_make_of_it_happens_one_after_the_other() -> None:
    records = Witness([])
    records.news = [notice("one"), notice("two")]
    client = unconnected(records)
    told: list[tuple[Event, int]] = []
    client.observers.append(
        lambda client, event: told.append((event, len(client.state.console.entries)))
    )
    client.emit(notice("hello"))
    assert told == [(records.news[0], 1), (records.news[1], 2)]


# Leaving.


def phases(alice: Actor) -> list[Phase]:
    return [event.link.phase for event in alice.events if isinstance(event, LinkChanged)]


def test_leaving_is_told_as_that_and_nothing_else(alice: Actor) -> None:
    """The server's end of the stream, which is the answer to ours, is no loss of the link."""
    alice.types("/disconnect")
    assert phases(alice) == [Phase.OFFLINE]


def test_a_session_is_left_when_the_server_has_everything(alices: Callable[..., Actor]) -> None:
    alice = alices(has_management=True)
    alice.types("/msg bob@example.org hello")
    alice.sent()
    alice.types("/disconnect")
    assert alice.server.proofs[-1] == LAST_PROOF
    assert alice.sent() == []
    alice.is_confirmed()
    assert alice.sent() == ['<presence type="unavailable"/>']
    assert not alice.client.link.management.can_resume
    assert phases(alice)[-1] is Phase.OFFLINE


def test_where_all_is_confirmed_leaving_waits_for_nothing(alices: Callable[..., Actor]) -> None:
    alice = alices(has_management=True)
    alice.is_confirmed()
    alice.forgets()
    alice.server.proofs.clear()
    alice.types("/disconnect")
    assert alice.server.proofs == []
    assert alice.sent() == ['<presence type="unavailable"/>']


def test_a_session_in_which_something_is_unconfirmed_is_kept(alices: Callable[..., Actor]) -> None:
    """As it is: who goes on with it has not been away, and has missed nothing."""
    alice = alices(has_management=True)
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.is_confirmed()
    alice.server.is_deaf = True
    alice.types("/msg bob@example.org hello")
    alice.types("/disconnect")
    alice.run_now(alice.server.is_silent)
    assert alice.client.state.link == Link(Phase.OFFLINE)
    assert alice.lines()[-1] == "12:00 you      hello ·"
    alice.types("/connect")
    [stanza] = [stanza for stanza in alice.sent() if stanza.startswith("<message")]
    assert "<body>hello</body>" in stanza
    alice.is_confirmed()
    assert alice.lines()[-1] == "12:00 you      hello ✓"
    assert alice.client.state.presence_of(BOB).availability is Availability.ONLINE


def test_it_is_kept_for_the_next_run_too(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = alices(tmp_path, has_management=True)
    alice.is_confirmed()
    alice.server.is_deaf = True
    alice.types("/msg bob@example.org hello")
    alice.types("/disconnect")
    alice.run_now(alice.server.is_silent)
    alice.close()
    later = alices(tmp_path, has_management=True, session=alice.session)
    [message] = [stanza for stanza in later.sent(is_whole=True) if stanza.startswith("<message")]
    assert "<body>hello</body>" in message
    assert "urn:xmpp:delay" not in message
    later.looks_at(BOB)
    later.is_confirmed()
    assert later.lines()[-1] == "12:00 you      hello ✓"


def test_who_comes_back_while_leaving_comes_back(alices: Callable[..., Actor]) -> None:
    alice = alices(has_management=True)
    alice.types("/msg bob@example.org hello")
    alice.types("/disconnect")
    alice.types("/connect")
    assert len(alice.servers) == 1
    alice.is_confirmed()
    assert phases(alice)[-1] is Phase.ONLINE
    assert len(alice.servers) == 2
    alice.types("still here")
    assert "<body>still here</body>" in alice.sent()[-1]


# Signs of life.


def test_after_long_silence_the_server_is_asked_whether_it_is_there(
    alices: Callable[..., Actor],
) -> None:
    alice = alices(ping_interval=0.01)
    server = alice.server
    server.proofs.clear()
    server.is_asked.clear()
    server.silence = 1.0
    alice.run(server.is_asked.wait)
    assert server.proofs == [PATIENCE]
    alice.run_now(server.is_silent)
    assert len(alice.servers) == 2
    assert alice.client.state.link.phase is Phase.ONLINE


def test_who_is_heard_is_not_asked(alices: Callable[..., Actor]) -> None:
    alice = alices(ping_interval=0.01)
    alice.server.proofs.clear()
    alice.run(lambda: asyncio.sleep(0.05))
    assert alice.server.proofs == []


def test_an_interval_of_zero_asks_never(alices: Callable[..., Actor]) -> None:
    alice = alices(ping_interval=0)
    alice.run(lambda: asyncio.sleep(0.05))
    assert PATIENCE not in alice.server.proofs
    assert not alice.client.link.uplink.listens_to_silence


def test_after_a_change_of_the_world_the_link_is_proven(alice: Actor) -> None:
    alice.run_now(alice.client.world_changed)
    assert alice.server.proofs == [SUSPICION]
    alice.is_confirmed()
    assert len(alice.servers) == 1
    assert phases(alice) == []


def test_or_it_is_replaced_at_once(alice: Actor) -> None:
    alice.run_now(alice.client.world_changed)
    alice.run_now(alice.server.is_silent)
    assert len(alice.servers) == 2
    assert alice.client.state.link.phase is Phase.ONLINE
    assert alice.servers[0].is_closed
    [lost] = [e.link for e in alice.events if isinstance(e, LinkChanged) if e.link.problem]
    assert lost.problem == "The server gave no sign of life for 3 s."


def test_a_late_silence_of_a_link_that_is_gone_ends_no_other(alice: Actor) -> None:
    alice.run_now(alice.client.world_changed)
    proof, alice.server._proof = alice.server._proof, None
    assert proof is not None
    alice.loses_the_link(REFUSED)
    alice.goes_online()
    alice.run_now(proof.set_exception, RemoteError("The server did not confirm in time."))
    assert len(alice.servers) == 2
    assert phases(alice)[-1] is Phase.ONLINE


def test_a_change_of_the_world_ends_the_waiting(alice: Actor) -> None:
    alice.opening_error = REFUSED
    alice.loses_the_link(REFUSED)
    for _ in range(3):
        alice.goes_online()
    assert alice.client.state.link.words == "reconnecting at 12:00:08"
    alice.run_now(alice.client.world_changed)
    assert len(alice.servers) == 5
    assert alice.client.state.link.words == "reconnecting at 12:00:01"
    alice.opening_error = None
    alice.run_now(alice.client.world_changed)
    assert alice.client.state.link.phase is Phase.ONLINE


def test_who_wants_to_be_offline_stays_so_whatever_changes(alice: Actor) -> None:
    alice.types("/disconnect")
    alice.run_now(alice.client.world_changed)
    alice.run_now(alice.client.link_is_dead, "No sign of life.")
    assert len(alice.servers) == 1
    assert alice.client.state.link == Link(Phase.OFFLINE)


def test_a_way_that_hangs_is_left_when_the_world_changes() -> None:
    class Hanging(NoServer):
        """A server that never says anything."""

        async def open(self) -> Opened:
            await asyncio.get_running_loop().create_future()
            raise AssertionError("never open")

    async def main(mainloop: EpollMainLoop) -> int:
        tried: list[Hanging] = []
        is_tried = asyncio.Event()

        def connect_by(
            processor: Processor, management: StreamManagement, observer: ConnectionObserver
        ) -> Hanging:
            tried.append(Hanging(REFUSED))
            is_tried.set()
            return tried[-1]

        client = Client(ALICE, connect_by, (), world=World(jitter=lambda: 1.0))
        client.connect()
        await is_tried.wait()
        is_tried.clear()
        client.world_changed()
        await is_tried.wait()
        await client.close()
        return len(tried)

    assert run(main) == 2


@pytest.mark.parametrize(
    "condition", ["conflict", "host-unknown", "not-authorized", "policy-violation"]
)
def test_who_was_sent_away_does_not_come_back_by_itself(alice: Actor, condition: str) -> None:
    """Two clients of one resource would throw each other out for ever (RFC 6120 §4.9.3.3)."""
    alice.loses_the_link(RemoteError("Go away.", condition))
    assert alice.client.state.link == Link(Phase.REFUSED, problem="Go away.")
    alice.run_now(alice.client.world_changed)
    alice.run_now(alice.client.link_is_dead, "No sign of life.")
    assert len(alice.servers) == 1
    alice.types("/connect")
    assert alice.client.state.link.phase is Phase.ONLINE


def test_an_end_along_with_the_answer_is_no_beginning() -> None:
    class Brief(NoServer):
        """A server that lets in and out in one breath."""

        async def open(self) -> Opened:
            opened = Opened(ALICE.with_resource("here"))
            client.link.bound(opened)
            client.link.lost(REFUSED)
            return opened

    steps: list[Link] = []

    async def main(mainloop: EpollMainLoop) -> None:
        is_over = asyncio.Event()

        def watch(client: Client, event: Event) -> None:
            if isinstance(event, LinkChanged):
                steps.append(event.link)
                if event.link.phase is Phase.RECONNECTING:
                    is_over.set()

        client.observers.append(watch)
        client.connect()
        await is_over.wait()
        await client.close()

    client = Client(ALICE, lambda processor, management, client: Brief(REFUSED), ())
    run(main)
    assert [link.step for link in steps] == ["resolving", "", ""]


def test_a_link_that_breaks_before_all_is_fetched_was_never_online(alice: Actor) -> None:
    alice.loses_the_link(REFUSED)
    alice.types("/msg bob@example.org hello")
    alice.answers = lambda iq: "" if "jabber:iq:roster" in as_text(iq) else None
    alice.goes_online()
    alice.forgets()
    alice.loses_the_link(REFUSED)
    assert phases(alice) == [Phase.RECONNECTING]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_receipt_that_a_lost_session_leaves_behind_is_given_once_in_the_next(
    alices: Callable[..., Actor], tmp_path: Path, is_restarted: bool
) -> None:
    """Answers to questions are left behind: who asked them in that session asks again."""
    alice = alices(tmp_path, has_management=True)
    alice.is_confirmed()
    alice.server.is_deaf = True
    alice.receives(
        "<message from='bob@example.org/desk' type='chat' id='b1'><body>there?</body>"
        "<request xmlns='urn:xmpp:receipts'/></message>",
        "<iq type='get' id='q1' from='bob@example.org/desk'><ping xmlns='urn:xmpp:ping'/></iq>",
    )
    alice.session.is_over = True
    if is_restarted:
        alice.is_killed()
        alice = alices(tmp_path, has_management=True, session=alice.session)
    else:
        alice.loses_the_link(ConnectionFailed("cut"))
        alice.types("/connect")
    sent = alice.sent()
    assert [stanza.count('id="b1"') for stanza in sent if "<received" in stanza] == [1]
    assert not any("q1" in stanza for stanza in sent)
    alice.session.is_over = True
    alice.loses_the_link(ConnectionFailed("cut"))
    alice.types("/connect")
    assert not any("<received" in stanza for stanza in alice.sent())
