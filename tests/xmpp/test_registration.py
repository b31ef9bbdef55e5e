"""Registration: what a server asks, what it is answered, and how it refuses."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from xml.etree import ElementTree

import pytest

from termxmpp.errors import CertificateError, DataError, LoginRefused, TermxmppError, TlsFailed
from termxmpp.xmpp.connection import ConnectionSettings
from termxmpp.xmpp.forms import Field
from termxmpp.xmpp.registration import Registration, RegistrationPayload, refused
from tests.support.authority import Authority, Identity
from tests.support.peer import Peer, Script, Served, mechanisms, serve
from tests.support.trial import Trial, attempt

NS = "jabber:iq:register"
LEGACY = f"<query xmlns='{NS}'><instructions>Choose.</instructions><username/><password/></query>"
DATA = (
    f"<query xmlns='{NS}'><username/><password/><x xmlns='jabber:x:data' type='form'>"
    f"<field var='FORM_TYPE' type='hidden'><value>{NS}</value></field>"
    "<field var='username'><required/></field>"
    "<field var='password' type='text-private'><required/></field></x></query>"
)


def use(trial: Trial, served: Served) -> Registration:
    made = trial.use(served)
    return Registration(
        trial.mainloop,
        made._resolver,
        ConnectionSettings(trial.jid, None, trial.options, trial.timeouts),
        trial.credentials,
        trial.processor,
        trial.management,
        trial.watcher,
    )


def registered(authority: Authority, script: Script, values: dict[str, list[str]]) -> list[Peer]:
    """Register by `values` at `script`; the servers' sides of it."""

    async def scenario(trial: Trial, stack: AsyncExitStack) -> list[Peer]:
        served = await stack.enter_async_context(serve(script))
        registration = use(trial, served)
        try:
            await registration.submit(await registration.begin(), values)
            await registration.close()
        finally:
            registration.abort()
        assert served.errors == []
        return served.peers

    peers: list[Peer] = attempt(authority, scenario)
    return peers


def host_of(
    identity: Identity,
    form: str,
    answer: str = "type='result'",
    inside: str = "",
    *,
    names_itself: bool = False,
) -> Script:
    sender = " from='localhost'" if names_itself else ""

    async def host(peer: Peer) -> None:
        await peer.secures(identity.context())
        await peer.opens(mechanisms("PLAIN"))
        await peer.hears("</iq>|</[^>]*iq>")
        peer.say(f"<iq type='result' id='register-get'{sender}>{form}</iq>")
        await peer.hears("</[^>]*iq>")
        peer.say(f"<iq {answer} id='register-set'{sender}>{inside}</iq>")
        await peer.hears("</stream:stream>")
        peer.say("</stream:stream>")
        await peer.hears_the_end()

    return host


@pytest.mark.parametrize(
    ("form", "filled"),
    [
        (LEGACY, ["username>alice</", "password>wonder</"]),
        (DATA, ['type="submit"', "<value>alice</value>", "<value>wonder</value>"]),
    ],
)
def test_an_account_is_made_by_either_form_though_none_is_announced(
    authority: Authority, identity: Identity, form: str, filled: list[str]
) -> None:
    values = {"username": ["alice"], "password": ["wonder"]}
    [peer] = registered(authority, host_of(identity, form), values)
    for each in filled:
        assert each in peer.received
    assert "<auth" not in peer.received


def test_the_answers_may_say_whose_they_are(authority: Authority, identity: Identity) -> None:
    """As ejabberd's do."""
    values = {"username": ["alice"], "password": ["wonder"]}
    [peer] = registered(authority, host_of(identity, LEGACY, names_itself=True), values)
    assert "password>wonder</" in peer.received


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("conflict", "name is taken"),
        ("not-acceptable", "does not accept"),
        ("not-allowed", "lets nobody register here"),
        ("service-unavailable", "lets nobody register here"),
        ("resource-constraint", "try again later"),
        ("gone", r"refused the registration \(gone\)"),
    ],
)
def test_a_refusal_says_what_to_do(
    authority: Authority, identity: Identity, condition: str, words: str
) -> None:
    inside = (
        f"<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    )
    host = host_of(identity, LEGACY, "type='error'", inside)
    with pytest.raises(LoginRefused, match=words) as raised:
        registered(authority, host, {"username": ["alice"], "password": ["wonder"]})
    assert raised.value.exit_status == 77
    assert raised.value.condition == condition


def test_what_is_missing_is_not_sent(authority: Authority, identity: Identity) -> None:
    with pytest.raises(DataError, match="Password must be filled in"):
        registered(authority, host_of(identity, LEGACY), {"username": ["alice"]})


def test_nothing_is_asked_of_a_server_without_tls(authority: Authority) -> None:
    peers = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        await peer.opens("<register xmlns='http://jabber.org/features/iq-register'/>")
        await peer.hears_the_end()

    with pytest.raises(TlsFailed, match="does not offer TLS"):
        registered(authority, host, {})
    assert all(NS not in peer.received for peer in peers)


def test_nothing_is_asked_of_a_server_that_proves_nothing(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "Somebody Else").issue("localhost")
    peers = []

    async def host(peer: Peer) -> None:
        peers.append(peer)
        await peer.secures(stranger.context())

    with pytest.raises(CertificateError, match="issued by Somebody Else"):
        registered(authority, host, {})
    assert all(NS not in peer.received for peer in peers)


@pytest.mark.parametrize("form", ["", "<x xmlns='y'/>", "<query xmlns='z'/>"])
def test_a_form_that_is_none_ends_the_way(
    authority: Authority, identity: Identity, form: str
) -> None:
    with pytest.raises(TermxmppError, match="can't be read"):
        registered(authority, host_of(identity, form), {})


def test_a_page_that_registers_is_told_and_the_key_of_old_servers_goes_back() -> None:
    query = ElementTree.fromstring(
        f"<query xmlns='{NS}'><instructions>See</instructions><username/><key>k</key>"
        "<x xmlns='jabber:x:oob'><url>https://example.org/new</url></x></query>"
    )
    asked = RegistrationPayload.from_xml(query)
    assert asked.link == "https://example.org/new"
    assert asked.form.instructions == ("See",)
    assert asked.form.asked == (Field("username", label="User name", is_required=True),)
    answered = asked.form.answered({"username": ["al"]})
    assert [each.value for each in answered.fields] == ["al", "k"]


def test_the_words_of_the_server_are_told_too() -> None:
    assert str(refused("conflict", "try alice2")).endswith("(try alice2)")
