"""What a message holds that is no text: it is told in our words, and never as nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from termxmpp.core.matter import ENCRYPTIONS, LONGEST_DETAIL, Matter, MatterKind, matter_words
from termxmpp.core.message import Route
from termxmpp.export.formats import FORMATS
from termxmpp.plain.lines import message_lines
from termxmpp.ui.entries import Look, draw
from termxmpp.xmpp.forwarding import Forwarded
from termxmpp.xmpp.matters import matter_of
from tests.support.acts import carbon, correction, message, only, reply, retraction, shown
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, SKIN, Actor
from tests.support.rooms import CLUB, announces, enters
from tests.support.rubbish import rubbish

HINT = "<encryption xmlns='urn:xmpp:eme:0' namespace='{}'{}/>"
USELESS = "<body>I sent you an OMEMO encrypted message but your client can't read it.</body>"
AXOLOTL = (
    "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/>"
    "<payload>YWJj</payload></encrypted>"
)
PLACE = "<geoloc xmlns='http://jabber.org/protocol/geoloc'>{}</geoloc>"
CALL = (
    "<propose xmlns='urn:xmpp:jingle-message:0' id='c'>"
    "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='{}'/></propose>"
)

TAGS = (
    "{urn:xmpp:eme:0}encryption",
    "{eu.siacs.conversations.axolotl}encrypted",
    "{http://jabber.org/protocol/geoloc}geoloc",
    "{urn:xmpp:jingle-message:0}propose",
    "{http://jabber.org/protocol/rosterx}x",
    "{urn:x}y",
)
INSIDE = [
    *(f"{{http://jabber.org/protocol/geoloc}}{name}" for name in ("lat", "lon", "text")),
    "{http://jabber.org/protocol/rosterx}item",
    "{urn:xmpp:jingle:apps:rtp:1}description",
    "{eu.siacs.conversations.axolotl}payload",
]


def told(alice: Actor) -> list[str]:
    """What stands in bob's window, without times and authors."""
    alice.looks_at(BOB)
    return [line[24:] for line in alice.lines(120)]


@pytest.mark.parametrize(("namespace", "name"), ENCRYPTIONS.items())
def test_what_is_said_to_be_encrypted_is_told_so_by_the_name_we_know(
    alice: Actor, namespace: str, name: str
) -> None:
    """The name that the sender gives a way counts only if we know none (XEP-0380 §4)."""
    alice.receives(message(USELESS + HINT.format(namespace, " name='Magic'"), "m"))
    assert only(alice).text == ""
    assert told(alice)[-1].strip() == f"encrypted with {name}, which can't be read here"


@pytest.mark.parametrize(
    ("inside", "way"),
    [
        (USELESS + AXOLOTL, "OMEMO"),
        (AXOLOTL, "OMEMO"),
        (AXOLOTL.replace("eu.siacs.conversations.axolotl", "urn:xmpp:omemo:2"), "OMEMO 2"),
        (
            "<body>This message is encrypted.</body><x xmlns='jabber:x:encrypted'>qANQ</x>",
            "OpenPGP (XEP-0027)",
        ),
        ("<openpgp xmlns='urn:xmpp:openpgp:0'>BASE64</openpgp>", "OpenPGP for XMPP"),
        ("<body>?OTR:AAMDJ+MVmSfjFZcAAAAAAQAAAAIAAADA1g5IjD1Z.</body>", "OTR"),
        ("<body>?OTR|5a73a599|27e31597,00001,00003,?OTR:AAMD,</body>", "OTR"),
        ("<body>?OTRv23?\nBob has requested an Off-the-Record conversation.</body>", "OTR"),
        (HINT.format("urn:x:mls", " name='MLS'"), "MLS"),
        (HINT.format("urn:x:mls", ""), "urn:x:mls"),
        # Who says one thing and sends another has sent the other.
        (HINT.format("urn:x:mls", " name='MLS'") + AXOLOTL, "OMEMO"),
    ],
)
def test_what_is_encrypted_is_told_without_a_hint_too(alice: Actor, inside: str, way: str) -> None:
    alice.receives(message(inside, "m"))
    assert told(alice)[-1].strip() == f"encrypted with {way}, which can't be read here"


