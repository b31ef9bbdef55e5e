"""Corrections: of one's own words only, whatever comes first, and never a word lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from termxmpp.core.events import MessageReceived, MessageWritten
from termxmpp.core.files import SharedFile
from termxmpp.core.message import Fate
from termxmpp.errors import ConnectionFailed
from termxmpp.workspace import Window
from tests.support.acts import BOBS, carbon, correction, message, only, shown
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, away, enters, here, said

BROKEN = ConnectionFailed("The connection broke.")
OCCUPANT_IDS = "urn:xmpp:occupant-id:0"


def occupant(id: str) -> str:
    return f"<occupant-id xmlns='{OCCUPANT_IDS}' id='{id}'/>"


def texts(alice: Actor, peer: object = BOB) -> list[str]:
    return [each.text for each in shown(alice, peer)]  # type: ignore[arg-type]


# Theirs.


def test_a_correction_replaces_the_text_and_keeps_the_earlier_ones(alice: Actor) -> None:
    alice.receives(message("<body>helo</body>", "m1"))
    alice.receives(correction("m1", "hallo", "m2"), correction("m1", "hello", "m3"))
    assert (only(alice).text, only(alice).edits) == ("hello", ("helo", "hallo"))


def test_a_correction_is_no_new_message(alice: Actor) -> None:
    alerts: list[str] = []
    alice.workspace.alerts.append(lambda window, message: alerts.append(message.text))
    alice.receives(message("<body>helo</body>", "m1"), correction("m1", "hello", "m2"))
    talk = alice.client.state.conversation(BOB)
    assert (talk.unread, alerts) == (1, ["helo"])
    assert len(alice.events_of(MessageReceived)) == 1


@pytest.mark.parametrize(
    ("sender", "is_theirs"),
    [
        (BOBS, True),
        ("bob@example.org/phone", True),
        ("bob@example.org", True),
        ("carol@example.org/desk", False),
        ("alice@example.org/elsewhere", False),
    ],
)
def test_only_who_wrote_it_may_correct_it(alice: Actor, sender: str, is_theirs: bool) -> None:
    alice.receives(message("<body>helo</body>", "m1"), correction("m1", "no", "m2", sender=sender))
    assert texts(alice)[0] == ("no" if is_theirs else "helo")


def test_what_corrects_nothing_that_is_known_stands_for_itself(alice: Actor) -> None:
    alice.receives(correction("m1", "hello", "m2"), correction("m2", "hello!", "m3"))
    assert (only(alice).text, only(alice).edits) == ("hello!", ("hello",))
    assert alice.client.state.conversation(BOB).unread == 1


def test_a_correction_that_came_first_is_found_again(alice: Actor) -> None:
    alice.receives(correction("m1", "hello", "m2"))
    alice.receives(message("<body>helo</body>", "m1"))
    assert (only(alice).text, only(alice).edits) == ("hello", ("helo",))
    assert alice.client.state.conversation(BOB).unread == 1
    assert alice.store.find("hello", 9) == [only(alice).key]
    assert alice.store.find("helo", 9) == []


def test_a_correction_of_a_correction_corrects_the_first(alice: Actor) -> None:
    alice.receives(message("<body>a</body>", "m1"), correction("m1", "b", "m2"))
    alice.receives(correction("m2", "c", "m3"))
    assert (only(alice).text, only(alice).edits) == ("c", ("a", "b"))


@pytest.mark.parametrize("id", ["", "x" * 501, "nothing"])
def test_a_correction_of_nonsense_is_a_message(alice: Actor, id: str) -> None:
    alice.receives(message("<body>helo</body>", "m1"), correction(id, "hello", "m2"))
    assert texts(alice) == ["helo", "hello"]


def test_nobody_corrects_without_end(alice: Actor) -> None:
    alice.receives(message("<body>0</body>", "m"))
    for number in range(1, 120):
        alice.receives(correction("m", str(number), f"c{number}"))
    assert only(alice).text == "119"
    assert len(only(alice).edits) == 50


def test_what_was_found_by_its_old_words_is_found_by_the_new_ones(alice: Actor) -> None:
    alice.receives(message("<body>the first words</body>", "m1"))
    alice.receives(correction("m1", "other words", "m2"))
    key = only(alice).key
    assert [alice.store.find(word, 9) for word in ("first", "other", "words")] == [[], [key], [key]]


def test_it_is_the_same_after_a_restart(alices: Callable[..., Actor], tmp_path: Path) -> None:
    alice = alices(tmp_path)
    alice.receives(message("<body>helo</body>", "m1"), correction("m1", "hello", "m2"))
    before = shown(alice)
    alice.close()
    assert shown(alices(tmp_path)) == before


def test_a_copy_of_a_correction_changes_nothing(alice: Actor) -> None:
    alice.receives(message("<body>helo</body>", "m1"), correction("m1", "hello", "m2"))
    alice.receives(carbon(correction("m1", "hello", "m2", to="alice@example.org"), "received"))
    assert (only(alice).text, only(alice).edits) == ("hello", ("helo",))


def test_a_correction_by_another_device_of_ours_is_seen(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    ours = correction("id1", "hello", "p1", sender="alice@example.org/phone", to=str(BOB))
    alice.receives(carbon(ours))
    assert (only(alice).text, only(alice).edits, only(alice).is_own) == ("hello", ("helo",), True)


# Ours.


def test_we_correct_our_last_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    alice.receives(message("<body>what?</body>"))
    alice.sent()
    alice.types("/correct hello")
    assert alice.sent() == [
        '<message to="bob@example.org" type="chat" id="id2">'
        '<replace id="id1"  xmlns="urn:xmpp:message-correct:0"/><body>hello</body></message>'
    ]
    alice.types("/correct hello!")
    assert '<replace id="id1"' in alice.sent()[0]
    assert shown(alice)[0].edits == ("helo", "hello")


def test_we_correct_the_one_that_is_selected_if_it_is_ours(alice: Actor) -> None:
    alice.types("/msg bob@example.org one")
    alice.receives(message("<body>what?</body>"))
    alice.types("two")
    first, theirs, _ = shown(alice)
    window = Window(alice.client, BOB)
    alice.workspace.selected[window] = first.key
    alice.types("/correct uno")
    assert texts(alice) == ["uno", "what?", "two"]
    alice.workspace.selected[window] = theirs.key
    alice.types("/correct nothing")
    assert alice.told() == ["Only what you have written yourself can be corrected."]
    assert texts(alice) == ["uno", "what?", "two"]


def test_all_that_is_not_corrected_is_said_once_more(alice: Actor) -> None:
    """§3: whoever reads takes the correction for the whole message."""
    alice.looks_at(BOB)
    file = SharedFile("https://files.example.org/a.png", "a.png")
    said = "look: https://files.example.org/a.png"
    alice.run_now(lambda: alice.client.write(BOB, said, subject="Pictures", files=(file,)))
    alice.sent()
    alice.types("/correct see https://files.example.org/a.png")
    [sent] = alice.sent()
    assert "<subject>Pictures</subject>" in sent
    assert "<name>a.png</name>" in sent
    assert (only(alice).subject, only(alice).files) == ("Pictures", (file,))


def test_a_file_can_not_be_corrected(alice: Actor) -> None:
    """§3.1: what is no message, as a part of a file transfer is none, must not be."""
    alice.looks_at(BOB)
    link = "https://files.example.org/a.png"
    alice.run_now(lambda: alice.client.write(BOB, link, files=(SharedFile(link, "a.png"),)))
    alice.types("/correct words")
    assert alice.told() == ["A file can't be corrected: /retract it, and send another one."]


def test_a_correction_has_its_own_subject_or_keeps_the_one_before(alice: Actor) -> None:
    alice.receives(
        message("<body>one</body><subject>a</subject>", "m"), correction("m", "two", "c")
    )
    assert only(alice).subject == "a"
    alice.receives(correction("m", "three", "d", inside="<subject>b</subject>"))
    assert only(alice).subject == "b"


def test_the_earlier_texts_are_told(alice: Actor) -> None:
    alice.receives(message("<body>helo\nyou</body>", "m"), correction("m", "hallo", "c"))
    alice.receives(correction("m", "hello", "d"), message("<body>what</body>", "n"))
    alice.looks_at(BOB)
    alice.types("/history edits")
    told = "So it read before, the oldest first:\n1: helo\n   you\n2: hallo"
    assert alice.told() == [told]
    alice.types("/history edits 1")
    assert alice.told()[-1] == "That message was not corrected."
    alice.types("/history edits 2")
    assert alice.told()[-1] == told
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.types("\x1b[1;3A\x1b[1;3A")
        drawn.shows("h earlier texts")
        drawn.types("h")
        drawn.shows("2: hallo")


def test_nothing_is_said_twice(alice: Actor) -> None:
    alice.types("/msg bob@example.org hello")
    alice.sent()
    alice.types("/correct hello")
    assert alice.told() == ["That is what the message says already."]
    assert alice.sent() == []


def test_the_fate_of_a_correction_is_the_fate_of_the_message(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    alice.is_confirmed()
    assert only(alice).fate is Fate.ACKNOWLEDGED
    alice.types("/correct hello")
    assert only(alice).fate is Fate.SENT
    alice.is_confirmed()
    assert only(alice).fate is Fate.ACKNOWLEDGED
    alice.receives(message("<received xmlns='urn:xmpp:receipts' id='id1'/>"))
    assert only(alice).fate is Fate.ACKNOWLEDGED
    alice.receives(message("<received xmlns='urn:xmpp:receipts' id='id2'/>"))
    assert only(alice).fate is Fate.RECEIVED
    alice.receives(message("<displayed xmlns='urn:xmpp:chat-markers:0' id='id2'/>"))
    assert only(alice).fate is Fate.READ


def test_what_was_read_before_its_correction_is_not_read_with_it(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    alice.is_confirmed()
    alice.types("/correct hello")
    alice.is_confirmed()
    alice.receives(message("<displayed xmlns='urn:xmpp:chat-markers:0' id='id1'/>"))
    assert only(alice).fate is Fate.ACKNOWLEDGED


def test_a_correction_that_is_read_speaks_for_all_before(alice: Actor) -> None:
    alice.types("/msg bob@example.org one")
    alice.types("two")
    alice.is_confirmed()
    alice.types("/correct zwei")
    alice.is_confirmed()
    alice.receives(message("<displayed xmlns='urn:xmpp:chat-markers:0' id='id3'/>"))
    assert [each.fate for each in shown(alice)] == [Fate.READ, Fate.READ]


def test_a_correction_that_comes_back_has_failed(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    alice.types("/correct hello")
    bounce = "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    alice.receives(message(bounce, "id2", type="error", sender=str(BOB)))
    assert (only(alice).text, only(alice).fate) == ("hello", Fate.FAILED)
    assert only(alice).reason


def test_what_is_written_and_corrected_offline_leaves_in_order_and_once(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    alice.loses_the_link(BROKEN)
    alice.types("helo")
    alice.types("/correct hello")
    assert (only(alice).text, only(alice).fate) == ("hello", Fate.QUEUED)
    alice.is_killed()
    again = alices(tmp_path)
    assert (only(again).text, only(again).edits, only(again).fate) == (
        *("hello", ("helo",)),
        Fate.SENT,
    )
    bodies = [xml for xml in again.sent() if "<body>" in xml]
    assert ["helo" in bodies[0], "hello" in bodies[1], len(bodies)] == [True, True, 2]
    assert "<replace" not in bodies[0]
    assert f'<replace id="{only(again).id}"' in bodies[1]
    again.is_confirmed()
    again.loses_the_link(BROKEN)
    again.goes_online()
    assert [xml for xml in again.sent() if "<body>" in xml] == []


def test_a_correction_is_no_message_that_is_written(alice: Actor) -> None:
    alice.types("/msg bob@example.org helo")
    alice.forgets()
    alice.types("/correct hello")
    assert alice.events_of(MessageWritten) == []


# In a room.


def room_says(nick: str, text: str, id: str, who: str = "") -> str:
    inside = occupant(who) if who else ""
    return said(nick, text, id).replace("</message>", f"{inside}</message>")


def room_corrects(nick: str, target: str, text: str, id: str, who: str = "") -> str:
    replace = f"<replace xmlns='urn:xmpp:message-correct:0' id='{target}'/>"
    return room_says(nick, text, id, who).replace("</message>", f"{replace}</message>")


def test_an_occupant_corrects_its_own_words_only(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "mallory")
    alice.receives(said("bob", "helo", "m1"))
    alice.receives(room_corrects("mallory", "m1", "I am a fool", "m2"))
    assert texts(alice, CLUB) == ["helo", "I am a fool"]
    alice.receives(room_corrects("bob", "m1", "hello", "m3"))
    assert texts(alice, CLUB) == ["hello", "I am a fool"]


def test_who_comes_under_an_old_nick_is_another(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "helo", "m1"), away("bob"), here("bob"))
    alice.receives(room_corrects("bob", "m1", "I am a fool", "m2"))
    assert texts(alice, CLUB) == ["helo", "I am a fool"]


def test_who_takes_an_old_nick_is_another(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "mallory")
    alice.receives(said("bob", "helo", "m1"), away("bob"))
    alice.receives(away("mallory", 303, new_nick="bob"), here("bob"))
    alice.receives(room_corrects("bob", "m1", "I am a fool", "m2"))
    assert texts(alice, CLUB) == ["helo", "I am a fool"]


def test_a_presence_between_is_no_coming(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.receives(said("bob", "helo", "m1"), here("bob"))
    alice.receives(room_corrects("bob", "m1", "hello", "m2"))
    assert texts(alice, CLUB) == ["hello"]


def test_an_occupant_id_tells_who_it_is_whatever_the_nick(alice: Actor) -> None:
    announces(alice, OCCUPANT_IDS)
    enters(alice, "bob")
    alice.receives(room_says("bob", "helo", "m1", "b"), away("bob"), here("robert"))
    alice.receives(room_corrects("robert", "m1", "hello", "m2", "b"))
    assert texts(alice, CLUB) == ["hello"]
    alice.receives(here("bob"), room_corrects("bob", "m1", "I am a fool", "m3", "mallory"))
    assert texts(alice, CLUB) == ["hello", "I am a fool"]


def test_an_occupant_id_of_a_room_that_has_none_is_forged(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "mallory")
    alice.receives(room_says("bob", "helo", "m1", "b"))
    alice.receives(room_corrects("mallory", "m1", "I am a fool", "m2", "b"))
    assert texts(alice, CLUB) == ["helo", "I am a fool"]


def test_what_we_correct_in_a_room_is_there_when_the_room_shows_it(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    alice.types("helo")
    alice.receives(said("alice", "helo", "id1"))
    alice.types("/correct hello")
    alice.is_confirmed()
    assert only(alice, CLUB).fate is Fate.SENT
    alice.receives(room_corrects("alice", "id1", "hello", "id2"))
    assert (only(alice, CLUB).text, only(alice, CLUB).fate) == ("hello", Fate.ACKNOWLEDGED)


def test_among_occupants_it_is_the_same(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "mallory")
    there = CLUB.with_resource("bob")
    alice.receives(message("<body>psst</body>", "m1", sender=str(there)))
    alice.receives(correction("m1", "PSST", "m2", sender=str(there)))
    assert texts(alice, there) == ["PSST"]
    alice.receives(away("bob"), here("bob"))
    alice.receives(correction("m1", "fool", "m3", sender=str(there)))
    assert texts(alice, there) == ["PSST", "fool"]


def test_carol_is_not_bob(alice: Actor) -> None:
    """The ids of one conversation mean nothing in another."""
    alice.receives(message("<body>helo</body>", "m1"))
    alice.receives(correction("m1", "hello", "m2", sender="carol@example.org/x"))
    assert (texts(alice), texts(alice, CAROL)) == (["helo"], ["hello"])
