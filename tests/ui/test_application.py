"""The whole screen, compared with what was looked at and found good: `snapshots/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from xml.etree.ElementTree import Element

import pytest

from termxmpp.errors import ConnectionFailed
from termxmpp.xmpp.stanzas import as_text
from tests.support import snapshots
from tests.support.drawn import Drawn
from tests.support.harness import BOB, Actor
from tests.support.rooms import announces, enters, said
from tests.support.snapshots import SIZES

Draw = Callable[[int, int], Drawn]


@pytest.fixture
def draw(alice: Actor) -> Iterator[Draw]:
    with ExitStack() as stack:
        yield lambda columns, rows: stack.enter_context(closing(Drawn(alice, columns, rows)))


def assert_looks_like(drawn: Drawn, name: str) -> None:
    snapshots.assert_looks_like(drawn.text, name)


def a_day_passes(alice: Actor) -> None:
    """A conversation with everything that a line can hold at present."""
    alice.receives(
        "<presence from='bob@example.org/phone'><show>away</show><status>at lunch</status>"
        "</presence>",
        "<presence from='carol@example.org/desk'/>",
    )
    alice.receives(
        "<message from='bob@example.org/phone' type='chat' id='b1'><body>Shall we look at the "
        "loop together? It wakes up sixty times a minute, and I do not see why.</body></message>"
    )
    alice.looks_at(BOB)
    alice.waits(70)
    alice.types("In the afternoon.")
    alice.is_confirmed()
    alice.types("/me looks at the clock")
    alice.receives(
        "<message from='bob@example.org/phone' type='error' id='id2'><body>x</body><error "
        "type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        "</message>",
        "<message from='carol@example.org/desk' type='chat' id='c1'><body>hi</body></message>",
        "<message from='bob@example.org/phone' type='chat' id='b2'><body>好的 \N{PARTY POPPER}\n"
        "two lines, and an escape: \N{SYMBOL FOR ESCAPE}[31m</body></message>",
    )


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_conversation(alice: Actor, draw: Draw, columns: int, rows: int) -> None:
    a_day_passes(alice)
    drawn = draw(columns, rows)
    drawn.shows("two lines")
    drawn.shows("online")
    assert_looks_like(drawn, f"conversation-{columns}x{rows}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_room_says_who_is_in_it_and_what_it_is_about(
    alice: Actor, draw: Draw, columns: int, rows: int
) -> None:
    announces(alice)
    enters(alice, "bob", "carol", about="tea, and what goes with it")
    alice.receives(said("bob", "hello", "1"), said("carol", "hi bob", "2"))
    alice.types("hello both")
    alice.receives(said("alice", "hello both", "id1"))
    alice.types("/me pours")
    drawn = draw(columns, rows)
    drawn.shows("pours")
    assert_looks_like(drawn, f"room-{columns}x{rows}")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_what_can_not_be_fetched(columns: int, rows: int) -> None:
    """It is told where it is missing, and no more when it has come."""
    alice = Actor(announced=("urn:xmpp:mam:2",))
    archive = {"error": True}
    alice.answers = lambda element: archived(element, is_refused=archive["error"])
    with closing(alice), ExitStack() as stack:
        archive["error"] = False
        alice.goes_online()
        alice.receives(SAYS.format("one"))
        alice.loses_the_link(ConnectionFailed("The connection broke."))
        archive["error"] = True
        alice.goes_online()
        alice.receives(SAYS.format("two"))
        alice.looks_at(BOB)
        drawn = stack.enter_context(closing(Drawn(alice, columns, rows)))
        drawn.shows("two")
        assert_looks_like(drawn, f"gap-{columns}x{rows}")
        drawn.types("/history\r")
        drawn.shows("What is missing is fetched")
        drawn.shows("tries again")
        archive["error"] = False
        drawn.types("/history\r")
        drawn.hides("tries again")
        assert alice.client.state.gaps == ()


SAYS = "<message from='bob@example.org/phone' type='chat' id='{0}'><body>{0}</body></message>"


def archived(element: Element, *, is_refused: bool) -> str | None:
    """An archive that is empty, or says nothing."""
    if "urn:xmpp:mam:2" not in as_text(element):
        return None
    if is_refused:
        return (
            f"<iq type='error' id='{element.get('id')}'><error type='wait'>"
            "<feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        )
    return (
        f"<iq type='result' id='{element.get('id')}'>"
        "<fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>"
    )


def test_a_size_that_changes_is_taken_up_at_once(alice: Actor, draw: Draw) -> None:
    a_day_passes(alice)
    drawn = draw(120, 30)
    drawn.shows("two lines")
    drawn.resizes(40, 12)
    drawn.shows("two lines")
    assert_looks_like(drawn, "conversation-40x12")


def test_a_question_is_answered_by_one_key(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types("\x03\x03")
    drawn.shows("Quit termxmpp? (y/n)")
    drawn.types("n")
    drawn.shows("online")


def test_a_problem_is_told_and_gone_with_the_next_line(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types("/nothing\r")
    drawn.shows("│ There is no command /nothing")
    drawn.types("\x03/help quit\r")
    drawn.shows("in good order")
    assert drawn.text.splitlines()[-2] == " alice@example.org: online"


def test_tab_completes_before_the_next_key(alice: Actor, draw: Draw) -> None:
    """In one burst, as a quick hand types it."""
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types("/msg bob@\thello\r")
    drawn.shows("hello ·")
    drawn.shows("Bob  bob@example.org")


def test_a_long_line_is_seen_whole(alice: Actor, draw: Draw) -> None:
    drawn = draw(40, 12)
    drawn.shows("online")
    drawn.types("one " * 25 + "end")
    drawn.shows("end")
    assert drawn.text.replace("\n", "").count("one") == 25


def test_the_input_grows_to_ten_lines_and_no_further(alice: Actor, draw: Draw) -> None:
    drawn = draw(80, 24)
    drawn.shows("online")
    drawn.types("\n".join(f"line {number}" for number in range(15)))
    drawn.shows("line 14")
    assert [line.strip() for line in drawn.text.splitlines()[-10:]] == [
        f"line {number}" for number in range(5, 15)
    ]


def test_drawing_anew_leaves_the_screen_of_the_shell_alone(alice: Actor, draw: Draw) -> None:
    a_day_passes(alice)
    drawn = draw(80, 24)
    drawn.shows("two lines")
    before, sent = drawn.redraws(), len(drawn.written)
    drawn.types("\x0c")
    assert drawn.redraws() == before
    assert b"two lines" in drawn.written[sent:]
    assert b"\x1b[?1049" not in drawn.written[sent:]
