"""Riddles that tell people from machines: answered for who has a reason to ask, and no other."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from PIL import Image

from termxmpp.core.picture import MOST_COLUMNS
from termxmpp.filling import Filled, Question
from termxmpp.xmpp.bits import NS as BITS
from termxmpp.xmpp.bits import BitsPayload
from termxmpp.xmpp.captcha import NS, CaptchaPayload
from termxmpp.xmpp.forms import Field
from tests.support.forms import fills_in, never_answers
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, announces, here
from tests.support.rubbish import reads, rubbish

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def challenge(sender: str = str(CLUB), concerned: str = f"{CLUB}/alice", more: str = "") -> str:
    return (
        f"<message from='{sender}' id='C1'><body>Visit https://example.org/captcha</body>"
        f"<captcha xmlns='{NS}'><x xmlns='jabber:x:data' type='form'>"
        f"<field var='FORM_TYPE' type='hidden'><value>{NS}</value></field>"
        f"<field var='from' type='hidden'><value>{concerned}</value></field>"
        "<field var='challenge' type='hidden'><value>C1</value></field>"
        "<field var='SHA-256' label='e03d7'/>"
        "<field var='ocr' label='Enter the text you see'><media xmlns='urn:xmpp:media-element'>"
        f"<uri type='image/png'>https://example.org/c.png</uri></media></field>{more}"
        "</x></captcha></message>"
    )


@pytest.fixture
def entering(alice: Actor) -> list[Element]:
    """alice, who is about to enter the club; what she answers comes into the list."""
    announces(alice)
    before, answered = alice.answers, []

    def answer(iq: Element) -> str | None:
        if iq.find(f"{{{NS}}}captcha") is None:
            return before(iq)
        answered.append(iq)
        return f"<iq type='result' id='{iq.get('id')}' from='{iq.get('to')}'/>"

    alice.answers = answer
    alice.types(f"/join {CLUB}")
    alice.sent()
    return answered


def test_a_room_that_is_entered_is_answered(alice: Actor, entering: list[Element]) -> None:
    [question] = [fills_in(alice.workspace, "submit", values={"ocr": ["7nHL3"]})]
    alice.receives(challenge())
    assert question[0].title == f"{CLUB} wants to know whether you are human"
    assert [each.name for each in question[0].form.asked] == ["ocr"]
    assert question[0].form.asked[0].media == ("https://example.org/c.png",)
    [iq] = entering
    assert iq.get("to") == str(CLUB)
    fields = {
        each.get("var"): each.findtext("{jabber:x:data}value")
        for each in iq.iterfind(".//{jabber:x:data}field")
    }
    assert fields == {
        "FORM_TYPE": NS,
        "from": f"{CLUB}/alice",
        "challenge": "C1",
        "ocr": "7nHL3",
    }
    # What it said besides is no message.
    assert not any("Visit" in line for line in alice.lines())


# What is to be looked at may come over the stream (XEP-0231).


def drawn_letters() -> bytes:
    image = Image.new("L", (120, 48), 255)
    image.paste(0, (20, 10, 40, 40))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


LETTERS = drawn_letters()
NAME = f"sha1+{hashlib.sha1(LETTERS).hexdigest()}@bob.xmpp.org"


def bits(data: bytes = LETTERS, name: str = NAME) -> str:
    text = base64.b64encode(data).decode()
    return f"<data xmlns='{BITS}' cid='{name}' type='image/png'>{text}</data>"


def with_bits(name: str = NAME, more: str = "") -> str:
    pointing = challenge().replace("https://example.org/c.png", f"cid:{name}")
    return pointing.replace("</message>", f"{more}</message>")


def keeps(alice: Actor, answer: str) -> list[Element]:
    """Let the room have `answer` for who asks it for data; who did comes into the list."""
    before, asked = alice.answers, []

    def answers(iq: Element) -> str | None:
        if iq.find(f"{{{BITS}}}data") is None:
            return before(iq)
        asked.append(iq)
        kind = "error" if answer.startswith("<error") else "result"
        return f"<iq type='{kind}' id='{iq.get('id')}' from='{iq.get('to')}'>{answer}</iq>"

    alice.answers = answers
    return asked


def asks(alice: Actor, stanza: str) -> Field:
    """The field of the form that is asked when `stanza` has come, as it is shown."""
    shown = asyncio.Event()
    fields: list[Field] = []

    async def fill(question: Question) -> Filled | None:
        fields.extend(question.form.asked)
        shown.set()
        return None

    async def comes() -> None:
        alice.workspace.on_form = fill
        alice.server.receives(stanza)
        async with asyncio.timeout(15):
            await shown.wait()

    alice.run(comes)
    return fields[0]


@pytest.mark.usefixtures("entering")
def test_a_picture_that_comes_with_the_riddle_is_shown(alice: Actor) -> None:
    asked = keeps(alice, bits())
    [picture] = asks(alice, with_bits(more=bits())).pictures
    assert picture.width > MOST_COLUMNS
    assert picture.colour(picture.width // 4, picture.height // 2) == "#000000"
    assert asked == []


@pytest.mark.usefixtures("entering")
def test_one_that_does_not_is_asked_of_who_has_set_it(alice: Actor) -> None:
    asked = keeps(alice, bits())
    assert len(asks(alice, with_bits()).pictures) == 1
    assert [(iq.get("to"), iq[0].get("cid")) for iq in asked] == [(str(CLUB), NAME)]


@pytest.mark.usefixtures("entering")
@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (NAME, bits(b"something else")),
        (NAME, bits(LETTERS, NAME.replace("sha1", "sha-256"))),
        (NAME, f"<data xmlns='{BITS}' cid='{NAME}'>no Base64</data>"),
        (NAME, f"<data xmlns='{BITS}' cid='{NAME}'/>"),
        (NAME, f"<error type='cancel'><item-not-found xmlns='{STANZAS}'/></error>"),
        ("whatever@example.org", bits()),
        (NAME.replace("sha1", "md5"), bits()),
        (f"sha1+{hashlib.sha1(b'GIF').hexdigest()}@bob.xmpp.org", bits(b"GIF", "x")),
        (
            f"sha1+{hashlib.sha1(bytes(70000)).hexdigest()}@bob.xmpp.org",
            bits(bytes(70000), f"sha1+{hashlib.sha1(bytes(70000)).hexdigest()}@bob.xmpp.org"),
        ),
    ],
)
def test_what_is_not_what_it_says_is_not_shown(alice: Actor, name: str, answer: str) -> None:
    """The riddle is asked all the same: there may be another way to solve it."""
    keeps(alice, answer)
    assert asks(alice, with_bits(name)).pictures == ()


@pytest.mark.usefixtures("entering")
def test_of_many_pictures_a_few_are_asked_for(alice: Actor) -> None:
    uri = f"<uri type='image/png'>cid:{NAME}</uri>"
    asked = keeps(alice, bits())
    stanza = with_bits().replace(uri, uri * 50)
    assert len(asks(alice, stanza).pictures) == len(asked) == 3


def test_we_keep_no_data_ourselves(alice: Actor) -> None:
    alice.receives(
        f"<iq type='get' id='q' from='bob@example.org/x'><data xmlns='{BITS}' cid='{NAME}'/></iq>"
    )
    assert "item-not-found" in alice.sent()[-1]


@given(rubbish(f"{{{BITS}}}data", ["cid", "type"]))
def test_rubbish_is_no_data(element: Element) -> None:
    found = reads(BitsPayload, element)
    assert found is None or found.data is None


def test_who_is_written_to_is_answered(alice: Actor) -> None:
    alice.types(f"/msg {BOB} hello")
    asked = fills_in(alice.workspace, None, values={})
    alice.receives(challenge("example.org", str(BOB)))
    assert len(asked) == 1
    alice.waits(121)
    alice.receives(challenge("example.org", str(BOB)))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("sender", "concerned"),
    [
        ("evil@example.net", f"{CLUB}/alice"),
        ("hall@conference.example.org", f"{CLUB}/alice"),
        (str(CLUB), "hall@conference.example.org/alice"),
        ("example.net", str(BOB)),
        (str(CLUB), "@"),
    ],
)
def test_nobody_else_is(alice: Actor, entering: list[Element], sender: str, concerned: str) -> None:
    asked = fills_in(alice.workspace, None, values={})
    alice.receives(challenge(sender, concerned))
    assert asked == []
    assert alice.sent() == []


def test_in_a_room_there_is_no_reason_any_more(alice: Actor, entering: list[Element]) -> None:
    alice.receives(here("alice", 110))
    alice.sent()
    asked = fills_in(alice.workspace, None, values={})
    alice.receives(challenge())
    assert asked == []


def test_who_declines_says_so(alice: Actor, entering: list[Element]) -> None:
    fills_in(alice.workspace, None, values={})
    alice.receives(challenge())
    [declined] = alice.sent()
    assert f'to="{CLUB}"' in declined
    assert 'type="error"' in declined
    assert 'id="C1"' in declined
    assert "not-acceptable" in declined
    assert alice.told()[-1] == "You have not answered, so it goes no further."


def test_a_wrong_answer_is_told(alice: Actor, entering: list[Element]) -> None:
    alice.answers = lambda iq: (
        f"<iq type='error' id='{iq.get('id')}' from='{iq.get('to')}'><error type='cancel'>"
        f"<not-acceptable xmlns='{STANZAS}'/></error></iq>"
    )
    fills_in(alice.workspace, "submit", values={"ocr": ["?"]})
    alice.receives(challenge())
    assert "does not accept the answer" in alice.told()[-1]


def test_whoever_leaves_the_server_declines(alice: Actor, entering: list[Element]) -> None:
    never_answers(alice.workspace)
    alice.receives(challenge())
    alice.types("/disconnect")
    assert any("not-acceptable" in each for each in alice.sent())


@given(
    rubbish(
        f"{{{NS}}}captcha",
        ["type", "var"],
        [f"{{jabber:x:data}}{name}" for name in ("x", "field", "value")],
    )
)
def test_rubbish_is_a_challenge_or_none(element: Element) -> None:
    found = reads(CaptchaPayload, element)
    assert found is None or isinstance(found.challenge, str)