@pytest.mark.parametrize(
    "inside",
    [
        "<body>?OTR is dead</body>",
        "<body>what is ?OTRv2? for</body>",
        "<body>signed</body><x xmlns='jabber:x:signed'>iQ</x>",
        "<body>hi</body><encryption xmlns='urn:other' namespace='urn:xmpp:otr:0'/>",
        # Only keys are exchanged (XEP-0384 §4.6).
        "<body>hi</body>" + AXOLOTL.replace("<payload>YWJj</payload>", ""),
    ],
)
def test_what_is_not_encrypted_is_read(alice: Actor, inside: str) -> None:
    alice.receives(message(inside, "m"))
    assert only(alice).matter is None
    assert only(alice).text


def test_the_name_of_a_way_is_harmless(alice: Actor) -> None:
    alice.receives(message(HINT.format("urn:x", " name='a&#10;b\u202e" + "x" * 3000 + "'"), "m"))
    text = "".join(told(alice)[-4:])
    assert "a␤b" in text
    assert "\u202e" not in text


def test_it_stands_apart_from_texts(alice: Actor) -> None:
    """Nobody can write a text that looks like it (XEP-0380 §6)."""
    alice.receives(message(AXOLOTL, "m"))
    alice.receives(message("<body>encrypted with OMEMO, which can't be read here</body>", "n"))
    alice.looks_at(BOB)
    ours, theirs = alice.lines(80)[-2:]
    assert "≡ encrypted" in ours
    assert "≡" not in theirs


def test_it_is_the_same_after_a_restart_and_on_another_device(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.receives(carbon(message(AXOLOTL, "o", sender="alice@example.org/phone", to=str(BOB))))
    alice.receives(message(PLACE.format("<text>the pub</text>"), "p"))
    before = shown(alice)
    assert [each.is_own for each in before] == [True, False]
    alice.close()
    later = alices(tmp_path)
    assert [each.matter for each in shown(later)] == [each.matter for each in before]


def test_a_correction_and_a_retraction_are_of_that_too(alice: Actor) -> None:
    alice.receives(message(AXOLOTL, "m"))
    alice.receives(correction("m", "in the clear", "c"))
    assert (only(alice).text, only(alice).matter) == ("in the clear", None)
    replaced = "<replace xmlns='urn:xmpp:message-correct:0' id='m'/>"
    alice.receives(message(USELESS + AXOLOTL + replaced, "d"))
    assert only(alice).matter == Matter(MatterKind.ENCRYPTED, "eu.siacs.conversations.axolotl")
    alice.receives(retraction("m", "r"))
    assert only(alice).matter is None
    assert told(alice)[-1].strip() == "This was retracted."


def test_an_answer_to_it_quotes_our_words(alice: Actor) -> None:
    alice.receives(message(AXOLOTL, "m"), reply("m", "yes", id="r"))
    assert any("Bob: encrypted with OMEMO" in line for line in told(alice))


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (PLACE.format("<lat>45.44</lat><lon>12.33</lon>"), "a place: 45.44, 12.33"),
        (
            PLACE.format(
                "<accuracy>20</accuracy><country>Italy</country><lat>45.44</lat>"
                "<locality>Venice</locality><lon>12.33</lon>"
            ),
            "a place: Venice, Italy, 45.44, 12.33 ±20 m",
        ),
        (PLACE.format("<lat>95</lat><lon>x</lon><text>a\nb</text>"), "a place: a b"),
        (CALL.format("audio"), "tried to call you; termxmpp can't take calls"),
        (CALL.format("video"), "tried to call you by video; termxmpp can't take calls"),
        (
            "<invite xmlns='urn:xmpp:call-invites:0' video='true'/>",
            "tried to call you by video; termxmpp can't take calls",
        ),
        (
            "<x xmlns='http://jabber.org/protocol/rosterx'>"
            "<item action='add' jid='rosencrantz@denmark.lit' name='Rosencrantz'/>"
            "<item action='delete' jid='guildenstern@denmark.lit'/><item jid='@'/></x>",
            "suggests for the roster: +rosencrantz@denmark.lit (Rosencrantz),",
        ),
        (
            "<sticker xmlns='urn:xmpp:stickers:0' pack='a'/>",
            "sent something that can't be shown here: a sticker",
        ),
        (
            "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
            "<body xmlns='http://www.w3.org/1999/xhtml'><b>hi</b></body></html>",
            "sent something that can't be shown here: a formatted text without a plain one",
        ),
        ("<vCard xmlns='vcard-temp'/>", "sent something that can't be shown here: a business card"),
        (
            "<poll xmlns='urn:x:poll'/>",
            "sent something that can't be shown here: poll (urn:x:poll)",
        ),
        ("<active xmlns='http://jabber.org/protocol/chatstates'/><a xmlns='b'/>", "a (b)"),
    ],
)
def test_what_has_no_text_is_told_in_a_line(alice: Actor, inside: str, words: str) -> None:
    alice.receives(message(inside, "m"))
    assert any(words in line for line in told(alice))


