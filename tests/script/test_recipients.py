"""Whom a script means, by an address or a link."""

from __future__ import annotations

import pytest

from termxmpp.core.jid import Jid
from termxmpp.errors import DataError
from termxmpp.script.recipients import Recipient

BOB = Jid.parse("bob@example.org")
HALL = Jid.parse("hall@rooms.example")


@pytest.mark.parametrize(
    ("given", "jid", "more"),
    [
        ("bob@example.org", BOB, {}),
        ("xmpp:bob@example.org", BOB, {}),
        ("XMPP:bob@example.org", BOB, {}),
        ("xmpp:hall@rooms.example?join", HALL, {"joins": True}),
        (
            "xmpp:hall@rooms.example?join;password=a%20b",
            HALL,
            {"joins": True, "password": "a b"},
        ),
        ("xmpp:bob@example.org?message", BOB, {}),
        ("xmpp:bob@example.org?message;body=one%0Atwo", BOB, {"text": "one\ntwo"}),
        (
            "xmpp:bob@example.org?message;subject=Disk;body=full;type=headline",
            BOB,
            {"text": "full", "subject": "Disk", "type": "headline"},
        ),
        # The account to act with, of a link, is the one that the command line names.
        ("xmpp://me@example.net/bob@example.org?message;body=x", BOB, {"text": "x"}),
        ("xmpp:b%C3%B6b@example.org", Jid.parse("böb@example.org"), {}),
    ],
)
def test_what_is_meant(given: str, jid: Jid, more: dict[str, object]) -> None:
    assert Recipient.parse(given) == Recipient(given, jid, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("a b@c", "is no XMPP address"),
        ("", "is no XMPP address"),
        ("xmpp:", "is no XMPP address"),
        ("xmpp:bob@example.org?roster", "'roster'"),
        ("xmpp:bob@example.org?message;type=error", "'error'"),
    ],
)
def test_what_nobody_can_mean_says_why(given: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        Recipient.parse(given)
