"""How contacts and rooms are reached, and what a server says when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest

from termxmpp.core.jid import Jid
from termxmpp.doctor.findings import Finding
from termxmpp.doctor.peer import check_peer
from termxmpp.doctor.server import check_server
from termxmpp.xmpp.stanzas import as_text
from tests.support.harness import BOB, CAROL, NOON, Actor
from tests.support.marks import told_of
from tests.support.rooms import CLUB, announces, enters, here

STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
DAVE = Jid.parse("dave@elsewhere.example")

Answers = dict[str, str]


def answers(said: Answers) -> Callable[[Element], str | None]:
    """What is said to an iq that holds the key: an error's condition, or the payload."""

    def answer(iq: Element) -> str | None:
        whole = f"{iq.get('to') or ''} {as_text(iq)}"
        for key, what in said.items():
            if all(part in whole for part in key.split("&")):
                head = f"id='{iq.get('id')}' from='{iq.get('to') or ''}'"
                head = head.replace(" from=''", "")
                if what.startswith("<") or not what:
                    return f"<iq type='result' {head}>{what}</iq>"
                error = f"<error type='cancel'><{what} {STANZAS}/></error>"
                return f"<iq type='error' {head}>{error}</iq>"
        return None

    return answer


def checked(alice: Actor, peer: Jid | None) -> str:
    """What is found of `peer`, or of the server, which has nothing else than was said."""
    known = alice.answers
    rest = answers(dict.fromkeys(("blocklist", "disco#items", "ping"), "service-unavailable"))
    alice.answers = lambda iq: known(iq) or rest(iq)
    found: list[Finding] = []

    async def check() -> None:
        findings = check_server(alice.client) if peer is None else check_peer(alice.client, peer)
        found.extend([each async for each in findings])

    alice.run(check)
    return "\n".join(told_of(each) for each in found)


def test_a_contact_that_is_there(alice: Actor) -> None:
    alice.receives("<presence from='bob@example.org/phone'/>")
    alice.receives("<presence from='bob@example.org/old'/>")
    info = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{}'/></query>"
    alice.answers = answers(
        {
            "bob@example.org/phone": info.format("urn:xmpp:receipts"),
            "bob@example.org/old": info.format("urn:example"),
        }
    )
    text = checked(alice, BOB)
    assert "fine: bob@example.org is in your roster; both see one another's presence." in text
    assert "fine: example.org is reached; it answers within" in text
    assert "fine: bob@example.org/phone is online, and sends receipts." in text
    assert "note: bob@example.org/old is online, and sends no receipts" in text


def test_a_contact_that_does_not_see_us(alice: Actor) -> None:
    text = checked(alice, CAROL)
    assert "note: carol@example.org is in your roster; you see its presence, it does not" in text
    assert "To do: /subscription approve carol@example.org" in text
    assert "note: No device of carol@example.org is seen online" in text


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("remote-server-not-found", "wrong: Your server finds no server elsewhere.example."),
        ("remote-server-timeout", "wrong: Your server can't reach elsewhere.example."),
        ("not-allowed", "wrong: elsewhere.example does not answer as a server does."),
    ],
)
def test_a_server_that_is_not_reached(alice: Actor, condition: str, words: str) -> None:
    alice.answers = answers({"elsewhere.example&disco#info": condition})
    text = checked(alice, DAVE)
    assert "note: dave@elsewhere.example is not in your roster" in text
    assert "To do: /roster add dave@elsewhere.example" in text
    assert words in text


def test_who_is_blocked_is_told(alice: Actor) -> None:
    listed = "<item jid='rubbish@@'/><item/><item jid='bob@example.org'/>"
    alice.answers = answers(
        {"blocklist": f"<blocklist xmlns='urn:xmpp:blocking'>{listed}</blocklist>"}
    )
    text = checked(alice, BOB)
    assert "wrong: You have blocked bob@example.org: nothing passes between you." in text
    assert "blocked" not in checked(alice, CAROL)


def test_offline_only_what_is_known_is_told(alice: Actor) -> None:
    alice.loses_the_link()
    text = checked(alice, BOB)
    assert "fine: bob@example.org is in your roster" in text
    assert "note: Whether bob@example.org is reached can be found out only while you are" in text


def test_oneself(alice: Actor) -> None:
    assert "fine: alice@example.org is yourself." in checked(alice, alice.client.account)


def test_a_room(alice: Actor) -> None:
    enters(alice)
    text = checked(alice, CLUB)
    assert f"fine: You are in {CLUB}, as " in text
    assert "fine: You may speak there" in text


def test_a_moderated_room_in_which_we_only_listen(alice: Actor) -> None:
    announces(alice, "muc_moderated")
    enters(alice)
    nick = alice.client.state.rooms[CLUB].nick
    alice.receives(here(nick, 110, role="visitor"))
    assert "wrong: You may only listen there: the room is moderated." in checked(alice, CLUB)


def test_a_room_that_was_left(alice: Actor) -> None:
    enters(alice)
    alice.types(f"/leave {CLUB}")
    text = checked(alice, CLUB)
    assert f"wrong: You are not in {CLUB}." in text
    assert f"To do: /join {CLUB} enters it." in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "fine: Your clock agrees with the server's."),
        (90, "note: Your clock is 90 s behind the server's."),
        (-90, "note: Your clock is 90 s before the server's."),
    ],
)
def test_the_clock_is_compared(alice: Actor, seconds: int, words: str) -> None:
    at = (NOON + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    info = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:time'/>"
    alice.answers = answers(
        {
            "ping": "",
            "urn:xmpp:time": f"<time xmlns='urn:xmpp:time'><tzo>Z</tzo><utc>{at}</utc></time>",
            "disco#info": f"{info}</query>",
            "disco#items": "<query xmlns='http://jabber.org/protocol/disco#items'/>",
        }
    )
    text = checked(alice, None)
    assert words in text
    assert "note: Your server keeps no archive (XEP-0313)" in text


@pytest.mark.parametrize("utc", ["", "yesterday", "9" * 400])
def test_a_time_that_is_none_is_passed_over(alice: Actor, utc: str) -> None:
    info = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:time'/>"
    alice.answers = answers(
        {
            "ping": "",
            "urn:xmpp:time": f"<time xmlns='urn:xmpp:time'><utc>{utc}</utc></time>",
            "disco#info": f"{info}</query>",
            "disco#items": "<rubbish xmlns='x'/>",
        }
    )
    text = checked(alice, None)
    assert "clock" not in text
    assert "fine: The server answers within" in text


def test_a_service_of_the_server_takes_files(alice: Actor) -> None:
    info = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='{}'/></query>"
    items = "<item jid='upload.example.org'/><item jid=''/>"
    alice.answers = answers(
        {
            "ping": "",
            "upload.example.org": info.format("urn:xmpp:http:upload:0"),
            "disco#items": f"<query xmlns='http://jabber.org/protocol/disco#items'>{items}</query>",
        }
    )
    assert "takes no files" not in checked(alice, None)