@pytest.mark.parametrize(
    "inside",
    [
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<received xmlns='urn:xmpp:receipts' id='q'/><store xmlns='urn:xmpp:hints'/>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='q'/>",
        "<store xmlns='urn:xmpp:hints'/><stanza-id xmlns='urn:xmpp:sid:0' id='1' by='a@b'/>",
        "<thread>t</thread>",
        "<x xmlns='jabber:x:event'><composing/></x>",
        "<rtt xmlns='urn:xmpp:rtt:0' seq='1'><t>h</t></rtt>",
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='a'/></event>",
        "<ringing xmlns='urn:xmpp:jingle-message:0' id='c'/>",
        "<retract xmlns='urn:xmpp:jingle-message:0' id='c'/>",
        AXOLOTL.replace("<payload>YWJj</payload>", ""),
        PLACE.format(""),
        "<poll xmlns='urn:x:poll'/><no-store xmlns='urn:xmpp:hints'/>",
        "<x xmlns='http://jabber.org/protocol/rosterx'/>",
        "<x xmlns='google:mail'/>",
    ],
)
def test_what_only_programs_need_is_not_told(alice: Actor, inside: str) -> None:
    alice.receives(message(inside, "m"))
    assert shown(alice) == []


@pytest.mark.parametrize(
    ("sender", "kind"), [("example.org", "chat"), ("bob@example.org/x", "headline")]
)
def test_nor_what_a_server_sends_or_what_is_only_news(alice: Actor, sender: str, kind: str) -> None:
    alice.receives(message("<poll xmlns='urn:x:poll'/>", "m", sender=sender, type=kind))
    assert shown(alice) == []
    assert CAROL not in alice.client.state.conversations


def test_a_place_and_a_text_are_both_shown(alice: Actor) -> None:
    alice.receives(message("<body>here</body>" + PLACE.format("<text>the pub</text>"), "m"))
    text, place = told(alice)[-2:]
    assert text.strip() == "here"
    assert "a place: the pub" in place


def test_what_is_hidden_hides_its_place(alice: Actor) -> None:
    hidden = "<spoiler xmlns='urn:xmpp:spoiler:0'>guess where</spoiler>"
    alice.receives(message(hidden + PLACE.format("<text>the pub</text>"), "m"))
    assert not any("pub" in line for line in told(alice))
    drawn = draw(only(alice), None, Look(80, SKIN), alice.client.state, is_open=True)
    assert "a place: the pub" in "".join(part[1] for line in drawn for part in line)


