"""`/info`: what is known of somebody, and what they answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import pytest
from PIL import Image

from termxmpp.core.capabilities import Capabilities
from termxmpp.core.events import AbilitiesLearned
from termxmpp.core.jid import Jid
from termxmpp.core.message import Notice
from termxmpp.core.state import State
from termxmpp.errors import ConnectionFailed
from termxmpp.portraits import portrait_of
from termxmpp.xmpp.avatars import DATA_NODE, METADATA_NODE
from termxmpp.xmpp.disco import DiscoPayload, Identity
from tests.support.harness import BOB, Actor
from tests.support.rooms import CLUB, enters, here

DISCO = "http://jabber.org/protocol/disco#info"
NICK = "http://jabber.org/protocol/nick"
FORM = "jabber:x:data"
PUBSUB = "http://jabber.org/protocol/pubsub"


def says(**answers: str) -> Callable[[Element], str | None]:
    """Everybody answers with these, by the tag and namespace's end of what they are asked for."""

    def answer(iq: Element) -> str | None:
        if iq.get("type") != "get":
            return None
        [question] = iq
        name = {
            "{jabber:iq:version}query": "version",
            "{jabber:iq:last}query": "last",
            "{urn:xmpp:time}time": "time",
            "{vcard-temp}vCard": "card",
            f"{{{DISCO}}}query": "disco",
            "{http://jabber.org/protocol/pubsub}pubsub": "pubsub",
        }.get(question.tag, "")
        to = f" from='{iq.get('to')}'" if iq.get("to") else ""
        head = f"id='{iq.get('id')}'{to}"
        inner = answers.get(name)
        if inner is None:
            return (
                f"<iq type='error' {head}><error type='cancel'>"
                "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )
        return f"<iq type='result' {head}>{inner}</iq>"

    return answer


VERSION = (
    "<query xmlns='jabber:iq:version'><name>Gajim</name><version>1.8</version>"
    "<os>Linux</os></query>"
)
TIME = "<time xmlns='urn:xmpp:time'><tzo>+02:00</tzo><utc>2026-01-02T12:00:00Z</utc></time>"


def last(seconds: int, status: str = "") -> str:
    return f"<query xmlns='jabber:iq:last' seconds='{seconds}'>{status}</query>"


def card(name: str) -> str:
    return f"<vCard xmlns='vcard-temp'><FN>{name}</FN><DESC>long</DESC></vCard>"


def disco(inner: str) -> str:
    return f"<query xmlns='{DISCO}'>{inner}</query>"


def form(kind: str, **fields: str) -> str:
    inner = "".join(
        f"<field var='{name}'><value>{value}</value></field>" for name, value in fields.items()
    )
    return (
        f"<x xmlns='{FORM}' type='result'><field var='FORM_TYPE' type='hidden'>"
        f"<value>{kind}</value></field>{inner}</x>"
    )


def told(alice: Actor, line: str) -> list[list[str]]:
    """The notices that `line` is answered with, in lines."""
    before = len(alice.told())
    alice.types(line)
    entries = alice.workspace.current.conversation.entries
    return [each.text.split("\n") for each in entries if isinstance(each, Notice)][before:]


@pytest.fixture
def alice(alice: Actor) -> Actor:
    alice.answers = says()
    return alice


def test_a_contact_with_devices(alice: Actor) -> None:
    alice.receives(
        "<presence from='bob@example.org/phone'><show>away</show><status>lunch</status>"
        "<idle xmlns='urn:xmpp:idle:1' since='2026-01-02T11:30:00Z'/></presence>",
        "<presence from='bob@example.org/desk'><priority>5</priority></presence>",
        "<message from='bob@example.org' type='headline'><event"
        f" xmlns='http://jabber.org/protocol/pubsub#event'><items node='{NICK}'><item id='1'>"
        f"<nick xmlns='{NICK}'>Bobby</nick></item></items></event></message>",
    )
    alice.answers = says(version=VERSION, last=last(125), time=TIME, card=card("Bob B"))
    alice.looks_at(BOB)
    assert told(alice, "/info") == [
        [
            "Bob <bob@example.org>:",
            "  groups        Friends",
            "  subscription  you see each other",
            "  calls itself  Bobby (/roster rename bob@example.org Bobby takes that over)",
            "  desk          online; priority 5",
            "  phone         away: lunch; priority 0; nobody there since 11:30",
        ],
        [
            "bob@example.org says of itself:",
            "  name   Bob B",
            "  desk   Gajim 1.8 (Linux); untouched for 2 minutes; 14:00 (UTC+0200) there",
            "  phone  Gajim 1.8 (Linux); untouched for 2 minutes; 14:00 (UTC+0200) there",
        ],
    ]


def test_a_device_that_is_named_is_the_only_one_asked(alice: Actor) -> None:
    for name in ("desk", "phone"):
        alice.receives(f"<presence from='bob@example.org/{name}'/>")
    alice.types("/info bob@example.org/phone")
    asked = [each for each in alice.sent() if "jabber:iq:version" in each]
    assert ['to="bob@example.org/phone"' in each for each in asked] == [True]


def test_a_contact_who_is_away(alice: Actor) -> None:
    """XEP-0012 §3: the account is asked."""
    alice.answers = says(last=last(7200, "gone home"))
    assert told(alice, "/info bob@example.org") == [
        [
            "Bob <bob@example.org>:",
            "  groups        Friends",
            "  subscription  you see each other",
            "  presence      offline",
        ],
        ["bob@example.org says of itself:", "  last there  2 h 0 min ago: gone home"],
    ]


def test_who_says_nothing_has_what_is_known(alice: Actor) -> None:
    [known] = told(alice, "/info carol@example.org")
    assert known == [
        "carol@example.org:",
        "  subscription  you see it, it does not see you",
        "  presence      offline",
    ]


def test_somebody_of_whom_nothing_is_known(alice: Actor) -> None:
    assert told(alice, "/info dave@example.com") == [
        ["dave@example.com says of itself:", "  nothing, or not to you"]
    ]


def test_a_room_that_we_are_in(alice: Actor) -> None:
    alice.answers = says(
        disco=disco(
            "<identity category='conference' type='text' name='The Club'/>"
            "<feature var='muc_membersonly'/><feature var='muc_persistent'/>"
            "<feature var='urn:xmpp:mam:2'/>"
            + form(
                "http://jabber.org/protocol/muc#roominfo",
                **{"muc#roominfo_description": "All about tea", "muc#roominfo_occupants": "3"},
            )
        )
    )
    enters(alice, "bob", "carol", about="Tea time")
    assert told(alice, "/info") == [
        [
            f"club <{CLUB}>:",
            "  you are  alice, in",
            "  people   3 are there",
            "  topic    Tea time",
        ],
        [
            f"{CLUB} says of itself:",
            "  room         The Club",
            "  description  All about tea",
            "  people       3",
            "  it is        for members only; stays when empty; keeps an archive",
        ],
    ]


def test_a_room_that_nobody_here_has_seen(alice: Actor) -> None:
    alice.answers = says(disco=disco("<identity category='conference' type='text' name='Hall'/>"))
    [said] = told(alice, "/info hall@conference.example.org")
    assert said[1:] == ["  room  Hall"]


def test_an_occupant(alice: Actor) -> None:
    alice.answers = says(
        disco=disco("<identity category='conference' type='text'/>"), version=VERSION
    )
    enters(alice)
    alice.receives(here("Mad Hatter", role="moderator"))
    assert told(alice, f'/info "{CLUB}/Mad Hatter"') == [
        [
            f"Mad Hatter (club) <{CLUB}/Mad Hatter>:",
            "  role here  moderator",
            "  presence   online",
        ],
        [f"{CLUB}/Mad Hatter says of itself:", "  Mad Hatter  Gajim 1.8 (Linux)"],
    ]


def test_a_server(alice: Actor) -> None:
    """XEP-0157, also the other fields of it; the console's own is meant without an address."""
    alice.answers = says(
        version="<query xmlns='jabber:iq:version'><name>Prosody</name></query>",
        last=last(200_000),
        time=TIME,
        disco=disco(
            "<identity category='server' type='im' name='Prosody'/>"
            + form(
                "http://jabber.org/network/serverinfo",
                **{"admin-addresses": "xmpp:root@example.org", "abuse-addresses": "mailto:a@b"},
            )
        ),
    )
    assert told(alice, "/info") == [
        [
            "example.org says of itself:",
            "  is              server/im Prosody",
            "  software        Prosody",
            "  runs for        2 days",
            "  time            2026-01-02 14:00:00 (UTC+0200)",
            "  abuse           mailto:a@b",
            "  administrators  xmpp:root@example.org",
        ]
    ]


def test_offline_what_is_known_is_told(alice: Actor) -> None:
    alice.loses_the_link()
    assert len(told(alice, "/info bob@example.org")) == 1
    assert told(alice, "/info dave@example.com") == [
        ["While you are offline nobody can be asked about dave@example.com."]
    ]
    assert alice.workspace.problem == ""


def test_a_link_that_breaks_off_meanwhile_is_told_of_once(
    alice: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.answers = lambda iq: ""
    alice.looks_at(BOB)
    alice.types("/info")
    alice.loses_the_link(ConnectionFailed("The connection broke."))
    assert alice.told()[1:] == ["The connection broke."]
    assert "failed" not in caplog.text


@pytest.mark.parametrize(
    "rubbish",
    [
        {
            "version": "<query xmlns='jabber:iq:version'/>",
            "last": "<query xmlns='jabber:iq:last'/>",
        },
        {"last": "<query xmlns='jabber:iq:last' seconds='-1'/>", "time": "<x xmlns='y'/>"},
        {"card": "<vCard xmlns='vcard-temp'><FN/></vCard>", "pubsub": "<x xmlns='y'/>"},
        {"time": "<time xmlns='urn:xmpp:time'><utc>never</utc></time>", "disco": disco("<x/>")},
    ],
)
def test_rubbish_tells_nothing(alice: Actor, rubbish: dict[str, str]) -> None:
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.answers = says(**rubbish)
    assert len(told(alice, "/info bob@example.org")) == 1
    assert told(alice, "/info dave@example.com")[-1][-1] == "  nothing, or not to you"


def test_what_others_say_stays_in_its_row(alice: Actor) -> None:
    alice.receives(
        "<presence from='bob@example.org/a&#10;b'>"
        "<status>x&#10;  groups  Admins\u202e</status></presence>"
    )
    [known, *_] = told(alice, "/info bob@example.org")
    assert known[3:] == ["  a␤b           online: x␤  groups  Admins⟦RLO⟧; priority 0"]


CAN = DiscoPayload((Identity("client", "pc", "Gajim"),), ("urn:xmpp:receipts", "urn:xmpp:reply:0"))


def presence(sender: str, verification: str) -> str:
    return (
        f"<presence from='{sender}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1'"
        f" node='https://gajim.org' ver='{verification}'/></presence>"
    )


def test_what_a_program_knows_is_asked_once_for_all_who_have_it(alice: Actor) -> None:
    """XEP-0115 §5.4."""
    alice.receives(
        presence("bob@example.org/desk", CAN.verification),
        presence("carol@example.org/phone", CAN.verification),
    )
    alice.answers = says(disco=tostring(CAN.as_xml()).decode())
    [_, said] = told(alice, "/info bob@example.org")
    assert said[1:] == ["  desk  knows receipts, answers"]
    [question] = [each for each in alice.sent() if DISCO in each]
    assert f'node="https://gajim.org#{CAN.verification}"' in question
    [_, said] = told(alice, "/info carol@example.org")
    assert said[1:] == ["  phone  knows receipts, answers"]
    assert not [each for each in alice.sent() if DISCO in each]


def test_what_is_not_proven_is_believed_of_nobody_else(alice: Actor) -> None:
    alice.receives(
        presence("bob@example.org/desk", "forged"), presence("carol@example.org/phone", "forged")
    )
    alice.answers = says(disco=tostring(CAN.as_xml()).decode())
    told(alice, "/info bob@example.org")
    assert alice.client.state.abilities == {}
    told(alice, "/info carol@example.org")
    assert len([each for each in alice.sent() if DISCO in each]) == 2


def asks_of(folder: Path, sender: str, can: DiscoPayload, verification: str) -> bool:
    """Whether /info asks the device what it can; alice is gone again then."""
    alice = Actor(folder)
    alice.goes_online()
    alice.forgets()
    alice.receives(presence(sender, verification))
    alice.answers = says(disco=tostring(can.as_xml()).decode())
    told(alice, f"/info {Jid.parse(sender).bare}")
    has_asked = any(DISCO in each for each in alice.sent())
    alice.close()
    return has_asked


def test_what_was_proven_is_known_after_a_restart(tmp_path: Path) -> None:
    assert asks_of(tmp_path, "bob@example.org/desk", CAN, CAN.verification)
    assert not asks_of(tmp_path, "bob@example.org/desk", CAN, CAN.verification)
    assert not asks_of(tmp_path, "carol@example.org/phone", CAN, CAN.verification)


DOUBLED = replace(CAN, namespaces=(*CAN.namespaces, CAN.namespaces[0]))
HUGE = replace(CAN, namespaces=tuple(f"urn:x:{number}" for number in range(501)))
LONG = replace(CAN, namespaces=("urn:" + 25_000 * "x",))


@pytest.mark.parametrize(
    ("can", "verification"),
    [
        (CAN, "forged"),
        (CAN, CAN.verification.lower()),
        (replace(CAN, namespaces=("urn:xmpp:receipts",)), CAN.verification),
        (DiscoPayload(), CAN.verification),
        (DOUBLED, DOUBLED.verification),
        (HUGE, HUGE.verification),
        (LONG, LONG.verification),
    ],
)
def test_what_is_not_proven_or_too_much_is_not_kept(
    can: DiscoPayload, verification: str, tmp_path: Path
) -> None:
    """XEP-0115 §5.4 and §8.1: who could put something there would speak for others' programs."""
    assert asks_of(tmp_path, "bob@example.org/desk", can, verification)
    assert asks_of(tmp_path, "bob@example.org/desk", can, verification)
    with closing(sqlite3.connect(next(tmp_path.rglob("*.sqlite")))) as db:
        assert db.execute("SELECT count(*) FROM ability").fetchone() == (0,)


def test_no_other_program_has_what_one_has_proven(tmp_path: Path) -> None:
    """The hash of another function, or under another name, is another."""
    asks_of(tmp_path, "bob@example.org/desk", CAN, CAN.verification)
    alice = Actor(tmp_path)
    alice.goes_online()
    alice.forgets()
    [can] = alice.client.state.abilities
    assert can == Capabilities("https://gajim.org", CAN.verification, "sha-1")
    assert alice.client.state.abilities[can] == frozenset(CAN.namespaces)
    alice.receives(
        presence("bob@example.org/desk", CAN.verification).replace("sha-1", "sha-256"),
    )
    told(alice, "/info bob@example.org")
    assert any(DISCO in each for each in alice.sent())
    alice.close()


def test_of_very_many_programs_the_oldest_are_forgotten_on_the_disk_too(tmp_path: Path) -> None:
    alice = Actor(tmp_path)
    for number in range(600):
        can = Capabilities("urn:x", str(number), "sha-1")
        alice.client.emit(AbilitiesLearned(can, frozenset({"urn:a"})))
    # What is learned once more is new again.
    alice.client.emit(AbilitiesLearned(Capabilities("urn:x", "100", "sha-1"), frozenset()))
    before = alice.client.state.abilities
    alice.close()
    again = Actor(tmp_path)
    assert list(again.client.state.abilities.items()) == list(before.items())
    assert len(before) == 500
    again.close()


def test_of_very_many_programs_the_oldest_are_forgotten() -> None:
    state = State(BOB)
    for number in range(600):
        can = Capabilities("urn:x", str(number), "sha-1")
        state.apply(AbilitiesLearned(can, frozenset()))
    assert len(state.abilities) == 500
    assert can in state.abilities


def saved() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (64, 64), (255, 0, 0)).save(output, "PNG")
    return output.getvalue()


def with_portrait(data: bytes, id: str) -> Callable[[Element], str | None]:
    """Everybody has published `data` as the picture called `id` (XEP-0084)."""
    rest = says()
    items = {
        METADATA_NODE: f"<metadata xmlns='{METADATA_NODE}'><info id='{id}' type='image/png'"
        f" bytes='{len(data)}'/></metadata>",
        DATA_NODE: f"<data xmlns='{DATA_NODE}'>{base64.b64encode(data).decode()}</data>",
    }

    def answer(iq: Element) -> str | None:
        asked = iq.find(f"{{{PUBSUB}}}pubsub/{{{PUBSUB}}}items")
        node = asked.get("node", "") if asked is not None else ""
        if node not in items:
            return rest(iq)
        return (
            f"<iq type='result' id='{iq.get('id')}' from='{iq.get('to')}'><pubsub xmlns='{PUBSUB}'>"
            f"<items node='{node}'><item id='{id}'>{items[node]}</item></items></pubsub></iq>"
        )

    return answer


def pictures(alice: Actor) -> list[Notice]:
    entries = alice.workspace.current.conversation.entries
    return [each for each in entries if isinstance(each, Notice) and each.picture]


def test_the_picture_that_somebody_shows_is_shown(alice: Actor) -> None:
    data = saved()
    alice.answers = with_portrait(data, hashlib.sha1(data).hexdigest())
    alice.types("/info bob@example.org")

    async def is_shown() -> None:
        async with asyncio.timeout(20):
            while not pictures(alice):  # noqa: ASYNC110  # a child is waited for
                await asyncio.sleep(0.01)

    alice.run(is_shown)
    [notice] = pictures(alice)
    assert notice.text == "The picture that bob@example.org shows:"
    assert notice.picture is not None
    assert (notice.picture.width, notice.picture.height) == (24, 24)


def test_a_picture_that_is_not_the_one_is_not_shown(alice: Actor) -> None:
    alice.answers = with_portrait(saved(), "0" * 40)
    alice.types("/info bob@example.org")
    assert len(alice.told()) == 1
    assert pictures(alice) == []


def test_a_picture_in_the_card_of_an_occupant_is_found(alice: Actor) -> None:
    text = base64.b64encode(b"no picture at all").decode()
    photo = f"<vCard xmlns='vcard-temp'><PHOTO><BINVAL>{text}</BINVAL></PHOTO></vCard>"
    alice.answers = says(disco=disco("<identity category='conference' type='text'/>"), card=photo)
    enters(alice, "bob")
    found: list[bytes | None] = []

    async def fetch() -> None:
        found.append(await portrait_of(alice.client, CLUB.with_resource("bob")))

    alice.run(fetch)
    assert found == [b"no picture at all"]
    assert not [each for each in alice.sent() if "pubsub" in each]
