"""Invitations: made by the server, taken by who has the link."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from termxmpp.assistant import invitation
from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from tests.support.harness import Actor

COMMANDS = "http://jabber.org/protocol/commands"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def invites(alice: Actor, inside: str, status: str = "completed") -> list[Element]:
    asked: list[Element] = []

    def answer(iq: Element) -> str | None:
        if iq.find(f"{{{COMMANDS}}}command") is None:
            return None
        asked.append(iq)
        head = f"id='{iq.get('id')}' from='{iq.get('to')}'"
        if inside.startswith("<error"):
            return f"<iq type='error' {head}>{inside}</iq>"
        return (
            f"<iq type='result' {head}><command xmlns='{COMMANDS}' status='{status}'>{inside}"
            "</command></iq>"
        )

    alice.answers = answer
    return asked


def form(**values: str) -> str:
    fields = "".join(
        f"<field var='{name.replace('_', '-')}'><value>{value}</value></field>"
        for name, value in values.items()
    )
    return f"<x xmlns='jabber:x:data' type='result'>{fields}</x>"


LINK = "xmpp:alice@example.org?roster;preauth=T;ibr=y"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (form(uri=LINK), ["Whoever has this link becomes your contact:", LINK]),
        (
            form(uri=LINK, landing_url="https://example.org/i#T", expire="2026-02-03T04:05:06Z"),
            [
                "Whoever has this link becomes your contact:",
                "https://example.org/i#T",
                "For who has an XMPP program already:",
                LINK,
                "It holds until 2026-02-03 04:05.",
            ],
        ),
        (form(uri=LINK, expire="soon"), ["Whoever has this link becomes your contact:", LINK]),
        (form(link=LINK), [f"link: {LINK}"]),
    ],
)
def test_the_server_makes_the_link(alice: Actor, answer: str, told: list[str]) -> None:
    [asked] = [invites(alice, answer)]
    alice.types("/account invite")
    assert asked[0].get("to") == "example.org"
    command = asked[0].find(f"{{{COMMANDS}}}command")
    assert command is not None
    assert command.get("node") == "urn:xmpp:invite#invite"
    assert alice.told()[-1].splitlines() == told


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (f"<error type='cancel'><item-not-found xmlns='{STANZAS}'/></error>", "", "makes no inv"),
        (f"<error type='auth'><forbidden xmlns='{STANZAS}'/></error>", "", "makes no invitations"),
        (f"<error type='wait'><resource-constraint xmlns='{STANZAS}'/></error>", "", "resource-"),
        (form(uri=LINK), "executing", "/adhoc example.org urn:xmpp:invite#invite"),
        ("", "completed", "asks more before it invites"),
    ],
)
def test_why_there_is_none_is_told(alice: Actor, answer: str, status: str, words: str) -> None:
    invites(alice, answer, status)
    alice.types("/account invite")
    assert words in alice.told()[-1]


def test_who_has_the_link_asks_with_its_token(alice: Actor) -> None:
    alice.types("/subscription request 'xmpp:dan@example.net?roster;preauth=T;name=Dan%20D.'")
    roster, approval, request = alice.sent()
    assert 'jid="dan@example.net"' in roster
    assert 'name="Dan D."' in roster
    assert approval == '<presence to="dan@example.net" type="subscribed"/>'
    assert '<presence to="dan@example.net" type="subscribe">' in request
    assert '<preauth token="T"  xmlns="urn:xmpp:pars:0"/>' in request
    assert alice.told()[-1] == "dan@example.net is in your roster, and has been asked."


def test_of_a_contact_the_conversation_is_opened(alice: Actor) -> None:
    alice.types("/sub request xmpp:bob@example.org?roster;preauth=T")
    assert alice.sent() == []
    assert alice.workspace.current.peer == Jid.parse("bob@example.org")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("xmpp:dan@example.net?register;preauth=T", "termxmpp --register LINK"),
        ("xmpp:example.net", "termxmpp --register LINK"),
        ("xmpp:club@example.net?join", "That link is no invitation."),
        ("xmpp:@", "no XMPP address"),
    ],
)
def test_what_is_no_invitation_is_told(alice: Actor, link: str, words: str) -> None:
    alice.types(f"/subscription request {link}")
    assert words in alice.told()[-1]
    assert alice.sent() == []


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("xmpp:dan@example.net?register;preauth=T", ("dan@example.net", "T")),
        ("xmpp:example.net?register;preauth=T", ("example.net", "T")),
        ("xmpp:romeo@example.net?roster;preauth=T;ibr=y", ("example.net", "T")),
        ("xmpp:romeo@example.net?roster;preauth=T", None),
        ("xmpp:example.net?register", None),
        ("xmpp:example.net", None),
    ],
)
def test_an_account_is_made_where_the_link_says(link: str, made: tuple[str, str] | None) -> None:
    if made is None:
        with pytest.raises(DataError, match="makes no account"):
            invitation(link)
    else:
        assert invitation(link) == (Jid.parse(made[0]), made[1])
