"""The picture of a room: shown to who asks, set by its owners, told when it is another."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from PIL import Image

from termxmpp.portraits import portrait_of
from termxmpp.xmpp.avatars import card_picture
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import Actor
from tests.support.rooms import CLUB, enters, refusal
from tests.support.working import works

CARD = "vcard-temp"
DISCO = "http://jabber.org/protocol/disco#info"
CHANGED = (
    f"<message type='groupchat' from='{CLUB}'><x xmlns='http://jabber.org/protocol/muc#user'>"
    "<status code='104'/></x></message>"
)


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def card(*pictures: bytes) -> str:
    photos = "".join(
        f"<PHOTO><BINVAL>{base64.b64encode(each).decode()}</BINVAL></PHOTO>" for each in pictures
    )
    return f"<vCard xmlns='{CARD}'><FN>The club</FN>{photos}</vCard>"


class Club:
    """A room that announces `hashes`, and has `card`; what was set comes into it."""

    def __init__(self, alice: Actor, card: str = "", hashes: tuple[str, ...] = ()) -> None:
        self.card, self.condition = card, ""
        self.hashes: tuple[str, ...] = hashes
        self.features: tuple[str, ...] = ("vcard-temp",)
        self.asked: list[str] = []
        alice.answers = self

    def __call__(self, iq: Element) -> str | None:
        if iq.get("to") != str(CLUB):
            return None
        self.asked.append(as_text(iq))
        whole = f"<iq type='result' id='{iq.get('id')}' from='{CLUB}'>{{}}</iq>"
        if iq.find(f"{{{DISCO}}}query") is not None:
            return whole.format(self._told())
        found = iq.find(f"{{{CARD}}}vCard")
        if found is None:
            return None
        if iq.get("type") == "set":
            if self.condition:
                return refusal(iq.get("id", ""), self.condition)
            self.card = as_text(found)
            return whole.format("")
        return whole.format(self.card) if self.card else refusal(iq.get("id", ""), "item-not-found")

    def _told(self) -> str:
        features = "".join(f"<feature var='{each}'/>" for each in self.features)
        values = "".join(f"<value>{each}</value>" for each in self.hashes)
        kind = "<value>http://jabber.org/protocol/muc#roominfo</value>"
        form = (
            f"<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE'>{kind}</field>"
            f"<field var='muc#roominfo_avatarhash'>{values}</field></x>"
        )
        identity = "<identity category='conference' type='text'/>"
        return f"<query xmlns='{DISCO}'>{identity}{features}{form}</query>"


@pytest.fixture
def club(alice: Actor) -> Club:
    """A room in which alice is, without a picture."""
    found = Club(alice)
    enters(alice)
    found.asked.clear()
    return found


def seen(alice: Actor) -> bytes | None:
    """The picture that alice finds of the room."""
    found: list[bytes | None] = []

    async def fetch() -> None:
        found.append(await portrait_of(alice.client, CLUB))

    alice.run(fetch)
    return found[0]


# Seeing it.


def test_the_picture_is_the_one_that_the_room_announces(alice: Actor, club: Club) -> None:
    club.card, club.hashes = card(b"another", b"this one"), (sha1(b"this one").upper(),)
    assert seen(alice) == b"this one"
    assert not any("pubsub" in each for each in club.asked)


def test_one_that_is_another_than_announced_is_none(alice: Actor, club: Club) -> None:
    club.card, club.hashes = card(b"another"), (sha1(b"this one"),)
    assert seen(alice) is None


def test_a_room_of_before_announces_none_and_has_one(alice: Actor, club: Club) -> None:
    club.card = card(b"old")
    assert seen(alice) == b"old"


def test_a_room_without_cards_is_not_asked_for_one(alice: Actor, club: Club) -> None:
    club.features = ()
    assert seen(alice) is None
    assert len(club.asked) == 1


# Being told.


def test_another_picture_is_told_and_not_fetched(alice: Actor, club: Club) -> None:
    club.hashes = (sha1(b"new"),)
    alice.receives(CHANGED)
    assert alice.told()[-1] == "The room shows another picture: /info shows it to you."
    alice.receives(CHANGED)
    assert sum("another picture" in each for each in alice.told()) == 1
    club.hashes = ()
    alice.receives(CHANGED)
    assert alice.told()[-1] == "The room shows no picture any more."
    assert not any(CARD in each.replace("feature", "") for each in club.asked)


@pytest.mark.parametrize("rubbish", [("x",), ("",), (sha1(b"") + "0",), ("\u202e" * 40,)])
def test_what_is_no_hash_is_no_picture(alice: Actor, club: Club, rubbish: tuple[str, ...]) -> None:
    club.hashes = rubbish
    alice.receives(CHANGED)
    assert not any("picture" in each for each in alice.told())


# Setting it.


def test_an_owner_sets_it_and_the_rest_of_the_card_stays(
    alice: Actor, club: Club, tmp_path: Path
) -> None:
    club.card = card(b"old")
    Image.new("RGB", (300, 200), "red").save(tmp_path / "club.jpg")
    told = works(alice, f"/configure avatar {tmp_path}/club.jpg")
    assert told.startswith(f"{CLUB} shows this picture now, 96×96 pixels")
    found = card_picture(fromstring(club.card))
    assert found is not None
    assert found.startswith(b"\x89PNG")
    assert "The club" in club.card


def test_it_is_taken_away(alice: Actor, club: Club) -> None:
    club.card = card(b"old")
    alice.types("/configure avatar clear")
    assert "PHOTO" not in club.card
    assert alice.told()[-1] == f"{CLUB} shows no picture any more."


def test_who_asks_for_it_sees_it(alice: Actor, club: Club) -> None:
    told = works(alice, "/configure avatar")
    assert told == f"{CLUB} shows no picture; /configure avatar FILE lets it show one."
    club.card = card(b"old")
    assert works(alice, "/configure avatar") == f"{CLUB} shows this picture:"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("forbidden", "that needs the rights of at least: owner"),
        ("service-unavailable", f"{CLUB} can show no picture."),
    ],
)
def test_who_may_not_is_told_why(alice: Actor, club: Club, condition: str, words: str) -> None:
    club.condition = condition
    alice.types("/configure avatar clear")
    assert words in alice.told()[-1]
