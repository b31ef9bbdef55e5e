"""Service discovery: what we announce is what we have."""

from __future__ import annotations

from termxmpp.features import FEATURES
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
