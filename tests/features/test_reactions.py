"""Reactions: all of an author's at once, of each author once, to what is meant and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from termxmpp.core.events import MessageReceived
from termxmpp.core.message import Message, Reaction
from termxmpp.errors import ConnectionFailed
from termxmpp.xmpp.acts import ReactionsPayload, ReplacePayload, RetractPayload
from tests.support.acts import carbon, correction, message, only, reactions, retraction, shown
from tests.support.harness import ALICE, BOB, Actor
from tests.support.rooms import ARCHIVED, CLUB, announces, away, enters, here, said
from tests.support.rubbish import reads, rubbish

NS = "urn:xmpp:reactions:0"


def given_to(message: Message) -> dict[str, list[str]]:
    """What stands beside it, and who gave it."""
    return {each.emoji: [str(by) for by in each.by] for each in message.reactions}


# Theirs.


def test_a_reaction_stands_beside_its_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(reactions("id1", "👍", "🎉"))
    assert only(alice).reactions == (Reaction("👍", (BOB,)), Reaction("🎉", (BOB,)))


def test_the_last_word_of_each_replaces_the_one_before(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.receives(reactions("m", "👍", id="1"), reactions("m", "🎉", "👍", id="2"))
    assert given_to(only(alice)) == {"🎉": [str(BOB)], "👍": [str(BOB)]}
    # It is the person that reacts, not the device.
    alice.receives(reactions("m", "❤️", id="3", sender="bob@example.org/phone"))
    assert given_to(only(alice)) == {"❤️": [str(BOB)]}
    alice.receives(reactions("m", id="4"))
    assert only(alice).reactions == ()


def test_a_reaction_is_no_message(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.workspace.close(alice.workspace.windows[-1])
    alice.forgets()
    alice.receives(reactions("m", "👍"), reactions("nothing", "👍", id="y"))
    assert BOB not in alice.client.state.conversations
    assert alice.events_of(MessageReceived) == []


def test_a_reaction_to_a_correction_is_one_to_the_message(alice: Actor) -> None:
    alice.receives(message("<body>helo</body>", "m1"), correction("m1", "hello", "m2"))
    alice.receives(reactions("m2", "👍"))
    assert given_to(only(alice)) == {"👍": [str(BOB)]}


def test_a_reaction_that_came_first_waits_also_over_a_restart(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(reactions("m", "👍"))
    alice.close()
    again = alices(tmp_path)
    again.receives(message("<body>hello</body>", "m"))
    assert given_to(only(again)) == {"👍": [str(BOB)]}


def test_a_reaction_to_what_waits_for_its_message_finds_it_in_the_end(alice: Actor) -> None:
    alice.receives(correction("m1", "hello", "m2"), reactions("m2", "👍", id="r"))
    assert given_to(only(alice)) == {"👍": [str(BOB)]}
    alice.receives(message("<body>helo</body>", "m1"))
    assert (only(alice).text, given_to(only(alice))) == ("hello", {"👍": [str(BOB)]})


def test_a_copy_of_an_old_reaction_does_not_bring_it_back(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    first = reactions("m", "👍", id="1", to="alice@example.org")
    alice.receives(first, reactions("m", id="2"), carbon(first, "received"))
    assert only(alice).reactions == ()


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<reaction>👍</reaction><reaction>👍</reaction>", ["👍"]),
        ("<reaction> 👍\n</reaction>", ["👍"]),
        ("<reaction/><reaction> </reaction><reaction>👍</reaction>", ["👍"]),
        ("<reaction>two words</reaction>", []),
        (f"<reaction>{'x' * 1000}</reaction><reaction>👍</reaction>", ["👍"]),
        ("".join(f"<reaction>{chr(0x1F600 + n)}</reaction>" for n in range(60)), 20),
    ],
)
def test_what_is_no_emoji_is_left_out(alice: Actor, inside: str, expected: list[str] | int) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.receives(message(f"<reactions xmlns='{NS}' id='m'>{inside}</reactions>", "r"))
    emojis = [each.emoji for each in only(alice).reactions]
    assert (len(emojis) if isinstance(expected, int) else emojis) == expected


@pytest.mark.parametrize("payload", [ReactionsPayload, ReplacePayload, RetractPayload])
def test_rubbish_is_no_act(payload: type[ReactionsPayload]) -> None:
    [name] = payload.element_names()

    @given(rubbish(name, ("id",), (f"{{{NS}}}reaction",)))
    def holds(element: object) -> None:
        found = reads(payload, element)  # type: ignore[arg-type]
        assert found is None or found.id

    holds()


def test_a_text_for_those_who_know_no_reactions_is_none(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    fallback = f"<body>👍</body><fallback xmlns='urn:xmpp:fallback:0' for='{NS}'/>"
    alice.receives(reactions("m", "👍", inside=fallback))
    assert given_to(only(alice)) == {"👍": [str(BOB)]}


def test_a_text_that_is_none_of_these_is_not_lost(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.receives(reactions("m", "👍", inside="<body>and more</body>"))
    assert [each.text for each in shown(alice)] == ["hello", "and more"]


# Ours.


def test_we_react_to_the_last_that_we_got_and_take_it_back(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.forgets()
    alice.types("/react 👍")
    [stanza] = alice.sent()
    assert f'<reactions id="m"  xmlns="{NS}"><reaction>👍</reaction></reactions>' in stanza
    assert '<store  xmlns="urn:xmpp:hints"/>' in stanza
    assert "<body>" not in stanza
    assert only(alice).reactions == (Reaction("👍", (ALICE,), is_own=True),)
    alice.types("/react 🎉")
    assert given_to(only(alice)) == {"👍": [str(ALICE)], "🎉": [str(ALICE)]}
    alice.types("/react 👍")
    assert "<reaction>🎉</reaction></reactions>" in alice.sent()[-1]
    alice.types("/react 🎉")
    assert f'<reactions id="m"  xmlns="{NS}"/>' in alice.sent()[-1]
    assert only(alice).reactions == ()


def test_a_number_says_which_message(alice: Actor) -> None:
    alice.receives(*(message(f"<body>{name}</body>", name) for name in ("a", "b", "c")))
    alice.looks_at(BOB)
    alice.types("/react 3 👍")
    assert [bool(each.reactions) for each in shown(alice)] == [True, False, False]


@pytest.mark.parametrize("emoji", ["x", "ok", "+1", ":-)", "é", "👍x", "喜", "👍" * 30, "'👍 👍'"])
def test_what_is_no_emoji_is_not_sent(alice: Actor, emoji: str) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.sent()
    alice.types(f"/react {emoji}")
    assert alice.told() == ["{!r} is no emoji.".format(emoji.strip("'"))]
    assert alice.sent() == []


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "1️⃣", "🇳🇴", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍👩‍👧‍👦", "‼️", "↔️", "☑"])
def test_what_is_an_emoji_is(alice: Actor, emoji: str) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.types(f"/react {emoji}")
    assert [each.emoji for each in only(alice).reactions] == [emoji]


def test_what_a_peer_refuses_is_taken_back_and_told(alice: Actor) -> None:
    """XEP-0444 §3.2."""
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.forgets()
    alice.types("/react 👍")
    alice.is_confirmed()
    alice.types("/react 🎉")
    error = (
        "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
        "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>only one</text></error>"
    )
    alice.receives(message(error, "id2", type="error", sender=str(BOB)))
    assert given_to(only(alice)) == {"👍": [str(ALICE)]}
    [words] = alice.told()
    assert words.startswith("Your reaction was not taken: ")


def test_our_other_device_reacts_for_us(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.types("/react 👍")
    phone = "alice@example.org/phone"
    alice.receives(carbon(reactions("m", "🎉", id="p", sender=phone, to=str(BOB))))
    assert given_to(only(alice)) == {"🎉": [str(ALICE)]}


def test_what_was_given_offline_leaves_once(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.loses_the_link(ConnectionFailed("broken"))
    alice.types("/react 👍")
    assert given_to(only(alice)) == {"👍": [str(ALICE)]}
    alice.goes_online()
    alice.is_confirmed()
    assert sum(NS in each for each in alice.sent()) == 1
    alice.loses_the_link(ConnectionFailed("broken"))
    alice.goes_online()
    assert sum(NS in each for each in alice.sent()) == 0


# In a room.


def room_reacts(nick: str, target: str, *emojis: str, id: str = "r", who: str = "") -> str:
    inside = f"<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{who}'/>" if who else ""
    sender = str(CLUB.with_resource(nick))
    return reactions(target, *emojis, id=id, sender=sender, type="groupchat", inside=inside)


def test_in_a_room_it_is_the_rooms_id_that_counts(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob", "mei")
    alice.receives(said("bob", "hello", "m", archive_id="a1"))
    alice.receives(room_reacts("mei", "m", "👎", id="1"), room_reacts("mei", "a1", "👍", id="2"))
    assert given_to(only(alice, CLUB)) == {"👍": [f"{CLUB}/mei"]}
    alice.types("/react 👍")
    assert f'<reactions id="a1"  xmlns="{NS}">' in alice.sent()[-1]
    assert given_to(only(alice, CLUB)) == {"👍": [f"{CLUB}/mei", f"{CLUB}/alice"]}


def test_each_occupant_counts_once_whatever_the_nick(alice: Actor) -> None:
    announces(alice, *ARCHIVED, "urn:xmpp:occupant-id:0")
    enters(alice, "bob", "mei")
    alice.receives(said("bob", "hello", "m", archive_id="a1"))
    alice.receives(room_reacts("mei", "a1", "👍", id="1", who="meis"))
    alice.receives(away("mei", 303, new_nick="mimi"), here("mimi"))
    alice.receives(room_reacts("mimi", "a1", "🎉", id="2", who="meis"))
    assert given_to(only(alice, CLUB)) == {"🎉": [f"{CLUB}/mimi"]}


def test_what_a_room_has_given_no_id_takes_no_reaction(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "hello", "m"))
    alice.types("/react 1 👍")
    assert alice.told() == ["The room has given that message no name: nobody can react to it."]


def test_our_reaction_in_a_room_is_ours_also_under_another_nick(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.receives(said("bob", "hello", "m", archive_id="a1"))
    alice.types("/react 👍")
    alice.receives(away("alice", 303, 110, new_nick="lis"), here("lis", 110))
    alice.types("/react 👍")
    assert only(alice, CLUB).reactions == ()


def test_what_is_retracted_takes_no_reaction(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"), reactions("m", "👍", id="r"))
    alice.receives(retraction("m", "t"))
    assert only(alice).reactions == ()
    alice.looks_at(BOB)
    alice.types("/react 1 👍")
    assert alice.told() == ["That message was retracted: there is nothing to react to."]


def test_a_peer_that_reacts_without_end_leaves_one_reaction(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    for number in range(50):
        alice.receives(reactions("m", chr(0x1F600 + number), id=str(number)))
    assert given_to(only(alice)) == {chr(0x1F600 + 49): [str(BOB)]}
