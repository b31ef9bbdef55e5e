"""The picture that we show of ourselves: published, told once, and told by nobody twice."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest
from hypothesis import given
from PIL import Image

from termxmpp.xmpp.avatars import CONVERSION, DATA_NODE, METADATA_NODE, UPDATE_NS, UpdatePayload
from tests.support.harness import ALICE, Actor
from tests.support.rooms import announces, enters
from tests.support.rubbish import reads, rubbish
from tests.support.working import works

CARD = "vcard-temp"
PUBSUB = "http://jabber.org/protocol/pubsub"
PEP = f"{PUBSUB}#publish"
PHONE = ALICE.with_resource("phone")
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"


class Nodes:
    """A server that keeps what is published, and the card of its account."""

    def __init__(self, card: str = "") -> None:
        self.card = card
        self.published: dict[str, list[Element]] = {}
        self.retracted: list[tuple[str, str]] = []
        self.looks = 0

    def __call__(self, iq: Element) -> str | None:
        head = f"id='{iq.get('id')}'" + (f" from='{iq.get('to')}'" if iq.get("to") else "")
        whole = f"<iq type='result' {head}>{{}}</iq>"
        card = iq.find(f"{{{CARD}}}vCard")
        if card is not None and iq.get("type") == "set":
            self.card = tostring(card, encoding="unicode")
            return whole.format("")
        if card is not None:
            self.looks += 1
            nothing = f"<error type='cancel'><item-not-found {STANZAS}/></error>"
            return (
                whole.format(self.card) if self.card else f"<iq type='error' {head}>{nothing}</iq>"
            )
        publish = iq.find(f".//{{{PUBSUB}}}publish")
        if publish is not None:
            self.published[publish.get("node", "")] = list(publish)
            return whole.format("")
        retract = iq.find(f".//{{{PUBSUB}}}retract")
        if retract is not None:
            self.retracted.append((retract.get("node", ""), retract[0].get("id", "")))
            return whole.format("")
        items = iq.find(f".//{{{PUBSUB}}}items")
        if items is not None:
            known = self.published.get(items.get("node", ""), [])
            inside = "".join(tostring(each, encoding="unicode") for each in known)
            node = f"<items node='{items.get('node')}'>{inside}</items>"
            return whole.format(f"<pubsub xmlns='{PUBSUB}'>{node}</pubsub>")
        return None

    @property
    def picture(self) -> bytes:
        """What stands in the data node."""
        [item] = self.published[DATA_NODE]
        return base64.b64decode(item[0].text or "")

    @property
    def info(self) -> dict[str, str]:
        [item] = self.published[METADATA_NODE]
        [info] = item[0]
        return dict(info.attrib)


Make = Callable[..., tuple[Actor, Nodes]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes an alice, whose server announces what is named and keeps that card."""
    made: list[Actor] = []

    def actor(*announced: str, card: str = "") -> tuple[Actor, Nodes]:
        alice, nodes = Actor(announced=announced), Nodes(card)
        made.append(alice)
        alice.answers = nodes
        alice.goes_online()
        return alice, nodes

    yield actor
    for each in made:
        each.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph, as a camera leaves it."""
    image = Image.effect_noise((1200, 800), 90).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells of itself"
    image.save(tmp_path / "me at home.jpg", exif=exif)
    return tmp_path / "me at home.jpg"


QUIET, NOTHING, UNTOLD = "quiet", "no picture", "the server tells"


def presences(alice: Actor) -> list[str]:
    """What each presence that was sent to all since the last look tells of a picture."""
    found = []
    for element in alice.server.sent:
        if element.tag.endswith("}presence") and element.get("to") is None:
            update = element.find(f"{{{UPDATE_NS}}}x")
            photo = update[0] if update is not None and len(update) else None
            told = QUIET if photo is None else photo.text or NOTHING
            found.append(UNTOLD if update is None else told)
    alice.server.sent.clear()
    return found


def update(hash: str | None) -> str:
    """How a presence of ours tells of a picture; None says nothing of it."""
    inside = "" if hash is None else f"<photo>{hash}</photo>" if hash else "<photo/>"
    return f"<presence from='{PHONE}'><x xmlns='{UPDATE_NS}'>{inside}</x></presence>"


def with_photo(data: bytes = b"a picture") -> str:
    inside = f"<PHOTO><BINVAL>{base64.b64encode(data).decode()}</BINVAL></PHOTO>"
    return f"<vCard xmlns='{CARD}'><FN>Alice</FN>{inside}</vCard>"


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


# Showing one.


def test_a_picture_is_made_small_and_published(make: Make, photo: Path) -> None:
    alice, nodes = make(PEP, CONVERSION, CARD)
    told = works(alice, f"/vcard avatar {photo}")
    picture = nodes.picture
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "PNG"
        side = image.width
        assert image.height == side <= 96
    assert len(picture) <= 8192
    assert b"camera" not in picture
    assert nodes.info == {
        "id": sha1(picture),
        "type": "image/png",
        "bytes": str(len(picture)),
        "width": str(side),
        "height": str(side),
    }
    assert told.startswith(f"Your contacts see this picture of you now, {side}×{side} pixels")


def test_what_the_server_does_is_not_done_twice(make: Make, photo: Path) -> None:
    """XEP-0398: it puts the picture into the card, and its hash into each presence."""
    alice, nodes = make(PEP, CONVERSION, CARD)
    assert presences(alice) == [UNTOLD]
    works(alice, f"/vcard avatar {photo}")
    assert (nodes.card, nodes.looks) == ("", 0)
    # One, so that it reaches rooms too; the server says in it what it is about.
    assert presences(alice) == [UNTOLD]


def test_elsewhere_the_card_has_it_too_and_our_presence_tells(make: Make, photo: Path) -> None:
    alice, nodes = make(PEP, CARD, card=f"<vCard xmlns='{CARD}'><FN>Alice</FN></vCard>")
    presences(alice)
    works(alice, f"/vcard avatar {photo}")
    assert ">Alice<" in nodes.card
    assert base64.b64encode(nodes.picture).decode() in nodes.card
    assert presences(alice) == [sha1(nodes.picture)]


def test_without_pep_the_card_is_enough(make: Make, photo: Path) -> None:
    alice, nodes = make(CARD)
    works(alice, f"/vcard avatar {photo}")
    assert nodes.published == {}
    assert "image/png" in nodes.card


def test_a_card_that_is_not_known_is_not_written_over(make: Make, photo: Path) -> None:
    alice, nodes = make(PEP, CARD, card=f"<vCard xmlns='{CARD}'><FN>Alice</FN></vCard>")
    before = alice.answers

    def fails(iq: Element) -> str | None:
        if iq.find(f"{{{CARD}}}vCard") is None:
            return before(iq)
        error = f"<error type='wait'><internal-server-error {STANZAS}/></error>"
        return f"<iq type='error' id='{iq.get('id')}'>{error}</iq>"

    alice.answers = fails
    assert "internal-server-error" in works(alice, f"/vcard avatar {photo}")
    assert "PHOTO" not in nodes.card
    assert nodes.published == {}


def test_occupants_see_it_too(make: Make, photo: Path) -> None:
    alice, _nodes = make(PEP, CONVERSION, CARD)
    announces(alice)
    enters(alice)
    works(alice, f"/vcard avatar {photo}")
    assert any(each.get("to", "").startswith("club@") for each in alice.server.sent)


def test_it_is_taken_away(make: Make, photo: Path) -> None:
    alice, nodes = make(PEP, CARD, card=with_photo())
    works(alice, f"/vcard avatar {photo}")
    name = sha1(nodes.picture)
    presences(alice)
    alice.types("/vcard avatar clear")
    assert alice.told()[-1] == "You show no picture any more."
    [item] = nodes.published[METADATA_NODE]
    assert len(item[0]) == 0
    assert nodes.retracted == [(DATA_NODE, name)]
    assert "PHOTO" not in nodes.card
    assert ">Alice<" in nodes.card
    assert presences(alice) == [NOTHING]


def test_one_sees_what_one_shows(make: Make, photo: Path) -> None:
    alice, _nodes = make(PEP, CONVERSION, CARD)
    assert works(alice, "/vcard avatar") == "You show no picture; /vcard avatar FILE does."
    works(alice, f"/vcard avatar {photo}")
    assert works(alice, "/vcard avatar") == "You show this picture:"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"GIF89a and no more", " is no picture: take a PNG, JPEG or WebP."),
        (None, " can't be read: No such file or directory."),
        (bytes(10_000_001), "; a picture of you is made of at most 10 MB."),
    ],
)
def test_what_can_not_be_shown_is_told(
    make: Make, tmp_path: Path, content: bytes | None, words: str
) -> None:
    alice, nodes = make(PEP, CARD)
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    assert works(alice, f"/vcard avatar {tmp_path}/x.png").endswith(words)
    assert nodes.published == {}


def test_a_server_that_keeps_none_is_told_of_before_anything_is_read(make: Make) -> None:
    alice, _nodes = make()
    alice.types("/vcard avatar /nowhere")
    assert alice.told()[-1].startswith("Your server keeps no pictures")


# Telling of it (XEP-0153).


def test_a_session_begins_with_a_look_at_the_card(make: Make) -> None:
    """§4.2: nothing is told of a picture that was not looked at."""
    alice, nodes = make(CARD, card=with_photo())
    assert presences(alice) == [QUIET, sha1(b"a picture")]
    alice.types("/away")
    assert presences(alice) == [sha1(b"a picture")]
    assert nodes.looks == 1


def test_who_has_no_picture_is_not_announced_twice(make: Make) -> None:
    alice, _nodes = make(CARD)
    assert len(presences(alice)) == 1
    alice.types("/away")
    assert presences(alice) == [NOTHING]


def test_another_device_that_shows_another_makes_us_look_again_once(make: Make) -> None:
    alice, nodes = make(CARD, card=with_photo())
    presences(alice)
    nodes.card = with_photo(b"another")
    alice.receives(update(sha1(b"another")), update(sha1(b"another")))
    assert presences(alice) == [QUIET, sha1(b"another")]
    assert nodes.looks == 2


def test_one_that_agrees_or_says_nothing_changes_nothing(make: Make) -> None:
    alice, nodes = make(CARD, card=with_photo())
    presences(alice)
    alice.receives(update(sha1(b"a picture")), update(None))
    assert (presences(alice), nodes.looks) == ([], 1)


def test_while_a_device_may_change_the_card_unseen_nothing_is_told(make: Make) -> None:
    """§4.3."""
    alice, nodes = make(CARD, card=with_photo())
    presences(alice)
    alice.receives(f"<presence from='{PHONE}'/>")
    assert presences(alice) == [QUIET]
    alice.receives(f"<presence type='unavailable' from='{PHONE}'/>")
    assert presences(alice) == [sha1(b"a picture")]
    assert nodes.looks == 2


def test_devices_of_others_are_none_of_ours(make: Make) -> None:
    alice, nodes = make(CARD, card=with_photo())
    presences(alice)
    alice.receives("<presence from='bob@example.org/x'/>")
    assert (presences(alice), nodes.looks) == ([], 1)


@given(rubbish(f"{{{UPDATE_NS}}}x", (), [f"{{{UPDATE_NS}}}photo"]))
def test_rubbish_is_no_hash(element: Element) -> None:
    found = reads(UpdatePayload, element)
    assert found is None or found.hash in (None, "") or len(found.hash) == 40
