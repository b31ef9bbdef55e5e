"""Retraction: by its author or the room only, and then really forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from termxmpp.core.message import Fate, Message
from termxmpp.errors import ConnectionFailed
from tests.support.acts import BOBS, carbon, correction, message, only, retraction, shown
from tests.support.harness import BOB, Actor
from tests.support.rooms import ARCHIVED, CLUB, announces, enters, said

NS = "urn:xmpp:message-retract:1"
ERROR = "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def on_disk(folder: Path, words: str) -> bool:
    """Whether any row of the records holds `words`."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "alice.sqlite")) as db:
        return any(words in line for line in db.iterdump())


# Theirs.


@pytest.mark.parametrize(
    ("sender", "is_theirs"),
    [(BOBS, True), ("bob@example.org", True), ("carol@example.org/x", False)],
)
def test_only_who_wrote_it_takes_it_back(alice: Actor, sender: str, is_theirs: bool) -> None:
    alice.receives(message("<body>secret</body>", "m"), retraction("m", sender=sender))
    assert (only(alice).is_retracted, only(alice).text) == (
        (True, "") if is_theirs else (False, "secret")
    )


def test_nobody_takes_back_what_we_have_written(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.receives(retraction("id1"))
    assert only(alice).text == "hello"


def test_what_is_retracted_is_forgotten_everywhere(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(message("<body>my secrte</body>", "m"), correction("m", "my secret", "c"))
    alice.receives(retraction("m"))
    assert only(alice) == Message(
        "m",
        only(alice).author,
        "",
        only(alice).at,
        key=only(alice).key,
        rank=only(alice).rank,
        is_retracted=True,
    )
    assert [alice.store.find(word, 9) for word in ("my", "secrte", "secret")] == [[], [], []]
    alice.close()
    assert not on_disk(tmp_path, "secr")
    assert only(alices(tmp_path)).is_retracted


def test_a_retraction_that_came_first_waits(alice: Actor) -> None:
    alice.receives(retraction("m"))
    assert shown(alice) == []
    alice.receives(message("<body>secret</body>", "m"))
    assert (only(alice).text, only(alice).is_retracted) == ("", True)
    assert alice.store.find("secret", 9) == []


def test_what_was_retracted_does_not_come_back(alice: Actor) -> None:
    first = message("<body>secret</body>", "m", to="alice@example.org")
    alice.receives(first, retraction("m"), carbon(first, "received"))
    alice.receives(correction("m", "secret!", "c"))
    assert (only(alice).text, only(alice).is_retracted) == ("", True)
    assert alice.store.find("secret", 9) == []


def test_a_retraction_is_no_message(alice: Actor) -> None:
    alice.receives(message("<body>secret</body>", "m"))
    alice.looks_at(BOB)
    alice.receives(retraction("m"), retraction("nothing", "y"))
    assert (len(shown(alice)), alice.client.state.conversation(BOB).unread) == (1, 0)


# Ours.


def test_we_take_back_our_last_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org secret")
    alice.receives(message("<body>what?</body>"))
    alice.is_confirmed()
    alice.sent()
    alice.types("/retract")
    [stanza] = alice.sent()
    assert f'<retract id="id1"  xmlns="{NS}"/>' in stanza
    assert f'<fallback for="{NS}"  xmlns="urn:xmpp:fallback:0"/>' in stanza
    assert '<store  xmlns="urn:xmpp:hints"/>' in stanza
    assert re.search("<body>/me retracted .*</body>", stanza)
    mine = shown(alice)[0]
    assert (mine.is_retracted, mine.text, mine.fate) == (True, "", Fate.SENT)
    alice.is_confirmed()
    assert shown(alice)[0].is_retracted
    assert alice.store.find("secret", 9) == []


def test_a_retraction_that_comes_back_has_not_been(alice: Actor) -> None:
    alice.types("/msg bob@example.org secret")
    alice.is_confirmed()
    alice.types("/retract")
    alice.receives(message(ERROR, "id2", type="error", sender=str(BOB)))
    assert (only(alice).text, only(alice).is_retracted) == ("secret", False)
    assert only(alice).fate is Fate.ACKNOWLEDGED
    [words] = alice.told()
    assert words.startswith("The message could not be retracted: ")
    assert alice.store.find("secret", 9) == [only(alice).key]


def test_only_ours_can_be_retracted(alice: Actor) -> None:
    alice.receives(message("<body>hello</body>", "m"))
    alice.looks_at(BOB)
    alice.types("/retract 1")
    alice.types("/retract")
    assert alice.told() == [
        "Only what you have written yourself can be retracted.",
        "There is no message here that this could be about.",
    ]


def test_what_was_retracted_offline_leaves_in_order(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    alice.types("secret")
    alice.is_confirmed()
    alice.loses_the_link(ConnectionFailed("broken"))
    alice.types("/retract")
    assert (only(alice).is_retracted, only(alice).fate) == (True, Fate.QUEUED)
    alice.is_killed()
    again = alices(tmp_path)
    assert (only(again).is_retracted, only(again).fate) == (True, Fate.SENT)
    again.is_confirmed()
    again.close()
    assert not on_disk(tmp_path, "secret")


def test_what_never_left_never_does(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    alice.loses_the_link(ConnectionFailed("broken"))
    alice.types("secrte")
    alice.types("/correct secret")
    alice.types("and this")
    alice.types("/retract 2")
    gone = shown(alice)[0]
    assert (gone.text, gone.is_retracted, gone.fate) == ("", True, Fate.FAILED)
    assert gone.reason == "You took it back before it was sent."
    assert not on_disk(tmp_path, "secr")
    alice.is_killed()
    again = alices(tmp_path)
    sent = [each for each in again.sent() if "<body>" in each]
    assert ["and this" in each for each in sent] == [True]
    assert shown(again)[0].is_retracted


def test_our_other_device_retracts_for_us(alice: Actor) -> None:
    alice.types("/msg bob@example.org secret")
    alice.is_confirmed()
    phone = "alice@example.org/phone"
    alice.receives(carbon(retraction("id1", "p", sender=phone, to=str(BOB))))
    assert (only(alice).is_retracted, only(alice).text) == (True, "")


# In a room.


def room_retracts(
    nick: str, target: str, id: str = "t", *, moderated: bool = False, who: str = ""
) -> str:
    sender = f"{CLUB}/{nick}" if nick else str(CLUB)
    by = f"<moderated xmlns='urn:xmpp:message-moderate:1' by='{CLUB}/mei'/><reason>spam</reason>"
    inside = f"<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{who}'/>" if who else ""
    return (
        f"<message from='{sender}' type='groupchat' id='{id}'><retract xmlns='{NS}' id='{target}'>"
        f"{by if moderated else ''}</retract>{inside}</message>"
    )


def test_a_room_takes_back_what_is_said_in_it_and_nobody_else(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob", "mei")
    alice.receives(said("bob", "spam", "m", archive_id="a1"))
    alice.receives(room_retracts("mei", "a1", moderated=True))
    assert only(alice, CLUB).text == "spam"
    alice.receives(room_retracts("", "a1", "t2", moderated=True))
    assert (only(alice, CLUB).text, only(alice, CLUB).is_retracted) == ("", True)


def test_a_room_takes_back_ours_too(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.types("spam")
    alice.receives(said("alice", "spam", "id1", archive_id="a1"))
    alice.receives(room_retracts("", "a1", moderated=True))
    assert only(alice, CLUB).is_retracted


def test_an_occupant_takes_back_its_own(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob", "mallory")
    alice.receives(said("bob", "secret", "m", archive_id="a1"))
    alice.receives(room_retracts("mallory", "a1", "t1"))
    assert not only(alice, CLUB).is_retracted
    alice.receives(room_retracts("bob", "a1", "t2"))
    assert only(alice, CLUB).is_retracted


def test_in_a_room_it_is_the_rooms_id_that_we_name(alice: Actor) -> None:
    announces(alice, *ARCHIVED)
    enters(alice, "bob")
    alice.types("secret")
    alice.types("/retract")
    assert alice.told() == ["The room has not shown that message yet: try again when it has."]
    alice.receives(said("alice", "secret", "id1", archive_id="a1"))
    alice.types("/retract")
    assert f'<retract id="a1"  xmlns="{NS}"/>' in alice.sent()[-1]


def test_in_a_room_without_ids_it_is_ours(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("secret")
    alice.receives(said("alice", "secret", "id1"))
    alice.types("/retract")
    assert f'<retract id="id1"  xmlns="{NS}"/>' in alice.sent()[-1]
