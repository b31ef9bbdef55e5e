"""The log-in with the session along: what is asked for, what comes of it, and what if not.

The servers are scripts by the rules of XEP-0388, XEP-0386 and XEP-0484, since no server of
Debian 12 goes on with a session along with the log-in; `integration/test_login.py` has a real
one for the rest.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.core.session import Token
from termxmpp.errors import ConnectionFailed, LoginRefused
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import Opened, Timeouts
from termxmpp.xmpp.hooks import StanzaHandler, on_message
from termxmpp.xmpp.stanzas import IncomingMessage
from termxmpp.xmpp.tls import end_point_binding
from tests.support.authority import Authority, Identity
from tests.support.peer import BIND, Peer, Script, mechanisms, serve
from tests.support.proxy import FaultProxy
from tests.support.trial import ALICE, Trial, attempt

SASL2 = "urn:xmpp:sasl:2"
BIND2 = "urn:xmpp:bind:0"
FAST = "urn:xmpp:fast:0"
SM = "urn:xmpp:sm:3"
CARBONS = "urn:xmpp:carbons:2"

SM_FEATURE = f"<sm xmlns='{SM}'/>"
BOUND_FEATURES = f"<feature var='{CARBONS}'/><feature var='{SM}'/>"
BIND_INLINE = f"<bind xmlns='{BIND2}'><inline>{BOUND_FEATURES}</inline></bind>"
IDENTIFIER = "<authorization-identifier>alice@localhost/termxmpp.1</authorization-identifier>"
ENABLED = f"<enabled xmlns='{SM}' id='one' resume='true'/>"
BIND_FEATURE = f"<bind {BIND}/>"
AFTER = f"<stream:features>{BIND_FEATURE}{SM_FEATURE}</stream:features>"
AFTER_WITHOUT_SM = f"<stream:features>{BIND_FEATURE}</stream:features>"

NEXT_YEAR = datetime.now(UTC) + timedelta(365)


HEAD = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='one' from='localhost' "
    "version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>"
)


def offer(*inline: str, tokens: tuple[str, ...] = ()) -> str:
    """The feature that offers this profile, with PLAIN, and the classic one."""
    fast = "".join(f"<mechanism>{name}</mechanism>" for name in tokens)
    fast = f"<fast xmlns='{FAST}'>{fast}</fast>" if tokens else ""
    return (
        f"{mechanisms('PLAIN')}<authentication xmlns='{SASL2}'><mechanism>PLAIN</mechanism>"
        f"<inline>{''.join(inline)}{fast}</inline></authentication>"
    )


def success(*children: str, data: bytes | None = None) -> str:
    proof = f"<additional-data>{encoded(data)}</additional-data>" if data is not None else ""
    return f"<success xmlns='{SASL2}'>{proof}{''.join(children)}</success>"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def asked(peer: Peer) -> Element:
    """The client's `<authenticate/>`."""
    text = await peer.hears("<[^>]*authenticate .*</[^>]*authenticate>")
    prefixes = set(re.findall(r"<(ns\d+):", text))
    declared = "".join(f" xmlns:{prefix}='{SASL2}'" for prefix in prefixes if prefix not in text)
    return ElementTree.fromstring(f"<x{declared}>{text}</x>")[0]


def play(
    authority: Authority,
    script: Script,
    scenario: Callable[[Trial, Callable[[], Awaitable[Opened]]], Awaitable[Any]],
) -> Any:
    """Run `scenario` with a function that opens a connection to `script`."""

    async def main(trial: Trial, stack: AsyncExitStack) -> Any:
        served = await stack.enter_async_context(serve(script))
        trial.timeouts = Timeouts(login=2.0)

        async def opens() -> Opened:
            connection = trial.use(served)
            stack.callback(connection.abort)
            return await connection.open()

        try:
            return await scenario(trial, opens)
        finally:
            # What went wrong there comes before what came of it here.
            if served.errors:
                raise served.errors[0]

    return attempt(authority, main)


