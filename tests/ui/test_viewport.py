"""What is looked at stays where it is, whatever comes below, above, or to the terminal's size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from termxmpp.core.conversation import FAR, KEPT
from termxmpp.core.message import Message
from termxmpp.ui.viewport import Viewport
from tests.support.harness import BOB, CAROL, SKIN, Actor

COLUMNS, ROWS = 60, 10

# What stands where nothing else does: "There are no messages here. What you write goes to Bob."
EMPTY = ["here.", "Bob."]


class Looker:
    """`alice` before a screen of 10 lines, in which she sees `lines`."""

    def __init__(self, alice: Actor) -> None:
        self.alice = alice
        self.columns, self.rows = COLUMNS, ROWS
        self.view = Viewport(alice.workspace, lambda: None, lambda: SKIN)
        self.view.lines(self.columns, self.rows)

    @property
    def lines(self) -> list[str]:
        drawn = self.view.lines(self.columns, self.rows)
        assert len(drawn) == self.rows
        return ["".join(fragment[1] for fragment in line).rstrip() for line in drawn]

    @property
    def texts(self) -> list[str]:
        """The last word of each line that is not one of ours."""
        return [line.split()[-1] for line in self.lines if line and not line.startswith("──")]

    @property
    def mark(self) -> str:
        """The line that says what is below."""
        return self.lines[-1].strip("─ ")

    def scrolls(self, lines: int) -> None:
        self.alice.run_now(self.view.scroll, lines)


def say(alice: Actor, *texts: str, peer: str = "bob") -> None:
    alice.receives(
        *(
            f"<message from='{peer}@example.org/x' type='chat' id='{text}'>"
            f"<body>{text}</body></message>"
            for text in texts
        )
    )


@pytest.fixture
def looker(alice: Actor) -> Looker:
    alice.looks_at(BOB)
    say(alice, *(f"m{number}" for number in range(40)))
    return Looker(alice)


def test_at_the_end_the_newest_is_seen_and_each_that_comes(looker: Looker) -> None:
    assert looker.texts[-1] == "m39"
    say(looker.alice, "new")
    assert looker.texts[-1] == "new"


def test_what_comes_below_moves_nothing(looker: Looker) -> None:
    looker.scrolls(5)
    before = looker.texts
    assert before[-1] == "m33"
    say(looker.alice, "new")
    assert looker.texts == before
    assert looker.mark == "↓ 7 newer messages below, 1 unread · alt-end"


def test_what_comes_while_one_looks_back_is_unread_until_it_is_seen(looker: Looker) -> None:
    looker.scrolls(5)
    say(looker.alice, "new")
    assert looker.alice.workspace.current.conversation.unread == 1
    looker.scrolls(-100)
    assert looker.alice.workspace.current.conversation.unread == 0
    assert looker.texts[-1] == "new"


def test_what_comes_above_moves_nothing(looker: Looker) -> None:
    looker.alice.types("/clear")
    say(looker.alice, *(f"n{number}" for number in range(12)))
    looker.scrolls(1)
    before = looker.texts
    assert before[-1] == "n9"
    looker.alice.run_now(looker.alice.workspace.load_older)
    assert looker.texts == before
    looker.scrolls(100)
    assert looker.texts[0] == "m0"


@pytest.mark.parametrize("columns", [30, 45, 100])
def test_a_terminal_of_another_width_shows_the_same_at_the_bottom(
    looker: Looker, columns: int
) -> None:
    say(looker.alice, "a long message of many words that needs more than one line here, end")
    say(looker.alice, *(f"n{number}" for number in range(20)))
    looker.scrolls(8)
    last = looker.texts[-1]
    looker.columns = columns
    assert looker.texts[-1] == last
    looker.rows = 5
    assert looker.texts[-1] == last
    looker.columns, looker.rows = COLUMNS, ROWS
    assert looker.texts[-1] == last


def test_scrolling_ends_at_the_first_line_and_says_so(looker: Looker) -> None:
    looker.scrolls(1000)
    assert looker.lines[0].startswith("── this is the beginning of what is here ──")
    assert looker.lines[2].endswith("m0")
    looker.scrolls(3)
    assert looker.lines[2].endswith("m0")
    looker.scrolls(-1)
    assert looker.lines[1].endswith("m0")


def test_the_beginning_and_the_end_are_one_key_away(looker: Looker) -> None:
    looker.alice.run_now(looker.view.to_beginning)
    assert looker.texts[0] == "m0"
    looker.alice.run_now(looker.view.to_end)
    assert looker.texts[-1] == "m39"
    assert looker.view.is_at_end


def test_each_window_has_its_own_place(looker: Looker) -> None:
    looker.scrolls(7)
    before = looker.texts
    say(looker.alice, "hello", peer="carol")
    looker.alice.looks_at(CAROL)
    assert looker.texts == ["hello"]
    looker.alice.looks_at(BOB)
    assert looker.texts == before


def test_what_fits_the_screen_can_not_be_scrolled(alice: Actor) -> None:
    alice.looks_at(BOB)
    say(alice, "one", "two")
    looker = Looker(alice)
    looker.scrolls(5)
    assert looker.view.is_at_end
    looker.scrolls(-5)
    assert looker.texts == ["one", "two"]


def test_what_is_selected_before_a_frame_is_drawn_is_in_it(alice: Actor) -> None:
    """As many keys as one likes: the line that tells what is below takes one of the screen's."""
    alice.looks_at(BOB)
    say(alice, *(f"m{number}" for number in range(40)))
    looker = Looker(alice)
    for count in range(1, ROWS + 3):
        looker.view.to_end()
        alice.run_now(lambda: looker.alice.workspace.selected.clear())
        looker.lines  # noqa: B018  # a frame
        for _each in range(count):
            alice.run_now(looker.view.select_next, -1)
        assert f"m{40 - count}" in looker.texts


