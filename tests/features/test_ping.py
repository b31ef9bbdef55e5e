"""Pings: answered for everybody, and told with the time that they took."""

from __future__ import annotations

import re

import pytest

from tests.support.harness import Actor


def test_a_ping_is_answered(alice: Actor) -> None:
    alice.receives("<iq type='get' id='p' from='example.org'><ping xmlns='urn:xmpp:ping'/></iq>")
    assert alice.sent() == ['<iq to="example.org" type="result" id="p"/>']


@pytest.mark.parametrize(
    "answer",
    [
        "<iq type='result' id='{id}' from='{to}'/>",
        "<iq type='error' id='{id}' from='{to}'><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    ],
)
def test_any_answer_is_an_answer(alice: Actor, answer: str) -> None:
    """XEP-0199 §4.4: an error shows that somebody is there, too."""
    alice.answers = lambda iq: answer.format(id=iq.get("id"), to=iq.get("to"))
    alice.types("/ping bob@example.org/desk")
    assert re.fullmatch(r"bob@example.org/desk answered in \d+ ms\.", alice.told()[-1])


def test_without_an_address_the_server_is_asked(alice: Actor) -> None:
    alice.types("/ping")
    [stanza] = alice.sent()
    assert 'to="example.org"' in stanza


def test_an_answer_of_somebody_else_is_none(alice: Actor) -> None:
    """The id alone proves nothing: it must come from where it was asked."""
    alice.answers = lambda iq: f"<iq type='result' id='{iq.get('id')}' from='mallory@example.com'/>"
    alice.types("/ping bob@example.org/desk")
    assert alice.told() == []
