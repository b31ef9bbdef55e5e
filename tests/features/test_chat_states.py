"""Chat states: who is writing, told once a change, to whom it concerns, and never for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from termxmpp.core.events import AbilitiesLearned, ChatStateChanged
from termxmpp.core.jid import Jid
from termxmpp.errors import ConnectionFailed
from termxmpp.features import chat_states
from tests.support.acts import BOBS, carbon, message
from tests.support.drawn import Drawn
from tests.support.harness import BOB, CAROL, Actor
from tests.support.rooms import CLUB, announces, away, enters, said

NS = "http://jabber.org/protocol/chatstates"
BOB_THERE = Jid.parse(BOBS)
IS_THERE = f"<presence from='{BOBS}'/>"


def state(name: str, *, sender: str = BOBS, type: str = "chat", more: str = "") -> str:
    return message(f"<{name} xmlns='{NS}'/>{more}", "s", sender=sender, type=type)


def composing(alice: Actor, peer: Jid = BOB) -> list[str]:
    return [str(each) for each in alice.client.state.composing(peer)]


def states(alice: Actor) -> list[str]:
    """What alice has told since the last look: a state, and to whom."""
    found = []
    for element in alice.server.sent:
        for child in element:
            if child.tag.startswith(f"{{{NS}}}"):
                found.append(f"{child.tag.partition('}')[2]} {element.get('to')}")
    alice.sent()
    return found


@pytest.fixture
def beside(alice: Actor) -> Actor:
    """alice, in the conversation with bob, who is there."""
    alice.receives(IS_THERE)
    alice.looks_at(BOB)
    alice.sent()
    return alice


# Theirs.


@pytest.mark.parametrize(
    "end",
    [
        state("paused"),
        state("active"),
        state("inactive"),
        state("gone"),
        message("<body>here it is</body>"),
        message("<body>from another</body>", sender="bob@example.org/phone"),
        f"<presence from='{BOBS}' type='unavailable'/>",
        "<presence from='bob@example.org' type='unavailable'/>",
    ],
)
def test_who_writes_does_so_until_it_ends(alice: Actor, end: str) -> None:
    alice.receives(IS_THERE, state("composing"), state("composing"))
    assert composing(alice) == [BOBS]
    alice.receives(end)
    assert composing(alice) == []
    changes = [ChatStateChanged(BOB, BOB_THERE, is_composing) for is_composing in (True, False)]
    assert alice.events_of(ChatStateChanged) == changes


def test_what_another_resource_does_ends_nothing(alice: Actor) -> None:
    alice.receives(IS_THERE, state("composing"))
    alice.receives("<presence from='bob@example.org/phone' type='unavailable'/>")
    assert composing(alice) == [BOBS]


@pytest.mark.parametrize(
    "stanza",
    [
        state("composing", more="<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"),
        state("composing", type="error"),
        state("composing", more="<body>here</body>"),
        state("typing"),
        state("composing", sender="alice@example.org/phone"),
        state("composing", sender=f"{CLUB}/bob", type="groupchat"),
        carbon(message(f"<composing xmlns='{NS}'/>", sender="alice@example.org/phone")),
    ],
)
def test_what_is_old_ours_or_nonsense_tells_nothing(alice: Actor, stanza: str) -> None:
    alice.receives(stanza)
    assert alice.events_of(ChatStateChanged) == []


def test_a_state_is_no_message_and_opens_no_window(alice: Actor) -> None:
    alice.receives(state("composing"))
    assert BOB not in alice.client.state.conversations


def test_nobody_writes_over_a_link_that_is_gone(alice: Actor) -> None:
    alice.receives(state("composing"))
    alice.loses_the_link(ConnectionFailed("broken"))
    assert composing(alice) == []


def timers(alice: Actor) -> list[int]:
    """In how many seconds timers of chat states are due."""
    return [
        round(each.when() - alice.loop.time())
        for each in alice.loop._scheduled  # type: ignore[attr-defined]
        if not each.cancelled() and "ChatStatesHandler" in repr(each)
    ]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110  # it is a timer that is waited for
            await asyncio.sleep(0.005)


def test_one_timer_rings_for_who_writes_and_none_else(alice: Actor) -> None:
    alice.receives(state("composing"), state("composing"))
    assert timers(alice) == [chat_states.FORGOTTEN_AFTER]
    alice.receives(state("paused"))
    assert timers(alice) == []


def test_who_has_written_nothing_for_long_is_not_writing(alice: Actor) -> None:
    handler = chat_states.ChatStatesHandler(alice.client, forgotten_after=0.01)

    def writes() -> None:
        handler.set(BOB, BOB_THERE, is_composing=True)
        # In the same turn, since the timer may be over in the next one.
        assert composing(alice) == [BOBS]

    alice.run_now(writes)
    alice.run(lambda: until(lambda: not composing(alice)))


def test_in_a_room_occupants_write(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob", "mei")
    bob, mei, nobody = (f"{CLUB}/{nick}" for nick in ("bob", "mei", "nobody"))
    for sender in (bob, mei, nobody, f"{CLUB}/alice"):
        alice.receives(state("composing", sender=sender, type="groupchat"))
    assert composing(alice, CLUB) == [bob, mei]
    alice.receives(said("bob", "hello"))
    assert composing(alice, CLUB) == [mei]
    alice.receives(away("mei"))
    assert composing(alice, CLUB) == []


def test_an_occupant_writes_to_us_alone(alice: Actor) -> None:
    announces(alice)
    enters(alice, "bob")
    there = CLUB.with_resource("bob")
    alice.receives(state("composing", sender=str(there)))
    assert (composing(alice, there), composing(alice, CLUB)) == ([str(there)], [])
    alice.receives(away("bob", 303, new_nick="rob"))
    assert composing(alice, there) == []


# Ours.


def test_a_change_is_told_once_whatever_the_number_of_keys(beside: Actor) -> None:
    for text in ("h", "he", "hel", "he", "hell", "hello"):
        beside.run_now(beside.workspace.typing, text)
    assert states(beside) == ["composing bob@example.org"]
    beside.run_now(beside.workspace.typing, "")
    beside.run_now(beside.workspace.typing, "")
    assert states(beside) == ["active bob@example.org"]


def test_the_message_tells_that_we_are_done(beside: Actor) -> None:
    beside.run_now(beside.workspace.typing, "hello")
    beside.types("hello")
    beside.run_now(beside.workspace.typing, "")
    assert states(beside) == ["composing bob@example.org", "active bob@example.org"]


def test_who_turns_away_has_stopped(beside: Actor) -> None:
    beside.run_now(beside.workspace.typing, "hello")
    beside.looks_at(CAROL)
    assert states(beside) == ["composing bob@example.org", "active bob@example.org"]


def test_a_pause_is_told_and_then_nothing_rings(beside: Actor) -> None:
    handler = chat_states.ChatStatesHandler(beside.client, paused_after=0.05)

    def types() -> None:
        handler.composing(BOB, is_composing=True)

    beside.run_now(types)
    beside.run(lambda: until(lambda: len(beside.server.sent) == 2))
    assert states(beside) == ["composing bob@example.org", "paused bob@example.org"]
    assert timers(beside) == []
    beside.run_now(types)
    assert states(beside) == ["composing bob@example.org"]


def test_for_as_long_as_keys_come_one_timer_looks_whether_they_do(beside: Actor) -> None:
    for text in ("h", "he", "hel"):
        beside.run_now(beside.workspace.typing, text)
    assert timers(beside) == [chat_states.PAUSED_AFTER]


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("hello", True),
        ("/", False),
        ("/help", False),
        ("//", True),
        ("/me w", True),
        ("/reply y", True),
        ("  ", False),
    ],
)
def test_a_command_is_for_nobody(beside: Actor, text: str, is_told: bool) -> None:
    beside.run_now(beside.workspace.typing, text)
    assert bool(states(beside)) is is_told


def test_who_may_not_see_us_is_not_told_unless_it_tells_us(alice: Actor) -> None:
    alice.looks_at(CAROL)
    alice.receives("<presence from='carol@example.org/x'/>")
    alice.run_now(alice.workspace.typing, "hello")
    assert states(alice) == []
    alice.receives(state("active", sender="carol@example.org/x", more="<body>hi</body>"))
    alice.run_now(alice.workspace.typing, "hello!")
    assert states(alice) == ["composing carol@example.org"]


def test_a_window_that_is_closed_ends_the_conversation_if_there_was_one(beside: Actor) -> None:
    """§5.7; to close a window in which nothing was said tells nobody anything."""
    beside.types("/close")
    assert states(beside) == []
    beside.types("/msg bob@example.org hello")
    beside.run_now(beside.workspace.typing, "and")
    beside.types("/close")
    told = ["active", "composing", "active", "gone"]
    assert states(beside) == [f"{each} bob@example.org" for each in told]
    beside.looks_at(BOB)
    beside.run_now(beside.workspace.typing, "hello")
    assert states(beside) == ["composing bob@example.org"]


def test_who_answers_without_a_state_is_told_none_until_one_comes(beside: Actor) -> None:
    """§5.1: neither by itself nor with what we say."""
    beside.receives("<message from='bob@example.org/desk' type='chat'><body>hi</body></message>")
    beside.run_now(beside.workspace.typing, "hello")
    beside.types("hello")
    assert states(beside) == []
    beside.receives(state("active", more="<body>hi</body>"))
    beside.run_now(beside.workspace.typing, "hello")
    beside.types("hello")
    assert states(beside) == ["composing bob@example.org", "active bob@example.org"]
    beside.receives(message("<body>without</body>", "n"))
    beside.types("hello")
    assert states(beside) == ["active bob@example.org"]


def test_who_is_known_to_know_them_is_told_all_the_same(beside: Actor) -> None:
    caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>"
    beside.receives(f"<presence from='bob@example.org/desk'>{caps}</presence>")
    can = beside.client.state.presence_of(BOB.with_resource("desk")).capabilities
    assert can is not None
    known = AbilitiesLearned(can, frozenset({"http://jabber.org/protocol/chatstates"}))
    beside.run_now(lambda: beside.client.emit(known))
    beside.receives("<message from='bob@example.org/desk' type='chat'><body>hi</body></message>")
    beside.run_now(beside.workspace.typing, "hello")
    assert states(beside) == ["composing bob@example.org"]


def test_who_is_away_is_not_told(alice: Actor) -> None:
    alice.looks_at(BOB)
    alice.run_now(alice.workspace.typing, "hello")
    assert states(alice) == []


def test_who_does_not_want_it_tells_nobody(beside: Actor) -> None:
    beside.client.sends_typing = False
    beside.run_now(beside.workspace.typing, "hello")
    beside.types("hello")
    assert states(beside) == []


@pytest.mark.parametrize(("others", "is_told"), [(chat_states.MOST_OCCUPANTS - 1, 1), (11, 0)])
def test_a_room_of_many_is_not_told(alice: Actor, others: int, is_told: int) -> None:
    announces(alice)
    enters(alice, *(f"n{number}" for number in range(others)))
    alice.run_now(alice.workspace.typing, "hello")
    assert len(states(alice)) == is_told


def test_offline_nothing_is_told_and_later_what_is_so(beside: Actor) -> None:
    beside.loses_the_link(ConnectionFailed("broken"))
    beside.run_now(beside.workspace.typing, "hello")
    beside.goes_online()
    beside.receives(IS_THERE)
    assert states(beside) == []
    beside.run_now(beside.workspace.typing, "hello!")
    assert states(beside) == ["composing bob@example.org"]


def test_keys_on_the_screen_are_told(beside: Actor) -> None:
    drawn = Drawn(beside, 80, 24)
    try:
        drawn.types("hello")
        drawn.settles()
        drawn.shows("> hello")
        assert states(beside) == ["composing bob@example.org"]
        drawn.types("\r")
        drawn.settles()
        drawn.shows("you")
        assert states(beside) == ["active bob@example.org"]
    finally:
        drawn.close()
