"""A nick that a room keeps for us: asked for, answered, refused, given up."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
from hypothesis import given

from termxmpp.core.jid import Jid
from termxmpp.xmpp.registration import NS, RegistrationPayload
from tests.support.forms import fills_in
from tests.support.harness import Actor
from tests.support.rooms import CLUB, announces, enters
from tests.support.rubbish import reads, rubbish

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
DISCO = "http://jabber.org/protocol/disco#info"
NICK = "muc#register_roomnick"
FIELDS = "{jabber:x:data}x"
FORM = (
    "<x xmlns='jabber:x:data' type='form'><title>The club</title>"
    "<field var='FORM_TYPE' type='hidden'>"
    "<value>http://jabber.org/protocol/muc#register</value></field>"
    f"<field var='{NICK}' label='Nick'><required/></field></x>"
)


class Registrar:
    """Who answers to registration as `jid`: `form` first, then the `answers` to what is set."""

    def __init__(self, alice: Actor, form: str, *answers: str, jid: Jid = CLUB) -> None:
        self.asked: list[Element] = []
        self._form, self._left, self._jid = form, list(answers), jid
        self._before, alice.answers = alice.answers, self

    def __call__(self, iq: Element) -> str | None:
        if iq.find(f"{{{NS}}}query") is None or iq.get("to") != str(self._jid):
            return self._before(iq)
        self.asked.append(iq)
        inside = self._form if self._form.startswith("<error") else query(self._form)
        if iq.get("type") == "set":
            inside = self._left.pop(0) if self._left else ""
        kind = "error" if inside.startswith("<error") else "result"
        return f"<iq type='{kind}' id='{iq.get('id')}' from='{self._jid}'>{inside}</iq>"

    @property
    def submitted(self) -> dict[str, str]:
        fields = self.asked[-1].iterfind(".//{jabber:x:data}field")
        return {each.get("var", ""): each.findtext("{jabber:x:data}value") or "" for each in fields}


def query(inside: str) -> str:
    return f"<query xmlns='{NS}'>{inside}</query>"


def error(condition: str) -> str:
    return f"<error type='cancel'><{condition} xmlns='{STANZAS}'/></error>"


def is_a(alice: Actor, jid: str, category: str, *features: str) -> None:
    """Let `jid` say of itself what it is."""
    before = alice.answers
    known = "".join(f"<feature var='{each}'/>" for each in features)

    def answers(iq: Element) -> str | None:
        if iq.get("to") != jid or iq.find(f"{{{DISCO}}}query") is None:
            return before(iq)
        return (
            f"<iq type='result' id='{iq.get('id')}' from='{jid}'><query xmlns='{DISCO}'>"
            f"<identity category='{category}' type='text'/>{known}</query></iq>"
        )

    alice.answers = answers


@pytest.fixture
def club(alice: Actor) -> Actor:
    """alice, in the club and looking at it."""
    announces(alice)
    enters(alice)
    return alice


def test_the_form_of_the_room_is_filled_in(club: Actor) -> None:
    room = Registrar(club, FORM)
    asked = fills_in(club.workspace, "submit", values={NICK: ["third witch"]})
    club.types("/nick register")
    assert [iq.get("type") for iq in room.asked] == ["get", "set"]
    assert room.submitted == {
        "FORM_TYPE": "http://jabber.org/protocol/muc#register",
        NICK: "third witch",
    }
    assert asked[0].title == f"{CLUB}: a nick that is kept for you"
    assert club.told()[-1] == (
        f"{CLUB} has it: it keeps the nick third witch for you, at once or when an admin agrees."
    )


def test_the_nick_that_we_have_is_proposed(club: Actor) -> None:
    room = Registrar(club, FORM)
    fills_in(club.workspace, "submit", values={})
    club.types("/nick register")
    assert room.submitted[NICK] == "alice"


def test_a_room_that_we_are_not_in_keeps_one_too(alice: Actor) -> None:
    """Into a room for members only nobody else gets (§7.10)."""
    announces(alice)
    room = Registrar(alice, FORM)
    fills_in(alice.workspace, "submit", values={NICK: ["al"]})
    alice.types(f"/nick register {CLUB}")
    assert room.submitted[NICK] == "al"


def test_a_nick_that_somebody_else_has_is_asked_again(club: Actor) -> None:
    room = Registrar(club, FORM, error("conflict"))
    left = ["bob", "bobby"]
    asked = fills_in(
        club.workspace, "submit", "submit", values=lambda question: {NICK: [left.pop(0)]}
    )
    club.types("/nick register")
    problem = f"{CLUB} keeps that nick for somebody else: choose another one."
    assert [each.problem for each in asked] == ["", problem]
    assert room.submitted[NICK] == "bobby"


def test_who_gives_up_registers_nothing(club: Actor) -> None:
    room = Registrar(club, FORM)
    fills_in(club.workspace, None, values={})
    club.types("/nick register")
    assert [iq.get("type") for iq in room.asked] == ["get"]
    assert club.told()[-1] == f"You have given it up, so {CLUB} keeps no nick for you."


def test_who_is_registered_already_is_told_by_which_nick(club: Actor) -> None:
    Registrar(club, "<registered/><username>third\u202ewitch</username>")
    club.types("/nick register")
    assert club.told()[-1] == (
        f"{CLUB} keeps the nick third⟦RLO⟧witch for you: /nick unregister {CLUB} gives it up."
    )


def test_an_old_form_is_answered_in_its_own_elements(club: Actor) -> None:
    room = Registrar(club, "<instructions>Say who</instructions><nick/>")
    fills_in(club.workspace, "submit", values={"nick": ["al"]})
    club.types("/nick register")
    assert room.asked[-1].findtext(f"{{{NS}}}query/{{{NS}}}nick") == "al"


def test_a_form_that_only_tells_is_not_asked(club: Actor) -> None:
    """Some rooms tell with it what they have (XEP-0077 §3.1)."""
    Registrar(club, "<registered/><username>witch</username>" + FORM.replace("'form'", "'result'"))
    club.types("/nick register")
    assert club.told()[-1].startswith(f"{CLUB} keeps the nick witch for you")


def test_who_is_registered_may_register_otherwise(club: Actor) -> None:
    room = Registrar(club, f"<registered/>{FORM}")
    fills_in(club.workspace, "submit", values={NICK: ["al"]})
    club.types("/nick register")
    assert room.submitted[NICK] == "al"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (
            error("registration-required"),
            f"{CLUB} lets only members do that: ask an owner to make you one.",
        ),
        (error("not-allowed"), f"{CLUB} lets nobody register: ask an owner to make you a member."),
        (error("item-not-found"), f"There is no room {CLUB}."),
        (error("service-unavailable"), f"{CLUB} keeps no nicks."),
        ("", f"{CLUB} asks for nothing, so it keeps no nicks."),
        (
            "<instructions>Visit http://a/&#10;You are\u202e in</instructions>",
            f"{CLUB} registers nobody here, but says: Visit http://a/␤You are⟦RLO⟧ in",
        ),
    ],
)
def test_a_room_that_keeps_none_says_why(club: Actor, form: str, words: str) -> None:
    Registrar(club, form)
    club.types("/nick register")
    assert club.told()[-1] == words


def test_the_service_is_named_where_that_keeps_nicks(club: Actor) -> None:
    Registrar(club, error("service-unavailable"))
    is_a(club, CLUB.domain, "conference", NS)
    club.types("/nick register")
    assert club.told()[-1] == (
        f"{CLUB} keeps no nicks. Its service keeps nicks for all of its rooms: "
        f"/nick register {CLUB.domain}"
    )


@pytest.mark.parametrize("line", ["/nick register", "/nick unregister"])
@pytest.mark.parametrize("jid", ["example.org", "alice@example.org", "bob@example.org"])
def test_nothing_but_a_room_is_ever_registered_with(alice: Actor, line: str, jid: str) -> None:
    """There it would be the account itself."""
    is_a(alice, "example.org", "conference")
    is_a(alice, "alice@example.org", "conference")
    server = Registrar(alice, FORM, jid=Jid.parse(jid))
    alice.types(f"{line} {jid}")
    assert server.asked == []
    assert alice.told()[-1] == f"{jid} is no room."


def test_what_is_kept_is_given_up(club: Actor) -> None:
    room = Registrar(club, FORM)
    club.types("/nick unregister")
    assert room.asked[-1].find(f"{{{NS}}}query/{{{NS}}}remove") is not None
    assert club.told()[-1] == f"{CLUB} keeps no nick for you any more."


def test_who_has_none_can_give_up_none(club: Actor) -> None:
    Registrar(club, FORM, error("registration-required"))
    club.types("/nick unregister")
    assert club.told()[-1] == f"{CLUB} keeps no nick for you."


def test_a_nick_can_still_be_called_register(club: Actor) -> None:
    club.types('/nick "register"')
    assert f'to="{CLUB}/register"' in club.sent()[-1]


NAMES = ("registered", "username", "nick", "instructions", "key")


@given(rubbish(f"{{{NS}}}query", (), [FIELDS, *(f"{{{NS}}}{name}" for name in NAMES)]))
def test_rubbish_is_read_or_refused(element: Element) -> None:
    reads(RegistrationPayload, element)
