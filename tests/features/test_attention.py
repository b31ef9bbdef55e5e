"""A call for attention: heard from contacts, now, and once in a while."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from termxmpp.config import Config, NotifyConfig
from termxmpp.core.disclosure import Disclosure
from termxmpp.core.events import PresenceDirected
from termxmpp.core.jid import Jid
from termxmpp.core.matter import Matter, MatterKind
from termxmpp.telling.teller import Teller
from tests.support.acts import carbon, message, only, shown
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, enters
from tests.telling.test_teller import Recorder

NS = "urn:xmpp:attention:0"
CALL = f"<attention xmlns='{NS}'/>"
LATE = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T11:59:00Z'/>"
DESK = "bob@example.org/desk"


def call(body: str = "", more: str = "", *, id: str = "c", sender: str = DESK) -> str:
    text = f"<body>{body}</body>" if body else ""
    return message(f"{CALL}{text}{more}", id, sender=sender, type="headline")


def set_to(alice: Actor, *, attention: bool) -> None:
    alice.run_now(
        lambda: alice.client.configure(
            ping_interval=300,
            sends_markers=True,
            sends_typing=True,
            disclosure=Disclosure(attention=attention),
        )
    )


def test_a_contact_who_calls_is_told_of_as_a_mention_is(
    alices: Callable[..., Actor], tmp_path: Path
) -> None:
    alice = alices(tmp_path)
    alice.looks_at(CAROL)
    alice.receives(call())
    bobs = alice.client.state.conversation(BOB)
    assert (bobs.unread, bobs.mentions) == (1, 1)
    assert (only(alice).text, only(alice).matter) == ("", Matter(MatterKind.ATTENTION))
    alice.looks_at(BOB)
    assert any("asks for your attention" in line for line in alice.lines(80))
    alice.close()
    assert only(alices(tmp_path)).matter == Matter(MatterKind.ATTENTION)


def test_what_is_said_with_it_is_shown(alice: Actor) -> None:
    alice.receives(call("why don't you answer?"))
    assert only(alice).text == "why don't you answer?"
    assert only(alice).is_mention
    alice.looks_at(BOB)
    assert any("why don't you answer?" in line for line in alice.lines(80))
    assert any("≡ asks for your attention" in line for line in alice.lines(80))


@pytest.mark.parametrize("body", ["", "hello?"])
@pytest.mark.parametrize(
    ("sender", "more"),
    [
        (DESK, LATE),
        ("dave@example.com/x", ""),
        (f"{CLUB}/bob", ""),
    ],
)
def test_what_is_late_or_from_others_calls_nobody(
    alice: Actor, sender: str, more: str, body: str
) -> None:
    """A text is a text all the same."""
    announces(alice)
    enters(alice, "bob")
    alice.looks_at(CAROL)
    alice.events.clear()
    alice.receives(call(body, more, sender=sender))
    said = [each.message for each in alice.events if hasattr(each, "message")]
    assert [(each.text, each.matter) for each in said] == ([(body, None)] if body else [])


def test_whom_we_show_our_presence_may_call(alice: Actor) -> None:
    dave = Jid.parse("dave@example.com")
    alice.run_now(lambda: alice.client.emit(PresenceDirected(dave, is_shown=True)))
    alice.receives(call(sender="dave@example.com/x"))
    assert only(alice, dave).is_mention


def test_a_flood_is_heard_once_a_minute(alice: Actor) -> None:
    alice.receives(*(call(id=str(number)) for number in range(100)))
    assert len(shown(alice)) == 1
    alice.receives(call(sender="carol@example.org/x"))
    assert len(shown(alice, CAROL)) == 1
    alice.waits(59)
    alice.receives(call("again", id="n"))
    assert [each.matter for each in shown(alice)][1:] == [None]
    alice.waits(1)
    alice.receives(call(id="o"))
    assert len(shown(alice)) == 3


def test_who_wants_none_announces_none_and_is_not_called(alice: Actor) -> None:
    """What is switched off must not be announced (§6); the hash in our presence is another."""
    assert NS in alice.client.namespaces
    alice.sent()
    set_to(alice, attention=False)
    assert NS not in alice.client.namespaces
    [presence] = alice.sent()
    assert presence.startswith("<presence")
    alice.receives(call())
    assert shown(alice) == []


def test_it_rings_unless_muted_or_at_night(alice: Actor) -> None:
    recorder = Recorder()
    Teller(alice.workspace, [recorder])
    alice.looks_at(BOB)
    alice.types("/notify mentions")
    alice.looks_at(CAROL)
    alice.receives(call())
    assert [(each.body, each.is_mention) for each in recorder.told] == [
        ("asks for your attention", True)
    ]
    recorder.told.clear()
    alice.looks_at(BOB)
    alice.types("/mute 1h")
    alice.looks_at(CAROL)
    alice.waits(61)
    alice.receives(call(id="m"))
    config = Config(notify=NotifyConfig(quiet="11:00-13:00"))
    alice.run_now(alice.workspace.settings.replace, config)
    alice.receives(call(id="n", sender="carol@example.org/x"))
    assert recorder.told == []


def test_what_another_device_of_ours_sends_is_seen(alice: Actor) -> None:
    sent = message(CALL, "o", sender="alice@example.org/phone", to=str(BOB), type="chat")
    alice.receives(carbon(sent))
    assert only(alice).is_own
    alice.looks_at(BOB)
    assert any("asked for attention" in line for line in alice.lines(80))


def knowing(*devices: str) -> Callable[[Element], str | None]:
    """Whose devices say that they can be called."""

    def answer(element: Element) -> str | None:
        to = element.get("to", "")
        if not to.startswith("bob@"):
            return None
        feature = f"<feature var='{NS}'/>" if to in devices else ""
        return (
            f"<iq type='result' id='{element.get('id')}' from='{to}'>"
            f"<query xmlns='http://jabber.org/protocol/disco#info'>{feature}</query></iq>"
        )

    return answer


def test_we_call_the_devices_that_can_be_called(alice: Actor) -> None:
    alice.receives(*(f"<presence from='bob@example.org/{each}'/>" for each in ("desk", "x")))
    alice.answers = knowing("bob@example.org/desk")
    alice.looks_at(BOB)
    alice.forgets()
    alice.types("/notify attention")
    calls = [each for each in alice.sent() if "attention" in each]
    assert len(calls) == 1
    assert calls[0].startswith('<message to="bob@example.org/desk" type="headline"')
    assert alice.told()[-1] == "You have called for the attention of Bob."


def test_nobody_is_called_who_can_not_be(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.types("/notify attention")
    assert alice.told()[-1] == "You can't see that Bob is there: write a message."
    alice.receives("<presence from='bob@example.org/desk'/>")
    alice.answers = knowing()
    alice.types("/notify attention")
    assert alice.told()[-1] == "No device of Bob can be called for attention: write a message."
    announces(alice)
    enters(alice, "bob")
    alice.looks_at(CLUB)
    alice.types("/notify attention")
    assert alice.told()[-1] == "In a room name whom you mean, as in `nick: hello`."
