"""Dispatch: no handler and no stanza can end anything but itself."""

from __future__ import annotations

import pytest

from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed, RemoteError, TermxmppError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.disco import DiscoPayload
from termxmpp.xmpp.hooks import StanzaHandler, on_iq_get, on_message
from termxmpp.xmpp.ping import PingPayload
from termxmpp.xmpp.processor import Processor
from termxmpp.xmpp.stanzas import IncomingIq, IncomingMessage, from_xml
from tests.support.harness import BOB, Actor

BODY = "<message from='bob@example.org/x' type='chat'><body>hello</body></message>"


class First(StanzaHandler):
    """Fails on every message and every ping."""

    @on_message("chat")
    def fail(self, message: IncomingMessage) -> bool:
        raise ZeroDivisionError("planted")

    @on_iq_get(PingPayload)
    def answer(self, iq: IncomingIq) -> None:
        raise ZeroDivisionError("planted")


class Second(StanzaHandler):
    """Takes what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[str | None] = []

    @on_message()
    def take(self, message: IncomingMessage) -> bool:
        self.bodies.append(message.body)
        return True


def test_a_handler_that_fails_is_told_and_the_next_is_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []
    second = Second()
    processor = Processor([First(), second], told.append)
    processor.bound(Jid.parse("alice@example.org/here"), Jid.parse("example.org"))
    processor.process_stanza(from_xml(BODY, id="1"))
    assert second.bodies == ["hello"]
    assert "a bug of termxmpp" in told[0]
    assert "planted" in caplog.text


def test_an_iq_that_can_not_be_handled_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    processor = Processor([First()], told.append)
    processor.bound(Jid.parse("alice@example.org/here"), Jid.parse("example.org"))
    ping = "<iq type='get' from='x@y' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    processor.process_stanza(from_xml(ping, id="1"))
    assert "a bug of termxmpp" in told[0]


class Closed:
    """A stream that has ended."""

    def send(self, stanza: object) -> None:
        raise ConnectionFailed("The connection is closed.")


def test_an_answer_that_can_not_be_sent_any_more_is_no_bug() -> None:
    told: list[str] = []
    processor = Processor([], told.append)
    processor.bound(Jid.parse("alice@example.org/here"), Jid.parse("example.org"))
    processor.uplink = Closed()
    ping = "<iq type='get' from='x@y' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"
    assert not processor.process_stanza(from_xml(ping, id="1"))
    assert told == []


def test_what_nobody_knows_is_answered_as_unknown(alice: Actor) -> None:
    """RFC 6120 §8.4."""
    alice.receives("<iq type='get' id='q' from='bob@example.org/x'><what xmlns='urn:what'/></iq>")
    [answer] = alice.sent()
    assert 'type="error"' in answer
    assert "service-unavailable" in answer or "feature-not-implemented" in answer


@pytest.mark.parametrize("kind", ["result", "error"])
def test_an_answer_that_nobody_asked_for_is_nothing(alice: Actor, kind: str) -> None:
    alice.receives(f"<iq type='{kind}' id='nobody' from='bob@example.org/x'/>")
    assert alice.sent() == []
    assert alice.events == []


@pytest.mark.parametrize(
    ("asked", "says", "is_answer"),
    [
        ("alice@example.org", "", True),
        ("alice@example.org", "from='alice@example.org'", True),
        ("alice@example.org", "from='mallory@example.com'", False),
        ("bob@example.org/x", "", False),
        ("bob@example.org/x", "from='bob@example.org/x'", True),
    ],
)
def test_an_answer_that_names_nobody_is_our_accounts_own(
    alice: Actor, asked: str, says: str, is_answer: bool
) -> None:
    """RFC 6120 §10.3.3: the server answers for it."""
    alice.types(f"/ping {asked}")
    [question] = alice.server.sent
    alice.receives(f"<iq type='result' id='{question.get('id')}' {says}/>")
    assert bool(alice.told()) is is_answer


def test_without_a_stream_nothing_is_waited_for() -> None:
    async def main(mainloop: EpollMainLoop) -> int:
        processor = Processor()
        processor.unbound(None)
        return len(processor._waiting)

    assert run(main) == 0


def test_the_end_of_the_stream_is_no_answer(alice: Actor) -> None:
    """Whatever the server has ended it by: what was asked may be asked again."""
    alice.answers = lambda element: ""
    asked: list[Exception] = []

    async def ask() -> None:
        try:
            await alice.client.get(BOB, DiscoPayload())
        except TermxmppError as error:
            asked.append(error)

    alice.run_now(alice.client.spawn, ask())
    alice.loses_the_link(RemoteError("The server is shut down.", "system-shutdown"))
    [error] = asked
    assert isinstance(error, ConnectionFailed)
    assert "shut down" in str(error)
