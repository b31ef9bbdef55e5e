"""Service discovery: what we announce is what we have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

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
