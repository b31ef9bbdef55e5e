"""The way to the server: what the doctor finds of it, over real sockets, real TLS, a real DNS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from termxmpp.client import Client
from termxmpp.core.jid import Jid
from termxmpp.demo.server import free_port
from termxmpp.doctor.findings import Finding
from termxmpp.doctor.way import check_way
from termxmpp.features import FEATURES
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.proxies import ProxyKind
from termxmpp.session import PROBE_TIMEOUTS, probe_of
from termxmpp.xmpp.connection import ConnectionSettings, Timeouts
from termxmpp.xmpp.probe import Probe
from termxmpp.xmpp.resolver import Candidate, Resolver
from termxmpp.xmpp.sasl import Credentials
from termxmpp.xmpp.tls import TlsOptions, fingerprint
from tests.support.authority import Authority, Identity
from tests.support.gateway import Gateway, serving
from tests.support.leaks import nothing_left
from tests.support.marks import told_of
from tests.support.nameserver import SERVFAIL, SILENCE, nameserver
from tests.support.peer import SASL, TLS, Peer, Script, encoded, mechanisms, serve
from tests.support.peer import STARTTLS as STARTTLS_OFFER

JID = Jid.parse("alice@example.org")
PASSWORD = "wonder and land"
DIRECT = "_xmpps-client._tcp.example.org SRV"
STARTTLS = "_xmpp-client._tcp.example.org SRV"

Zone = Callable[[int, int], Mapping[str, str]]


def listed(starttls: int, direct: int) -> Mapping[str, str]:
    """A zone that leads to the script."""
    return {STARTTLS: f"5 1 {starttls} xmpp.example.org.", "xmpp.example.org A": "127.0.0.1"}


def both_listed(starttls: int, direct: int) -> Mapping[str, str]:
    return {
        **listed(starttls, direct),
        DIRECT: f"1 1 {direct} xmpp.example.org.",
    }


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue("example.org")


def looked_at(
    authority: Authority,
    script: Script,
    *,
    zone: Zone = listed,
    direct: Identity | None = None,
    server: Callable[[int], Candidate] | None = None,
    options: TlsOptions | None = None,
    timeouts: Timeouts = PROBE_TIMEOUTS,
    dns_timeout: float = 5.0,
    password: str = PASSWORD,
    gate: Gateway | None = None,
) -> tuple[list[Finding], list[Peer]]:
    """What is found of the way to `script`, and its sides of it; nothing may be left behind."""

    async def main(mainloop: EpollMainLoop) -> tuple[list[Finding], list[Peer]]:
        async with nothing_left(), AsyncExitStack() as stack:
            served = await stack.enter_async_context(serve(script))
            context = direct.context() if direct is not None else None
            other = await stack.enter_async_context(serve(script, context))
            names = await stack.enter_async_context(nameserver(zone(served.port, other.port)))
            resolver = Resolver(
                [names.address], hosts_file=Path("/nonexistent"), timeout=dns_timeout
            )
            if gate is not None:
                gate.places = {"example.org:5222": served.port}
                await stack.enter_async_context(serving(gate))
            settings = ConnectionSettings(
                JID,
                server(served.port) if server is not None else None,
                options or TlsOptions(ca_file=authority.ca_file),
                proxy=gate.proxy("me", "sesame") if gate is not None else None,
            )

            def probe() -> Probe:
                credentials = Credentials("alice", password)
                return probe_of(mainloop, resolver, settings, credentials, timeouts)

            def never(*args: object) -> Probe:
                raise AssertionError("the account itself is offline")

            client = Client(JID, never, FEATURES, probe_by=probe)
            found = [finding async for finding in check_way(client)]
            await client.close()
            # What scripts have yet to notice.
            await asyncio.sleep(0)
            if gate is not None:
                assert names.asked == []
            assert [each for each in served.errors if not isinstance(each, ssl.SSLError)] == []
            return found, [*served.peers, *other.peers]

    return run(main)


def told(found: list[Finding]) -> str:
    text = "\n".join(told_of(finding) for finding in found)
    assert PASSWORD not in text
    return text


async def let_in(peer: Peer) -> None:
    await peer.lets_in()
    # The stream behind the log-in has begun, and nothing is asked in it.
    await peer.hears("<stream:stream [^>]*>")
    await peer.hears_the_end()
    assert "bind" not in peer.received


def host_of(identity: Identity) -> Script:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await let_in(peer)

    return host


def test_all_is_well(authority: Authority, identity: Identity) -> None:
    found, peers = looked_at(authority, host_of(identity))
    text = told(found)
    for words in (
        "fine: The DNS lists at _xmpp-client._tcp.example.org: xmpp.example.org:",
        "answers at 127.0.0.1 after",
        "fine: TLSv1.3 by STARTTLS, with TLS_",
        "fine: The certificate is for example.org, issued by Test Authority",
        f"its pin is sha256:{fingerprint(identity.der)}",
        "It is valid for 36",
        f"fine: It is trusted: an authority in {authority.ca_file} vouches for it.",
        "The server offers PLAIN by SASL; PLAIN is used.",
        "The log-in is not bound to TLS",
        "fine: The log-in works.",
        "note: The account is offline",
    ):
        assert words in text
    assert "wrong:" not in text
    assert encoded(f"\0alice\0{PASSWORD}".encode()) in peers[0].received


def test_each_place_is_looked_at_and_only_the_first_good_one_is_logged_in_to(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        if peer.tls is None:
            await peer.secures(identity.context())
            await peer.hears_the_end()
        else:
            await let_in(peer)

    found, peers = looked_at(authority, host, zone=both_listed, direct=identity)
    text = told(found)
    assert "(direct TLS) answers" in text
    assert "TLSv1.3 from the first byte on" in text
    assert "TLSv1.3 by STARTTLS" in text
    assert text.count("The certificate is for") == 1
    assert sum("<auth" in peer.received for peer in peers) == 1


@pytest.mark.parametrize("kind", list(ProxyKind))
def test_through_a_proxy(authority: Authority, identity: Identity, kind: ProxyKind) -> None:
    gate = Gateway(kind, known=("me", "sesame"))
    found, _peers = looked_at(authority, host_of(identity), gate=gate)
    text = told(found)
    proxy = f"{kind.value}://127.0.0.1:{gate.port}"
    for words in (
        f"note: All goes through the proxy {proxy}, which finds example.org:5222; no DNS",
        f"fine: {proxy} answers at 127.0.0.1 after",
        "fine: The proxy leads to example.org:5222, after",
        "fine: TLSv1.3 by STARTTLS, with TLS_",
        "fine: The log-in works.",
    ):
        assert words in text
    assert "wrong:" not in text
    assert "sesame" not in text


def test_a_proxy_that_does_not_lead_there(authority: Authority, identity: Identity) -> None:
    gate = Gateway(ProxyKind.SOCKS5, known=("me", "another"))
    found, peers = looked_at(authority, host_of(identity), gate=gate)
    text = told(found)
    assert "answers at 127.0.0.1 after" in text
    assert "does not lead to example.org:5222: it does not accept your name and password" in text
    assert "To do: Look if the proxy runs and is the right one." in text
    assert peers == []


@pytest.mark.parametrize("said", [SERVFAIL, SILENCE])
def test_a_dns_that_says_nothing(authority: Authority, identity: Identity, said: str) -> None:
    found, peers = looked_at(
        authority,
        host_of(identity),
        zone=lambda starttls, direct: {STARTTLS: said, DIRECT: said},
        dns_timeout=0.2,
    )
    text = told(found)
    assert "wrong: The DNS gives no answer for _xmpp-client._tcp.example.org" in text
    assert "To do: Check the address and your network" in text
    assert peers == []


def test_a_domain_that_is_not_there(authority: Authority, identity: Identity) -> None:
    found, peers = looked_at(authority, host_of(identity), zone=lambda starttls, direct: {})
    text = told(found)
    assert (
        "note: The DNS lists no XMPP service of example.org; example.org itself is tried." in text
    )
    assert "wrong: The host example.org can't be found" in text
    assert peers == []


def test_a_domain_that_denies_it(authority: Authority, identity: Identity) -> None:
    zone = {STARTTLS: "0 0 0 .", DIRECT: "0 0 0 ."}
    found, _ = looked_at(authority, host_of(identity), zone=lambda starttls, direct: zone)
    text = told(found)
    assert "note: The DNS denies at _xmpp-client._tcp.example.org" in text
    assert "wrong: example.org says that it has no XMPP service for clients." in text


def test_a_closed_port(authority: Authority, identity: Identity) -> None:
    closed = free_port()
    found, _ = looked_at(
        authority, host_of(identity), zone=lambda starttls, direct: listed(closed, 0)
    )
    text = told(found)
    assert f"wrong: xmpp.example.org can't be reached. Nobody answers on port {closed}" in text
    assert "To do: The server is down, or a firewall is between." in text
    assert "connection refused" in text


def test_a_server_without_tls_gets_no_password(authority: Authority) -> None:
    async def host(peer: Peer) -> None:
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears_the_end()

    found, peers = looked_at(authority, host)
    assert "wrong: The server does not offer TLS, so nothing was sent to it." in told(found)
    assert "<auth" not in peers[0].received


def test_a_server_that_says_nothing(authority: Authority) -> None:
    async def host(peer: Peer) -> None:
        await peer.hears_the_end()

    found, _ = looked_at(authority, host, timeouts=Timeouts(tls=0.2))
    assert "wrong: The server does not go on with TLS." in told(found)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("issuer", "name", "since", "until", "words"),
    [
        ("", "example.org", -3 * DAY, -DAY, ["has expired", "whoever runs the server must renew"]),
        ("", "example.org", DAY, 3 * DAY, ["is not valid yet", "Set your clock"]),
        ("", "other.example", -DAY, DAY, ["Hostname mismatch", "is for other.example"]),
        ("Somebody", "example.org", -DAY, DAY, ["issued by Somebody", "If you know it to be"]),
        ("example.org", "example.org", -DAY, DAY, ["Nobody but itself vouches for it"]),
    ],
)
def test_a_certificate_that_is_not_to_be_trusted(
    authority: Authority,
    tmp_path: Path,
    issuer: str,
    name: str,
    since: timedelta,
    until: timedelta,
    words: list[str],
) -> None:
    by = Authority(tmp_path, issuer) if issuer else authority
    shown = by.issue(name, since=since, until=until)

    async def host(peer: Peer) -> None:
        await peer.secures(shown.context())
        await peer.hears_the_end()

    found, peers = looked_at(authority, host)
    text = told(found)
    assert "wrong: The server's certificate is not to be trusted" in text
    assert f"its pin is sha256:{fingerprint(shown.der)}" in text
    for each in words:
        assert each in text
    assert all("<auth" not in peer.received for peer in peers)


def test_a_pin_is_told_as_the_rule(authority: Authority, tmp_path: Path) -> None:
    shown = Authority(tmp_path, "Nobody").issue("other.example")
    options = TlsOptions(pin=fingerprint(shown.der))
    found, _ = looked_at(authority, host_of(shown), options=options)
    assert "fine: It is trusted: it is the one that was pinned." in told(found)


def test_a_server_that_was_set_needs_no_dns(authority: Authority, identity: Identity) -> None:
    found, _ = looked_at(
        authority,
        host_of(identity),
        zone=lambda starttls, direct: {},
        server=lambda port: Candidate("127.0.0.1", port),
    )
    text = told(found)
    assert "so the DNS is not asked where example.org is" in text
    assert "fine: The log-in works." in text


def test_a_wrong_password_is_told_and_never_shown_though_the_server_sends_it_back(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears("</[^>]*auth>")
        words = f"{PASSWORD} is wrong \u202e for alice"
        peer.say(f"<failure {SASL}><not-authorized/><text>{words}</text></failure>")
        await peer.hears_the_end()

    found, _ = looked_at(authority, host)
    text = told(found)
    assert "wrong: Log-in refused: wrong user name or password" in text
    assert "… is wrong" in text
    assert "\u202e" not in text
    assert "The log-in works." not in text


@pytest.mark.parametrize(
    ("password", "said", "told_of_it"),
    [
        ("wrong", "wrong: wrong", ": …: …."),
        ("a  b", "not a  b", ": not …."),
        ("user", "", "(not-authorized)."),
    ],
)
def test_a_password_that_is_a_word_is_not_told_by_its_lack(
    authority: Authority, identity: Identity, password: str, said: str, told_of_it: str
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears("</[^>]*auth>")
        peer.say(f"<failure {SASL}><not-authorized/><text>{said}</text></failure>")
        await peer.hears_the_end()

    found, _ = looked_at(authority, host, password=password)
    [refused] = [each for each in found if each.words.startswith("Log-in refused")]
    assert "wrong user name or password" in refused.words
    assert refused.words.endswith(told_of_it)


@pytest.mark.parametrize(
    ("offered", "words"),
    [
        (mechanisms("X-OWN"), "wrong: The server offers no log-in that termxmpp has: X-OWN."),
        (mechanisms(), "wrong: The server offers no log-in that termxmpp has: none."),
        (
            mechanisms("SCRAM-SHA-1") + "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>"
            "<channel-binding type='tls-exporter'/></sasl-channel-binding>",
            "wrong: The server lists channel bindings and no log-in that uses one",
        ),
    ],
)
def test_a_server_without_a_log_in_for_us(
    authority: Authority, identity: Identity, offered: str, words: str
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(offered)
        await peer.hears_the_end()

    found, peers = looked_at(authority, host)
    assert words in told(found)
    assert "<auth" not in peers[0].received


def test_a_server_that_breaks_off_within_the_log_in(
    authority: Authority, identity: Identity
) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears("</[^>]*auth>")

    found, _ = looked_at(authority, host)
    assert "wrong: The server closed the connection." in told(found)


def test_a_certificate_for_hundreds_is_told_with_its_pin(authority: Authority) -> None:
    shown = authority.issue("example.org", *(f"host{number}.example" for number in range(300)))
    found, _ = looked_at(authority, host_of(shown))
    text = told(found)
    assert "host4.example and 295 more, issued by Test Authority" in text
    assert f"its pin is sha256:{fingerprint(shown.der)}." in text


def test_another_certificate_than_the_pinned_one(authority: Authority, identity: Identity) -> None:
    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.hears_the_end()

    found, _ = looked_at(authority, host, options=TlsOptions(pin="0" * 64))
    text = told(found)
    assert "wrong: The server's certificate is not the pinned one." in text
    assert f"its pin is sha256:{fingerprint(identity.der)}" in text


def test_authorities_that_can_not_be_read_are_no_fault_of_the_server(
    authority: Authority, identity: Identity, tmp_path: Path
) -> None:
    async def host(peer: Peer) -> None:
        await peer.opens(STARTTLS_OFFER)
        await peer.hears("<[^>]*starttls[^>]*>")
        peer.say(f"<proceed {TLS}/>")
        await peer.hears_the_end()

    broken = tmp_path / "broken.pem"
    broken.write_text("rubbish")
    found, _ = looked_at(authority, host, options=TlsOptions(ca_file=broken))
    assert f"wrong: The authorities in {broken} can't be read" in told(found)
    assert "whoever runs the server" not in told(found)
