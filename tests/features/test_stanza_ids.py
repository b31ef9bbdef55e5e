"""Stanza ids: our messages are known again in every copy, by whatever way it comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from termxmpp.core.message import Message
from termxmpp.features.stanza_ids import FEATURE
from termxmpp.xmpp.ids import NS
from tests.support.harness import ALICE, BOB, Actor

TRUSTED = (NS, "urn:xmpp:mam:2")


def messages(alice: Actor) -> list[Message]:
    entries = alice.client.state.conversation(BOB).entries
    return [entry for entry in entries if isinstance(entry, Message)]


def hello(*, id: str, by: object = ALICE, archive_id: str = "", delay: str = "") -> str:
    named = f"<stanza-id xmlns='{NS}' id='{archive_id}' by='{by}'/>" if archive_id else ""
    return (
        f"<message from='bob@example.org/desk' type='chat' id='{id}'>{delay}{named}"
        "<body>hello</body></message>"
    )


def test_each_message_says_which_it_is(alice: Actor) -> None:
    """§2.2; the id of the stanza is the same, for those who know no other."""
    alice.types("/msg bob@example.org hello")
    [message] = alice.sent(is_whole=True)
    assert f'<origin-id id="id1"  xmlns="{NS}"/>' in message
    assert ' id="id1"><' in message


def test_a_message_that_is_sent_again_is_the_same(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.sent()
    alice.loses_the_link()
    alice.goes_online()
    alice.types("/resend")
    [message] = [each for each in alice.sent(is_whole=True) if "<body>" in each]
    assert f'<origin-id id="id1"  xmlns="{NS}"/>' in message
    assert ' id="id1"><' in message


def test_a_copy_of_ours_is_known_by_its_origin_whatever_id_it_has_now(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    inner = (
        "<message xmlns='jabber:client' from='alice@example.org/here' to='bob@example.org' "
        f"id='other'><origin-id xmlns='{NS}' id='id1'/><body>hello</body></message>"
    )
    alice.receives(
        f"<message from='{ALICE}'><sent xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>"
    )
    assert [message.text for message in messages(alice)] == ["hello"]
    assert alice.lines()[-1] == "12:00 you      hello ✓"


def test_an_archive_id_makes_copies_one(alices: Callable[..., Actor]) -> None:
    """Whatever the sender calls them."""
    alice = alices(announced=TRUSTED)
    delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>"
    alice.receives(hello(id="m1", archive_id="a1"), hello(id="m2", archive_id="a1", delay=delay))
    assert [message.archive_id for message in messages(alice)] == ["a1"]


def test_two_archive_ids_are_two_messages(alices: Callable[..., Actor]) -> None:
    """Although their sender has called them the same."""
    alice = alices(announced=TRUSTED)
    delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:00:00Z'/>"
    alice.receives(hello(id="m1", archive_id="a1"), hello(id="m1", archive_id="a2", delay=delay))
    assert [message.archive_id for message in messages(alice)] == ["a1", "a2"]


@pytest.mark.parametrize(
    ("announced", "by"),
    [
        (TRUSTED, "bob@example.org"),
        (TRUSTED, "alice@example.org/here"),
        (TRUSTED, "example.org"),
        ((NS,), "alice@example.org"),
        (("urn:xmpp:mam:2",), "alice@example.org"),
        ((), "alice@example.org"),
    ],
)
def test_an_id_that_may_be_forged_makes_nothing_vanish(
    alices: Callable[..., Actor], announced: tuple[str, ...], by: str
) -> None:
    """§6: else a peer could make us take what others say for what he has said."""
    alice = alices(announced=announced)
    alice.receives(hello(id="m1", archive_id="a1", by=by), hello(id="m2", archive_id="a1", by=by))
    assert [message.archive_id for message in messages(alice)] == ["", ""]


def test_it_is_announced() -> None:
    assert NS in FEATURE.namespaces
