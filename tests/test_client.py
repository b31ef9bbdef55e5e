"""The life of a link: when one connects again, how long it waits, and when it stops."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from termxmpp.client import LONGEST_DELAY, Client, World
from termxmpp.core.events import Event, LinkChanged
from termxmpp.core.link import Link, Phase
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    TermxmppError,
)
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.connection import Opened
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import Outgoing
from termxmpp.xmpp.stream_management import StreamManagement
from tests.support.harness import ALICE, Actor

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

    def connect_by(processor: Processor, management: StreamManagement, client: Client) -> NoServer:
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
        alice.run_now(alice.client.traffic, element, True)
        shown = [text for text in alice.told() if text == 'out <message id="x"/>']
        assert len(shown) == count


def test_a_stanza_can_be_sent_as_it_is_typed(alice: Actor) -> None:
    alice.types("/xml send <message to='bob@example.org'><body>raw</body></message>")
    [stanza] = alice.sent()
    assert "<body>raw</body>" in stanza
    alice.types("/xml send <message")
    assert "no well-formed XML" in alice.workspace.problem