def test_an_empty_window_breaks_nothing(alice: Actor) -> None:
    alice.looks_at(BOB)
    looker = Looker(alice)
    for act in (
        looker.view.to_beginning,
        looker.view.day_before,
        looker.view.day_behind,
        lambda: looker.view.select_next(-1),
        lambda: looker.view.select_next(1),
        lambda: looker.view.scroll(5),
    ):
        alice.run_now(act)
        assert looker.texts == EMPTY


def test_the_days_are_jumped_to(alice: Actor) -> None:
    alice.looks_at(BOB)
    for day in range(3):
        say(alice, *(f"d{day}m{number}" for number in range(15)))
        alice.waits(24 * 3600)
    looker = Looker(alice)
    tops = []
    for _jump in range(4):
        alice.run_now(looker.view.day_before)
        tops.append(next(line.split()[-1] for line in looker.lines if "d" in line[15:]))
    assert tops == ["d2m0", "d1m0", "d0m0", "d0m0"]
    alice.run_now(looker.view.day_behind)
    assert looker.texts[0] == "d1m0"
    alice.run_now(looker.view.day_behind)
    alice.run_now(looker.view.day_behind)
    assert looker.view.is_at_end


# Selecting.


def test_messages_are_selected_one_after_the_other_from_the_newest(looker: Looker) -> None:
    chosen = []
    for step in (-1, -1, -1, 1):
        looker.alice.run_now(looker.view.select_next, step)
        assert looker.view.selected is not None
        chosen.append(looker.view.selected.text)
        assert [line for line in looker.lines if "▌" in line] == [
            line for line in looker.lines if line.endswith(chosen[-1])
        ]
    assert chosen == ["m39", "m38", "m37", "m38"]
    for step in (1, 1):
        looker.alice.run_now(looker.view.select_next, step)
    assert looker.view.selected is None
    assert looker.view.is_at_end


def test_what_is_selected_comes_into_view_and_no_further(looker: Looker) -> None:
    before = looker.texts
    for _step in range(len(before)):
        looker.alice.run_now(looker.view.select_next, -1)
    assert looker.texts == before
    looker.alice.run_now(looker.view.select_next, -1)
    assert looker.texts[0] == f"m{39 - len(before)}"
    say(looker.alice, "new")
    assert looker.texts[0] == f"m{39 - len(before)}"


def test_what_comes_while_a_message_is_selected_is_not_seen(looker: Looker) -> None:
    looker.alice.run_now(looker.view.select_next, -1)
    before = looker.lines
    say(looker.alice, "new")
    assert looker.lines[1:-1] == before[2:]
    assert looker.mark == "↓ 1 newer message below, 1 unread · alt-end"
    looker.alice.run_now(looker.view.to_end)
    assert looker.alice.workspace.current.conversation.unread == 0


def test_what_is_cleared_is_not_selected_any_more(looker: Looker) -> None:
    looker.alice.run_now(looker.view.select_next, -1)
    looker.alice.types("/clear")
    assert looker.texts == EMPTY
    assert looker.alice.workspace.selected == {}
    assert looker.view.is_at_end


