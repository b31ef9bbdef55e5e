"""The roster: fetched, kept by pushes of the account itself, changed by commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.features.roster import FEATURE
from tests.support.harness import ALICE, BOB, CAROL, Actor

DAVE = Jid.parse("dave@example.org")


def push(sender: str | None, item: str) -> str:
    origin = f"from='{sender}' " if sender else ""
    return f"<iq type='set' id='push1' {origin}><query xmlns='jabber:iq:roster'>{item}</query></iq>"


ITEM = "<item jid='dave@example.org' name='Dave' subscription='none'/>"


@pytest.mark.parametrize("sender", [None, "alice@example.org"])
def test_a_push_of_the_account_itself_counts(alice: Actor, sender: str | None) -> None:
    alice.receives(push(sender, ITEM))
    assert alice.client.state.contacts[DAVE].name == "Dave"
    [answer] = alice.sent()
    assert 'type="result"' in answer
    assert 'id="push1"' in answer


@pytest.mark.parametrize(
    "sender",
    [
        "mallory@example.com",
        "example.org",
        "alice@example.com",
        "alice@example.org/here",
        "alice@example.org/there",
        "bob@example.org/desk",
    ],
)
def test_a_push_of_anybody_else_is_forged(
    alice: Actor, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 6121 §2.1.6. The answer is that of a client that knows no rosters."""
    for item in (ITEM, "<item jid='bob@example.org' subscription='remove'/>"):
        alice.receives(push(sender, item))
        [answer] = alice.sent()
        assert 'type="error"' in answer
        assert "<service-unavailable " in answer
    assert set(alice.client.state.contacts) == {BOB, CAROL}
    assert alice.events == []
    assert f"a forged roster push from {sender} was refused" in caplog.text


def test_a_contact_that_is_removed_is_gone(alice: Actor) -> None:
    alice.receives(push(None, "<item jid='bob@example.org' subscription='remove'/>"))
    assert set(alice.client.state.contacts) == {CAROL}


def test_one_bad_item_does_not_cost_the_others(alice: Actor) -> None:
    alice.receives(push(None, "<item jid='@@'/><item/>" + ITEM))
    assert DAVE in alice.client.state.contacts


def test_adding_puts_in_and_asks(alice: Actor) -> None:
    alice.types("/roster add dave@example.org 'Dave Lister'")
    roster_set, subscribe = alice.sent()
    assert 'jid="dave@example.org"' in roster_set
    assert 'name="Dave Lister"' in roster_set
    assert subscribe == '<presence to="dave@example.org" type="subscribe"/>'


def test_adding_one_who_is_seen_already_does_not_ask_again(alice: Actor) -> None:
    alice.types("/roster add bob@example.org Bobby")
    assert len(alice.sent()) == 1


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("/roster rename bob@example.org Bobby", 'name="Bobby"'),
        ("/roster group bob@example.org Work 'Old friends'", "<group>Old friends</group>"),
        ("/roster remove bob@example.org", 'subscription="remove"'),
    ],
)
def test_changes_are_asked_of_the_server(alice: Actor, line: str, part: str) -> None:
    alice.types(line)
    [stanza] = alice.sent()
    assert part in stanza
    assert 'jid="bob@example.org"' in stanza
    # The server's push is what changes the roster, not the wish.
    assert alice.client.state.contacts[BOB].name == "Bob"


def test_renaming_keeps_the_groups(alice: Actor) -> None:
    alice.types("/roster rename bob@example.org Bobby")
    assert "<group>Friends</group>" in alice.sent()[0]


@pytest.mark.parametrize(
    "line", ["/roster rename dave@example.org D", "/roster remove dave@example.org"]
)
def test_who_is_no_contact_can_not_be_changed(alice: Actor, line: str) -> None:
    alice.types(line)
    assert alice.sent() == []
    assert "is not in your roster" in " ".join(alice.told())


