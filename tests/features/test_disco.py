"""Service discovery: what we announce is what we have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from termxmpp.client import Client
from termxmpp.core.archive import ARCHIVE
from termxmpp.core.events import Event, ServerDiscovered
from termxmpp.features import FEATURES
from termxmpp.xmpp.disco import NS as DISCO
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import Actor

ASKED = (
    "<iq type='get' id='q' from='bob@example.org/desk'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'{node}/></iq>"
)


def test_all_that_features_declare_is_announced(alice: Actor) -> None:
    alice.receives(ASKED.format(node=""))
    [answer] = alice.sent()
    assert 'to="bob@example.org/desk"' in answer
    assert 'category="client"' in answer
    for feature in FEATURES:
        for namespace in feature.namespaces:
            assert f'var="{namespace}"' in answer


def test_a_node_that_is_not_there_is_not_found(alice: Actor) -> None:
    alice.receives(ASKED.format(node=" node='urn:x'"))
    [answer] = alice.sent()
    assert "item-not-found" in answer


def test_who_gives_no_answer_still_has_what_it_had(alices: Callable[..., Actor]) -> None:
    alice = alices(announced=[ARCHIVE])
    alice.client._answer_timeout = 0.01
    alice.answers = lambda element: "" if DISCO in as_text(element) else None
    alice.loses_the_link()

    async def is_told() -> None:
        told = asyncio.get_running_loop().create_future()

        def watch(client: Client, event: Event) -> None:
            if isinstance(event, ServerDiscovered):
                told.set_result(None)

        alice.client.observers.append(watch)
        alice.client.connect()
        await told

    alice.run(is_told)
    assert ARCHIVE in alice.client.state.namespaces


def test_who_refuses_to_tell_has_nothing(alices: Callable[..., Actor]) -> None:
    alice = alices(announced=[ARCHIVE])
    refusal = (
        "<iq type='error' id='{id}' from='{to}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
    alice.answers = lambda element: (
        refusal.format_map(element.attrib) if DISCO in as_text(element) else None
    )
    alice.loses_the_link()
    alice.goes_online()
    assert ARCHIVE not in alice.client.state.namespaces


def test_nothing_belongs_to_us(alice: Actor) -> None:
    alice.receives(ASKED.format(node="").replace("#info", "#items"))
    [answer] = alice.sent()
    assert 'type="result"' in answer
    alice.receives(ASKED.format(node=" node='urn:x'").replace("#info", "#items"))
    [answer] = alice.sent()
    assert "item-not-found" in answer


# What others are, for the user.


def says(info: str | None, items: str | None = None) -> Callable[[Element], str]:
    """Whoever is asked says this; None is a refusal."""

    def answer(iq: Element) -> str:
        head = f"id='{iq.get('id')}' from='{iq.get('to')}'"
        for name, inner in (("info", info), ("items", items)):
            namespace = f"http://jabber.org/protocol/disco#{name}"
            if iq.find(f"{{{namespace}}}query") is not None and inner is not None:
                return f"<iq type='result' {head}><query xmlns='{namespace}'>{inner}</query></iq>"
        return (
            f"<iq type='error' {head}><error type='cancel'>"
            "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )

    return answer


FORM = (
    "<x xmlns='jabber:x:data' type='result'>"
    "<field var='FORM_TYPE' type='hidden'><value>urn:x</value></field>"
    "<field var='abuse-addresses'><value>mailto:a@b</value><value>xmpp:c@d</value></field>"
    "<field var='empty'/></x>"
)


def test_what_a_server_is_and_has_is_a_table(alice: Actor) -> None:
    alice.answers = says(
        "<identity category='server' type='im' name='Prosody'/><feature var='urn:xmpp:ping'/>"
        f"<feature var='urn:b'/>{FORM}",
        "<item jid='rooms.example.org' name='Rooms'/><item jid='example.org' node='n'/><item/>",
    )
    alice.types("/disco")
    assert alice.told()[-1].split("\n") == [
        "example.org:",
        "is    server/im        Prosody",
        "can   urn:b",
        "can   urn:xmpp:ping",
        "says  abuse-addresses  mailto:a@b, xmpp:c@d",
        "",
        "has  n",
        "has  rooms.example.org  Rooms",
    ]


def test_a_node_is_asked_for(alice: Actor) -> None:
    alice.answers = says("<feature var='urn:x'/>")
    alice.types("/disco bob@example.org/desk some node")
    assert all('node="some node"' in stanza for stanza in alice.sent())
    assert alice.told()[-1].split("\n") == [
        "bob@example.org/desk, node some node:",
        "can  urn:x",
    ]


def test_who_says_nothing_is_told_as_such(alice: Actor) -> None:
    alice.answers = says(None)
    alice.types("/disco bob@example.org/desk")
    assert "service-unavailable" in alice.told()[-1]


def test_of_very_many_some_are_told(alice: Actor) -> None:
    alice.answers = says("", "".join(f"<item jid='r{n}@rooms.example.org'/>" for n in range(1000)))
    alice.types("/disco rooms.example.org")
    lines = alice.told()[-1].split("\n")
    assert len(lines) == 1 + 1 + 200 + 1
    assert lines[-1] == "and 800 more"


@pytest.mark.parametrize(
    ("info", "items"),
    [
        ("<identity/><feature/><x xmlns='jabber:x:data' type='odd'/>", "<item jid='@'/>"),
        ("<x xmlns='jabber:x:data'><field/><field var='a'><value/></field></x>", "<x xmlns='y'/>"),
    ],
)
def test_rubbish_is_told_as_what_it_holds(alice: Actor, info: str, items: str) -> None:
    alice.answers = says(info, items)
    alice.types("/disco mallory@example.com")
    assert alice.told()[-1].startswith("mallory@example.com:")


def test_names_of_several_lines_forge_none(alice: Actor) -> None:
    alice.answers = says("<identity category='server' type='im' name='a&#10;can  everything'/>")
    alice.types("/disco mallory.example")
    assert len(alice.told()[-1].split("\n")) == 2
