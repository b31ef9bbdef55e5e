"""What is a secret in a stanza: masked in the console and in the log, and never on the disk."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from termxmpp.xmpp.secrets import has_secret, kept, shown
from termxmpp.xmpp.stanzas import as_text, element_of
from termxmpp.xmpp.traffic import Traffic
from tests.support.harness import Actor
from tests.support.rooms import CLUB, announces

MUC = "http://jabber.org/protocol/muc"


def form(name: str, value: str = "pw1", more: str = "") -> str:
    return (
        f"<x xmlns='jabber:x:data' type='submit'><field var='{name}'{more}>"
        f"<value>{value}</value></field></x>"
    )


SECRET = {
    "room": f"<presence><x xmlns='{MUC}'><password>pw1</password></x></presence>",
    "mediated invitation": (
        f"<message><x xmlns='{MUC}#user'><invite/><password>pw1</password></x></message>"
    ),
    "direct invitation": (
        "<message><x xmlns='jabber:x:conference' jid='a@b' password='pw1'/></message>"
    ),
    "bookmark": (
        "<message><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='b'>"
        "<item id='a@b'><conference xmlns='urn:xmpp:bookmarks:1'><nick>n</nick>"
        "<password>pw1</password></conference></item></items></event></message>"
    ),
    "private bookmark": (
        "<iq><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'>"
        "<conference jid='a@b'><password>pw1</password></conference></storage></query></iq>"
    ),
    "room's form": f"<iq>{form('muc#roomconfig_roomsecret')}</iq>",
    "form in a form": (
        "<iq><command xmlns='http://jabber.org/protocol/commands'>"
        f"{form('password-verify')}</command></iq>"
    ),
    "private field": f"<iq>{form('pin', more=' type=' + repr('text-private'))}</iq>",
    "push": f"<iq>{form('secret')}</iq>",
    "registration": "<iq><query xmlns='jabber:iq:register'><password>pw1</password></query></iq>",
    "token": "<iq><preauth xmlns='urn:xmpp:pars:0' token='pw1'/></iq>",
    "subscription": "<presence><preauth xmlns='urn:xmpp:pars:0' token='pw1'/></presence>",
    "service": (
        "<iq><services xmlns='urn:xmpp:extdisco:2'><service host='h' password='pw1'/></services>"
        "</iq>"
    ),
    "slot": (
        "<iq><slot xmlns='urn:xmpp:http:upload:0'><put url='https://h/'>"
        "<header name='Authorization'>Basic pw1</header></put></slot></iq>"
    ),
    "in a part": "<iq><query xmlns='x'><password><b>pw1</b></password></query></iq>",
    "in capitals": "<iq><query xmlns='x'><Password>pw1</Password></query></iq>",
}

NO_SECRET = {
    "text": "<message><body>my password is pw1</body></message>",
    "no password": f"<presence><x xmlns='{MUC}'><password/><nick>pw1</nick></x></presence>",
    "other field": f"<iq>{form('muc#roomconfig_roomname')}</iq>",
    "whether there is one": f"<iq>{form('muc#roomconfig_passwordprotectedroom')}</iq>",
    "other token": "<message><thread token='pw1'/></message>",
    "invitation": "<message><x xmlns='jabber:x:conference' jid='a@b' reason='pw1'/></message>",
}


@pytest.mark.parametrize("xml", SECRET.values(), ids=SECRET)
def test_a_secret_is_seen_by_the_server_only(xml: str) -> None:
    element = element_of(xml)
    assert has_secret(element)
    assert "pw1" not in as_text(shown(element))
    assert "***" in as_text(shown(element))
    assert "pw1" not in as_text(kept(element))
    assert "pw1" in as_text(element)


@pytest.mark.parametrize("xml", NO_SECRET.values(), ids=NO_SECRET)
def test_what_is_none_stays_as_it_is(xml: str) -> None:
    element = element_of(xml)
    assert not has_secret(element)
    assert shown(element) is element
    assert kept(element) is element


def test_what_stands_for_it_has_its_place_and_its_id() -> None:
    stands = kept(element_of("<iq type='set' id='i'><x><password>x</password></x></iq>"))
    assert (stands.get("type"), stands.get("id")) == ("get", "i")
    assert [each.tag for each in stands] == ["{urn:xmpp:ping}ping"]
    assert kept(element_of(SECRET["room"])).get("id")


@pytest.mark.parametrize("xml", SECRET.values(), ids=SECRET)
@pytest.mark.parametrize("is_ours", [True, False])
def test_nor_does_the_console_find_or_show_one(xml: str, is_ours: bool) -> None:
    assert "pw1" not in Traffic().lines(element_of(xml), is_ours=is_ours)
    assert Traffic.read(["pw1"]).lines(element_of(xml), is_ours=is_ours) == ""


def test_the_password_of_a_room_is_nowhere_but_there(
    alices: Callable[..., Actor], caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent again with the session, which the log tells."""
    caplog.set_level(logging.DEBUG)
    alice = alices(has_management=True)
    announces(alice, "muc_passwordprotected")

    async def secret(question: str) -> str:
        # What is sent from here on is lost with the link.
        alice.server.is_deaf = True
        return "open sesame"

    alice.workspace.on_secret = secret
    alice.types(f"/join {CLUB}")
    alice.loses_the_link()
    alice.goes_online()
    assert any("open sesame" in stanza for stanza in alice.sent())
    assert "<password>***</password>" in caplog.text
    assert "open sesame" not in caplog.text
    kept_there = b"".join(path.read_bytes() for path in alice.folder.iterdir())
    assert b"open sesame" not in kept_there