def test_a_resource_is_bound_with_carbons_and_a_session_in_one_answer(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE))
        element = await asked(peer)
        assert element.get("mechanism") == "PLAIN"
        first = element.findtext(f"{{{SASL2}}}initial-response") or ""
        assert base64.b64decode(first) == b"\0alice\0wonder"
        agent = element.find(f"{{{SASL2}}}user-agent")
        assert agent is not None
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}", agent.get("id", ""))
        bind = element.find(f"{{{BIND2}}}bind")
        assert bind is not None
        assert bind.findtext(f"{{{BIND2}}}tag") == "termxmpp"
        assert {each.tag for each in bind[1:]} == {f"{{{CARBONS}}}enable", f"{{{SM}}}enable"}
        peer.say(success(IDENTIFIER, f"<bound xmlns='{BIND2}'>{ENABLED}</bound>") + AFTER)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        opened = await opens()
        assert opened.jid == ALICE.with_resource("termxmpp.1")
        assert not opened.is_resumed
        assert opened.enabled == {CARBONS}
        assert f"{{{SM}}}sm" in opened.features
        assert trial.management.is_enabled
        assert trial.management.can_resume

    play(authority, host, scenario)


class Listener(StanzaHandler):
    """Notes the messages that come."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str | None] = []

    @on_message()
    def receive(self, message: IncomingMessage) -> bool:
        self.heard.append(message.body)
        return True


def test_what_comes_in_one_breath_with_the_answer_belongs_to_the_session(
    authority: Authority, identity: Identity
) -> None:
    """Stanzas may stand between the answer and the features; they are handled and counted."""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE))
        await asked(peer)
        said = "<message from='bob@localhost/x' type='chat'><body>early</body></message>"
        bound = success(IDENTIFIER, f"<bound xmlns='{BIND2}'>{ENABLED}</bound>")
        peer.say(f"{bound}{said}{AFTER}<r xmlns='{SM}'/>")
        assert "h='1'" in (await peer.hears("<[^>]*a [^>]*/>")).replace('"', "'")
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        listener = Listener()
        trial.processor.handlers.append(listener)
        trial.watcher.bound = lambda opened: trial.processor.bound(opened.jid, Jid("", "localhost"))  # type: ignore[method-assign]  # its own watcher
        await opens()
        assert listener.heard == ["early"]

    play(authority, host, scenario)


def test_a_resource_of_the_users_own_is_bound_classically(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE))
        element = await asked(peer)
        assert element.find(f"{{{BIND2}}}bind") is None
        peer.say(success("<authorization-identifier>alice@localhost</authorization-identifier>"))
        peer.say(AFTER)
        await peer.hears("resource>mine</.*</[^>]*iq>")
        peer.say(
            f"<iq type='result' id='bind'><bind {BIND}><jid>alice@localhost/mine</jid></bind></iq>"
        )
        await peer.hears("<[^>]*enable[^>]*>")
        peer.say(ENABLED)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.jid = ALICE.with_resource("mine")
        opened = await opens()
        assert opened.jid == trial.jid
        assert opened.enabled == set()
        assert trial.management.can_resume

    play(authority, host, scenario)


async def begins_a_session(peer: Peer, identity: Identity, *more: str) -> None:
    """A log-in that begins the session `one`."""
    await peer.secures(identity.context())
    await peer.opens(offer(BIND_INLINE, SM_FEATURE, tokens=("HT-SHA-256-NONE",)))
    await asked(peer)
    peer.say(success(IDENTIFIER, f"<bound xmlns='{BIND2}'>{ENABLED}</bound>", *more) + AFTER)


def token_element(secret: str, expires_at: datetime = NEXT_YEAR) -> str:
    return f"<token xmlns='{FAST}' token='{secret}' expiry='{expires_at.isoformat()}'/>"


def test_a_session_goes_on_in_two_round_trips_behind_tls(
    authority: Authority, identity: Identity
) -> None:
    """By a token and with resumption along; counted by a proxy in between."""
    peers: list[Peer] = []
    is_sent_again = asyncio.Event()

    async def host(peer: Peer) -> None:
        peers.append(peer)
        if len(peers) == 1:
            await begins_a_session(peer, identity, token_element("secret"))
            await peer.hears("</[^>]*message>")
            return
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE, tokens=("HT-SHA-256-NONE",)))
        element = await asked(peer)
        assert element.get("mechanism") == "HT-SHA-256-NONE"
        first = base64.b64decode(element.findtext(f"{{{SASL2}}}initial-response") or "")
        assert first == b"alice\0" + hmac.digest(b"secret", b"Initiator", "sha256")
        assert element.find(f"{{{FAST}}}fast") is not None
        assert element.find(f"{{{FAST}}}request-token") is None
        resume = element.find(f"{{{SM}}}resume")
        assert resume is not None
        assert (resume.get("previd"), resume.get("h")) == ("one", "0")
        proof = hmac.digest(b"secret", b"Responder", "sha256")
        resumed = f"<resumed xmlns='{SM}' previd='one' h='0'/>"
        peer.say(success(IDENTIFIER, resumed, data=proof) + AFTER)
        await peer.hears("<[^>]*message[^>]*id=.m1.")
        is_sent_again.set()
        await peer.hears_the_end()

    async def main(trial: Trial, stack: AsyncExitStack) -> None:
        served = await stack.enter_async_context(serve(host))
        proxy = await stack.enter_async_context(FaultProxy("127.0.0.1", served.port))
        served.port = proxy.port
        first = trial.use(served)
        await first.open()
        first.send(stanzas.message(Jid.parse("bob@localhost"), "hello", id="m1"))
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        second = trial.use(served)
        opened = await second.open()
        assert opened.is_resumed
        assert opened.jid == ALICE.with_resource("termxmpp.1")
        # Head, STARTTLS and the handshake are three; then the features, then the answer.
        ways = [way for way, _ in proxy.flights]
        assert ways[: 2 * 5] == ["up", "down"] * 5
        assert trial.management.unacknowledged == ["m1"]
        async with asyncio.timeout(5):
            await is_sent_again.wait()
        assert proxy.round_trips == 5
        second.abort()
        assert served.errors == []

    attempt(authority, main)


@pytest.mark.parametrize("handled", [0, 1])
def test_a_session_that_is_over_leads_to_a_new_one_in_the_same_answer(
    authority: Authority, identity: Identity, handled: int
) -> None:
    """What the server had handled of it is still told (XEP-0198 §5)."""
    peers: list[Peer] = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        if len(peers) == 1:
            await begins_a_session(peer, identity)
            await peer.hears("</[^>]*message>")
            return
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE))
        element = await asked(peer)
        assert element.find(f"{{{BIND2}}}bind") is not None
        failed = f"<failed xmlns='{SM}' h='{handled}'><item-not-found/></failed>"
        again = f"<bound xmlns='{BIND2}'>{ENABLED.replace('one', 'two')}</bound>"
        peer.say(success(IDENTIFIER, failed, again) + AFTER)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        await opens()
        send_on_the_newest(trial, "m1")
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        opened = await opens()
        assert not opened.is_resumed
        assert trial.management.can_resume
        assert trial.management.unacknowledged == []
        assert trial.watcher.confirmed == ["m1"] * handled

    play(authority, host, scenario)


def send_on_the_newest(trial: Trial, message_id: str) -> None:
    trial.processor.uplink.send(stanzas.message(Jid.parse("bob@localhost"), "hello", id=message_id))


def test_a_session_that_can_not_go_on_along_goes_on_behind_the_log_in(
    authority: Authority, identity: Identity
) -> None:
    """No resource is bound along then: it would end the chance to resume."""
    peers: list[Peer] = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        if len(peers) == 1:
            await begins_a_session(peer, identity)
            await peer.hears("</[^>]*message>")
            return
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE))
        element = await asked(peer)
        assert element.find(f"{{{BIND2}}}bind") is None
        assert element.find(f"{{{SM}}}resume") is None
        peer.say(success("<authorization-identifier>alice@localhost</authorization-identifier>"))
        peer.say(AFTER)
        await peer.hears("<[^>]*resume [^>]*>")
        peer.say(f"<resumed xmlns='{SM}' previd='one' h='0'/>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        await opens()
        send_on_the_newest(trial, "m1")
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        assert (await opens()).is_resumed

    play(authority, host, scenario)


def test_a_session_that_is_not_ours_is_refused(authority: Authority, identity: Identity) -> None:
    peers: list[Peer] = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        if len(peers) == 1:
            await begins_a_session(peer, identity)
            await peer.hears("</[^>]*message>")
            return
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, SM_FEATURE))
        await asked(peer)
        peer.say(success(IDENTIFIER, f"<resumed xmlns='{SM}' previd='other' h='0'/>"))
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        await opens()
        send_on_the_newest(trial, "m1")
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        with pytest.raises(Exception, match="not ours"):
            await opens()

    play(authority, host, scenario)


# Tokens.


@pytest.mark.parametrize("mechanism", ["HT-SHA-256-ENDP", "HT-SHA-512-NONE"])
def test_the_best_token_is_asked_for_and_kept(
    authority: Authority, identity: Identity, mechanism: str
) -> None:
    offered = ("HT-SHA-256-NONE", "HT-SHA-256-EXPR", "HT-SHA3-512-UNIQ", mechanism)

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=offered))
        wanted = (await asked(peer)).find(f"{{{FAST}}}request-token")
        assert wanted is not None
        assert wanted.get("mechanism") == mechanism
        peer.say(
            success(IDENTIFIER, f"<bound xmlns='{BIND2}'/>", token_element("s3cret"))
            + AFTER_WITHOUT_SM
        )
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        await opens()
        assert trial.instance.token == Token(mechanism, "s3cret", NEXT_YEAR)
        assert "s3cret" not in repr(trial.instance.token)

    play(authority, host, scenario)


def test_a_token_is_bound_to_the_certificate_and_changed_when_the_server_wants(
    authority: Authority, identity: Identity
) -> None:
    binding = end_point_binding(identity.der)
    assert binding is not None

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=("HT-SHA-256-ENDP", "HT-SHA-256-NONE")))
        element = await asked(peer)
        first = base64.b64decode(element.findtext(f"{{{SASL2}}}initial-response") or "")
        assert first == b"alice\0" + hmac.digest(b"old", b"Initiator" + binding, "sha256")
        proof = hmac.digest(b"old", b"Responder" + binding, "sha256")
        bound = f"<bound xmlns='{BIND2}'/>"
        peer.say(success(IDENTIFIER, bound, token_element("new"), data=proof) + AFTER_WITHOUT_SM)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.instance.keep_token(Token("HT-SHA-256-ENDP", "old", NEXT_YEAR))
        await opens()
        assert trial.instance.token == Token("HT-SHA-256-ENDP", "new", NEXT_YEAR)

    play(authority, host, scenario)


@pytest.mark.parametrize(
    "token",
    [
        Token("HT-SHA-256-NONE", "old", datetime.now(UTC) - timedelta(1)),
        Token("HT-SHA-256-ENDP", "not offered", NEXT_YEAR),
        Token("HT-SHA-256-EXPR", "not ours", NEXT_YEAR),
    ],
)
def test_a_token_that_will_not_do_is_not_tried(
    authority: Authority, identity: Identity, token: Token
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=("HT-SHA-256-NONE", "HT-SHA-256-EXPR")))
        assert (await asked(peer)).get("mechanism") == "PLAIN"
        peer.say(success(IDENTIFIER, f"<bound xmlns='{BIND2}'/>") + AFTER_WITHOUT_SM)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.instance.keep_token(token)
        await opens()

    play(authority, host, scenario)


@pytest.mark.parametrize("end", ["refuses", "breaks off"])
def test_where_a_token_fails_the_password_logs_in_within_the_same_try(
    authority: Authority, identity: Identity, end: str
) -> None:
    """A refused token is replaced; a server that breaks on tokens gets none any more."""
    peers: list[Peer] = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=("HT-SHA-256-NONE",)))
        mechanism = (await asked(peer)).get("mechanism")
        if len(peers) == 1:
            assert mechanism == "HT-SHA-256-NONE"
            if end == "refuses":
                peer.say(
                    f"<failure xmlns='{SASL2}'><credentials-expired "
                    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
                )
                await peer.hears_the_end()
            return
        assert mechanism == "PLAIN"
        peer.say(
            success(IDENTIFIER, f"<bound xmlns='{BIND2}'/>", token_element("new"))
            + AFTER_WITHOUT_SM
        )
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.instance.keep_token(Token("HT-SHA-256-NONE", "old", NEXT_YEAR))
        await opens()
        kept = trial.instance.token
        assert (kept.secret if kept else None) == ("new" if end == "refuses" else None)

    play(authority, host, scenario)


def test_a_token_outlives_a_server_that_can_not_be_reached(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=("HT-SHA-256-NONE",)))
        await asked(peer)

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        token = Token("HT-SHA-256-NONE", "old", NEXT_YEAR)
        trial.instance.keep_token(token)
        with pytest.raises(ConnectionFailed):
            await opens()
        assert trial.instance.token == token

    play(authority, host, scenario)


@pytest.mark.parametrize("proof", [None, b"", b"something else"])
def test_a_server_that_does_not_know_the_token_is_left(
    authority: Authority, identity: Identity, proof: bytes | None
) -> None:
    """Whoever stands in its place gets no password either."""
    peers: list[Peer] = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE, tokens=("HT-SHA-256-NONE",)))
        await asked(peer)
        peer.say(success(IDENTIFIER, f"<bound xmlns='{BIND2}'/>", data=proof) + AFTER_WITHOUT_SM)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.instance.keep_token(Token("HT-SHA-256-NONE", "old", NEXT_YEAR))
        with pytest.raises(LoginRefused, match="did not prove that it knows the token"):
            await opens()
        assert len(peers) == 1

    play(authority, host, scenario)


# Refusals.


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><text>Who are you?</text>",
            r"start again with the right one \(not-authorized\): Who are you",
        ),
        ("<account-disabled/>", "account-disabled"),
        (
            "<more xmlns='urn:x'/><account-disabled xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
            "account-disabled",
        ),
        ("", "not-authorized"),
    ],
)
def test_a_refusal_is_told_in_words(
    authority: Authority, identity: Identity, said: str, words: str
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE))
        await asked(peer)
        peer.say(f"<failure xmlns='{SASL2}'>{said}</failure>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        with pytest.raises(LoginRefused, match=words):
            await opens()

    play(authority, host, scenario)


def test_a_further_step_that_is_not_known_is_named(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE))
        await asked(peer)
        tasks = "<tasks><task>TOTP-EXAMPLE</task><task>HOTP-EXAMPLE</task></tasks>"
        peer.say(f"<continue xmlns='{SASL2}'>{tasks}<text>2FA</text></continue>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        with pytest.raises(LoginRefused, match="HOTP-EXAMPLE, TOTP-EXAMPLE"):
            await opens()

    play(authority, host, scenario)


@pytest.mark.parametrize("address", ["", "not one @@", "alice@"])
def test_an_address_that_is_none_is_refused(
    authority: Authority, identity: Identity, address: str
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offer(BIND_INLINE))
        await asked(peer)
        identifier = f"<authorization-identifier>{address}</authorization-identifier>"
        peer.say(success(identifier, f"<bound xmlns='{BIND2}'/>") + AFTER_WITHOUT_SM)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        with pytest.raises(Exception, match="no address that can be read"):
            await opens()

    play(authority, host, scenario)


def test_a_success_before_any_log_in_counts_for_nothing(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        peer.say(HEAD)
        peer.say(success(IDENTIFIER, f"<bound xmlns='{BIND2}'>{ENABLED}</bound>"))
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        with pytest.raises(LoginRefused, match="not begun"):
            await opens()
        assert not trial.management.can_resume

    play(authority, host, scenario)


@pytest.mark.parametrize("said", [ENABLED, f"<resumed xmlns='{SM}' previd='' h='0'/>", offer()])
def test_nothing_that_comes_in_the_clear_speaks_of_sessions(
    authority: Authority, identity: Identity, said: str
) -> None:
    async def host(peer: Peer) -> None:
        await peer.opens(
            f"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>{offer()}"
        )
        await peer.hears("<[^>]*starttls[^>]*>")
        peer.say(said)
        await peer.hears_the_end()

    async def scenario(trial: Trial, opens: Callable[[], Awaitable[Opened]]) -> None:
        trial.timeouts = Timeouts(tls=0.3)
        with pytest.raises(ConnectionFailed):
            await opens()
        assert not trial.management.can_resume
        assert not trial.management.is_enabled

    play(authority, host, scenario)
