"""Client state: the server learns that nobody looks, where it wants to know it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from termxmpp.errors import ConnectionFailed
from termxmpp.features.client_state import NS
from tests.support.harness import Actor

ACTIVE, INACTIVE = f'<active  xmlns="{NS}"/>', f'<inactive  xmlns="{NS}"/>'


def told(alice: Actor) -> list[str]:
    return [element for element in alice.sent() if NS in element]


@pytest.fixture
def watched(alices: Callable[..., Actor]) -> Actor:
    """alice on a server that wants to know, with a session that outlives her links."""
    alice = alices(has_management=True)
    alice.loses_the_link()
    alice.session.id = ""
    alice.stream_features = frozenset({f"{{{NS}}}csi"})
    alice.goes_online()
    alice.forgets()
    return alice


def looks(alice: Actor, is_active: bool) -> None:
    alice.run_now(alice.client.set_active, is_active)


def test_it_is_told_when_the_user_turns_away_and_comes_back(watched: Actor) -> None:
    looks(watched, False)
    assert told(watched) == [INACTIVE]
    looks(watched, True)
    assert told(watched) == [ACTIVE]


def test_it_is_told_once(watched: Actor) -> None:
    looks(watched, True)
    assert told(watched) == []
    looks(watched, False)
    looks(watched, False)
    assert told(watched) == [INACTIVE]


def test_it_does_not_count_as_a_stanza(watched: Actor) -> None:
    """XEP-0198 §4: else all that is counted from then on would be wrong."""
    before = watched.client.link.management.unacknowledged
    looks(watched, False)
    assert watched.client.link.management.unacknowledged == before


@pytest.mark.parametrize("is_resumed", [False, True])
def test_each_stream_begins_as_active(watched: Actor, is_resumed: bool) -> None:
    """§5.2: also one over which a session goes on, so it is told once more."""
    looks(watched, False)
    if not is_resumed:
        watched.session.id = ""
    watched.loses_the_link(ConnectionFailed("The connection broke."))
    watched.goes_online()
    assert told(watched) == [INACTIVE]


def test_while_the_link_is_away_nothing_is_lost(watched: Actor) -> None:
    watched.loses_the_link(ConnectionFailed("The connection broke."))
    looks(watched, False)
    watched.goes_online()
    assert told(watched) == [INACTIVE]
    watched.loses_the_link(ConnectionFailed("The connection broke."))
    looks(watched, True)
    watched.goes_online()
    assert told(watched) == []


def test_a_server_that_does_not_ask_is_not_told(alice: Actor) -> None:
    """§4.1."""
    looks(alice, False)
    alice.loses_the_link()
    alice.goes_online()
    looks(alice, True)
    assert told(alice) == []
