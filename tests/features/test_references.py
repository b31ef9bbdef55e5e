"""References (XEP-0372): who is said to be meant, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given

from termxmpp.core.mentions import named_in
from termxmpp.xmpp.references import MentionPayload
from tests.support.acts import message, only, shown
from tests.support.harness import Actor
from tests.support.rooms import CLUB, announces, enters, said
from tests.support.rubbish import rubbish

NS = "urn:xmpp:reference:0"


def reference(uri: str, more: str = "type='mention'") -> str:
    return f"<reference xmlns='{NS}' uri='{uri}' {more}/>"


@pytest.mark.parametrize(
    ("uri", "is_ours"),
    [
        ("xmpp:alice@example.org", True),
        ("xmpp:ALICE@example.org/phone", True),
        (f"xmpp:{CLUB}/alice", True),
        (f"xmpp:{CLUB}/%61lice", True),
        (f"xmpp:{CLUB}/bob", False),
        (f"xmpp:{CLUB}", False),
        ("xmpp:other@conference.example.org/alice", False),
        ("xmpp:bob@example.org", False),
        ("alice@example.org", False),
        ("https://example.org/alice@example.org", False),
        ("xmpp:@@@", False),
        ("", False),
    ],
)
def test_it_is_a_mention_if_we_are_meant(alice: Actor, uri: str, is_ours: bool) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(
        said("bob", "lady with the hat", "m").replace("</message>", reference(uri) + "</message>")
    )
    assert only(alice, CLUB).is_mention is is_ours


def test_one_of_another_kind_or_namespace_is_none(alice: Actor) -> None:
    ours = "xmpp:alice@example.org"
    alice.receives(message("<body>hi</body>" + reference(ours, "type='data'"), "1"))
    alice.receives(message("<body>hi</body>" + reference(ours).replace(NS, "urn:x"), "2"))
    alice.receives(message("<body>hi</body>" + reference(ours), "3"))
    assert [each.is_mention for each in shown(alice)] == [False, False, True]


def test_whole_words_count_as_ever(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    other = reference(f"xmpp:{CLUB}/bob") + "</message>"
    alice.receives(said("bob", "alice: hi", "m").replace("</message>", other))
    assert only(alice, CLUB).is_mention


@given(rubbish(f"{{{NS}}}reference", ("type", "uri", "begin", "end")))
def test_rubbish_mentions_nobody_or_an_address(element: object) -> None:
    try:
        found = MentionPayload.from_xml(element)  # type: ignore[arg-type]  # it is an element
    except ValueError:
        return
    assert found.whom.domain


def test_whom_we_name_in_a_room_is_meant_by_the_address_there(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "Bob Ross", "é (x)")
    alice.looks_at(CLUB)
    alice.forgets()
    alice.types("bob, Bob Ross: 😀 ask é (x) and bobby, not alice")
    [sent] = alice.sent()
    assert sent.count("<reference") == 3
    for uri, begin, end in (("bob", 0, 3), ("Bob%20Ross", 5, 13), ("%C3%A9%20(x)", 21, 26)):
        assert f'begin="{begin}"' in sent
        assert f'end="{end}"' in sent
        assert f'uri="xmpp:{CLUB}/{uri}"' in sent


def test_what_is_quoted_before_moves_the_place(alice: Actor) -> None:
    announces(alice, "urn:xmpp:sid:0")
    enters(alice, "bob")
    alice.receives(said("bob", "well", "m", archive_id="a1"))
    alice.looks_at(CLUB)
    alice.forgets()
    alice.types("/reply bob: yes")
    [sent] = alice.sent()
    assert "<body>&gt; well\nbob: yes</body>" in sent
    assert 'begin="7"' in sent
    assert 'end="10"' in sent


def test_outside_of_rooms_nobody_is_named(alice: Actor) -> None:
    alice.types("/msg bob@example.org bob: hello")
    assert "<reference" not in alice.sent()[-1]


@pytest.mark.parametrize(
    ("text", "nicks", "found"),
    [
        ("bob: hi", ["bob", "bo"], [("bob", 0, 3)]),
        ("hi bobby", ["bob"], []),
        ("Bob", ["bob"], []),
        ("I think", ["I"], []),
        ("I: think", ["I"], [("I", 0, 1)]),
        ("tom tom", ["tom"], [("tom", 0, 3)]),
        ("ask tom b", ["tom", "tom b"], [("tom b", 4, 9)]),
        ("", ["bob"], []),
        ("find me", ["in"], []),
    ],
)
def test_whole_words_are_found_as_they_are_written(
    text: str, nicks: list[str], found: list[tuple[str, int, int]]
) -> None:
    assert named_in(text, nicks) == found
