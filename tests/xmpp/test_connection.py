"""The way to the server, against servers of every kind: what is refused, and what goes on.

The servers are scripts over real sockets and real TLS, on the loop of the test.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.errors import (
    CertificateError,
    ConnectionFailed,
    LoginRefused,
    RemoteError,
    ResolveFailed,
    TermxmppError,
    TlsFailed,
)
from termxmpp.xmpp import stanzas
from termxmpp.xmpp.connection import Opened, Timeouts
from termxmpp.xmpp.tls import TlsOptions, fingerprint, parse_pin
from tests.support.authority import Authority, Identity
from tests.support.peer import BIND, SASL, STARTTLS, TLS, Peer, Script, Served, mechanisms, serve
from tests.support.trial import ALICE, Trial, Watcher, attempt

QUICK = Timeouts(resolve=0.3, connect=0.3, tls=0.3, login=0.3, close=0.3)
SM = "<sm xmlns='urn:xmpp:sm:3'/>"


class Hearing(Watcher):
    """Who waits for a stanza."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.has_heard = asyncio.Event()

    def traffic(self, element: Element, is_ours: bool) -> None:
        if not is_ours:
            self.count += 1
            self.has_heard.set()


def refusal_by(
    authority: Authority, script: Script, *, timeouts: Timeouts | None = None
) -> tuple[TermxmppError, list[Peer]]:
    """What opening a connection to `script` raises, and the servers' sides of it."""

    async def scenario(trial: Trial, stack: AsyncExitStack) -> tuple[TermxmppError, list[Peer]]:
        trial.timeouts = timeouts or Timeouts()
        served = await stack.enter_async_context(serve(script))
        with pytest.raises(TermxmppError) as raised:
            await trial.use(served).open()
        return raised.value, served.peers

    error, peers = attempt(authority, scenario)
    return error, peers


