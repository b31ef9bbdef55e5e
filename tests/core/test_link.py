"""The words of the status bar are the contract's, and no others."""

from __future__ import annotations

import pytest

from termxmpp.core.link import Link, Phase
from tests.support.harness import NOON


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link(), "offline"),
        (Link(Phase.CONNECTING, step="resolving"), "connecting: resolving"),
        (Link(Phase.CONNECTING, step="tcp a.example:5222"), "connecting: tcp a.example:5222"),
        (Link(Phase.ONLINE), "online"),
        (Link(Phase.RECONNECTING, retry_at=NOON), "reconnecting at 12:00:00"),
        (Link(Phase.REFUSED, problem="no"), "refused"),
    ],
)
def test_the_words_of_each_phase(link: Link, words: str) -> None:
    assert link.words == words