def test_what_is_taken_out_moves_no_more_than_it_must(looker: Looker) -> None:
    looker.scrolls(10)
    shown = looker.alice.workspace.current.conversation
    before = looker.texts
    anchored = next(entry for entry in shown.entries if entry.text == before[-1])
    looker.alice.run_now(shown._remove, anchored.key)
    assert looker.texts[-1] == before[-2]


def test_notices_are_not_selected(looker: Looker) -> None:
    looker.alice.types("/help quit")
    looker.alice.run_now(looker.view.select_next, -1)
    assert looker.view.selected is not None
    assert looker.view.selected.text == "m39"


def test_selecting_goes_on_into_what_only_the_records_have(looker: Looker) -> None:
    looker.alice.types("/clear")
    say(looker.alice, "after")
    for _step in range(3):
        looker.alice.run_now(looker.view.select_next, -1)
    assert looker.view.selected is not None
    assert looker.view.selected.text == "m38"


# What is at hand.


def texts_of(alice: Actor) -> list[str]:
    entries = alice.workspace.current.conversation.entries
    return [entry.text for entry in entries if isinstance(entry, Message)]


def flood(alice: Actor, count: int) -> None:
    """Bob says `count` things, a hundred in each turn."""

    def receive(first: int) -> None:
        for number in range(first, min(first + 100, count)):
            alice.server.receives(
                f"<message from='bob@example.org/x' type='chat' id='f{number}'>"
                f"<body>f{number}</body></message>"
            )

    for first in range(0, count, 100):
        alice.run_now(receive, first)


def test_at_the_end_a_long_conversation_is_not_all_at_hand(looker: Looker) -> None:
    flood(looker.alice, 2 * KEPT)
    assert len(texts_of(looker.alice)) <= KEPT * 2
    assert looker.alice.workspace.current.conversation.has_older
    looker.scrolls(10_000)
    assert texts_of(looker.alice)[:1] == ["m0"]
    assert len(texts_of(looker.alice)) == 2 * KEPT + 40
    flood(looker.alice, 300)
    assert looker.texts[0] == "m0"
    looker.alice.run_now(looker.view.to_end)
    assert len(texts_of(looker.alice)) == KEPT
    assert looker.texts[-1] == "f299"


def test_what_is_on_no_disk_is_not_forgotten(alices: Callable[..., Actor], tmp_path: Path) -> None:
    (tmp_path / "alice.sqlite").mkdir()
    alice = alices(tmp_path)
    alice.looks_at(BOB)
    flood(alice, 2 * KEPT)
    assert len(texts_of(alice)) == 2 * KEPT
    assert not alice.workspace.current.conversation.has_older


@settings(max_examples=30)
@given(st.lists(st.one_of(st.integers(-30, 30), st.sampled_from(["a", "b\nc", "home", "end"]))))
def test_no_way_of_moving_leaves_the_conversation(acts: list[int | str]) -> None:
    alice = Actor()
    try:
        alice.goes_online()
        alice.looks_at(BOB)
        say(alice, *(f"m{number}" for number in range(15)))
        looker = Looker(alice)
        for act in acts:
            match act:
                case int():
                    looker.scrolls(act)
                case "home":
                    alice.run_now(looker.view.to_beginning)
                case "end":
                    alice.run_now(looker.view.to_end)
                case _:
                    say(alice, act)
            assert all(looker.lines)
    finally:
        alice.close()


def test_however_far_one_looks_back_no_more_is_at_hand(looker: Looker) -> None:
    """And what is seen is all of it, in its order, on the way there and back."""
    flood(looker.alice, 3 * FAR)
    state = looker.alice.client.state
    while looker.texts[0] != "m0":
        looker.scrolls(looker.rows)
        here = looker.alice.workspace.current
        assert len(here.shown.entries) <= FAR + 100
        assert len(here.conversation.entries) <= FAR + 100
    assert BOB in state.pasts
    flood(looker.alice, 3)
    assert looker.texts[0] == "m0"
    forth = ["m0"]
    while not looker.view.is_at_end:
        texts = looker.texts
        forth += texts[texts.index(forth[-1]) + 1 :]
        looker.scrolls(-5)
    forth += [text for text in looker.texts if text not in forth[-20:]]
    expected = [f"m{number}" for number in range(40)]
    expected += [f"f{number}" for number in (*range(3 * FAR), *range(3))]
    assert forth == expected
    assert BOB not in state.pasts
