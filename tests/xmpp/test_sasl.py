"""Which log-in is chosen, what it sends, and what a refusal means to the user."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Collection
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from termxmpp.errors import ConnectionFailed, LoginRefused, TermxmppError
from termxmpp.mainloop import EpollMainLoop, run
from termxmpp.xmpp.sasl import Choice, Credentials, SaslHandler, choose, refusal

PASSWORD = Credentials("alice", "wonder")
SCRAMS = {"SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"}
PLUSES = {f"{name}-PLUS" for name in SCRAMS}
END_POINT = {"tls-exporter", "tls-server-end-point"}


@pytest.mark.parametrize(
    ("offered", "bindings", "can_bind", "choice"),
    [
        (SCRAMS | PLUSES | {"PLAIN"}, END_POINT, True, Choice("SCRAM-SHA-512-PLUS", "p")),
        (SCRAMS | {"SCRAM-SHA-1-PLUS"}, END_POINT, True, Choice("SCRAM-SHA-1-PLUS", "p")),
        # RFC 5802 §6: `y` would tell the server that its offer did not arrive.
        (SCRAMS | PLUSES, None, True, Choice("SCRAM-SHA-512", "n")),
        (SCRAMS | PLUSES, END_POINT, False, Choice("SCRAM-SHA-512", "n")),
        # Prosody 13 as it is shipped: what it can do, no Python can.
        (SCRAMS | PLUSES, {"tls-exporter"}, True, Choice("SCRAM-SHA-512", "n")),
        # Prosody 13 with a directory that knows no SCRAM.
        ({"PLAIN"}, {"tls-exporter"}, True, Choice("PLAIN", "n")),
        (SCRAMS, None, True, Choice("SCRAM-SHA-512", "y")),
        (SCRAMS, None, False, Choice("SCRAM-SHA-512", "n")),
        (SCRAMS, set(), True, Choice("SCRAM-SHA-512", "y")),
        ({"SCRAM-SHA-1", "PLAIN"}, None, True, Choice("SCRAM-SHA-1", "y")),
        ({"PLAIN", "DIGEST-MD5"}, None, True, Choice("PLAIN", "n")),
    ],
)
def test_the_strongest_log_in_is_chosen(
    offered: Collection[str], bindings: Collection[str] | None, can_bind: bool, choice: Choice
) -> None:
    assert choose(offered, bindings, PASSWORD, can_bind=can_bind) == choice


@pytest.mark.parametrize("bindings", [END_POINT, {"tls-exporter"}])
def test_an_offer_that_looks_cut_is_refused_unless_the_certificate_is_pinned(
    bindings: Collection[str],
) -> None:
    """XEP-0440 §4: who lists bindings and has SCRAM has SCRAM that uses them."""
    with pytest.raises(LoginRefused, match="somebody in between"):
        choose(SCRAMS, bindings, PASSWORD, can_bind=True)
    pinned = choose(SCRAMS, bindings, PASSWORD, can_bind=True, is_pinned=True)
    assert pinned.mechanism in SCRAMS


@pytest.mark.parametrize("offered", [set(), {"DIGEST-MD5", "X-OTHER"}, {"ANONYMOUS"}, {"EXTERNAL"}])
def test_nothing_that_fits_is_refused_and_told(offered: Collection[str]) -> None:
    with pytest.raises(LoginRefused, match="offers no log-in that termxmpp has"):
        choose(offered, None, PASSWORD, can_bind=False)


def test_a_client_certificate_comes_before_the_password_and_no_account_is_asked_for() -> None:
    certified = Credentials("alice", "wonder", has_certificate=True)
    assert choose({"EXTERNAL", "PLAIN"}, None, certified, can_bind=False) == Choice("EXTERNAL")
    assert choose({"PLAIN"}, None, certified, can_bind=False) == Choice("PLAIN")
    nobody = Credentials("", is_anonymous=True)
    assert choose({"ANONYMOUS", "PLAIN"}, None, nobody, can_bind=False) == Choice("ANONYMOUS")
    with pytest.raises(LoginRefused):
        choose({"PLAIN"}, None, nobody, can_bind=False)


class Transport:
    """What the handler asks of the transport."""

    def __init__(self, binding: bytes | None) -> None:
        bindings = {"tls-server-end-point": binding} if binding else {}
        self.auth_properties = {"security-layer": "TLS", "channel-binding": bindings}


class Stream:
    """What the handler asks of the stream; `written` is what it sent."""

    authenticated = False
    tls_established = True

    def __init__(self, binding: bytes | None = None) -> None:
        self.transport = Transport(binding)
        self.written: list[Element] = []

    def write_element(self, element: Element) -> None:
        self.written.append(element)


class Login:
    """One log-in of `credentials`; `has_come_in` and `error` are its end."""

    def __init__(self, credentials: Credentials = PASSWORD, binding: bytes | None = None) -> None:
        self.stream = Stream(binding)
        self.has_come_in = False
        self.error: TermxmppError | None = None
        self.handler = SaslHandler(credentials, self._come_in, self._fail)

    def _come_in(self) -> None:
        self.has_come_in = True

    def _fail(self, error: TermxmppError) -> None:
        self.error = error

    def offers(self, *names: str, bindings: Collection[str] = ()) -> Any:
        return self.handler.handle_stream_features(self.stream, features(*names, bindings=bindings))

    @property
    def first(self) -> tuple[str, bytes]:
        """The mechanism and the first message that the client has sent."""
        element = self.stream.written[0]
        text = element.text or ""
        return element.get("mechanism", ""), base64.b64decode("" if text == "=" else text)


def features(*names: str, bindings: Collection[str] = ()) -> Element:
    """Stream features with these mechanisms and bindings."""
    offers = "".join(f"<mechanism>{name}</mechanism>" for name in names)
    listed = "".join(f"<channel-binding type='{each}'/>" for each in bindings)
    cb = f"<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{listed}</sasl-channel-binding>"
    return ElementTree.fromstring(
        f"<features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{offers}</mechanisms>"
        f"{cb if bindings else ''}</features>"
    )


def sasl(name: str, data: bytes | str = b"") -> Element:
    """`<success/>` or `<challenge/>` with `data`."""
    element = Element(f"{{urn:ietf:params:xml:ns:xmpp-sasl}}{name}")
    element.text = data if isinstance(data, str) else base64.b64encode(data).decode()
    return element


def test_plain_says_user_and_password() -> None:
    login = Login()
    login.offers("PLAIN")
    assert login.first == ("PLAIN", b"\0alice\0wonder")


def test_anonymous_and_external_say_nothing_in_one_sign() -> None:
    for name, credentials in [
        ("ANONYMOUS", Credentials("", is_anonymous=True)),
        ("EXTERNAL", Credentials("alice", has_certificate=True)),
    ]:
        login = Login(credentials)
        login.offers(name)
        assert login.first == (name, b"")
        assert login.stream.written[0].text == "="


def test_nothing_is_said_before_tls() -> None:
    login = Login()
    login.stream.tls_established = False
    assert login.offers("PLAIN") is None
    assert login.stream.written == []


def test_the_bound_log_in_names_its_binding() -> None:
    login = Login(binding=b"hash")
    login.offers("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", bindings=["tls-server-end-point"])
    mechanism, first = login.first
    assert mechanism == "SCRAM-SHA-1-PLUS"
    assert first.startswith(b"p=tls-server-end-point,,n=alice,r=")


def test_a_success_without_the_servers_proof_is_refused() -> None:
    login = Login()
    login.offers("SCRAM-SHA-1")
    with pytest.raises(LoginRefused, match="did not prove"):
        login.handler.succeeded(login.stream, sasl("success"))
    assert not login.has_come_in


def test_a_challenge_that_the_log_in_has_no_answer_to_is_refused() -> None:
    login = Login()
    login.offers("PLAIN")
    with pytest.raises(LoginRefused):
        login.handler.challenged(login.stream, sasl("challenge", b"more?"))


@pytest.mark.parametrize("text", ["!", "AAA", "ä"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    login = Login()
    login.offers("SCRAM-SHA-1")
    with pytest.raises(LoginRefused, match="can't be read"):
        login.handler.challenged(login.stream, sasl("challenge", text))


def test_a_password_that_can_not_be_prepared_is_told() -> None:
    """U+0007 is prohibited by SASLprep; it must not be sent in some other form."""
    login = Login(Credentials("alice", "won\u0007dér"))

    async def exchange(mainloop: EpollMainLoop) -> None:
        login.offers("SCRAM-SHA-1")
        nonce = login.first[1].partition(b"r=")[2]
        challenge = b"r=" + nonce + b"more,s=QSXCR+Q6sek8bf92,i=4096"
        login.handler.challenged(login.stream, sasl("challenge", challenge))
        await asyncio.sleep(0.01)

    run(exchange)
    assert isinstance(login.error, LoginRefused)
    assert "SASLprep" in str(login.error)
    assert "won" not in str(login.error)
    assert len(login.stream.written) == 1


@pytest.mark.parametrize(
    ("condition", "text", "kind", "words"),
    [
        ("not-authorized", "", LoginRefused, "start again with the right one (not-authorized)"),
        ("account-disabled", "Ask Bob.", LoginRefused, "(account-disabled): Ask Bob."),
        ("x-new", "", LoginRefused, "x-new"),
        ("temporary-auth-failure", "", ConnectionFailed, "at the moment"),
    ],
)
def test_refusals_are_told_in_the_servers_condition_and_text(
    condition: str, text: str, kind: type[TermxmppError], words: str
) -> None:
    error = refusal(condition, text)
    assert type(error) is kind
    assert words in str(error)
    assert "\n" not in str(refusal(condition, "two\nlines"))


def test_passwords_and_keys_are_in_no_representation() -> None:
    assert "wonder" not in repr(PASSWORD)