def test_the_whole_way_in_its_steps(authority: Authority, identity: Identity) -> None:
    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await peer.hears("</stream:stream>")
        peer.say("</stream:stream>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> tuple[Watcher, Jid]:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        opened = await connection.open()
        await connection.close()
        assert served.errors == []
        trial.watcher.steps[1] = trial.watcher.steps[1].replace(str(served.port), "PORT")
        return trial.watcher, opened.jid

    watcher, jid = attempt(authority, scenario)
    assert jid == Jid.parse("alice@localhost/here")
    assert watcher.steps == ["resolving", "tcp 127.0.0.1:PORT", "tls", "login"]
    assert watcher.losses == [None]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ("<max-bytes>262144</max-bytes><idle-seconds>60</idle-seconds>", 262_144),
        ("<max-bytes>10000</max-bytes>", 10_000),
        ("", None),
        # RFC 6120 §13.12: less no server may ask for; nor is that a limit what is no number.
        ("<max-bytes>9999</max-bytes>", None),
        ("<max-bytes>0</max-bytes>", None),
        ("<max-bytes>00001</max-bytes>", None),
        ("<max-bytes>-50000</max-bytes>", None),
        ("<max-bytes>many</max-bytes>", None),
        ("<max-bytes>99999999999999999999</max-bytes>", None),
        ("<max-bytes/>", None),
    ],
)
def test_what_no_stanza_may_exceed_is_told_among_the_features(
    authority: Authority, identity: Identity, limits: str, expected: int | None
) -> None:
    """XEP-0478 §3."""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.binds(f"<limits xmlns='urn:xmpp:stream-limits:0'>{limits}</limits>")
        await peer.hears("</stream:stream>")
        peer.say("</stream:stream>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> Opened:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        opened = await connection.open()
        await connection.close()
        assert served.errors == []
        return opened

    assert attempt(authority, scenario).max_bytes == expected


def test_nothing_is_sent_to_a_server_without_tls(authority: Authority) -> None:
    async def host(peer: Peer) -> None:
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears_the_end()

    error, [peer] = refusal_by(authority, host)
    assert isinstance(error, TlsFailed)
    assert "does not offer TLS" in str(error)
    assert "auth" not in peer.received
    assert "d29uZGVy" not in peer.received


def test_a_server_that_refuses_starttls_is_left(authority: Authority) -> None:
    async def host(peer: Peer) -> None:
        await peer.opens(STARTTLS)
        await peer.hears("<[^>]*starttls[^>]*>")
        peer.say(f"<failure {TLS}/></stream:stream>")

    error, _ = refusal_by(authority, host)
    assert isinstance(error, TlsFailed)
    assert "can't set up TLS" in str(error)


@pytest.mark.parametrize(
    "injected", ["<message xmlns='jabber:client'/>", f"<success {SASL}/>", "<presence/>"]
)
def test_what_is_put_in_before_the_handshake_ends_the_way(
    authority: Authority, identity: Identity, injected: str
) -> None:
    """As the command injections into SMTP's and others' STARTTLS did (RFC 6120 §5.4.2.3)."""

    async def host(peer: Peer) -> None:
        await peer.opens(STARTTLS)
        await peer.hears("<[^>]*starttls[^>]*>")
        peer.say(f"<proceed {TLS}/>{injected}")
        await peer.hears_the_end()

    error, [peer] = refusal_by(authority, host)
    assert isinstance(error, TlsFailed)
    assert "auth" not in peer.received


def test_a_success_that_comes_before_any_login_counts_for_nothing(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens("")
        peer.say(f"<success {SASL}/>")
        await peer.hears_the_end()

    error, _ = refusal_by(authority, host)
    assert isinstance(error, LoginRefused)


@pytest.mark.parametrize(
    ("names", "since", "until", "words"),
    [
        (["other.example"], timedelta(-1), timedelta(1), ["localhost", "for other.example"]),
        (["localhost"], timedelta(-9), timedelta(-2), ["expired"]),
        (["localhost"], timedelta(2), timedelta(9), ["not yet valid"]),
    ],
)
def test_a_bad_certificate_is_told_in_full(
    authority: Authority,
    names: list[str],
    since: timedelta,
    until: timedelta,
    words: list[str],
) -> None:
    shown = authority.issue(*names, since=since, until=until)

    async def host(peer: Peer) -> None:
        await peer.secures(shown.context())

    error, _ = refusal_by(authority, host)
    assert isinstance(error, CertificateError)
    told = str(error)
    for each in [*words, "Expected was localhost", "issued by Test Authority", "valid from"]:
        assert each in told
    assert f"sha256:{fingerprint(shown.der)}" in told


def test_an_authority_that_is_not_ours_vouches_for_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "Somebody Else").issue("localhost")

    async def host(peer: Peer) -> None:
        await peer.secures(stranger.context())

    error, peers = refusal_by(authority, host)
    assert isinstance(error, CertificateError)
    assert "issued by Somebody Else" in str(error)
    assert all("auth" not in peer.received for peer in peers)


def test_a_pin_replaces_chain_and_name_and_nothing_else_does(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "Somebody Else").issue("other.example")

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        async def host(peer: Peer) -> None:
            await peer.hosts(stranger.context())
            await peer.hears_the_end()

        served = await stack.enter_async_context(serve(host))
        pin = parse_pin(f"sha256:{fingerprint(stranger.der)}")
        trial.options = TlsOptions(pin=pin)
        connection = trial.use(served)
        await connection.open()
        connection.abort()
        trial.options = TlsOptions(pin="00" * 32)
        with pytest.raises(CertificateError, match="not the pinned one"):
            await trial.use(served).open()

    attempt(authority, scenario)


def test_direct_tls_names_the_protocol_and_the_server(
    authority: Authority, identity: Identity
) -> None:
    """XEP-0368 §3: ALPN, and the account's domain as server name."""
    named: list[str | None] = []

    async def host(peer: Peer) -> None:
        await peer.lets_in()
        await peer.binds()
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> str | None:
        context = identity.context(alpn=["other", "xmpp-client"])
        context.sni_callback = lambda _socket, name, _context: named.append(name)
        served = await stack.enter_async_context(serve(host, context))
        connection = trial.use(served, is_direct_tls=True)
        await connection.open()
        tls = served.peers[0].tls
        connection.abort()
        return tls.selected_alpn_protocol() if tls else None

    assert attempt(authority, scenario) == "xmpp-client"
    assert named == ["localhost"]


def test_tls_before_1_2_is_not_spoken(authority: Authority, identity: Identity) -> None:
    context = identity.context()
    with pytest.warns(DeprecationWarning, match="TLSv1_1 is deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    async def host(peer: Peer) -> None:
        await peer.secures(context)

    error, _ = refusal_by(authority, host)
    assert isinstance(error, TlsFailed)
    assert not isinstance(error, CertificateError)


async def _silent_from_the_start(peer: Peer) -> None:
    await peer.hears_the_end()


async def _silent_behind_proceed(peer: Peer) -> None:
    await peer.opens(STARTTLS)
    await peer.hears("<[^>]*starttls[^>]*>")
    peer.say(f"<proceed {TLS}/>")
    await peer.hears_the_end()


def _silent_at(step: str, identity: Identity) -> Script:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        if step == "login":
            await peer.opens(mechanisms("PLAIN"))
        else:
            await peer.lets_in()
            await peer.opens(f"<bind {BIND}/>{SM}")
            if step == "sm":
                await peer.hears("</[^>]*iq>")
                peer.say(
                    f"<iq type='result' id='bind'><bind {BIND}>"
                    "<jid>alice@localhost/here</jid></bind></iq>"
                )
        await peer.hears_the_end()

    return host


@pytest.mark.parametrize("step", ["stream", "tls", "login", "bind", "sm"])
def test_a_server_that_falls_silent_is_given_up(
    authority: Authority, identity: Identity, step: str
) -> None:
    scripts = {"stream": _silent_from_the_start, "tls": _silent_behind_proceed}
    host = scripts.get(step) or _silent_at(step, identity)
    error, _ = refusal_by(authority, host, timeouts=QUICK)
    assert isinstance(error, ConnectionFailed)
    assert str(error).startswith("The server does not")


@pytest.mark.parametrize("begin", ["stream", "tls"])
def test_a_place_that_does_not_answer_leads_to_the_next(
    authority: Authority, identity: Identity, begin: str
) -> None:
    silent = _silent_from_the_start if begin == "stream" else _silent_behind_proceed

    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        trial.timeouts = replace(QUICK, login=5)
        first = await stack.enter_async_context(serve(silent))
        second = await stack.enter_async_context(serve(host))
        connection = trial.use(first, second)
        await connection.open()
        connection.abort()
        assert len(second.peers) == 1

    attempt(authority, scenario)


def test_a_bad_certificate_stops_the_way(authority: Authority, identity: Identity) -> None:
    other = authority.issue("other.example")

    async def bad(peer: Peer) -> None:
        await peer.secures(other.context())

    async def good(peer: Peer) -> None:
        await peer.hosts(identity.context())

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        first = await stack.enter_async_context(serve(bad))
        second = await stack.enter_async_context(serve(good))
        with pytest.raises(CertificateError):
            await trial.use(first, second).open()
        assert second.peers == []

    attempt(authority, scenario)


def test_a_refused_login_stops_the_way_in_the_servers_words(
    authority: Authority, identity: Identity
) -> None:
    async def bad(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears("</[^>]*auth>")
        peer.say(
            f"<failure {SASL}><account-disabled/>"
            "<text xml:lang='en'>Call 212-555-1212 for assistance.</text></failure>"
        )
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> LoginRefused:
        first = await stack.enter_async_context(serve(bad))
        second = await stack.enter_async_context(serve(bad))
        with pytest.raises(LoginRefused) as raised:
            await trial.use(first, second).open()
        assert second.peers == []
        return raised.value

    error = attempt(authority, scenario)
    assert error.condition == "account-disabled"
    assert "Call 212-555-1212 for assistance" in str(error)


def test_all_that_failed_is_told_and_the_dns_is_blamed_for_itself_only(
    authority: Authority,
) -> None:
    async def scenario(trial: Trial, stack: AsyncExitStack) -> TermxmppError:
        closed = Served(1)
        trial.timeouts = QUICK
        silent = await stack.enter_async_context(serve(_silent_from_the_start))
        with pytest.raises(ConnectionFailed) as raised:
            await trial.use(closed, silent).open()
        return raised.value

    error = attempt(authority, scenario)
    assert not isinstance(error, ResolveFailed)
    assert "connection refused" in str(error)
    assert "does not go on with TLS" in str(error)


@pytest.mark.parametrize("step", ["stream", "tls", "login", "bind", "sm"])
def test_cancelling_leaves_nothing_behind(
    authority: Authority, identity: Identity, step: str
) -> None:
    scripts = {"stream": _silent_from_the_start, "tls": _silent_behind_proceed}
    host = scripts.get(step) or _silent_at(step, identity)

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        served = await stack.enter_async_context(serve(host))
        opening = asyncio.ensure_future(trial.use(served).open())
        # What the client says last before the silence is heard by then.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await asyncio.shield(opening)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    attempt(authority, scenario)


@pytest.mark.parametrize(
    ("said", "is_final", "words"),
    [
        ("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", True, "conflict"),
        (
            "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>back at noon</text>",
            False,
            "back at noon",
        ),
    ],
)
def test_a_stream_error_is_told_in_words(
    authority: Authority, identity: Identity, said: str, is_final: bool, words: str
) -> None:
    error = _loss_by(authority, identity, f"{said}</stream:error></stream:stream>")
    assert isinstance(error, RemoteError if is_final else ConnectionFailed)
    assert words in str(error)


@pytest.mark.parametrize("said", ["<message></presence>", "\x00", "<!DOCTYPE x>", "<!-- x -->"])
def test_what_is_no_stream_ends_it(authority: Authority, identity: Identity, said: str) -> None:
    error = _loss_by(authority, identity, said)
    assert isinstance(error, RemoteError)


@pytest.mark.parametrize(
    "said",
    [
        "<message from='no one@@/'><body>x</body></message>",
        "<iq/>",
        "<iq type='get'/>",
        "<presence type='nonsense'/>",
        "<message type='chat'><body xmlns='urn:other'/></message>",
        "<iq type='set' id='1' from='x@y'><unknown xmlns='urn:unknown'/></iq>",
        "<unknown xmlns='urn:unknown'/>",
    ],
)
def test_a_stanza_that_is_rubbish_ends_nothing(
    authority: Authority, identity: Identity, said: str
) -> None:
    """The connection is still there, and answers what comes behind it."""
    answers: list[str] = []

    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await peer.hears("<presence[^>]*>")
        peer.say(f"{said}<iq type='get' id='q' from='x@y'><ping xmlns='urn:xmpp:ping'/></iq>")
        answers.append(await peer.hears("<iq[^>]* id=.q.[^>]*>"))
        peer.say("</stream:stream>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> list[TermxmppError | None]:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        trial.processor.bound(ALICE, Jid.parse("localhost"))
        connection.send(stanzas.presence())
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        assert served.errors == []
        return trial.watcher.losses

    assert attempt(authority, scenario) == [None]
    assert len(answers) == 1


def test_a_connection_that_breaks_off_is_told(authority: Authority, identity: Identity) -> None:
    error = _loss_by(authority, identity, "")
    assert isinstance(error, ConnectionFailed)


def _loss_by(authority: Authority, identity: Identity, said: str) -> TermxmppError | None:
    """What a bound connection is told when the server says `said` and hangs up."""

    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await peer.hears("<presence[^>]*>")
        peer.say(said)

    async def scenario(trial: Trial, stack: AsyncExitStack) -> TermxmppError | None:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        connection.send(stanzas.presence())
        async with asyncio.timeout(5):
            await trial.watcher.is_lost.wait()
        assert len(trial.watcher.losses) == 1
        return trial.watcher.losses[0]

    error: TermxmppError | None = attempt(authority, scenario)
    return error


def test_an_end_in_one_breath_with_the_last_answer_is_not_taken_for_a_beginning(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        peer.say("</stream:stream>")

    error, _ = refusal_by(authority, host)
    assert isinstance(error, ConnectionFailed)


def test_an_end_in_one_breath_with_the_resumption_ends_no_session(
    authority: Authority, identity: Identity
) -> None:
    """What was not confirmed is neither given up nor taken for confirmed."""

    async def begin(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.binds(SM)
        await peer.hears("<[^>]*enable[^>]*>")
        peer.say("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
        await peer.hears("</[^>]*message>")

    async def go_on(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.opens(f"<bind {BIND}/>{SM}")
        await peer.hears("<[^>]*resume[^>]*>")
        peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/></stream:stream>")

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        first, second = [await stack.enter_async_context(serve(host)) for host in (begin, go_on)]
        connection = trial.use(first)
        await connection.open()
        connection.send(stanzas.message(Jid.parse("bob@localhost"), "hello", id="m1"))
        await trial.watcher.is_lost.wait()
        with pytest.raises(ConnectionFailed):
            await trial.use(second).open()
        assert trial.management.can_resume
        assert trial.management.unacknowledged == ["m1"]
        assert trial.watcher.confirmed == []

    attempt(authority, scenario)


@pytest.mark.parametrize("has_management", [True, False])
def test_the_server_proves_what_it_took(
    authority: Authority, identity: Identity, has_management: bool
) -> None:
    """By XEP-0198 where it has it, else by a ping answered behind what was sent."""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.binds(SM if has_management else "")
        if has_management:
            await peer.hears("<[^>]*enable[^>]*>")
            peer.say("<enabled xmlns='urn:xmpp:sm:3'/>")
            await peer.hears("</[^>]*message>.*<[^>]*r ?[^>]*/>")
            peer.say("<a xmlns='urn:xmpp:sm:3' h='1'/>")
        else:
            ping = await peer.hears("</[^>]*message>.*</[^>]*iq>")
            id_ = ping.split(" id=")[1][1:].split('"')[0].split("'")[0]
            peer.say(f"<iq type='result' from='localhost' id='{id_}'/>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> list[str]:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        connection.send(stanzas.message(Jid.parse("bob@localhost"), "hello", id="m1"))
        await connection.prove(5)
        connection.abort()
        assert served.errors == []
        return trial.watcher.confirmed

    assert attempt(authority, scenario) == (["m1"] if has_management else [])


@pytest.mark.parametrize("is_there", [True, False])
def test_a_session_goes_on_where_the_server_wants_it(
    authority: Authority, identity: Identity, is_there: bool
) -> None:
    """XEP-0198 §3: and where that is nowhere, on the way of any other connection."""

    async def resumes(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.opens(f"<bind {BIND}/>{SM}")
        await peer.hears("<[^>]*resume[^>]*>")
        peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='s1' h='0'/>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> tuple[list[Opened], list[int]]:
        wanted = await stack.enter_async_context(serve(resumes))
        place = f"127.0.0.1:{wanted.port if is_there else 1}"

        async def begins(peer: Peer) -> None:
            if not first:
                await resumes(peer)
                return
            first.clear()
            await peer.secures(identity.context())
            await peer.lets_in()
            await peer.binds(SM)
            await peer.hears("<[^>]*enable[^>]*>")
            peer.say(f"<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true' location='{place}'/>")
            await peer.hears_the_end()

        first = ["once"]
        usual = await stack.enter_async_context(serve(begins))
        for _ in range(2):
            connection = trial.use(usual)
            await connection.open()
            connection.abort()
        assert wanted.errors == usual.errors == []
        return trial.watcher.opened, [len(usual.peers), len(wanted.peers)]

    opened, met = attempt(authority, scenario)
    assert [each.is_resumed for each in opened] == [False, True]
    assert met == ([1, 1] if is_there else [2, 0])


@pytest.mark.parametrize("is_managed", [True, False])
def test_what_comes_in_one_breath_with_the_address_is_heard(
    authority: Authority, identity: Identity, is_managed: bool
) -> None:
    """Who knows the resource may write to it at once; from there on the stream is ours."""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.opens(f"<bind {BIND}/>{SM if is_managed else ''}")
        await peer.hears("</[^>]*iq>")
        hello = "<message from='bob@localhost'><body>hello</body></message>"
        peer.say(
            f"<iq type='result' id='bind'><bind {BIND}><jid>alice@localhost/here</jid></bind></iq>"
            f"{hello}"
        )
        if is_managed:
            await peer.hears("<[^>]*enable[^>]*>")
            peer.say(f"<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>{hello}")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> tuple[int, int]:
        served = await stack.enter_async_context(serve(host))
        trial.watcher = hearing = Hearing()
        connection = trial.use(served)
        await connection.open()
        async with asyncio.timeout(5):
            await hearing.has_heard.wait()
        connection.abort()
        return hearing.count, trial.management._handled

    # What comes before the server counts does not count (XEP-0198 §4).
    assert attempt(authority, scenario) == ((2, 1) if is_managed else (1, 0))


def test_who_leaves_says_what_has_arrived(authority: Authority, identity: Identity) -> None:
    """XEP-0198 §4: before the stream's end, so that nothing is taken for lost."""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.binds(SM)
        await peer.hears("<[^>]*enable[^>]*>")
        peer.say("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
        await peer.hears("<[^>]*presence")
        peer.say("<message from='bob@localhost'><body>hello</body></message>")
        await peer.hears("</stream:stream>")
        peer.say("</stream:stream>")

    async def scenario(trial: Trial, stack: AsyncExitStack) -> str:
        served = await stack.enter_async_context(serve(host))
        trial.watcher = hearing = Hearing()
        connection = trial.use(served)
        await connection.open()
        connection.send(stanzas.presence())
        async with asyncio.timeout(5):
            await hearing.has_heard.wait()
        await connection.close()
        return served.peers[0].received

    said = attempt(authority, scenario)
    assert re.search("<[^>]*a [^>]*h=.1.[^>]*/></stream:stream>$", said.strip())


def test_who_counts_slowly_is_waited_for(authority: Authority, identity: Identity) -> None:
    """As long as it goes on: each of its answers takes almost the whole time."""
    count, pause, patience = 5, 0.2, 0.3

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.lets_in()
        await peer.binds(SM)
        await peer.hears("<[^>]*enable[^>]*>")
        peer.say("<enabled xmlns='urn:xmpp:sm:3'/>")
        await peer.hears(f"<body>{count - 1}</body>")
        for counted in range(1, count + 1):
            await asyncio.sleep(pause)
            peer.say(f"<a xmlns='urn:xmpp:sm:3' h='{counted}'/>")
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> int:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        for number in range(count):
            text = str(number)
            connection.send(stanzas.message(Jid.parse("bob@localhost"), text, id=text))
        await connection.prove(patience)
        connection.abort()
        assert served.errors == []
        return len(trial.watcher.confirmed)

    assert attempt(authority, scenario) == count


def test_no_proof_in_time_is_told_and_the_stream_goes_on(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await peer.hears_the_end()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> None:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        with pytest.raises(RemoteError):
            await connection.prove(0.2)
        connection.send(stanzas.message(Jid.parse("bob@localhost"), "hello", id="m1"))
        connection.abort()

    attempt(authority, scenario)


def test_megabytes_for_a_server_that_does_not_read_wait_without_a_spin(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.hosts(identity.context())
        await asyncio.Event().wait()

    async def scenario(trial: Trial, stack: AsyncExitStack) -> int:
        served = await stack.enter_async_context(serve(host))
        connection = trial.use(served)
        await connection.open()
        bob = Jid.parse("bob@localhost")
        for number in range(40):
            connection.send(stanzas.message(bob, "x" * 500_000, id=f"m{number}"))
        # The kernels' buffers fill, and asyncio's on the other side.
        await asyncio.sleep(0.3)
        before = trial.mainloop.waits
        await asyncio.sleep(0.5)
        waits = trial.mainloop.waits - before
        connection.abort()
        return waits

    assert attempt(authority, scenario) <= 3