def test_the_list_says_who_sees_whom(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/desk'><show>away</show></presence>")
    alice.types("/roster list")
    assert alice.told()[-1].split("\n") == [
        "away    Bob <bob@example.org> [Friends], you see each other",
        "offline carol@example.org, you see it, it does not see you",
    ]


def test_a_refusal_of_the_server_is_told(alice: Actor) -> None:
    alice.answers = lambda element: (
        f"<iq type='error' id='{element.get('id')}'><error type='cancel'>"
        "<not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    )
    alice.types("/roster remove bob@example.org")
    assert "not-allowed" in alice.told()[-1]


def test_it_is_fetched_before_presence_is_sent() -> None:
    """RFC 6121 §2.2: else answers would come before their contacts."""
    actor = Actor()
    try:
        actor.goes_online()
        *_, last_but_one, last = actor.sent()
        assert "jabber:iq:roster" in last_but_one
        assert last.startswith("<presence")
        assert actor.client.state.account == ALICE
    finally:
        actor.close()


def test_the_feature_declares_its_commands() -> None:
    assert [command.name for command in FEATURE.commands] == [
        "roster add",
        "roster remove",
        "roster rename",
        "roster group",
        "roster list",
    ]


# Versions (RFC 6121 §2.6).

VERSIONED = frozenset({"{urn:xmpp:features:rosterver}ver"})


def asked_for(alice: Actor) -> str:
    """The question for the roster that alice has sent."""
    [question] = [stanza for stanza in alice.sent() if "jabber:iq:roster" in stanza]
    return question


def answering(inner: str, attributes: str = "") -> Callable[[Element], str | None]:
    """A server whose answer to the roster's question is `inner`."""

    def answer(iq: Element) -> str | None:
        if iq.find("{jabber:iq:roster}query") is None:
            return None
        query = f"<query xmlns='jabber:iq:roster' {attributes}>{inner}</query>" if inner else ""
        return f"<iq type='result' id='{iq.get('id')}'>{query}</iq>"

    return answer


@pytest.fixture
def versioned(tmp_path: Path) -> Iterator[Callable[[str, str], Actor]]:
    """Makes an alice, online, whose server knows versions; one after the other, of one folder."""
    made: list[Actor] = []

    def make(inner: str, attributes: str = "") -> Actor:
        for actor in made:
            actor.close()
        made.append(Actor(tmp_path))
        made[-1].stream_features = VERSIONED
        made[-1].answers = answering(inner, attributes)
        made[-1].goes_online()
        return made[-1]

    yield make
    for actor in made:
        actor.close()


def test_without_versions_they_are_not_spoken_of(alice: Actor) -> None:
    """§2.6.2: a server that does not offer them may not know the attribute."""
    alice.receives(push(None, ITEM).replace("<query", "<query ver='7'"))
    alice.loses_the_link()
    alice.goes_online()
    assert " ver=" not in asked_for(alice)


def test_who_knows_none_says_that_he_understands_them(
    versioned: Callable[[str, str], Actor],
) -> None:
    assert ' ver=""' in asked_for(versioned(ITEM, "ver='7'"))


def test_the_version_that_was_told_is_the_one_that_is_known(
    versioned: Callable[[str, str], Actor],
) -> None:
    """Over the end of the program; an empty answer says that nothing has changed."""
    versioned(ITEM, "ver='7'")
    later = versioned("", "")
    assert ' ver="7"' in asked_for(later)
    assert set(later.client.state.contacts) == {DAVE}


@pytest.mark.parametrize(
    ("item", "contacts"),
    [
        ("<item jid='bob@example.org' subscription='both'/>", {BOB, DAVE}),
        ("<item jid='dave@example.org' subscription='remove'/>", set()),
    ],
)
def test_the_version_of_a_push_is_kept_with_it(
    versioned: Callable[[str, str], Actor], item: str, contacts: set[Jid]
) -> None:
    versioned(ITEM, "ver='7'").receives(push(None, item).replace("<query", "<query ver='8'"))
    later = versioned("", "")
    assert ' ver="8"' in asked_for(later)
    assert set(later.client.state.contacts) == contacts


def test_a_forged_push_moves_no_version(versioned: Callable[[str, str], Actor]) -> None:
    forged = push("mallory@example.com", ITEM).replace("<query", "<query ver='9'")
    versioned(ITEM, "ver='7'").receives(forged)
    assert ' ver="7"' in asked_for(versioned("", ""))


def test_a_push_without_a_version_makes_the_next_log_in_ask_for_all(
    versioned: Callable[[str, str], Actor],
) -> None:
    """It is not known any more of which state what is known is."""
    versioned(ITEM, "ver='7'").receives(push(None, ITEM))
    assert ' ver=""' in asked_for(versioned(ITEM, "ver='7'"))


def test_a_session_that_goes_on_does_not_ask(alices: Callable[..., Actor]) -> None:
    """XEP-0198 §5: what changed meanwhile is pushed."""
    alice = alices(has_management=True)
    alice.loses_the_link()
    alice.goes_online()
    assert not [stanza for stanza in alice.sent() if "jabber:iq:roster" in stanza]


def test_groups_that_there_are_are_offered(alice: Actor) -> None:
    line = "/roster group carol@example.org F"
    [offer] = alice.workspace.complete(line, len(line))
    assert (offer.text, offer.meta) == ("Friends", "1 contact")