def test_formatted_text_is_never_obeyed(alice: Actor) -> None:
    """Of XHTML-IM (XEP-0071) nothing is looked at, neither its text nor what it would load."""
    alice.receives(
        message(
            "<body>plain</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
            "<body xmlns='http://www.w3.org/1999/xhtml'><script>evil()</script>"
            "<img src='https://evil.example/a.png'/><a href='https://evil.example'>other</a>"
            "</body></html>",
            "m",
        )
    )
    found = only(alice)
    assert (found.text, found.links, found.files, found.matter) == ("plain", [], (), None)
    assert not any("evil" in line or "other" in line for line in told(alice))


def test_it_can_be_found_and_is_told_in_words_everywhere(alice: Actor) -> None:
    """By what is known of it; of what is encrypted nothing is."""
    alice.receives(message(PLACE.format("<text>the pub</text>"), "m"), message(AXOLOTL, "n"))
    alice.looks_at(BOB)
    window = alice.workspace.current
    told = [message_lines(window, each, is_here=True)[0][6:] for each in shown(alice)]
    assert told == [
        "Bob: (a place: the pub)",
        "Bob: (encrypted with OMEMO, which can't be read here)",
    ]
    alice.types("/search pub")
    assert alice.told()[-1].endswith("Bob: a place: the pub")
    alice.types("/search axolotl")
    assert alice.told()[-1] == "Nothing was found."
    exported = FORMATS["text"]().message(BOB, shown(alice)[1], "Bob")
    assert exported.endswith("Bob: (encrypted with OMEMO, which can't be read here)\n")
    assert '"kind": "place"' in FORMATS["json"]().message(BOB, shown(alice)[0], "Bob")
    assert "(a place: the pub)" in FORMATS["html"]().message(BOB, shown(alice)[0], "Bob")


def test_on_the_screen_it_is_a_line_of_its_own(alice: Actor) -> None:
    alice.receives(message(CALL.format("audio"), "m"))
    alice.looks_at(BOB)
    with closing(Drawn(alice, 80, 24)) as drawn:
        drawn.shows("≡ tried to call you; termxmpp can't")


def test_in_a_room_it_is_the_same_but_for_what_the_room_itself_sends(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    there, poll = f"{CLUB}/bob", "<poll xmlns='urn:x:poll'/>"
    alice.receives(message(AXOLOTL, "1", sender=there, type="groupchat"))
    alice.receives(message(poll, "2", sender=there, type="groupchat"))
    alice.receives(message(poll, "3", sender=str(CLUB), type="groupchat"))
    assert [each.matter.kind for each in shown(alice, CLUB) if each.matter is not None] == [
        MatterKind.ENCRYPTED,
        MatterKind.UNKNOWN,
    ]
    assert len(shown(alice, CLUB)) == 2


@given(
    st.lists(
        st.sampled_from([*TAGS]).flatmap(
            lambda tag: rubbish(tag, ("namespace", "name", "jid", "action", "media"), INSIDE)
        ),
        max_size=3,
    ),
    st.one_of(st.none(), st.text(max_size=20)),
)
def test_rubbish_is_told_harmlessly_or_not_at_all(parts: list[Element], body: str | None) -> None:
    stanza = Element("{jabber:client}message", {"from": "bob@example.org/x", "type": "chat"})
    stanza.extend(parts)
    if body is not None:
        SubElement(stanza, "{jabber:client}body").text = body
    found = Forwarded(stanza).message(Route.LIVE)
    if found is not None:
        matter = matter_of(found)
        if matter is not None:
            assert len(matter.detail) <= LONGEST_DETAIL
            # Letters that are newer than this Python's tables do no harm.
            words = "".join(c for c in matter_words(matter) if unicodedata.category(c) != "Cn")
            assert words.isprintable()
